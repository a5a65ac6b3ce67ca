// What shows that a node is on an IPv6 link: answers to our own questions, and messages that no router passes on (RFC 4861
// §7.1, RFC 3810 §5.2).
import { readUint8, readUint16 } from "../packet/bytes.js";
import { sumBytes } from "../packet/checksum.js";
import { ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import {
  createIcmpv6View,
  ICMPV6_ECHO,
  ICMPV6_ECHO_REPLY,
  ICMPV6_HEADER_BYTES,
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_UNKNOWN_OPTION,
  readIcmpv6,
} from "../packet/icmpv6.js";
import { createIpv6View, IPV6_ADDRESS_BYTES, PROTOCOL_ICMPV6, readIpv6 } from "../packet/ipv6.js";
import { isMldReport } from "../packet/mld.js";
import {
  createNeighbourView,
  NEIGHBOUR_ADVERTISEMENT,
  NEIGHBOUR_HOP_LIMIT,
  NEIGHBOUR_SOLICITATION,
  readNeighbourMessage,
} from "../packet/neighbour-discovery.js";
import { READ_OK } from "../packet/read-fault.js";
import type { ReceiveWish } from "./bpf.js";
import { isLinkLocal } from "./interfaces.js";
import { ALL_NODES } from "./link-questions.js";
import type { FrameFacts } from "./packet-receiver.js";

/** What a node is known by. */
export type LinkSign = "echo-reply" | "parameter-problem" | "mld-report" | "neighbour-discovery";

const MLD_HOP_LIMIT = 1;
const ECHO_IDENTIFIER_AT = 4;
const MULTICAST = 0xff;

/** Reads packets of one link. */
export class LinkAnswers {
  /** What a receiver should hand over. */
  readonly wishes: readonly ReceiveWish[] = [
    {
      kind: "icmpv6",
      types: [ICMPV6_PARAMETER_PROBLEM, ICMPV6_ECHO_REPLY, NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT],
    },
    { kind: "mld-report" },
  ];
  /** Where the 16 bytes of the node's address begin, after a sign was read. */
  addressAt = 0;
  private readonly identifier: number;
  private readonly ip = createIpv6View();
  private readonly icmp = createIcmpv6View();
  private readonly neighbour = createNeighbourView();
  private readonly quoted = createIpv6View();

  /** `identifier`: that of our own echo requests. */
  constructor(identifier: number) {
    this.identifier = identifier;
  }

  /** Takes a packet from the network header on; undefined when it does not show that a node is on the link. */
  read(bytes: Uint8Array, at: number, end: number, facts: FrameFacts): LinkSign | undefined {
    const { ip, icmp } = this;
    if (facts.etherType !== ETHER_TYPE_IPV6 || readIpv6(bytes, at, end, ip) !== READ_OK) return undefined;
    if (ip.protocol !== PROTOCOL_ICMPV6 || ip.isFragment) return undefined;
    const addressSum = sumBytes(bytes, ip.sourceAt, ip.targetAt + IPV6_ADDRESS_BYTES);
    if (readIcmpv6(bytes, ip.payloadAt, ip.payloadEnd, addressSum, facts.isChecksumTrusted, icmp) !== READ_OK) {
      return undefined;
    }
    this.addressAt = ip.sourceAt;
    const sign = this.signOf(bytes);
    return sign !== undefined && isNodes(bytes, this.addressAt) ? sign : undefined;
  }

  private signOf(bytes: Uint8Array): LinkSign | undefined {
    const { ip, icmp } = this;
    switch (icmp.type) {
      case ICMPV6_ECHO_REPLY:
        return icmp.identifier === this.identifier ? "echo-reply" : undefined;
      case ICMPV6_PARAMETER_PROBLEM:
        return icmp.code === ICMPV6_UNKNOWN_OPTION && this.isOursQuoted(bytes) ? "parameter-problem" : undefined;
      case NEIGHBOUR_SOLICITATION:
      case NEIGHBOUR_ADVERTISEMENT:
        return this.isNeighbour(bytes) ? "neighbour-discovery" : undefined;
      default: {
        const isFromLink = ip.hopLimit === MLD_HOP_LIMIT && isLinkLocal(bytes.subarray(ip.sourceAt));
        return isMldReport(icmp.type) && isFromLink ? "mld-report" : undefined;
      }
    }
  }

  /** Whether an error quotes our echo request to all nodes. */
  private isOursQuoted(bytes: Uint8Array): boolean {
    const { icmp, quoted } = this;
    if (readIpv6(bytes, icmp.bodyAt, icmp.bodyEnd, quoted, true) !== READ_OK) return false;
    if (quoted.protocol !== PROTOCOL_ICMPV6 || quoted.payloadEnd - quoted.payloadAt < ICMPV6_HEADER_BYTES) return false;
    if (ALL_NODES.some((byte, index) => readUint8(bytes, quoted.targetAt + index) !== byte)) return false;
    const isEcho = readUint8(bytes, quoted.payloadAt) === ICMPV6_ECHO;
    return isEcho && readUint16(bytes, quoted.payloadAt + ECHO_IDENTIFIER_AT) === this.identifier;
  }

  /** An advertisement shows who has its target, a solicitation only its sender. */
  private isNeighbour(bytes: Uint8Array): boolean {
    const { ip, icmp, neighbour } = this;
    if (ip.hopLimit !== NEIGHBOUR_HOP_LIMIT) return false;
    if (readNeighbourMessage(bytes, ip.payloadAt, ip.payloadEnd, neighbour) !== READ_OK) return false;
    if (icmp.type === NEIGHBOUR_ADVERTISEMENT) this.addressAt = neighbour.targetAt;
    return true;
  }
}

/** Whether a node can have this address: it is no group, and neither :: nor ::1 (RFC 4291 §2.5). */
function isNodes(bytes: Uint8Array, at: number): boolean {
  if (readUint8(bytes, at) === MULTICAST) return false;
  for (let index = 0; index < IPV6_ADDRESS_BYTES - 1; index++) if (readUint8(bytes, at + index) !== 0) return true;
  return readUint8(bytes, at + IPV6_ADDRESS_BYTES - 1) > 1;
}
