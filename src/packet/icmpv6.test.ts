import fc from "fast-check";
import { expect, test } from "vitest";
import { writeUint8 } from "./bytes.js";
import {
  ECHO6_FRAME,
  ECHO6_REPLY_FRAME,
  PARAMETER_PROBLEM6_FRAME,
  PORT_UNREACHABLE6_FRAME,
} from "./captures-ipv6.test.data.js";
import { sumBytes } from "./checksum.js";
import {
  createIcmpv6View,
  ICMPV6_ADDRESS_UNREACHABLE,
  ICMPV6_ADMINISTRATIVELY_PROHIBITED,
  ICMPV6_BAD_HEADER,
  ICMPV6_BEYOND_SCOPE,
  ICMPV6_ECHO,
  ICMPV6_ECHO_REPLY,
  ICMPV6_NO_ROUTE,
  ICMPV6_PACKET_TOO_BIG,
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_PORT_UNREACHABLE,
  ICMPV6_ROUTE_REJECTED,
  ICMPV6_SOURCE_POLICY_FAILED,
  ICMPV6_TIME_EXCEEDED,
  ICMPV6_UNKNOWN_NEXT_HEADER,
  ICMPV6_UNKNOWN_OPTION,
  ICMPV6_UNREACHABLE,
  isIcmpv6Error,
  readIcmpv6,
  writeIcmpv6Echo,
  writeIcmpv6EchoReply,
  writeIcmpv6Error,
  writeIcmpv6Head,
} from "./icmpv6.js";
import { createIpv6View, readIpv6 } from "./ipv6.js";
import { READ_OK, ReadFault } from "./read-fault.js";
import { PROTOCOL_SCTP } from "./sctp.js";
import { expectBounded, expectFaultAtEveryCut, unwritten } from "./watch-reads.test.data.js";

/** Behind Ethernet and a plain IPv6 header, which ends with both addresses. */
const AT = 54;
const ADDRESS_SUM = sumBytes(ECHO6_FRAME, AT - 32, AT);

function readFrame(frame: Uint8Array) {
  const view = createIcmpv6View();
  expect(readIcmpv6(frame, AT, frame.length, ADDRESS_SUM, false, view)).toBe(READ_OK);
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
  const common = { code: 0, identifier: 0x1234, sequence: 1, bodyAt: 62, bodyEnd: 78 };
  expect(readFrame(ECHO6_FRAME)).toEqual({ type: ICMPV6_ECHO, ...common });
  expect(readFrame(ECHO6_REPLY_FRAME)).toEqual({ type: ICMPV6_ECHO_REPLY, ...common });
});

test("captured errors quote a datagram behind their header", () => {
  const quoted = createIpv6View();
  const unreachable = readFrame(PORT_UNREACHABLE6_FRAME);
  expect(unreachable).toMatchObject({ type: ICMPV6_UNREACHABLE, code: ICMPV6_PORT_UNREACHABLE, sequence: 0 });
  expect(readIpv6(PORT_UNREACHABLE6_FRAME, unreachable.bodyAt, unreachable.bodyEnd, quoted, true)).toBe(READ_OK);
  expect([quoted.payloadAt, quoted.payloadEnd]).toEqual([102, unreachable.bodyEnd]);
  const problem = readFrame(PARAMETER_PROBLEM6_FRAME);
  expect(problem).toMatchObject({ type: ICMPV6_PARAMETER_PROBLEM, code: ICMPV6_UNKNOWN_NEXT_HEADER, sequence: 6 });
  expect(readIpv6(PARAMETER_PROBLEM6_FRAME, problem.bodyAt, problem.bodyEnd, quoted, true)).toBe(READ_OK);
  expect(quoted.protocol).toBe(PROTOCOL_SCTP);
});

test("writes captured messages again", () => {
  for (const [frame, type, code, pointer] of [
    [PORT_UNREACHABLE6_FRAME, ICMPV6_UNREACHABLE, ICMPV6_PORT_UNREACHABLE, 0],
    [PARAMETER_PROBLEM6_FRAME, ICMPV6_PARAMETER_PROBLEM, ICMPV6_UNKNOWN_NEXT_HEADER, 6],
  ] as const) {
    const quoted = frame.subarray(AT + 8);
    const error = written((out, at) => writeIcmpv6Error(type, code, quoted, ADDRESS_SUM, out, at, pointer));
    expect(error).toEqual(frame.slice(AT));
  }
  const echo = written((out, at) => {
    out.set(ECHO6_FRAME.subarray(AT + 4), at + 4);
    return writeIcmpv6Head(ICMPV6_ECHO, 0, ECHO6_FRAME.length - AT, ADDRESS_SUM, out, at);
  });
  expect(echo).toEqual(ECHO6_FRAME.slice(AT));
});

test("an echo's data is zeros, whatever was in the buffer", () => {
  const fields = { identifier: 0xfffe, sequence: 0xfffd };
  const view = createIcmpv6View();
  const echo = written((out, at) => writeIcmpv6Echo(fields, 5, ADDRESS_SUM, out, at));
  expect([echo.length, ...echo.subarray(8)]).toEqual([13, 0, 0, 0, 0, 0]);
  expect(readIcmpv6(echo, 0, echo.length, ADDRESS_SUM, false, view)).toBe(READ_OK);
  expect(view).toEqual({ type: ICMPV6_ECHO, code: 0, ...fields, bodyAt: 8, bodyEnd: 13 });
  const reply = written((out, at) => writeIcmpv6EchoReply(fields, 0, ADDRESS_SUM, out, at));
  expect(readIcmpv6(reply, 0, reply.length, ADDRESS_SUM, false, view)).toBe(READ_OK);
  expect(view).toEqual({ type: ICMPV6_ECHO_REPLY, code: 0, ...fields, bodyAt: 8, bodyEnd: 8 });
});

