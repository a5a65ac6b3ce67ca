import { describe, expect, test } from "vitest";
import { writeUint16 } from "../packet/bytes.js";
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import { TCP_ACK, TCP_SYN } from "../packet/tcp.js";
import { Cookies } from "./cookies.js";
import { FrameView } from "./frame-view.js";
import {
  arpReplyFrame,
  echoReplyFrame,
  icmpErrorFrame,
  parsedFrame,
  probeTo,
  tcpFrame,
  withIpHeader,
  writtenBy,
} from "./frames.test.data.js";
import { icmpEcho } from "./icmp-echo.js";
import { tcpSyn } from "./tcp-syn.js";

const ENDS = { source: 0x0a00_0007, target: 0x0a00_0001 };
const SYN_ACK = tcpFrame({ ...ENDS, sourcePort: 443, targetPort: 30_000, flags: TCP_SYN | TCP_ACK, sequence: 9 });
const ECHO_REPLY = echoReplyFrame({ ...ENDS, identifier: 1, sequence: 2 });
const COOKIES = new Cookies(1, 2, 30_000);
const SYN = writtenBy(tcpSyn, probeTo(ENDS.source, 443, 0, COOKIES));
const ECHO = writtenBy(icmpEcho, probeTo(ENDS.source, 0, 0, COOKIES));
const ROUTER = { source: 0x0a09_0909, target: ENDS.target };
const ERROR = icmpErrorFrame(ROUTER, 3, 1, SYN);

function isParsed(bytes: Uint8Array, isChecksumTrusted = false, etherType: number = ETHER_TYPE_IPV4): boolean {
  return new FrameView().parse(bytes, 0, bytes.length, etherType, isChecksumTrusted);
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const out = bytes.slice();
  out[at] = (out[at] ?? 0) ^ 1;
  return out;
}

describe("takes apart", () => {
  test("a TCP segment", () => {
    const view = parsedFrame(SYN_ACK, ETHER_TYPE_IPV4);
    expect([view?.kind, view?.ip.source, view?.tcp.sourcePort, view?.tcp.sequence]).toEqual([
      "tcp",
      ENDS.source,
      443,
      9,
    ]);
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
    expect([view?.kind, view?.ip.source, view?.quotedIp.target, view?.quotedTcp.targetPort]).toEqual([
      "tcp-quote",
      ROUTER.source,
      ENDS.source,
      443,
    ]);
  });

  test("an ICMP error with the ICMP query that it quotes", () => {
    const view = parsedFrame(icmpErrorFrame(ROUTER, 11, 0, ECHO), ETHER_TYPE_IPV4);
    const query = parsedFrame(ECHO, ETHER_TYPE_IPV4)?.icmp;
    expect(view?.kind).toBe("icmp-quote");
    expect(view?.quotedIcmp).toMatchObject({ type: 8, identifier: query?.identifier, sequence: query?.sequence });
  });

  test("a padded frame at any place of a buffer: the datagram ends where its header says", () => {
    const padded = new Uint8Array(80).fill(0xee);
    padded.set(SYN_ACK, 9);
    const view = new FrameView();
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

  test("quotes of fragments, of other protocols, and quotes that are too short", () => {
    const quoting = (change: (bytes: Uint8Array) => void): Uint8Array =>
      icmpErrorFrame(ROUTER, 3, 1, withIpHeader(SYN, change));
    expect(isParsed(quoting((bytes) => writeUint16(bytes, 6, 1)))).toBe(false);
    expect(
      isParsed(
        quoting((bytes) => {
          bytes[9] = 17;
        }),
      ),
    ).toBe(false);
    expect(isParsed(icmpErrorFrame(ROUTER, 3, 1, SYN, 7))).toBe(false);
    expect(isParsed(icmpErrorFrame(ROUTER, 3, 1, ECHO, 7))).toBe(false);
  });

  test("other protocols and other EtherTypes", () => {
    const udp = withIpHeader(SYN_ACK, (bytes) => {
      bytes[9] = 17;
    });
    expect(isParsed(udp, true)).toBe(false);
    expect(isParsed(SYN_ACK, false, ETHER_TYPE_IPV6)).toBe(false);
    expect(isParsed(SYN_ACK, false, ETHER_TYPE_ARP)).toBe(false);
    expect(isParsed(new Uint8Array(0))).toBe(false);
  });
});
