import fc from "fast-check";
import { expect, test } from "vitest";
import { readUint16, writeUint8, writeUint16 } from "./bytes.js";
import { PARAMETER_PROBLEM6_FRAME, SCTP_COOKIE_ECHO_FRAME, SCTP_INIT_FRAME } from "./captures-ipv6.test.data.js";
import { READ_OK, ReadFault } from "./read-fault.js";
import {
  createSctpView,
  readSctp,
  readSctpQuote,
  SCTP_ABORT,
  SCTP_COOKIE_ACK,
  SCTP_COOKIE_ECHO,
  SCTP_ERROR,
  SCTP_INIT,
  SCTP_INIT_ACK,
  SCTP_INIT_PACKET_BYTES,
  SCTP_TAG_REFLECTED,
  type SctpView,
  writeSctpAbort,
  writeSctpChecksum,
  writeSctpCookieEcho,
  writeSctpInit,
  writeSctpInitAck,
} from "./sctp.js";
import { expectBounded, expectFaultAtEveryCut, unwritten } from "./watch-reads.test.data.js";

/** Behind Ethernet and a plain IPv4 header. */
const AT = 34;
const COOKIE = Uint8Array.of(1, 2, 3, 4, 5);

function readChecked(bytes: Uint8Array, at = 0, end: number = bytes.length): SctpView {
  const view = createSctpView();
  expect(readSctp(bytes, at, end, false, view)).toBe(READ_OK);
  return view;
}

/** Runs a writer from byte 1 on, checks that it kept to the bytes that it says, and returns those. */
function written(write: (out: Uint8Array, at: number) => number): Uint8Array {
  const out = unwritten(128);
  const bytes = write(out, 1);
  expect(out[0]).toBe(0xa5);
  expect([...out.subarray(1 + bytes)].every((byte) => byte === 0xa5)).toBe(true);
  return out.slice(1, 1 + bytes);
}

test("reads a captured INIT, whose checksum is good", () => {
  expect(readChecked(SCTP_INIT_FRAME, AT)).toEqual({
    sourcePort: 58112,
    targetPort: 7,
    verificationTag: 0,
    chunkType: SCTP_INIT,
    chunkFlags: 0,
    chunkAt: 46,
    chunkEnd: 66,
    initiateTag: 1347509811,
  });
});

test("reads a captured COOKIE ECHO, and writes it again", () => {
  const view = readChecked(SCTP_COOKIE_ECHO_FRAME, AT);
  expect(view).toMatchObject({
    chunkType: SCTP_COOKIE_ECHO,
    verificationTag: 0x41821d80,
    chunkEnd: 54,
    initiateTag: 0,
  });
  const cookie = SCTP_COOKIE_ECHO_FRAME.slice(view.chunkAt + 4, view.chunkEnd);
  const again = written((out, at) => writeSctpCookieEcho(view, cookie, out, at));
  expect(again).toEqual(SCTP_COOKIE_ECHO_FRAME.slice(AT));
});

test("the captured checksum is found again", () => {
  const packet = SCTP_INIT_FRAME.slice(AT);
  packet.fill(0xa5, 8, 12);
  writeSctpChecksum(packet, 0, packet.length);
  expect(packet).toEqual(SCTP_INIT_FRAME.slice(AT));
});

