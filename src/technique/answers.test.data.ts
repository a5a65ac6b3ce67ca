// All that hosts and routers could send about a probe, whatever technique it is of: the suite over all techniques shows
// each of these packets to every one of them.
import type { ReceiveWish } from "../linux/bpf.js";
import { ARP_REPLY } from "../packet/arp.js";
import { readUint16, readUint32 } from "../packet/bytes.js";
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import { IPV4_HEADER_BYTES } from "../packet/ipv4.js";
import { IPV6_HEADER_BYTES } from "../packet/ipv6.js";
import { SCTP_TAG_REFLECTED } from "../packet/sctp.js";
import { TCP_ACK, TCP_ECE, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from "../packet/tcp.js";
import type { FrameView } from "./frame-view.js";
import {
  addressMaskReplyFrame,
  advertisementFrame,
  arpReplyFrame,
  echoReplyFrame,
  emptyFrame,
  icmpErrorFrame,
  OWN,
  OWN_IPV6,
  type PortEnds,
  sctpAbortFrame,
  sctpInitAckFrame,
  tcpFrame,
  timestampReplyFrame,
  udpFrame,
} from "./frames.test.data.js";

/** A packet, and what it begins with. */
export interface SentAnswer {
  readonly bytes: Uint8Array;
  readonly etherType: number;
}

const HOST_MAC = Uint8Array.of(2, 0, 0, 0, 0, 7);
const GRE = 47;
const FLAGS = [
  TCP_SYN | TCP_ACK,
  TCP_SYN | TCP_ACK | TCP_ECE,
  TCP_SYN | TCP_RST | TCP_ACK,
  TCP_RST | TCP_ACK,
  TCP_RST,
  TCP_ACK,
  TCP_ACK | TCP_PSH,
  TCP_ACK | TCP_FIN,
  TCP_SYN,
  0,
];
/** Every type of error, the last of each made up. */
const ERROR_TYPES = { 4: [3, 4, 5, 11, 12], 6: [1, 2, 3, 4, 100] } as const;
const CODE_COUNT = 16;

/**
 * What could be sent about the probe: by `host` replies of every kind and errors, by `router` errors of every type and
 * code, each with the whole probe or only the 8 bytes of RFC 792 in it. Both are numbers for IPv4, or 16 bytes.
 */
export function answersTo(
  probe: Uint8Array,
  host: number | Uint8Array,
  router: number | Uint8Array,
): readonly SentAnswer[] {
  const isIpv4 = typeof host === "number";
  const at = isIpv4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
  const target = isIpv4 ? OWN : OWN_IPV6;
  const protocol = probe[isIpv4 ? 9 : 6] ?? 0;
  const back = { source: host, target };
  const ports = { ...back, sourcePort: readUint16(probe, at + 2), targetPort: readUint16(probe, at) };
  const query = { ...back, identifier: readUint16(probe, at + 4), sequence: readUint16(probe, at + 6) };
  const errors = [host, router].flatMap((source) => errorsAbout(probe, source, target, at));
  const frames = [
    ...segmentsTo(probe, at, ports),
    ...associationsTo(probe, at, ports),
    udpFrame(ports),
    udpFrame(ports, new Uint8Array(0)),
    echoReplyFrame(query),
    emptyFrame(back, protocol),
    emptyFrame(back, GRE),
    ...errors,
  ];
  if (!isIpv4) {
    const advertisement = advertisementFrame(back, host, HOST_MAC);
    return [...frames, advertisement].map((bytes) => ({ bytes, etherType: ETHER_TYPE_IPV6 }));
  }
  const datagrams = [...frames, timestampReplyFrame(query), addressMaskReplyFrame(query)];
  const arpReply = arpReplyFrame(HOST_MAC, host, new Uint8Array(6), OWN);
  return [
    ...datagrams.map((bytes) => ({ bytes, etherType: ETHER_TYPE_IPV4 })),
    { bytes: arpReply, etherType: ETHER_TYPE_ARP },
  ];
}

/** Segments that acknowledge all, all but one or nothing of the probe, or repeat its numbers. */
function segmentsTo(probe: Uint8Array, at: number, ports: PortEnds): Uint8Array[] {
  const sequence = readUint32(probe, at + 4);
  return FLAGS.flatMap((flags) =>
    [0, 1024].flatMap((window) => [
      tcpFrame({ ...ports, flags, window, acknowledgment: (sequence + 1) >>> 0 }),
      tcpFrame({ ...ports, flags, window, acknowledgment: sequence }),
      tcpFrame({ ...ports, flags, window, sequence }),
      tcpFrame({ ...ports, flags, window }),
    ]),
  );
}

/** INIT ACK and ABORT with the tag of an INIT, that of any other packet, a wrong one and none. */
function associationsTo(probe: Uint8Array, at: number, ports: PortEnds): Uint8Array[] {
  const tags = [readUint32(probe, at + 16), readUint32(probe, at + 4)];
  return [...tags, ...tags.map((tag) => (tag ^ 1) >>> 0), 0].flatMap((verificationTag) => [
    sctpInitAckFrame({ ...ports, verificationTag }),
    sctpAbortFrame({ ...ports, verificationTag }, 0),
    sctpAbortFrame({ ...ports, verificationTag }, SCTP_TAG_REFLECTED),
  ]);
}

function errorsAbout(
  probe: Uint8Array,
  source: number | Uint8Array,
  target: number | Uint8Array,
  headerBytes: number,
): Uint8Array[] {
  return ERROR_TYPES[typeof source === "number" ? 4 : 6].flatMap((type) =>
    Array.from({ length: CODE_COUNT }, (_, code) => code).flatMap((code) => [
      icmpErrorFrame({ source, target }, type, code, probe),
      icmpErrorFrame({ source, target }, type, code, probe, probe.length - headerBytes),
    ]),
  );
}

/** True when the kernel's filter lets the packet through that was made from this wish. */
export function isWishedBy(wish: ReceiveWish, frame: FrameView): boolean {
  const { kind, family } = frame;
  switch (wish.kind) {
    case "arp-request":
      return false;
    case "arp-reply":
      return kind === "arp" && frame.arp.operation === ARP_REPLY;
    case "tcp":
    case "udp":
    case "sctp": {
      const { targetPort } = frame[wish.kind];
      return kind === wish.kind && targetPort >= wish.firstPort && targetPort < wish.firstPort + wish.portCount;
    }
    case "icmpv4":
    case "icmpv6": {
      const isIcmp = kind === "icmp" || kind === "neighbour" || kind.endsWith("-quote");
      return isIcmp && (family === 4) === (wish.kind === "icmpv4") && wish.types.includes(frame.icmp.type);
    }
    case "ip-protocols":
      return kind !== "arp";
    case "mld-report":
      return false; // no technique wishes for it
  }
}
