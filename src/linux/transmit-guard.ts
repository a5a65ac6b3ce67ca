// The last check before a packet leaves: every transmitter asks it, with the packet itself, not with what somebody
// meant to send. What it refuses never reaches the kernel.
import { ScopeError } from "../model/errors.js";
import { ARP_BYTES, ARP_TARGET_ADDRESS_AT } from "../packet/arp.js";
import { readUint8, readUint32 } from "../packet/bytes.js";
import { IPV4_HEADER_BYTES, IPV4_TARGET_AT } from "../packet/ipv4.js";
import { type Address, formatAddress } from "../target/address.js";
import { formatIpv4 } from "../target/ipv4.js";
import type { Scope } from "../target/scope.js";

/** Lets packets to addresses within the scope pass, and throws on all others. */
export class TransmitGuard {
  private readonly scope: Scope;
  private readonly gateways = new Set<number>();
  /** The IPv4 target that was allowed last, as a signed number; at first one that no address is equal to. */
  private allowed = Number.NaN;
  /** The address that was allowed last: callers hand in the same object for all ports of a host. */
  private allowedAddress: Address | undefined;

  constructor(scope: Scope) {
    this.scope = scope;
  }

  /** The link's own routers may be asked for their link address by ARP, even when it is a public one. */
  permitGateway(address: number): void {
    this.gateways.add(address);
  }

  /**
   * Looks at an IPv4 datagram that is about to be sent.
   *
   * @throws ScopeError when its target is outside of the scope
   */
  checkIpv4(bytes: Uint8Array, at: number, end: number): void {
    if (end - at < IPV4_HEADER_BYTES || readUint8(bytes, at) >>> 4 !== 4) throw refusal("a packet that is not IPv4");
    const target = readUint32(bytes, at + IPV4_TARGET_AT);
    if ((target | 0) === this.allowed) return;
    if (!this.scope.allowsIpv4(target)) throw refusal(formatIpv4(target));
    this.allowed = target | 0;
  }

  /**
   * Looks at an ARP packet that is about to be sent.
   *
   * @throws ScopeError when it asks for an address that is neither in scope nor a gateway
   */
  checkArp(bytes: Uint8Array, at: number, end: number): void {
    if (end - at < ARP_BYTES) throw refusal("a packet that is not ARP");
    const target = readUint32(bytes, at + ARP_TARGET_ADDRESS_AT);
    if (!this.scope.allowsIpv4(target) && !this.gateways.has(target)) throw refusal(formatIpv4(target));
  }

  /**
   * Looks at an address that is about to be connected to.
   *
   * @throws ScopeError when it is outside of the scope
   */
  checkAddress(address: Address): void {
    if (address === this.allowedAddress) return;
    if (!this.scope.allows(address)) throw refusal(formatAddress(address));
    this.allowedAddress = address;
  }
}

function refusal(what: string): ScopeError {
  return new ScopeError(`refused to send to ${what}: it is outside of what may be probed`, {
    hint: "name networks that you are allowed to probe with --authorized CIDR",
  });
}
