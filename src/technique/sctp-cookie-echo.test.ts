import { expect, test } from "vitest";
import { readUint32 } from "../packet/bytes.js";
import { ETHER_TYPE_IPV4 } from "../packet/ethernet.js";
import { SCTP_COOKIE_ECHO, SCTP_TAG_REFLECTED } from "../packet/sctp.js";
import { Cookies } from "./cookies.js";
import {
  icmpErrorFrame,
  OWN,
  parsedFrame,
  probeTo,
  sctpAbortFrame,
  sctpInitAckFrame,
  writtenBy,
} from "./frames.test.data.js";
import { readAnswer } from "./read-answer.test.data.js";
import { sctpCookieEcho } from "./sctp-cookie-echo.js";

const COOKIES = new Cookies(11, 22, 30_000);
const HOST = 0x0a00_0007;
const PROBE = writtenBy(sctpCookieEcho, probeTo(HOST, 9899, 1, COOKIES));
const TAG = readUint32(PROBE, 24);
const BACK = { source: HOST, target: OWN, sourcePort: 9899, targetPort: 30_145, verificationTag: TAG };
const read = (frame: Uint8Array): string => readAnswer(sctpCookieEcho, COOKIES, frame);

test("writes a COOKIE ECHO whose verification tag is the cookie", () => {
  const frame = parsedFrame(PROBE, ETHER_TYPE_IPV4);
  expect(PROBE.length).toBe(40);
  expect(frame?.sctp).toMatchObject({ sourcePort: 30_145, targetPort: 9899, verificationTag: TAG });
  expect(frame?.sctp.chunkType).toBe(SCTP_COOKIE_ECHO);
  expect(TAG).not.toBe(0);
});

test("an ABORT that reflects the tag means closed (RFC 9260 §8.4, §8.5.1), whether or not it says so", () => {
  expect(read(sctpAbortFrame(BACK, SCTP_TAG_REFLECTED))).toBe("closed abort 9899 try 1");
  expect(read(sctpAbortFrame(BACK, 0))).toBe("closed abort 9899 try 1");
});

test("an ABORT with another tag, and an INIT ACK, prove nothing", () => {
  for (const verificationTag of [TAG ^ 1, 0]) {
    expect(read(sctpAbortFrame({ ...BACK, verificationTag }, SCTP_TAG_REFLECTED))).toBe("nothing");
  }
  expect(read(sctpInitAckFrame(BACK))).toBe("nothing");
});

test("an open port drops the cookie, so silence is open or filtered", () => {
  expect(sctpCookieEcho.silence).toBe("open|filtered");
});

test("an ICMP error is proven by the tag, which every error quotes; the mark alone does not do", () => {
  const error = (quoted: Uint8Array): string => read(icmpErrorFrame({ source: HOST, target: OWN }, 3, 2, quoted));
  expect(error(PROBE)).toBe("filtered proto-unreach 9899 try 1");
  const withoutTag = PROBE.slice();
  withoutTag.fill(0, 24, 28);
  expect(error(withoutTag)).toBe("nothing");
  const withoutMark = PROBE.slice();
  withoutMark.fill(0, 4, 6);
  expect(error(withoutMark)).toBe("filtered proto-unreach 9899 try 1");
});
