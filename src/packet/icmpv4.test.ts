import fc from "fast-check";
import { expect, test } from "vitest";
import { readUint32, writeUint8, writeUint16 } from "./bytes.js";
import {
  ECHO_FRAME,
  ECHO_REPLY_FRAME,
  PORT_UNREACHABLE_FRAME,
  PROHIBITED_FRAME,
  TIME_EXCEEDED_FRAME,
  TIMESTAMP_FRAME,
  TIMESTAMP_REPLY_FRAME,
} from "./captures.test.data.js";
import { foldChecksum, sumBytes } from "./checksum.js";
import {
  createIcmpv4View,
  ICMP_ADDRESS_MASK,
  ICMP_ADMINISTRATIVELY_PROHIBITED,
  ICMP_ECHO,
  ICMP_ECHO_REPLY,
  ICMP_FRAGMENTATION_NEEDED,
  ICMP_PORT_UNREACHABLE,
  ICMP_TIME_EXCEEDED,
  ICMP_TIMESTAMP,
  ICMP_TIMESTAMP_REPLY,
  ICMP_UNREACHABLE,
  isIcmpError,
  readIcmpv4,
  writeIcmpAddressMask,
  writeIcmpEcho,
  writeIcmpEchoReply,
  writeIcmpError,
  writeIcmpTimestamp,
  writeIcmpTimestampReply,
} from "./icmpv4.js";
import { createIpv4View, PROTOCOL_UDP, readIpv4 } from "./ipv4.js";
import { READ_OK, ReadFault } from "./read-fault.js";
import { expectBounded, expectFaultAtEveryCut, unwritten } from "./watch-reads.test.data.js";

/** Behind Ethernet and a plain IPv4 header. */
const AT = 34;

