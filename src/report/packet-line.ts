// One packet of a trace as a line (--packet-trace), in the spirit of nmap's: when, which way, from where to where, and what
// tells it from others. Whatever comes from the network is numbers here: there is nothing to escape.

import type { TracedPacket } from "../model/traced-packet.js";
import { createArpView, readArp } from "../packet/arp.js";
import { readUint8, readUint16 } from "../packet/bytes.js";
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6, formatMac } from "../packet/ethernet.js";
import { ICMP_HEADER_BYTES, isIcmpError } from "../packet/icmpv4.js";
import { isIcmpv6Error } from "../packet/icmpv6.js";
import { createIpv4View, readIpv4 } from "../packet/ipv4.js";
import { createIpv6View, IPV6_ADDRESS_BYTES, readIpv6 } from "../packet/ipv6.js";
import { READ_OK } from "../packet/read-fault.js";
import { createSctpView, readSctpQuote } from "../packet/sctp.js";
import { createTcpView, readTcp, readTcpQuote } from "../packet/tcp.js";
import { createUdpView, readUdpQuote } from "../packet/udp.js";
import { formatAddress } from "../target/address.js";
import { printable } from "./printable.js";

/** IANA's numbers of protocols that are read here. */
const ICMP = 1;
const TCP = 6;
const UDP = 17;
const ICMPV6 = 58;
const SCTP = 132;
const NAMES: Readonly<Record<number, string>> = { 1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6", 132: "SCTP" };

/** Flags by their bits, the lowest first (RFC 9293 §3.1, RFC 3168 §6.1). */
const FLAGS = "FSRPAUEC";
/** Where an ICMPv6 neighbour message names its target (RFC 4861 §4.3, §4.4), and the types that do. */
const NEIGHBOUR_TARGET_AT = 8;
const NEIGHBOUR_TYPES: readonly number[] = [135, 136];

/** What IP says of a datagram: who, to whom, the rest of its header in words, and where the payload lies. */
interface Datagram {
  readonly family: 4 | 6;
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  readonly details: string;
  readonly at: number;
  readonly end: number;
  readonly isLaterFragment: boolean;
}

/** The line, without a line feed. */
export function packetLine(packet: TracedPacket): string {
  const seconds = (packet.atMs / 1000).toFixed(4);
  if (packet.kind === "connect") {
    const target = `${printable(packet.address)} port ${packet.port}`;
    return `CONN (${seconds}s) TCP ${target}: ${printable(packet.outcome ?? "connecting")}`;
  }
  return `${packet.direction === "sent" ? "SENT" : "RCVD"} (${seconds}s) ${packetText(packet.etherType, packet.bytes)}`;
}

function packetText(etherType: number, bytes: Uint8Array): string {
  if (etherType === ETHER_TYPE_ARP) return arpText(bytes);
  const family = etherType === ETHER_TYPE_IPV4 ? 4 : etherType === ETHER_TYPE_IPV6 ? 6 : undefined;
  const datagram = family === undefined ? undefined : readDatagram(bytes, 0, bytes.length, family);
  return datagram === undefined ? unreadable(bytes) : datagramText(bytes, datagram);
}

function arpText(bytes: Uint8Array): string {
  const view = createArpView();
  if (readArp(bytes, 0, bytes.length, view) !== READ_OK) return `ARP ${unreadable(bytes)}`;
  const [from, to] = [ipv4Text(view.senderAddress), ipv4Text(view.targetAddress)];
  if (view.operation === 1) return `ARP who is ${to}? asks ${from}`;
  return view.operation === 2
    ? `ARP ${from} is ${formatMac(view.senderMac, 0)}`
    : `ARP ${from} > ${to} op=${view.operation}`;
}

function readDatagram(bytes: Uint8Array, at: number, end: number, family: 4 | 6): Datagram | undefined {
  return family === 4 ? readDatagram4(bytes, at, end) : readDatagram6(bytes, at, end);
}

function readDatagram4(bytes: Uint8Array, at: number, end: number): Datagram | undefined {
  const view = createIpv4View();
  if (readIpv4(bytes, at, end, view, true) !== READ_OK) return undefined;
  return {
    family: 4,
    from: ipv4Text(view.source),
    to: ipv4Text(view.target),
    protocol: view.protocol,
    details: `ttl=${view.ttl} id=${view.identification} iplen=${view.totalBytes}`,
    at: view.payloadAt,
    end: view.payloadEnd,
    isLaterFragment: view.fragmentOffset !== 0,
  };
}

function readDatagram6(bytes: Uint8Array, at: number, end: number): Datagram | undefined {
  const view = createIpv6View();
  if (readIpv6(bytes, at, end, view, true) !== READ_OK) return undefined;
  return {
    family: 6,
    from: ipv6Text(bytes, view.sourceAt),
    to: ipv6Text(bytes, view.targetAt),
    protocol: view.protocol,
    details: `hlim=${view.hopLimit} flow=${view.flowLabel} iplen=${view.payloadEnd - at}`,
    at: view.payloadAt,
    end: view.payloadEnd,
    isLaterFragment: view.fragmentOffset !== 0,
  };
}

function datagramText(bytes: Uint8Array, datagram: Datagram, isQuoted = false): string {
  const { from, to, protocol, details, at, end } = datagram;
  const name = NAMES[protocol] ?? `protocol ${protocol}`;
  if (datagram.isLaterFragment) return `${name} ${from} > ${to} later fragment ${details}`;
  switch (protocol) {
    case TCP:
      return tcpText(bytes, datagram, isQuoted);
    case UDP: {
      const view = createUdpView();
      if (readUdpQuote(bytes, at, end, view) !== READ_OK) break;
      return `${name} ${endsText(datagram, view)} ${details} payload=${Math.max(0, view.udpBytes - 8)}`;
    }
    case SCTP: {
      const view = createSctpView();
      if (readSctpQuote(bytes, at, end, view) !== READ_OK) break;
      const chunk = isQuoted || end - at < 13 ? "" : ` chunk=${readUint8(bytes, at + 12)}`;
      return `${name} ${endsText(datagram, view)} ${details} vtag=${view.verificationTag}${chunk}`;
    }
    case ICMP:
    case ICMPV6:
      if (end - at >= ICMP_HEADER_BYTES) return icmpText(bytes, datagram, isQuoted);
      break;
    default:
      return `${name} ${from} > ${to} ${details}`;
  }
  return `${name} ${from} > ${to} cut ${details}`;
}

function tcpText(bytes: Uint8Array, datagram: Datagram, isQuoted: boolean): string {
  const { at, end, details } = datagram;
  const view = createTcpView();
  if (!isQuoted && readTcp(bytes, at, end, view) === READ_OK) {
    const flags = [...FLAGS].filter((_, bit) => (view.flags & (1 << bit)) !== 0).join("");
    const numbers = `seq=${view.sequence} ack=${view.acknowledgment} win=${view.window}`;
    return `TCP ${endsText(datagram, view)} ${flags === "" ? "no flags" : flags} ${details} ${numbers}`;
  }
  if (readTcpQuote(bytes, at, end, view) !== READ_OK) return `TCP ${datagram.from} > ${datagram.to} cut ${details}`;
  return `TCP ${endsText(datagram, view)} ${details} seq=${view.sequence}`;
}

function icmpText(
  bytes: Uint8Array,
  { family, from, to, protocol, details, at, end }: Datagram,
  isQuoted: boolean,
): string {
  const type = readUint8(bytes, at);
  const head = `${NAMES[protocol]} ${from} > ${to} type=${type} code=${readUint8(bytes, at + 1)} ${details}`;
  const isError = family === 4 ? isIcmpError(type) : isIcmpv6Error(type);
  if (isError) {
    const quoted = isQuoted ? undefined : readDatagram(bytes, at + ICMP_HEADER_BYTES, end, family);
    return quoted === undefined ? head : `${head} about [${datagramText(bytes, quoted, true)}]`;
  }
  if (family === 6 && NEIGHBOUR_TYPES.includes(type) && end - at >= NEIGHBOUR_TARGET_AT + IPV6_ADDRESS_BYTES) {
    return `${head} target=${ipv6Text(bytes, at + NEIGHBOUR_TARGET_AT)}`;
  }
  return `${head} ident=${readUint16(bytes, at + 4)} seq=${readUint16(bytes, at + 6)}`;
}

/** "10.0.0.1:40000 > 10.0.0.2:80"; brackets keep ports of IPv6 apart. */
function endsText(
  { family, from, to }: Datagram,
  { sourcePort, targetPort }: { readonly sourcePort: number; readonly targetPort: number },
): string {
  const [open, close] = family === 6 ? ["[", "]"] : ["", ""];
  return `${open}${from}${close}:${sourcePort} > ${open}${to}${close}:${targetPort}`;
}

function unreadable(bytes: Uint8Array): string {
  return `unreadable, ${bytes.length} bytes`;
}

function ipv4Text(value: number): string {
  return formatAddress({ family: 4, value });
}

function ipv6Text(bytes: Uint8Array, at: number): string {
  return formatAddress({ family: 6, bytes: bytes.slice(at, at + IPV6_ADDRESS_BYTES) });
}
