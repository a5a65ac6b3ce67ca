// The last check before a packet leaves: every transmitter asks it, with the packet itself, not with what somebody
// meant to send. What it refuses never reaches the kernel.
import { ScopeError } from "../model/errors.js";
import { ARP_REQUEST, createArpView, readArp } from "../packet/arp.js";
import { readUint8, readUint32 } from "../packet/bytes.js";
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import { IPV4_HEADER_BYTES, IPV4_TARGET_AT } from "../packet/ipv4.js";
import { READ_OK } from "../packet/read-fault.js";
import { type Address, formatAddress } from "../target/address.js";
import { formatIpv4 } from "../target/ipv4.js";
import { formatIpv6, mappedIpv4 } from "../target/ipv6.js";
import type { Scope } from "../target/scope.js";
import { BorrowingPermit } from "./borrowing-permit.js";

/** RFC 8200 §3. */
const IPV6_NEXT_HEADER_AT = 6;
const IPV6_TARGET_AT = 24;
const IPV6_HEADER_BYTES = 40;
const IPV6_ADDRESS_BYTES = 16;
/** A neighbour solicitation, RFC 4861 §4.3: type, code, checksum, reserved, target address. */
const PROTOCOL_ICMPV6 = 58;
const SOLICITATION_TYPE = 135;
const SOLICITATION_TARGET_AT = IPV6_HEADER_BYTES + 8;
const SOLICITATION_BYTES = SOLICITATION_TARGET_AT + IPV6_ADDRESS_BYTES;
/** ff02::1:ff00:0/104, RFC 4291 §2.7.1: behind it stand the last 24 bits of the address that is asked for. */
const SOLICITED_NODE = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff);

/** Lets packets to addresses within the scope pass, and throws on all others. */
export class TransmitGuard {
  /** What may be said about addresses that are borrowed from a link; at first nothing. */
  readonly borrowing: BorrowingPermit = new BorrowingPermit();
  private readonly scope: Scope;
  private readonly ipv4Gateways = new Set<number>();
  private readonly ipv6Gateways: Uint8Array[] = [];
  private readonly groups: Uint8Array[] = [];
  /** The IPv4 target that was allowed last, as a signed number; at first one that no address is equal to. */
  private allowed = Number.NaN;
  /** The IPv6 target that was allowed last; at first ::1, which every scope has. */
  private readonly allowedIpv6 = { family: 6, bytes: new Uint8Array(IPV6_ADDRESS_BYTES).fill(1, 15) } as const;
  /** The one that is being looked at. */
  private readonly asked = { family: 6, bytes: new Uint8Array(IPV6_ADDRESS_BYTES) } as const;
  /** The address that was allowed last: callers hand in the same object for all ports of a host. */
  private allowedAddress: Address | undefined;
  private readonly arp = createArpView();

  constructor(scope: Scope) {
    this.scope = scope;
  }

  /** The link's own routers may be asked for their link address, even when they have a public one. */
  permitGateway(address: Address): void {
    if (address.family === 4) this.ipv4Gateways.add(address.value);
    else if (!this.isIpv6Gateway(address.bytes, 0)) this.ipv6Gateways.push(address.bytes.slice());
  }

  /** A group of IPv6 that any packet may be sent to from now on: ff02::1, to find who is on the link. */
  permitMulticast(group: Uint8Array): void {
    if (!hasAny(this.groups, group, 0)) this.groups.push(group.slice());
  }

