// What an attacker, a broken network card or a stale connection puts beside a true answer.
import { ETHER_TYPE_IPV4 } from "../packet/ethernet.js";
import { ICMP_UNREACHABLE } from "../packet/icmpv4.js";
import { createIpv4View, PROTOCOL_TCP, readIpv4 } from "../packet/ipv4.js";
import { createTcpView, readTcp, TCP_ACK, TCP_RST, TCP_SYN } from "../packet/tcp.js";
import { icmpErrorFrame, tcpFrame } from "../technique/frames.test.data.js";
import type { Injected } from "./fake-network.test.data.js";

const whole = (frame: Uint8Array): Injected => ({ frame, etherType: ETHER_TYPE_IPV4, isCut: false });

function withFlippedBit(frame: Uint8Array, at: number): Uint8Array {
  const bytes = frame.slice();
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  return bytes;
}

/** Frames that look like the answer, to its port and to the ports beside it, and that no scanner may believe. */
export function forgeriesOf(answer: Uint8Array, etherType: number): readonly Injected[] {
  const ip = createIpv4View();
  const tcp = createTcpView();
  if (etherType !== ETHER_TYPE_IPV4 || readIpv4(answer, 0, answer.length, ip) !== 0) return [];
  if (ip.protocol !== PROTOCOL_TCP || readTcp(answer, ip.payloadAt, ip.payloadEnd, tcp) !== 0) return [];
  const { source, target } = ip;
  const { sourcePort, targetPort, acknowledgment } = tcp;
  const ends = { source, target, sourcePort, targetPort };
  const neighbour = { ...ends, sourcePort: (sourcePort + 1) & 0xffff };
  const quoted = tcpFrame({
    source: target,
    target: source,
    sourcePort: targetPort,
    targetPort: neighbour.sourcePort,
    sequence: (acknowledgment + 4711) >>> 0,
    flags: TCP_SYN,
  });
  return [
    whole(tcpFrame({ ...ends, flags: TCP_RST | TCP_ACK, acknowledgment: (acknowledgment + 1) >>> 0 })),
    whole(tcpFrame({ ...ends, flags: TCP_RST, sequence: acknowledgment })),
    whole(tcpFrame({ ...ends, flags: TCP_ACK, acknowledgment })),
    whole(tcpFrame({ ...ends, targetPort: targetPort + 1, flags: TCP_SYN | TCP_ACK, acknowledgment })),
    whole(tcpFrame({ ...ends, source: source + 1, flags: TCP_SYN | TCP_ACK, acknowledgment })),
    whole(tcpFrame({ ...neighbour, flags: TCP_SYN | TCP_ACK, acknowledgment })),
    whole(tcpFrame({ ...neighbour, flags: TCP_RST | TCP_ACK, acknowledgment: 0 })),
    whole(icmpErrorFrame({ source: 0x0a090909, target }, ICMP_UNREACHABLE, 13, quoted)),
    whole(icmpErrorFrame({ source: 0x0a090909, target }, ICMP_UNREACHABLE, 1, quoted, 7)),
    whole(withFlippedBit(answer, 12)),
    whole(withFlippedBit(answer, 33)),
    whole(withFlippedBit(answer, 36)),
    { frame: answer.slice(0, 39), etherType, isCut: true },
    { frame: answer.slice(0, 19), etherType, isCut: true },
    { frame: answer.slice(), etherType: 0x86dd, isCut: false },
    { frame: Uint8Array.of(0x45), etherType, isCut: false },
  ];
}

/** The answer itself, twice more. */
export function staleCopiesOf(answer: Uint8Array, etherType: number): readonly Injected[] {
  const copy = { frame: answer, etherType, isCut: false };
  return [copy, copy];
}