function readFrame(frame: Uint8Array) {
  const view = createIcmpv4View();
  expect(readIcmpv4(frame, AT, frame.length, view)).toBe(READ_OK);
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

test("reads a captured echo and its reply", () => {
  const common = { code: 0, identifier: 0x1234, sequence: 1, bodyAt: 42, bodyEnd: 58 };
  expect(readFrame(ECHO_FRAME)).toEqual({ type: ICMP_ECHO, ...common });
  expect(readFrame(ECHO_REPLY_FRAME)).toEqual({ type: ICMP_ECHO_REPLY, ...common });
});

test("reads captured timestamps", () => {
  expect(readFrame(TIMESTAMP_FRAME)).toMatchObject({ type: ICMP_TIMESTAMP, identifier: 49935, sequence: 0 });
  const reply = readFrame(TIMESTAMP_REPLY_FRAME);
  expect(reply).toMatchObject({ type: ICMP_TIMESTAMP_REPLY, identifier: 49935, sequence: 0 });
  const receiveMs = ((15 * 60 + 24) * 60 + 44) * 1000 + 35;
  expect(readUint32(TIMESTAMP_REPLY_FRAME, reply.bodyAt + 4)).toBe(receiveMs);
});

test("a captured error quotes a datagram behind its header", () => {
  const view = readFrame(PORT_UNREACHABLE_FRAME);
  expect(view).toMatchObject({ type: ICMP_UNREACHABLE, code: ICMP_PORT_UNREACHABLE, bodyAt: 42, bodyEnd: 73 });
  const quoted = createIpv4View();
  expect(readIpv4(PORT_UNREACHABLE_FRAME, view.bodyAt, view.bodyEnd, quoted, true)).toBe(READ_OK);
  expect(quoted).toMatchObject({ protocol: PROTOCOL_UDP, source: 0x0a620001, target: 0x0a620002, payloadAt: 62 });
  expect(readFrame(PROHIBITED_FRAME)).toMatchObject({ type: ICMP_UNREACHABLE, code: ICMP_ADMINISTRATIVELY_PROHIBITED });
  expect(readFrame(TIME_EXCEEDED_FRAME)).toMatchObject({ type: ICMP_TIME_EXCEEDED, code: 0 });
});

test("writes captured messages again", () => {
  const timestamp = { identifier: 49935, sequence: 0, originateMs: 0 };
  expect(written((out, at) => writeIcmpTimestamp(timestamp, out, at))).toEqual(TIMESTAMP_FRAME.subarray(AT));
  const atMs = readUint32(TIMESTAMP_REPLY_FRAME, AT + 12);
  const reply = { ...timestamp, receiveMs: atMs, transmitMs: atMs };
  expect(written((out, at) => writeIcmpTimestampReply(reply, out, at))).toEqual(TIMESTAMP_REPLY_FRAME.subarray(AT));
  for (const [frame, type, code] of [
    [PORT_UNREACHABLE_FRAME, ICMP_UNREACHABLE, ICMP_PORT_UNREACHABLE],
    [TIME_EXCEEDED_FRAME, ICMP_TIME_EXCEEDED, 0],
  ] as const) {
    const quoted = frame.subarray(AT + 8);
    expect(written((out, at) => writeIcmpError(type, code, quoted, out, at))).toEqual(frame.subarray(AT));
  }
});

test("an echo's data is zeros, whatever was in the buffer", () => {
  const fields = { identifier: 0xfffe, sequence: 0xfffd };
  const echo = written((out, at) => writeIcmpEcho(fields, 5, out, at));
  expect([echo.length, ...echo.subarray(8)]).toEqual([13, 0, 0, 0, 0, 0]);
  const view = createIcmpv4View();
  expect(readIcmpv4(echo, 0, echo.length, view)).toBe(READ_OK);
  expect(view).toEqual({ type: ICMP_ECHO, code: 0, ...fields, bodyAt: 8, bodyEnd: 13 });
  const reply = written((out, at) => writeIcmpEchoReply(fields, 0, out, at));
  expect(readIcmpv4(reply, 0, reply.length, view)).toBe(READ_OK);
  expect(view).toEqual({ type: ICMP_ECHO_REPLY, code: 0, ...fields, bodyAt: 8, bodyEnd: 8 });
});

test("an address mask request is 12 bytes", () => {
  const mask = written((out, at) => writeIcmpAddressMask({ identifier: 1, sequence: 2 }, out, at));
  const view = createIcmpv4View();
  expect(readIcmpv4(mask, 0, mask.length, view)).toBe(READ_OK);
  expect([view.type, mask.length, readUint32(mask, 8)]).toEqual([ICMP_ADDRESS_MASK, 12, 0]);
  expect(readIcmpv4(mask, 0, 11, view)).toBe(ReadFault.CUT);
});

test("the next hop's MTU is where the sequence number would be (RFC 1191 §4)", () => {
  const error = written((out, at) =>
    writeIcmpError(ICMP_UNREACHABLE, ICMP_FRAGMENTATION_NEEDED, ECHO_FRAME.subarray(14, 42), out, at),
  );
  writeUint16(error, 6, 1400);
  writeUint16(error, 2, 0);
  writeUint16(error, 2, foldChecksum(sumBytes(error, 0, error.length)));
  const view = createIcmpv4View();
  expect(readIcmpv4(error, 0, error.length, view)).toBe(READ_OK);
  expect([view.code, view.sequence]).toEqual([4, 1400]);
});

test("a cut at any length is a fault: the checksum covers it all", () => {
  const read = (bytes: Uint8Array, at: number, end: number) => readIcmpv4(bytes, at, end, createIcmpv4View());
  for (const frame of [ECHO_FRAME, TIMESTAMP_REPLY_FRAME]) {
    const message = frame.subarray(AT);
    expectFaultAtEveryCut(message, message.length, read);
  }
});

test("a short timestamp is cut even if its checksum is good", () => {
  const short = TIMESTAMP_FRAME.subarray(AT, AT + 16);
  expect(foldChecksum(sumBytes(short, 0, short.length))).toBe(0);
  expect(readIcmpv4(short, 0, short.length, createIcmpv4View())).toBe(ReadFault.CUT);
});

test("a flipped bit anywhere is a bad checksum", () => {
  const message = ECHO_REPLY_FRAME.subarray(AT);
  for (let bit = 0; bit < message.length * 8; bit += 1) {
    const bytes = message.slice();
    writeUint8(bytes, bit >> 3, (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
    expect([ReadFault.BAD_CHECKSUM, ReadFault.CUT]).toContain(readIcmpv4(bytes, 0, bytes.length, createIcmpv4View()));
  }
});

test("five types are errors", () => {
  const errors = Array.from({ length: 256 }, (_, type) => type).filter(isIcmpError);
  expect(errors).toEqual([3, 4, 5, 11, 12]);
});

test("what is written reads back", () => {
  const fields = fc.record({ identifier: fc.nat(0xffff), sequence: fc.nat(0xffff), originateMs: fc.nat(86_399_999) });
  fc.assert(
    fc.property(fields, fc.nat(40), fc.nat(9), (query, payloadBytes, at) => {
      const { originateMs, ...common } = query;
      const out = unwritten(80);
      const view = createIcmpv4View();
      const echoEnd = at + writeIcmpEcho(query, payloadBytes, out, at);
      expect(readIcmpv4(out, at, echoEnd, view)).toBe(READ_OK);
      expect(view).toEqual({ type: ICMP_ECHO, code: 0, ...common, bodyAt: at + 8, bodyEnd: at + 8 + payloadBytes });
      const timestampEnd = at + writeIcmpTimestamp(query, out, at);
      expect(readIcmpv4(out, at, timestampEnd, view)).toBe(READ_OK);
      expect(view).toMatchObject({ type: ICMP_TIMESTAMP, ...common });
      expect(readUint32(out, view.bodyAt)).toBe(originateMs);
    }),
  );
});

test("an error gives its quote back", () => {
  fc.assert(
    fc.property(fc.nat(255), fc.uint8Array({ maxLength: 64 }), (code, quoted) => {
      const error = written((out, at) => writeIcmpError(ICMP_UNREACHABLE, code, quoted, out, at));
      const view = createIcmpv4View();
      expect(readIcmpv4(error, 0, error.length, view)).toBe(READ_OK);
      expect([view.type, view.code, view.identifier, view.sequence]).toEqual([ICMP_UNREACHABLE, code, 0, 0]);
      expect(error.subarray(view.bodyAt, view.bodyEnd)).toEqual(quoted);
    }),
  );
});

test("no bytes make it throw or pass the end", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(20), fc.nat(60), fc.boolean(), (bytes, at, end, isMended) => {
      const stop = Math.min(end, bytes.length);
      if (isMended && stop - at >= 8) {
        writeUint16(bytes, at + 2, 0);
        writeUint16(bytes, at + 2, foldChecksum(sumBytes(bytes, at, stop)));
      }
      const view = createIcmpv4View();
      const result = expectBounded(bytes, at, stop, (read, from, to) => readIcmpv4(read, from, to, view));
      if (result === READ_OK) {
        expect(view.bodyEnd).toBeLessThanOrEqual(stop);
        expect(view.bodyAt).toBeLessThanOrEqual(view.bodyEnd);
      }
    }),
    { numRuns: 1000 },
  );
});
