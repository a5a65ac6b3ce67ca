import { describe, expect, test } from "vitest";
import { readUint16, writeUint16 } from "../packet/bytes.js";
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import { TCP_ACK, TCP_SYN } from "../packet/tcp.js";
import { Cookies } from "./cookies.js";
import { FrameView } from "./frame-view.js";
import {
  advertisementFrame,
  arpReplyFrame,
  echoReplyFrame,
  emptyFrame,
  icmpErrorFrame,
  OWN_IPV6,
  parsedFrame,
  probeTo,
  sctpAbortFrame,
  tcpFrame,
  udpFrame,
  withIpHeader,
  writtenBy,
} from "./frames.test.data.js";
import { icmpEcho } from "./icmp-echo.js";
import { ipProtocol } from "./ip-protocol.js";
import { sctpInit } from "./sctp-init.js";
import { tcpSyn } from "./tcp-syn.js";
import { udp } from "./udp.js";

const ENDS = { source: 0x0a00_0007, target: 0x0a00_0001 };
const SYN_ACK = tcpFrame({ ...ENDS, sourcePort: 443, targetPort: 30_000, flags: TCP_SYN | TCP_ACK, sequence: 9 });
const ECHO_REPLY = echoReplyFrame({ ...ENDS, identifier: 1, sequence: 2 });
const COOKIES = new Cookies(1, 2, 30_000);
const SYN = writtenBy(tcpSyn, probeTo(ENDS.source, 443, 0, COOKIES));
const ECHO = writtenBy(icmpEcho, probeTo(ENDS.source, 0, 0, COOKIES));
const ROUTER = { source: 0x0a09_0909, target: ENDS.target };
const ERROR = icmpErrorFrame(ROUTER, 3, 1, SYN);

function isParsed(bytes: Uint8Array, isChecksumTrusted = false, etherType: number = ETHER_TYPE_IPV4): boolean {
  return new FrameView(COOKIES).parse(bytes, 0, bytes.length, etherType, isChecksumTrusted);
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const out = bytes.slice();
  out[at] = (out[at] ?? 0) ^ 1;
  return out;
}

describe("takes apart", () => {
  test("a TCP segment", () => {
    const view = parsedFrame(SYN_ACK, ETHER_TYPE_IPV4);
    expect([view?.kind, view?.family, view?.peerKey, view?.ttl]).toEqual(["tcp", 4, ENDS.source, 57]);
    expect([view?.tcp.sourcePort, view?.tcp.sequence, view?.mark]).toEqual([443, 9, 7]);
  });

  test("an ICMP reply", () => {
    const view = parsedFrame(ECHO_REPLY, ETHER_TYPE_IPV4);
    expect([view?.kind, view?.icmp.identifier, view?.icmp.sequence]).toEqual(["icmp", 1, 2]);
  });

  test("an ARP message", () => {
    const view = parsedFrame(arpReplyFrame(new Uint8Array(6), 5, new Uint8Array(6), 6), ETHER_TYPE_ARP);
    expect([view?.kind, view?.arp.senderAddress]).toEqual(["arp", 5]);
  });

  test("an ICMP error with the TCP segment that it quotes", () => {
    const view = parsedFrame(ERROR, ETHER_TYPE_IPV4);
    expect([view?.kind, view?.peerKey, view?.tcp.targetPort]).toEqual(["tcp-quote", ENDS.source, 443]);
    expect(view?.responder).toEqual({ family: 4, value: ROUTER.source });
  });

  test("an ICMP error with the ICMP query that it quotes", () => {
    const view = parsedFrame(icmpErrorFrame(ROUTER, 11, 0, ECHO), ETHER_TYPE_IPV4);
    const query = parsedFrame(ECHO, ETHER_TYPE_IPV4)?.icmp;
    expect(view?.kind).toBe("icmp-quote");
    expect(view?.quotedIcmp).toMatchObject({ type: 8, identifier: query?.identifier, sequence: query?.sequence });
  });

  test("UDP and SCTP, and the datagrams that errors quote of them", () => {
    const ports = { ...ENDS, sourcePort: 53, targetPort: 30_112 };
    const datagram = parsedFrame(udpFrame(ports), ETHER_TYPE_IPV4);
    expect([datagram?.kind, datagram?.udp.sourcePort, datagram?.udp.targetPort]).toEqual(["udp", 53, 30_112]);
    const packet = parsedFrame(sctpAbortFrame({ ...ports, verificationTag: 5 }, 0), ETHER_TYPE_IPV4);
    expect([packet?.kind, packet?.sctp.sourcePort, packet?.sctp.verificationTag]).toEqual(["sctp", 53, 5]);
    for (const [technique, kind] of [
      [udp, "udp-quote"],
      [sctpInit, "sctp-quote"],
      [ipProtocol, "other-quote"],
    ] as const) {
      const probe = writtenBy(technique, probeTo(ENDS.source, 99, 2, COOKIES));
      const view = parsedFrame(icmpErrorFrame(ROUTER, 3, 2, probe), ETHER_TYPE_IPV4);
      expect([view?.kind, view?.peerKey, view?.protocol]).toEqual([kind, ENDS.source, probe[9]]);
      expect(view?.quotedMark).toBe(readUint16(probe, 4));
    }
  });

  test("a UDP datagram that ends before its IP datagram does: the checksum covers no more than it", () => {
    const longer = new Uint8Array(34).fill(0xee);
    longer.set(udpFrame({ ...ENDS, sourcePort: 53, targetPort: 30_112 }));
    const frame = withIpHeader(longer, (bytes) => writeUint16(bytes, 2, longer.length));
    expect(parsedFrame(frame, ETHER_TYPE_IPV4)?.udp.payloadEnd).toBe(31);
  });

  test("any other protocol, without a look at what is in it", () => {
    const view = parsedFrame(emptyFrame(ENDS, 47), ETHER_TYPE_IPV4);
    expect([view?.kind, view?.protocol]).toEqual(["other", 47]);
  });

  test("a padded frame at any place of a buffer: the datagram ends where its header says", () => {
    const padded = new Uint8Array(80).fill(0xee);
    padded.set(SYN_ACK, 9);
    const view = new FrameView(COOKIES);
    expect(view.parse(padded, 9, 9 + 46, ETHER_TYPE_IPV4, false)).toBe(true);
    expect(view.tcp.payloadEnd).toBe(9 + 40);
  });
});

