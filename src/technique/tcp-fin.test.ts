import { expect, test } from "vitest";
import { ETHER_TYPE_IPV4 } from "../packet/ethernet.js";
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from "../packet/tcp.js";
import { Cookies } from "./cookies.js";
import { icmpErrorFrame, OWN, parsedFrame, probeTo, tcpFrame, writtenBy } from "./frames.test.data.js";
import { readAnswer } from "./read-answer.test.data.js";
import { tcpFin } from "./tcp-fin.js";

const COOKIES = new Cookies(11, 22, 30_000);
const HOST = 0x0a00_0007;
const PROBE = writtenBy(tcpFin, probeTo(HOST, 80, 1, COOKIES));
const SEGMENT = parsedFrame(PROBE, ETHER_TYPE_IPV4)?.tcp ?? { sourcePort: 0, sequence: 0, acknowledgment: 0 };
const BACK = { source: HOST, target: OWN, sourcePort: 80, targetPort: SEGMENT.sourcePort };
const read = (frame: Uint8Array): string => readAnswer(tcpFin, COOKIES, frame);

test("writes FIN in 40 bytes", () => {
  expect(PROBE.length).toBe(40);
  expect(SEGMENT).toMatchObject({ flags: TCP_FIN });
});

test("a RST means closed, whatever its window", () => {
  for (const window of [0, 1024]) {
    const reset = { ...BACK, flags: TCP_RST | TCP_ACK, acknowledgment: (SEGMENT.sequence + 1) >>> 0, window };
    expect(read(tcpFrame(reset))).toBe("closed reset 80 try 1");
  }
});

test("what an open port might say to it is no answer: silence means open or filtered", () => {
  const proof = { ...BACK, acknowledgment: SEGMENT.sequence };
  for (const flags of [TCP_SYN | TCP_ACK, TCP_ACK]) expect(read(tcpFrame({ ...proof, flags }))).toBe("nothing");
  expect(tcpFin.silence).toBe("open|filtered");
});

test("each kind of ICMP unreachable means filtered", () => {
  for (const code of [0, 1, 2, 3, 9, 10, 13]) {
    expect(read(icmpErrorFrame({ source: HOST, target: OWN }, 3, code, PROBE))).toMatch(/^filtered .* 80 try 1$/);
  }
});
