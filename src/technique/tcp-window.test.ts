import { expect, test } from "vitest";
import { ETHER_TYPE_IPV4 } from "../packet/ethernet.js";
import { TCP_ACK, TCP_RST, TCP_SYN } from "../packet/tcp.js";
import { Cookies } from "./cookies.js";
import { icmpErrorFrame, OWN, parsedFrame, probeTo, tcpFrame, writtenBy } from "./frames.test.data.js";
import { readAnswer } from "./read-answer.test.data.js";
import { tcpWindow } from "./tcp-window.js";

const COOKIES = new Cookies(11, 22, 30_000);
const HOST = 0x0a00_0007;
const PROBE = writtenBy(tcpWindow, probeTo(HOST, 80, 1, COOKIES));
const SEGMENT = parsedFrame(PROBE, ETHER_TYPE_IPV4)?.tcp ?? { sourcePort: 0, sequence: 0, acknowledgment: 0 };
const BACK = { source: HOST, target: OWN, sourcePort: 80, targetPort: SEGMENT.sourcePort };
const read = (frame: Uint8Array): string => readAnswer(tcpWindow, COOKIES, frame);

test("writes ACK in 40 bytes", () => {
  expect(PROBE.length).toBe(40);
  expect(SEGMENT).toMatchObject({ flags: TCP_ACK });
});

test.each([
  [0, "closed reset 80 try 1"],
  [1, "open reset 80 try 1"],
  [65_535, "open reset 80 try 1"],
])("a RST with a window of %i means %s", (window, expected) => {
  expect(read(tcpFrame({ ...BACK, flags: TCP_RST, sequence: SEGMENT.acknowledgment, window }))).toBe(expected);
});

test("a window in anything but a RST says nothing, and neither does silence", () => {
  const proof = { ...BACK, acknowledgment: SEGMENT.sequence, window: 1024 };
  for (const flags of [TCP_SYN | TCP_ACK, TCP_ACK]) expect(read(tcpFrame({ ...proof, flags }))).toBe("nothing");
  expect(tcpWindow.silence).toBe("filtered");
});

test("each kind of ICMP unreachable means filtered", () => {
  for (const code of [0, 1, 2, 3, 9, 10, 13]) {
    expect(read(icmpErrorFrame({ source: HOST, target: OWN }, 3, code, PROBE))).toMatch(/^filtered .* 80 try 1$/);
  }
});