describe("throws away", () => {
  test("what is cut, at every length", () => {
    for (const whole of [SYN_ACK, ECHO_REPLY, ERROR]) {
      for (let length = 0; length < whole.length; length++) expect(isParsed(whole.slice(0, length))).toBe(false);
    }
  });

  test("what is cut even when the checksum is trusted", () => {
    expect(isParsed(SYN_ACK.slice(0, 39), true)).toBe(false);
  });

  test("a wrong checksum of IPv4, TCP or ICMP", () => {
    expect(isParsed(flipped(SYN_ACK, 8))).toBe(false);
    expect(isParsed(flipped(SYN_ACK, 25))).toBe(false);
    expect(isParsed(flipped(ECHO_REPLY, 25))).toBe(false);
    expect(isParsed(flipped(ERROR, 30))).toBe(false);
  });

  test("no wrong TCP checksum that is trusted, as that of a card which is still to fill it in", () => {
    expect(isParsed(flipped(SYN_ACK, 36), true)).toBe(true);
    expect(isParsed(flipped(ECHO_REPLY, 25), true)).toBe(false);
  });

  test("later fragments: their first bytes are no header", () => {
    const fragment = withIpHeader(SYN_ACK, (bytes) => writeUint16(bytes, 6, 1));
    expect(isParsed(fragment, true)).toBe(false);
  });

  test("quotes of fragments, and quotes that are too short", () => {
    const quoting = (change: (bytes: Uint8Array) => void): Uint8Array =>
      icmpErrorFrame(ROUTER, 3, 1, withIpHeader(SYN, change));
    expect(isParsed(quoting((bytes) => writeUint16(bytes, 6, 1)))).toBe(false);
    for (const protocol of [1, 6, 17, 132]) {
      const quote = quoting((bytes) => {
        bytes[9] = protocol;
      });
      expect(isParsed(quote)).toBe(true);
      expect(isParsed(icmpErrorFrame(ROUTER, 3, 1, quote.subarray(28), 7))).toBe(false);
    }
    expect(isParsed(icmpErrorFrame(ROUTER, 3, 1, SYN, 7))).toBe(false);
    expect(isParsed(icmpErrorFrame(ROUTER, 3, 1, ECHO, 7))).toBe(false);
  });

  test("what another protocol would have to be, and other EtherTypes", () => {
    const datagram = withIpHeader(SYN_ACK, (bytes) => {
      bytes[9] = 17;
    });
    expect(isParsed(datagram, true)).toBe(false);
    expect(isParsed(SYN_ACK, false, ETHER_TYPE_IPV6)).toBe(false);
    expect(isParsed(SYN_ACK, false, ETHER_TYPE_ARP)).toBe(false);
    expect(isParsed(new Uint8Array(0))).toBe(false);
  });
});

