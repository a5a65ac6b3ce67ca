// What may be said about addresses that are borrowed from a link: questions whether anybody has them (RFC 5227 §2.1,
// RFC 4862 §5.4.2), and answers that we have them (RFC 826, RFC 4861 §7.2.4). The transmit guard asks here.
import { ARP_REPLY, ARP_REQUEST, type ArpView } from "../packet/arp.js";
import { readUint8 } from "../packet/bytes.js";
import { copyIpv6Address, createIpv6View, IPV6_HEADER_BYTES, PROTOCOL_ICMPV6, readIpv6 } from "../packet/ipv6.js";
import {
  createNeighbourView,
  NEIGHBOUR_HOP_LIMIT,
  NEIGHBOUR_SOLICITATION,
  readNeighbourMessage,
  writeSolicitedNodeAddress,
} from "../packet/neighbour-discovery.js";
import { READ_OK } from "../packet/read-fault.js";
import { type Address, ipv6Key } from "../target/address.js";
import { type AddressBlock, blockContains } from "../target/address-block.js";

const ADDRESS_BYTES = 16;

/** The link's prefixes, and the addresses that are held just now. Empty, it allows nothing. */
export class BorrowingPermit {
  private readonly prefixes: AddressBlock[] = [];
  private readonly heldIpv4 = new Set<number>();
  private readonly heldIpv6 = new Set<string>();
  private readonly ip = createIpv6View();
  private readonly message = createNeighbourView();
  private readonly asked = { family: 6, bytes: new Uint8Array(ADDRESS_BYTES) } as const;
  private readonly group = new Uint8Array(ADDRESS_BYTES);

  /** A prefix of a link of ours: whether an address of it is in use may be asked, and who is in it be answered. */
  addPrefix(block: AddressBlock): void {
    this.prefixes.push(block);
  }

  /** From now on questions for this address may be answered. */
  hold(address: Address): void {
    if (address.family === 4) this.heldIpv4.add(address.value);
    else this.heldIpv6.add(ipv6Key(address.bytes, undefined));
  }

  /** From now on they may not. */
  release(address: Address): void {
    if (address.family === 4) this.heldIpv4.delete(address.value);
    else this.heldIpv6.delete(ipv6Key(address.bytes, undefined));
  }

  /** True for a probe for an address of a prefix. */
  allowsArpProbe(message: ArpView): boolean {
    if (message.operation !== ARP_REQUEST || message.senderAddress !== 0) return false;
    return this.prefixes.some((block) => blockContains(block, { family: 4, value: message.targetAddress }));
  }

  /** True for the answer that a held address is ours, to whomever: ARP does not leave the link. */
  allowsArpReply(message: ArpView): boolean {
    return message.operation === ARP_REPLY && this.heldIpv4.has(message.senderAddress);
  }

  /**
   * True for the question whether an address of a prefix is in use, and for the advertisement of a held address to a
   * neighbour in a prefix: to another one it could be sent on by a router.
   */
  allowsIpv6(bytes: Uint8Array, at: number, end: number): boolean {
    const { ip, message } = this;
    if (this.prefixes.length === 0 || readIpv6(bytes, at, end, ip) !== READ_OK) return false;
    if (ip.payloadAt !== at + IPV6_HEADER_BYTES || ip.protocol !== PROTOCOL_ICMPV6) return false;
    if (ip.hopLimit !== NEIGHBOUR_HOP_LIMIT) return false;
    if (readNeighbourMessage(bytes, ip.payloadAt, ip.payloadEnd, message) !== READ_OK) return false;
    const isQuestion = readUint8(bytes, ip.payloadAt) === NEIGHBOUR_SOLICITATION;
    return isQuestion ? this.isDuplicateCheck(bytes) : this.isDefence(bytes);
  }

  /** From nobody, without a link address, to the group of the very address that it asks for. */
  private isDuplicateCheck(bytes: Uint8Array): boolean {
    const { ip, message, asked, group } = this;
    for (let index = 0; index < ADDRESS_BYTES; index++) if (readUint8(bytes, ip.sourceAt + index) !== 0) return false;
    copyIpv6Address(bytes, message.targetAt, asked.bytes, 0);
    writeSolicitedNodeAddress(asked.bytes, group, 0);
    return message.linkAddressAt < 0 && isSame(group, bytes, ip.targetAt) && this.isInPrefix();
  }

  private isDefence(bytes: Uint8Array): boolean {
    const { ip, message, asked } = this;
    copyIpv6Address(bytes, message.targetAt, asked.bytes, 0);
    if (!isSame(asked.bytes, bytes, ip.sourceAt) || !this.heldIpv6.has(ipv6Key(asked.bytes, undefined))) return false;
    copyIpv6Address(bytes, ip.targetAt, asked.bytes, 0);
    return this.isInPrefix();
  }

  /** Whether the address that is looked at is in a prefix; their zones do not matter here. */
  private isInPrefix(): boolean {
    return this.prefixes.some((block) => blockContains(block, this.asked));
  }
}

function isSame(expected: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < expected.length; index++) {
    if (expected[index] !== readUint8(bytes, at + index)) return false;
  }
  return true;
}
