import { expect, test } from "vitest";
import { ETHER_TYPE_IPV4 } from "../packet/ethernet.js";
import { TCP_ACK, TCP_RST, TCP_SYN } from "../packet/tcp.js";
import { Cookies } from "./cookies.js";
import { icmpErrorFrame, parsedFrame, probeTo, tcpFrame, writtenBy } from "./frames.test.data.js";
import { tcpAck } from "./tcp-ack.js";
import { createAnswer } from "./technique.js";

const COOKIES = new Cookies(11, 22, 30_000);
const HOST = 0x0a00_0007;
const OWN = 0x0a00_0001;
const PROBE = writtenBy(tcpAck, probeTo(HOST, 80, 1, COOKIES));
const SEGMENT = parsedFrame(PROBE, ETHER_TYPE_IPV4)?.tcp ?? { sourcePort: 0, sequence: 0, acknowledgment: 0 };
const BACK = { source: HOST, target: OWN, sourcePort: 80, targetPort: SEGMENT.sourcePort };

function read(frame: Uint8Array): string {
  const answer = createAnswer();
  const view = parsedFrame(frame, ETHER_TYPE_IPV4);
  if (view === undefined || !tcpAck.read(view, COOKIES, answer)) return "nothing";
  return `${answer.outcome} ${answer.reason} ${answer.port} ${answer.tryIndex}`;
}

test("writes a bare ACK with the cookie in both numbers", () => {
  const frame = parsedFrame(PROBE, ETHER_TYPE_IPV4);
  expect(PROBE.length).toBe(40);
  expect(frame?.tcp).toMatchObject({ sourcePort: 30_017, targetPort: 80, flags: TCP_ACK });
  expect(frame?.tcp.sequence).toBe(frame?.tcp.acknowledgment);
});

test("a RST takes its sequence number from our acknowledgment (RFC 9293 §3.10.7.1), and shows the port unfiltered", () => {
  expect(read(tcpFrame({ ...BACK, flags: TCP_RST, sequence: SEGMENT.acknowledgment }))).toBe("unfiltered reset 80 1");
  expect(read(tcpFrame({ ...BACK, flags: TCP_RST | TCP_ACK, sequence: SEGMENT.acknowledgment }))).toBe(
    "unfiltered reset 80 1",
  );
});

test("a RST with any other number, and a SYN-ACK, prove nothing", () => {
  const sequence = (SEGMENT.acknowledgment + 1) >>> 0;
  expect(read(tcpFrame({ ...BACK, flags: TCP_RST, sequence }))).toBe("nothing");
  expect(read(tcpFrame({ ...BACK, flags: TCP_RST, acknowledgment: SEGMENT.sequence }))).toBe("nothing");
  expect(read(tcpFrame({ ...BACK, flags: TCP_SYN | TCP_ACK, sequence: SEGMENT.acknowledgment }))).toBe("nothing");
});

test("an ICMP error about it means filtered", () => {
  expect(read(icmpErrorFrame({ source: 1, target: OWN }, 3, 10, PROBE))).toBe("filtered host-prohibited 80 1");
  expect(read(icmpErrorFrame({ source: 1, target: OWN }, 11, 0, PROBE))).toBe("filtered time-exceeded 80 1");
});