  /**
   * Looks at a packet that is about to be sent, by its EtherType.
   *
   * @throws ScopeError when it may not be sent
   */
  check(etherType: number, bytes: Uint8Array, at: number, end: number): void {
    if (etherType === ETHER_TYPE_IPV4) this.checkIpv4(bytes, at, end);
    else if (etherType === ETHER_TYPE_IPV6) this.checkIpv6(bytes, at, end);
    else if (etherType === ETHER_TYPE_ARP) this.checkArp(bytes, at, end);
    else throw refusal("a packet that is neither IP nor ARP");
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
   * Looks at an IPv6 packet that is about to be sent. A group may be sent to when it was permitted, and that of a
   * solicited node by a question for an address which is in scope or a gateway. An IPv4-mapped target names an IPv4
   * node inside of one machine (RFC 4291 §2.5.5.2); as an IPv6 packet it would leave by the default route.
   * {@link borrowing} allows what has to be said about borrowed addresses.
   *
   * @throws ScopeError when its target is outside of the scope
   */
  checkIpv6(bytes: Uint8Array, at: number, end: number): void {
    if (end - at < IPV6_HEADER_BYTES || readUint8(bytes, at) >>> 4 !== 6) throw refusal("a packet that is not IPv6");
    const targetAt = at + IPV6_TARGET_AT;
    if (isEqual(this.allowedIpv6.bytes, bytes, targetAt)) return;
    if (readUint8(bytes, targetAt) !== 0xff && this.allowsIpv6(bytes, targetAt)) {
      copy(bytes, targetAt, this.allowedIpv6.bytes);
      return;
    }
    // What is allowed for what a packet says opens the way for no other packet: that is not remembered.
    const isAllowed = this.allowsGroup(bytes, at, end) || this.borrowing.allowsIpv6(bytes, at, end);
    if (!isAllowed) throw refusal(formatIpv6(bytes.slice(targetAt, targetAt + IPV6_ADDRESS_BYTES)));
  }

  /**
   * Looks at an ARP packet that is about to be sent.
   *
   * @throws ScopeError when it asks for an address that is neither in scope nor a gateway, or says that we had one
   * that is not borrowed
   */
  checkArp(bytes: Uint8Array, at: number, end: number): void {
    const { arp, borrowing } = this;
    if (readArp(bytes, at, end, arp) !== READ_OK) throw refusal("a packet that is not ARP");
    const target = arp.targetAddress;
    const isQuestion = arp.operation === ARP_REQUEST;
    if (isQuestion && (this.scope.allowsIpv4(target) || this.ipv4Gateways.has(target))) return;
    if (!borrowing.allowsArpProbe(arp) && !borrowing.allowsArpReply(arp)) throw refusal(formatIpv4(target));
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

  private allowsGroup(bytes: Uint8Array, at: number, end: number): boolean {
    return hasAny(this.groups, bytes, at + IPV6_TARGET_AT) || this.isSolicitation(bytes, at, end);
  }

  /** True for a neighbour solicitation to the group of the very address that it asks for, where that may be asked for. */
  private isSolicitation(bytes: Uint8Array, at: number, end: number): boolean {
    const groupAt = at + IPV6_TARGET_AT;
    const askedAt = at + SOLICITATION_TARGET_AT;
    if (end - at < SOLICITATION_BYTES || readUint8(bytes, at + IPV6_NEXT_HEADER_AT) !== PROTOCOL_ICMPV6) return false;
    if (readUint8(bytes, at + IPV6_HEADER_BYTES) !== SOLICITATION_TYPE) return false;
    if (!isEqual(SOLICITED_NODE, bytes, groupAt)) return false;
    for (let index = SOLICITED_NODE.length; index < IPV6_ADDRESS_BYTES; index++) {
      if (readUint8(bytes, groupAt + index) !== readUint8(bytes, askedAt + index)) return false;
    }
    return this.allowsIpv6(bytes, askedAt) || this.isIpv6Gateway(bytes, askedAt);
  }

  private isIpv6Gateway(bytes: Uint8Array, at: number): boolean {
    return hasAny(this.ipv6Gateways, bytes, at);
  }

  private allowsIpv6(bytes: Uint8Array, at: number): boolean {
    copy(bytes, at, this.asked.bytes);
    return mappedIpv4(this.asked.bytes) === undefined && this.scope.allows(this.asked);
  }
}

/** True when the bytes of `expected` stand at `at`. */
function isEqual(expected: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < expected.length; index++) {
    if (expected[index] !== readUint8(bytes, at + index)) return false;
  }
  return true;
}

function hasAny(addresses: readonly Uint8Array[], bytes: Uint8Array, at: number): boolean {
  for (const address of addresses) if (isEqual(address, bytes, at)) return true;
  return false;
}

function copy(bytes: Uint8Array, at: number, to: Uint8Array): void {
  for (let index = 0; index < to.length; index++) to[index] = readUint8(bytes, at + index);
}

function refusal(what: string): ScopeError {
  return new ScopeError(`refused to send to ${what}: it is outside of what may be probed`, {
    hint: "name networks that you are allowed to probe with --authorized CIDR",
  });
}