test("the next hop's MTU stands before the quote (RFC 4443 §3.2)", () => {
  const quoted = ECHO6_FRAME.subarray(14, 62);
  const error = written((out, at) => writeIcmpv6Error(ICMPV6_PACKET_TOO_BIG, 0, quoted, ADDRESS_SUM, out, at, 1280));
  const view = createIcmpv6View();
  expect(readIcmpv6(error, 0, error.length, ADDRESS_SUM, false, view)).toBe(READ_OK);
  expect([view.identifier, view.sequence]).toEqual([0, 1280]);
});

test("a cut at any length is a fault: the checksum covers it all", () => {
  const message = ECHO6_FRAME.subarray(AT);
  const view = createIcmpv6View();
  for (const [isTrusted, neededBytes] of [
    [false, message.length],
    [true, 8],
  ] as const) {
    expectFaultAtEveryCut(message, neededBytes, (bytes, at, end) =>
      readIcmpv6(bytes, at, end, ADDRESS_SUM, isTrusted, view),
    );
  }
});

test("a flipped bit anywhere is a bad checksum, and so are other addresses, unless it is trusted", () => {
  const message = ECHO6_REPLY_FRAME.subarray(AT);
  const view = createIcmpv6View();
  for (let bit = 0; bit < message.length * 8; bit += 1) {
    const bytes = message.slice();
    writeUint8(bytes, bit >> 3, (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
    expect(readIcmpv6(bytes, 0, bytes.length, ADDRESS_SUM, false, view)).toBe(ReadFault.BAD_CHECKSUM);
    expect(readIcmpv6(bytes, 0, bytes.length, ADDRESS_SUM, true, view)).toBe(READ_OK);
  }
  expect(readIcmpv6(message, 0, message.length, ADDRESS_SUM + 1, false, view)).toBe(ReadFault.BAD_CHECKSUM);
});

test("types below 128 are errors, known or not", () => {
  const errors = Array.from({ length: 256 }, (_, type) => type).filter(isIcmpv6Error);
  expect(errors).toEqual(Array.from({ length: 128 }, (_, type) => type));
});

test("types and codes are RFC 4443's", () => {
  expect([ICMPV6_UNREACHABLE, ICMPV6_PACKET_TOO_BIG, ICMPV6_TIME_EXCEEDED, ICMPV6_PARAMETER_PROBLEM]).toEqual([
    1, 2, 3, 4,
  ]);
  expect([
    ICMPV6_NO_ROUTE,
    ICMPV6_ADMINISTRATIVELY_PROHIBITED,
    ICMPV6_BEYOND_SCOPE,
    ICMPV6_ADDRESS_UNREACHABLE,
    ICMPV6_PORT_UNREACHABLE,
    ICMPV6_SOURCE_POLICY_FAILED,
    ICMPV6_ROUTE_REJECTED,
  ]).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect([ICMPV6_BAD_HEADER, ICMPV6_UNKNOWN_NEXT_HEADER, ICMPV6_UNKNOWN_OPTION]).toEqual([0, 1, 2]);
});

test("what is written reads back", () => {
  const fields = fc.record({ identifier: fc.nat(0xffff), sequence: fc.nat(0xffff) });
  const addresses = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(
      fields,
      fc.nat(40),
      fc.uint8Array({ maxLength: 60 }),
      addresses,
      fc.nat(9),
      (echo, payloadBytes, quoted, both, at) => {
        const addressSum = sumBytes(both, 0, 32);
        const out = unwritten(80);
        const view = createIcmpv6View();
        const echoEnd = at + writeIcmpv6Echo(echo, payloadBytes, addressSum, out, at);
        expect(readIcmpv6(out, at, echoEnd, addressSum, false, view)).toBe(READ_OK);
        expect(view).toEqual({ type: ICMPV6_ECHO, code: 0, ...echo, bodyAt: at + 8, bodyEnd: at + 8 + payloadBytes });
        const errorEnd = at + writeIcmpv6Error(ICMPV6_TIME_EXCEEDED, 1, quoted, addressSum, out, at);
        expect(readIcmpv6(out, at, errorEnd, addressSum, false, view)).toBe(READ_OK);
        expect(view).toMatchObject({ type: ICMPV6_TIME_EXCEEDED, code: 1, identifier: 0, sequence: 0 });
        expect(out.slice(view.bodyAt, view.bodyEnd)).toEqual(quoted);
      },
    ),
    { seed: 4443 },
  );
});

test("no bytes make it throw or pass the end", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(20), fc.nat(60), fc.boolean(), (bytes, at, end, isTrusted) => {
      const stop = Math.min(end, bytes.length);
      const view = createIcmpv6View();
      const result = expectBounded(bytes, at, stop, (read, from, to) => readIcmpv6(read, from, to, 1, isTrusted, view));
      if (result === READ_OK) {
        expect(view.bodyEnd).toBeLessThanOrEqual(stop);
        expect(view.bodyAt).toBeLessThanOrEqual(view.bodyEnd);
      }
    }),
    { numRuns: 1000, seed: 4443 },
  );
});