test("a flipped bit anywhere is noticed, unless the checksum is trusted", () => {
  for (let bit = 0; bit < 32 * 8; bit += 1) {
    const bytes = SCTP_INIT_FRAME.slice(AT);
    writeUint8(bytes, bit >> 3, (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
    expect(readSctp(bytes, 0, bytes.length, false, createSctpView())).not.toBe(READ_OK);
    const isLengthChanged = bit >> 4 === 7;
    if (!isLengthChanged) expect(readSctp(bytes, 0, bytes.length, true, createSctpView())).toBe(READ_OK);
  }
});

test("an INIT offers a window and one stream each way", () => {
  const fields = { sourcePort: 1, targetPort: 2, initiateTag: 0x80000001, initialSequence: 0xfffffffe };
  const init = written((out, at) => writeSctpInit(fields, out, at));
  expect(init.length).toBe(SCTP_INIT_PACKET_BYTES);
  const chunk = "01000014" + "80000001" + "00010000" + "00010001" + "fffffffe";
  expect(Buffer.from(init.subarray(12)).toString("hex")).toBe(chunk);
});

test("an INIT ACK brings its cookie, padded with zeros", () => {
  const fields = { sourcePort: 1, targetPort: 2, verificationTag: 3, initiateTag: 4, initialSequence: 5 };
  const answer = written((out, at) => writeSctpInitAck(fields, COOKIE, out, at));
  expect(answer.length).toBe(12 + 20 + 4 + 8);
  expect(Buffer.from(answer.subarray(32)).toString("hex")).toBe("00070009" + "0102030405" + "000000");
  const view = readChecked(answer);
  expect(view).toMatchObject({ chunkType: SCTP_INIT_ACK, verificationTag: 3, initiateTag: 4, chunkEnd: 41 });
});

test("an ABORT says whose tag it has", () => {
  const fields = { sourcePort: 7, targetPort: 58112, verificationTag: 0xffffffff };
  for (const flags of [0, SCTP_TAG_REFLECTED]) {
    const view = readChecked(written((out, at) => writeSctpAbort(fields, flags, out, at)));
    expect(view).toEqual({
      ...fields,
      chunkType: SCTP_ABORT,
      chunkFlags: flags,
      chunkAt: 12,
      chunkEnd: 16,
      initiateTag: 0,
    });
  }
});

test.each([
  ["ERROR", SCTP_ERROR, 9],
  ["COOKIE ACK", SCTP_COOKIE_ACK, 11],
  ["a type that nobody has given out", 0xfe, 0xfe],
])("reads a chunk without judging its type: %s", (_name, type, number) => {
  const bytes = written((out, at) => writeSctpAbort({ sourcePort: 1, targetPort: 2, verificationTag: 3 }, 0, out, at));
  writeUint8(bytes, 12, type);
  writeSctpChecksum(bytes, 0, bytes.length);
  expect(readChecked(bytes).chunkType).toBe(number);
});

test("a cut at any length is a fault", () => {
  const packet = SCTP_INIT_FRAME.subarray(AT);
  expectFaultAtEveryCut(packet, 32, (bytes, at, end) => readSctp(bytes, at, end, false, createSctpView()));
  expectFaultAtEveryCut(packet, 32, (bytes, at, end) => readSctp(bytes, at, end, true, createSctpView()));
  expectFaultAtEveryCut(packet, 8, (bytes, at, end) => readSctpQuote(bytes, at, end, createSctpView()));
});

test.each([
  ["a chunk length of 0", SCTP_ABORT, 0, ReadFault.MALFORMED],
  ["a chunk length inside its header", SCTP_ABORT, 3, ReadFault.MALFORMED],
  ["an INIT without room for its fields", SCTP_INIT, 19, ReadFault.MALFORMED],
  ["an INIT ACK without room for its fields", SCTP_INIT_ACK, 4, ReadFault.MALFORMED],
  ["a chunk length past the end", SCTP_INIT, 21, ReadFault.CUT],
  ["a chunk length of 64 KiB", SCTP_ABORT, 0xffff, ReadFault.CUT],
])("%s", (_name, type, chunkBytes, fault) => {
  const bytes = SCTP_INIT_FRAME.slice(AT);
  writeUint8(bytes, 12, type);
  writeUint16(bytes, 14, chunkBytes);
  writeSctpChecksum(bytes, 0, bytes.length);
  expect(readSctp(bytes, 0, bytes.length, false, createSctpView())).toBe(fault);
});

test("a quote of 8 bytes gives ports and tag, one of 20 an INIT's own tag, and nothing is left over", () => {
  const view = readChecked(SCTP_INIT_FRAME, AT);
  const ports = { sourcePort: 47743, targetPort: 7, verificationTag: 0x41821d80 };
  expect(readSctpQuote(SCTP_COOKIE_ECHO_FRAME, AT, AT + 8, view)).toBe(READ_OK);
  expect(view).toEqual({ ...createSctpView(), ...ports, chunkAt: AT + 8, chunkEnd: AT + 8 });
  expect(readSctpQuote(SCTP_COOKIE_ECHO_FRAME, AT, AT + 20, view)).toBe(READ_OK);
  expect(view.initiateTag).toBe(0);
  expect(readSctpQuote(SCTP_INIT_FRAME, AT, AT + 19, view)).toBe(READ_OK);
  expect([view.sourcePort, view.verificationTag, view.initiateTag]).toEqual([58112, 0, 0]);
  expect(readSctpQuote(SCTP_INIT_FRAME, AT, AT + 20, view)).toBe(READ_OK);
  expect(view.initiateTag).toBe(1347509811);
});

test("a captured error quotes an INIT", () => {
  const quoteAt = 14 + 40 + 8 + 40;
  const view = createSctpView();
  expect(readSctpQuote(PARAMETER_PROBLEM6_FRAME, quoteAt, PARAMETER_PROBLEM6_FRAME.length, view)).toBe(READ_OK);
  expect([view.sourcePort, view.targetPort, view.initiateTag]).toEqual([49492, 7, 0xb6da7cca]);
});

test("what is written reads back", () => {
  const number = fc.nat(0xffff_ffff);
  const fields = fc.record({
    sourcePort: fc.nat(0xffff),
    targetPort: fc.nat(0xffff),
    verificationTag: number,
    initiateTag: number,
    initialSequence: number,
  });
  fc.assert(
    fc.property(fields, fc.uint8Array({ maxLength: 40 }), fc.nat(9), (values, cookie, at) => {
      const { initialSequence: _, initiateTag, verificationTag, ...ports } = values;
      const out = unwritten(90);
      const init = readChecked(out, at, at + writeSctpInit(values, out, at));
      expect(init).toMatchObject({ ...ports, verificationTag: 0, initiateTag, chunkType: SCTP_INIT });
      const answer = readChecked(out, at, at + writeSctpInitAck(values, cookie, out, at));
      expect(answer).toMatchObject({ ...ports, verificationTag, initiateTag, chunkType: SCTP_INIT_ACK });
      expect(readUint16(out, answer.chunkAt + 2)).toBe(24 + cookie.length);
      const echo = readChecked(out, at, at + writeSctpCookieEcho(values, cookie, out, at));
      expect(echo).toMatchObject({ ...ports, verificationTag, initiateTag: 0, chunkType: SCTP_COOKIE_ECHO });
      expect(out.slice(echo.chunkAt + 4, echo.chunkEnd)).toEqual(cookie);
    }),
    { seed: 9260 },
  );
});

test("no bytes make it throw or pass the end", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.nat(20),
      fc.nat(60),
      fc.nat(12),
      fc.nat(40),
      fc.boolean(),
      (bytes, at, end, type, chunkBytes, isTrusted) => {
        const stop = Math.min(end, bytes.length);
        if (bytes.length >= at + 16) {
          writeUint8(bytes, at + 12, type);
          writeUint16(bytes, at + 14, chunkBytes);
          if (stop >= at + 12) writeSctpChecksum(bytes, at, stop);
        }
        const view = createSctpView();
        const result = expectBounded(bytes, at, stop, (read, from, to) => readSctp(read, from, to, isTrusted, view));
        if (result === READ_OK) {
          expect(view.chunkEnd).toBeLessThanOrEqual(stop);
          expect(view.chunkAt).toBeLessThan(view.chunkEnd);
        }
        expectBounded(bytes, at, stop, (read, from, to) => readSctpQuote(read, from, to, view));
      },
    ),
    { numRuns: 1000, seed: 9260 },
  );
});