describe("over IPv6", () => {
  const HOST = Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7);
  const FAR = Uint8Array.of(0xfd, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9);
  const BACK = { source: HOST, target: OWN_IPV6 };
  const KEY = COOKIES.keyOf(HOST, 0);
  const PROBE = writtenBy(tcpSyn, probeTo(HOST, 443, 0, COOKIES));
  const parsed = (bytes: Uint8Array): FrameView | undefined => parsedFrame(bytes, ETHER_TYPE_IPV6, COOKIES);

  test("takes apart segments, datagrams, packets and replies", () => {
    const ports = { ...BACK, sourcePort: 443, targetPort: 30_000 };
    const frames = [
      tcpFrame({ ...ports, flags: TCP_SYN | TCP_ACK }),
      udpFrame(ports),
      sctpAbortFrame({ ...ports, verificationTag: 5 }, 0),
      echoReplyFrame({ ...BACK, identifier: 1, sequence: 2 }),
      emptyFrame(BACK, 47),
    ];
    const views = frames.map(parsed);
    expect(views.map((view) => view?.kind)).toEqual(["tcp", "udp", "sctp", "icmp", "other"]);
    for (const view of views) expect([view?.family, view?.peerKey, view?.ttl]).toEqual([6, KEY, 57]);
    for (const frame of frames.slice(0, 4)) {
      for (let length = 0; length < frame.length; length++) expect(parsed(frame.slice(0, length))).toBeUndefined();
      // SCTP's checksum alone has no pseudo header, and so says nothing about the addresses (RFC 9260 §6.8).
      for (const at of frame[6] === 132 ? [41] : [9, 25, 41]) expect(parsed(flipped(frame, at))).toBeUndefined();
    }
  });

  test("an error's peer is the host that was probed, and who sent it is told apart from that", () => {
    const byRouter = parsed(icmpErrorFrame({ source: FAR, target: OWN_IPV6 }, 1, 1, PROBE));
    expect([byRouter?.kind, byRouter?.peerKey, byRouter?.tcp.targetPort]).toEqual(["tcp-quote", KEY, 443]);
    expect(byRouter?.responder).toEqual({ family: 6, bytes: FAR });
    expect(byRouter?.isPeer({ family: 6, bytes: HOST })).toBe(true);
    expect(byRouter?.isPeer({ family: 6, bytes: FAR })).toBe(false);
    expect(byRouter?.isPeer({ family: 4, value: KEY })).toBe(false);
    const byHost = parsed(icmpErrorFrame(BACK, 1, 4, PROBE));
    expect(byHost?.responder).toBeUndefined();
  });

  test("the same sender of many errors is the same object, another sender another one", () => {
    const view = new FrameView(COOKIES);
    const from = (source: Uint8Array): unknown => {
      const frame = icmpErrorFrame({ source, target: OWN_IPV6 }, 1, 1, PROBE);
      view.parse(frame, 0, frame.length, ETHER_TYPE_IPV6, false);
      return view.responder;
    };
    const first = from(FAR);
    expect(from(FAR)).toBe(first);
    expect(from(OWN_IPV6)).toEqual({ family: 6, bytes: OWN_IPV6 });
    expect(first).toEqual({ family: 6, bytes: FAR });
  });

  test("quotes behind an extension header are found, later fragments are not taken", () => {
    const extended = new Uint8Array(PROBE.length + 8);
    extended.set(PROBE.subarray(0, 40));
    extended.set([6, 0, 0, 0, 0, 0, 0, 0], 40);
    extended.set(PROBE.subarray(40), 48);
    const quoting = (next: number, offset: number): FrameView | undefined => {
      extended[6] = next;
      writeUint16(extended, 42, offset);
      writeUint16(extended, 4, extended.length - 40);
      return parsed(icmpErrorFrame({ source: FAR, target: OWN_IPV6 }, 3, 0, extended, 16));
    };
    expect([quoting(60, 0)?.kind, quoting(60, 0)?.tcp.targetPort]).toEqual(["tcp-quote", 443]);
    expect(quoting(44, 8)).toBeUndefined();
  });

  test("an advertisement's peer is the address that it is about; a router cannot have passed it on", () => {
    const frame = advertisementFrame(BACK, FAR, Uint8Array.of(2, 0, 0, 0, 0, 9));
    const view = parsed(frame);
    expect([view?.kind, view?.peerKey]).toEqual(["neighbour", COOKIES.keyOf(FAR, 0)]);
    expect(view?.isPeer({ family: 6, bytes: FAR })).toBe(true);
    frame[7] = 254;
    expect(parsed(frame)).toBeUndefined();
  });

  test("there is no datagram without a checksum (RFC 8200 §8.1)", () => {
    const frame = udpFrame({ ...BACK, sourcePort: 53, targetPort: 30_112 });
    writeUint16(frame, 46, 0);
    expect(parsed(frame)).toBeUndefined();
  });
});
