import { describe, expect, test } from "vitest";
import { readUint32 } from "../packet/bytes.js";
import { ETHER_TYPE_IPV4 } from "../packet/ethernet.js";
import { SCTP_INIT, SCTP_TAG_REFLECTED } from "../packet/sctp.js";
import { Cookies } from "./cookies.js";
import {
  icmpErrorFrame,
  OWN,
  OWN_IPV6,
  parsedFrame,
  probeTo,
  sctpAbortFrame,
  sctpInitAckFrame,
  writtenBy,
} from "./frames.test.data.js";
import { readAnswer } from "./read-answer.test.data.js";
import { sctpInit } from "./sctp-init.js";

const COOKIES = new Cookies(11, 22, 30_000);
const HOST = 0x0a00_0007;
const HOST_IPV6 = Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7);
const PROBE = writtenBy(sctpInit, probeTo(HOST, 9899, 1, COOKIES));
const TAG = readUint32(PROBE, 36);
const BACK = { source: HOST, target: OWN, sourcePort: 9899, targetPort: 30_129, verificationTag: TAG };
const read = (frame: Uint8Array): string => readAnswer(sctpInit, COOKIES, frame);

test("writes an INIT whose initiate tag is the cookie, in a packet whose own tag is 0", () => {
  const frame = parsedFrame(PROBE, ETHER_TYPE_IPV4);
  expect(PROBE.length).toBe(52);
  expect(frame?.sctp).toMatchObject({
    sourcePort: 30_129,
    targetPort: 9899,
    verificationTag: 0,
    chunkType: SCTP_INIT,
    initiateTag: TAG,
  });
  expect(TAG).not.toBe(0);
  expect(frame?.mark).not.toBe(0);
});

test("INIT ACK means open, ABORT closed, when they bring the tag", () => {
  expect(read(sctpInitAckFrame(BACK))).toBe("open init-ack 9899 try 1");
  expect(read(sctpAbortFrame(BACK, 0))).toBe("closed abort 9899 try 1");
});

test("over IPv6 as over IPv4", () => {
  const probe = writtenBy(sctpInit, probeTo(HOST_IPV6, 9899, 1, COOKIES));
  const back = { ...BACK, source: HOST_IPV6, target: OWN_IPV6, verificationTag: readUint32(probe, 56) };
  expect(read(sctpInitAckFrame(back))).toBe("open init-ack 9899 try 1");
  expect(read(sctpAbortFrame(back, 0))).toBe("closed abort 9899 try 1");
  expect(read(sctpAbortFrame({ ...back, verificationTag: TAG }, 0))).toBe("nothing");
});

test("another tag proves nothing, and neither does a reflected one: an INIT's is 0", () => {
  for (const verificationTag of [TAG ^ 1, 0]) {
    expect(read(sctpInitAckFrame({ ...BACK, verificationTag }))).toBe("nothing");
    expect(read(sctpAbortFrame({ ...BACK, verificationTag }, SCTP_TAG_REFLECTED))).toBe("nothing");
  }
});

test("the tag of one port or try proves nothing for another", () => {
  expect(read(sctpInitAckFrame({ ...BACK, sourcePort: 9900 }))).toBe("nothing");
  expect(read(sctpInitAckFrame({ ...BACK, targetPort: 30_130 }))).toBe("nothing");
});

describe("an ICMP error", () => {
  const error = (quoted: Uint8Array, quotedBytes: number): string =>
    read(icmpErrorFrame({ source: 0x0a09_0909, target: OWN }, 3, 2, quoted, quotedBytes));
  const changed = (at: number): Uint8Array => {
    const quoted = PROBE.slice();
    quoted[at] = (quoted[at] ?? 0) ^ 1;
    return quoted;
  };

  test("that quotes 8 bytes is proven by the mark", () => {
    expect(error(PROBE, 8)).toBe("filtered proto-unreach 9899 try 1 by 10.9.9.9");
    expect(error(changed(5), 8)).toBe("nothing");
  });

  test("that quotes the whole INIT is proven by its tag, even where the mark was changed on the way", () => {
    expect(error(PROBE, 32)).toBe("filtered proto-unreach 9899 try 1 by 10.9.9.9");
    expect(error(changed(5), 32)).toBe("filtered proto-unreach 9899 try 1 by 10.9.9.9");
    expect(error(changed(39), 32)).toBe("nothing");
  });

  test("that quotes other ports is none of ours", () => {
    for (const at of [21, 23]) expect(error(changed(at), 8)).toBe("nothing");
  });
});
