// How the hosts of these tests answer queries of ICMP and ICMPv6, and those for their link addresses.
import { ARP_REQUEST, createArpView, readArp } from "../packet/arp.js";
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import {
  createIcmpv4View,
  ICMP_ADDRESS_MASK,
  ICMP_ECHO,
  ICMP_HOST_UNREACHABLE,
  ICMP_TIMESTAMP,
  ICMP_UNREACHABLE,
  readIcmpv4,
} from "../packet/icmpv4.js";
import {
  createIcmpv6View,
  ICMPV6_ADDRESS_UNREACHABLE,
  ICMPV6_ECHO,
  ICMPV6_UNREACHABLE,
  readIcmpv6,
} from "../packet/icmpv6.js";
import {
  createNeighbourView,
  NEIGHBOUR_HOP_LIMIT,
  NEIGHBOUR_SOLICITATION,
  readNeighbourMessage,
} from "../packet/neighbour-discovery.js";
import {
  addressMaskReplyFrame,
  advertisementFrame,
  arpReplyFrame,
  echoReplyFrame,
  timestampReplyFrame,
} from "../technique/frames.test.data.js";
import { type Datagram, ipv6Of, mustBeOk, numberOfIpv6 } from "./fake-datagram.test.data.js";
import type { FakeHost, ProbeKind, Reception, Reply } from "./fake-host.test.data.js";

const OWN_TTL = 57;
const KINDS: ReadonlyMap<number, ProbeKind> = new Map([
  [ICMP_ECHO, "echo"],
  [ICMP_TIMESTAMP, "timestamp"],
  [ICMP_ADDRESS_MASK, "address-mask"],
]);

/** Finds a host by its number. */
export type HostFinder = (address: number) => FakeHost | undefined;

/** The link address of a host in these tests. */
export function macOf(address: number): Uint8Array {
  return Uint8Array.of(2, 0, address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255);
}

/** Reads an ARP request. */
export function answerArp(frame: Uint8Array, hostAt: HostFinder): Reception {
  const arp = createArpView();
  mustBeOk(readArp(frame, 0, frame.length, arp), "ARP");
  if (arp.operation !== ARP_REQUEST) throw new Error("an ARP probe that is no request");
  const { targetAddress, senderAddress, senderMac } = arp;
  const host = hostAt(targetAddress);
  const reply = arpReplyFrame(macOf(targetAddress), targetAddress, senderMac.slice(), senderAddress);
  const answer = () => ({ frame: reply, etherType: ETHER_TYPE_ARP, delayMs: 0 });
  const isSilent = host === undefined || host.isArpSilent === true;
  return { kind: "arp", address: targetAddress, port: 0, answer: isSilent ? undefined : answer };
}

/** Reads a neighbour solicitation; undefined when the datagram is something else. */
export function answerSolicitation(datagram: Datagram, hostAt: HostFinder): Reception | undefined {
  const { frame, at, end, addressSum, ttl, source } = datagram;
  const icmp = createIcmpv6View();
  mustBeOk(readIcmpv6(frame, at, end, addressSum, false, icmp), "ICMPv6");
  if (icmp.type !== NEIGHBOUR_SOLICITATION) return undefined;
  if (ttl !== NEIGHBOUR_HOP_LIMIT) throw new Error("a solicitation that nobody on the link believes");
  const view = createNeighbourView();
  mustBeOk(readNeighbourMessage(frame, at, end, view), "solicitation");
  const address = numberOfIpv6(frame, view.targetAt);
  const host = hostAt(address);
  const isSilent = host === undefined || host.isArpSilent === true;
  const asked = frame.slice(view.targetAt, view.targetAt + 16);
  const reply = advertisementFrame({ source: ipv6Of(address), target: source }, asked, macOf(address));
  const answer = () => ({ frame: reply, etherType: ETHER_TYPE_IPV6, delayMs: 0 });
  return { kind: "solicitation", address, port: 0, answer: isSilent ? undefined : answer };
}

/** Answers a query, or an echo of ICMPv6. */
export function answerQuery(datagram: Datagram, host: FakeHost | undefined): { kind: ProbeKind; reply: Reply } {
  const { frame, at, end, source, target, family } = datagram;
  const icmp = family === 4 ? createIcmpv4View() : createIcmpv6View();
  if (family === 4) mustBeOk(readIcmpv4(frame, at, end, icmp), "ICMP");
  else mustBeOk(readIcmpv6(frame, at, end, datagram.addressSum, false, icmp), "ICMPv6");
  const { type, identifier, sequence } = icmp;
  const kind = family === 4 ? KINDS.get(type) : type === ICMPV6_ECHO ? "echo" : undefined;
  if (kind === undefined) throw new Error(`an ICMP probe of type ${type}`);
  const router = host?.unreachableBy;
  if (router !== undefined) return { kind, reply: hostUnreachable(family, router) };
  if (host === undefined || host.isPingSilent === true) return { kind, reply: undefined };
  const reply = { source: target, target: source, identifier, sequence, ttl: host.ttl ?? OWN_TTL };
  if (kind === "timestamp") return { kind, reply: { frame: timestampReplyFrame(reply) } };
  return { kind, reply: { frame: kind === "echo" ? echoReplyFrame(reply) : addressMaskReplyFrame(reply) } };
}

/** What a router says of a host that it cannot find. */
export function hostUnreachable(family: 4 | 6, by: number): Reply {
  return family === 4
    ? { type: ICMP_UNREACHABLE, code: ICMP_HOST_UNREACHABLE, by }
    : { type: ICMPV6_UNREACHABLE, code: ICMPV6_ADDRESS_UNREACHABLE, by };
}
