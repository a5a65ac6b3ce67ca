import { expect, test } from "vitest";
import { ETHER_TYPE_IPV4 } from "../packet/ethernet.js";
import { createIpv4View, readIpv4 } from "../packet/ipv4.js";
import { TCP_ACK, TCP_ECE, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from "../packet/tcp.js";
import { Cookies } from "./cookies.js";
import { icmpErrorFrame, parsedFrame, probeTo, tcpFrame, writtenBy } from "./frames.test.data.js";
import { tcpSyn } from "./tcp-syn.js";
import { createAnswer } from "./technique.js";

const COOKIES = new Cookies(11, 22, 30_000);
const HOST = 0x0a00_0007;
const OWN = 0x0a00_0001;
const ROUTER = 0x0a09_0909;
const PROBE = writtenBy(tcpSyn, probeTo(HOST, 443, 2, COOKIES));
const SEGMENT = parsedFrame(PROBE, ETHER_TYPE_IPV4)?.tcp ?? { sourcePort: 0, sequence: 0 };
const BACK = { source: HOST, target: OWN, sourcePort: 443, targetPort: SEGMENT.sourcePort };
const ACKNOWLEDGMENT = (SEGMENT.sequence + 1) >>> 0;

/** "open syn-ack", or "nothing". */
function read(frame: Uint8Array): string {
  const answer = createAnswer();
  const view = parsedFrame(frame, ETHER_TYPE_IPV4);
  if (view === undefined || !tcpSyn.read(view, COOKIES, answer)) return "nothing";
  return `${answer.outcome} ${answer.reason}`;
}

test("writes a SYN as Linux would send it: TTL 64, don't fragment, a maximum segment size, nothing else", () => {
  const frame = parsedFrame(PROBE, ETHER_TYPE_IPV4);
  expect(PROBE.length).toBe(44);
  const ip = createIpv4View();
  readIpv4(PROBE, 0, PROBE.length, ip);
  expect(ip).toMatchObject({ source: OWN, target: HOST, ttl: 64, flags: 2, identification: 0, totalBytes: 44 });
  expect(frame?.tcp).toMatchObject({ targetPort: 443, sourcePort: 30_002, flags: TCP_SYN, acknowledgment: 0 });
  expect([...PROBE.subarray(40)]).toEqual([2, 4, 1460 >> 8, 1460 & 0xff]);
});

test.each([
  ["SYN-ACK", TCP_SYN | TCP_ACK, "open syn-ack"],
  ["SYN-ACK with ECE (RFC 3168)", TCP_SYN | TCP_ACK | TCP_ECE, "open syn-ack"],
  ["RST-ACK", TCP_RST | TCP_ACK, "closed reset"],
  ["RST alone", TCP_RST, "nothing"],
  ["ACK alone", TCP_ACK, "nothing"],
  ["SYN alone", TCP_SYN, "nothing"],
  ["data", TCP_ACK | TCP_PSH, "nothing"],
  ["FIN-ACK", TCP_ACK | TCP_FIN, "nothing"],
])("%s that acknowledges the probe is %s", (_name, flags, expected) => {
  expect(read(tcpFrame({ ...BACK, flags, acknowledgment: ACKNOWLEDGMENT }))).toBe(expected);
});

test.each([-2, 2, 2 ** 31])("an acknowledgment that is %i beside the right one proves nothing", (offset) => {
  const acknowledgment = (ACKNOWLEDGMENT + offset) >>> 0;
  expect(read(tcpFrame({ ...BACK, flags: TCP_SYN | TCP_ACK, acknowledgment }))).toBe("nothing");
});

test("a SYN counts for one, so an answer acknowledges the cookie and one more, and nothing else", () => {
  for (const offset of [-1, 0, 1]) {
    const acknowledgment = (ACKNOWLEDGMENT + offset) >>> 0;
    const answer = read(tcpFrame({ ...BACK, flags: TCP_SYN | TCP_ACK, acknowledgment }));
    expect(answer).toBe(offset === 0 ? "open syn-ack" : "nothing");
  }
});

test("a segment with both RST and SYN resets", () => {
  const flags = TCP_RST | TCP_SYN | TCP_ACK;
  expect(read(tcpFrame({ ...BACK, flags, acknowledgment: ACKNOWLEDGMENT }))).toBe("closed reset");
});

test("flags that the user chose are written instead of SYN, with the option and the second cookie that they call for", () => {
  const written = (flags: number): Uint8Array => writtenBy(tcpSyn, { ...probeTo(HOST, 443, 2, COOKIES), flags });
  const synFin = parsedFrame(written(TCP_SYN | TCP_FIN), ETHER_TYPE_IPV4)?.tcp;
  expect(synFin).toMatchObject({ flags: TCP_SYN | TCP_FIN, acknowledgment: 0, headerBytes: 24 });
  const none = parsedFrame(written(0), ETHER_TYPE_IPV4)?.tcp;
  expect(none).toMatchObject({ flags: 0, acknowledgment: 0, headerBytes: 20 });
  const ack = parsedFrame(written(TCP_ACK), ETHER_TYPE_IPV4)?.tcp;
  expect(ack).toMatchObject({ flags: TCP_ACK, acknowledgment: SEGMENT.sequence, sequence: SEGMENT.sequence });
});

test("a probe that traces the way carries its time to live as mark, any other none", () => {
  const probe = { ...probeTo(HOST, 443, 2, COOKIES), ttl: 5 };
  expect(parsedFrame(writtenBy(tcpSyn, probe), ETHER_TYPE_IPV4)).toMatchObject({ ttl: 5, mark: 5 });
  expect(parsedFrame(PROBE, ETHER_TYPE_IPV4)).toMatchObject({ ttl: 64, mark: 0 });
});

test("an answer to another of our ports, or from another port, proves nothing", () => {
  const segment = { ...BACK, flags: TCP_SYN | TCP_ACK, acknowledgment: ACKNOWLEDGMENT };
  expect(read(tcpFrame({ ...segment, targetPort: 30_003 }))).toBe("nothing");
  expect(read(tcpFrame({ ...segment, targetPort: 30_016 }))).toBe("nothing");
  expect(read(tcpFrame({ ...segment, sourcePort: 444 }))).toBe("nothing");
});

test("the sequence number wraps: a cookie of 2^32 - 1 is acknowledged by 0", () => {
  // The port whose cookie is that high is not to be found in a test; a cookie class that says so is.
  class Highest extends Cookies {
    override of(): number {
      return -1;
    }
  }
  const highest = new Highest(0, 0, 30_000);
  const probe = parsedFrame(writtenBy(tcpSyn, probeTo(HOST, 443, 2, highest)), ETHER_TYPE_IPV4);
  expect(probe?.tcp.sequence).toBe(0xffff_ffff);
  const reply = parsedFrame(tcpFrame({ ...BACK, flags: TCP_SYN | TCP_ACK, acknowledgment: 0 }), ETHER_TYPE_IPV4);
  expect(reply !== undefined && tcpSyn.read(reply, highest, createAnswer())).toBe(true);
});

test("an ICMP error that quotes the probe says who sent it, and names the probed port and try", () => {
  const answer = createAnswer();
  const byRouter = parsedFrame(icmpErrorFrame({ source: ROUTER, target: OWN, ttl: 61 }, 3, 13, PROBE), ETHER_TYPE_IPV4);
  expect(byRouter !== undefined && tcpSyn.read(byRouter, COOKIES, answer)).toBe(true);
  expect(answer).toMatchObject({
    outcome: "filtered",
    reason: "admin-prohibited",
    key: HOST,
    port: 443,
    tryIndex: 2,
    responder: { family: 4, value: ROUTER },
    ttl: 61,
  });
  const byHost = parsedFrame(icmpErrorFrame({ source: HOST, target: OWN }, 3, 3, PROBE, 24), ETHER_TYPE_IPV4);
  expect(byHost !== undefined && tcpSyn.read(byHost, COOKIES, answer)).toBe(true);
  expect(answer).toMatchObject({ reason: "port-unreach", responder: undefined });
});

test("a redirect or a source quench about the probe decides nothing", () => {
  expect(read(icmpErrorFrame({ source: ROUTER, target: OWN }, 5, 1, PROBE))).toBe("nothing");
  expect(read(icmpErrorFrame({ source: ROUTER, target: OWN }, 4, 0, PROBE))).toBe("nothing");
});

test("an ICMP error whose quote was changed on the way proves nothing, a lower TTL apart", () => {
  const changed = (at: number): Uint8Array => {
    const quoted = PROBE.slice();
    quoted[at] = (quoted[at] ?? 0) ^ 1;
    return icmpErrorFrame({ source: ROUTER, target: OWN }, 3, 1, quoted);
  };
  const header = { ttl: 8, target: 19, sourcePort: 21, targetPort: 23, sequence: 27 };
  expect(read(changed(header.ttl))).toBe("filtered host-unreach");
  for (const at of [header.target, header.sourcePort, header.targetPort, header.sequence]) {
    expect(read(changed(at))).toBe("nothing");
  }
});

test("a host behind NAT that answers from another address is not taken for the probed one", () => {
  const segment = { ...BACK, source: HOST + 1, flags: TCP_SYN | TCP_ACK, acknowledgment: ACKNOWLEDGMENT };
  expect(read(tcpFrame(segment))).toBe("nothing");
});
