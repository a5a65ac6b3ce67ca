import fc from "fast-check";
import { expect, test } from "vitest";
import { KERNEL_SYN_ACK_FRAME, KERNEL_SYN_FRAME, NMAP_SYN_FRAME } from "./captures.test.data.js";
import { READ_OK, ReadFault } from "./read-fault.js";
import {
  createTcpOptionsView,
  readTcpOptions,
  TCP_OPTION_END,
  TCP_OPTION_MSS,
  TCP_OPTION_NOP,
  TCP_OPTION_SACK_PERMITTED,
  TCP_OPTION_TIMESTAMP,
  TCP_OPTION_WINDOW_SCALE,
  TCP_OPTIONS_MAX_BYTES,
  type TcpOptionsView,
  writeTcpOptions,
} from "./tcp-options.js";
import { expectBounded, unwritten } from "./watch-reads.test.data.js";

/** Behind Ethernet, a plain IPv4 header and the fixed part of TCP's. */
const AT = 54;

function kindsOf(view: TcpOptionsView): number[] {
  return [...view.order.subarray(0, view.orderCount)];
}

function read(...bytes: number[]): { result: number; view: TcpOptionsView } {
  const view = createTcpOptionsView();
  return { result: readTcpOptions(Uint8Array.from(bytes), 0, bytes.length, view), view };
}

test("reads Linux's options, in their order", () => {
  const view = createTcpOptionsView();
  expect(readTcpOptions(KERNEL_SYN_ACK_FRAME, AT, KERNEL_SYN_ACK_FRAME.length, view)).toBe(READ_OK);
  expect({ ...view, order: kindsOf(view) }).toEqual({
    maximumSegmentBytes: 1460,
    windowScale: 10,
    isSackPermitted: true,
    hasTimestamp: true,
    timestampValue: 3120770609,
    timestampEcho: 383487098,
    order: [TCP_OPTION_MSS, TCP_OPTION_SACK_PERMITTED, TCP_OPTION_TIMESTAMP, TCP_OPTION_NOP, TCP_OPTION_WINDOW_SCALE],
    orderCount: 5,
  });
});

test("a view that is used again keeps nothing", () => {
  const view = createTcpOptionsView();
  readTcpOptions(KERNEL_SYN_FRAME, AT, KERNEL_SYN_FRAME.length, view);
  expect(readTcpOptions(NMAP_SYN_FRAME, AT, NMAP_SYN_FRAME.length, view)).toBe(READ_OK);
  const { order, ...rest } = view;
  const { order: _empty, ...expected } = createTcpOptionsView();
  expect(rest).toEqual({ ...expected, maximumSegmentBytes: 1460, orderCount: 1 });
  expect(order[0]).toBe(TCP_OPTION_MSS);
  expect(readTcpOptions(NMAP_SYN_FRAME, AT, AT, view)).toBe(READ_OK);
  expect(view.orderCount).toBe(0);
});

test("writes Linux's options again", () => {
  for (const frame of [KERNEL_SYN_FRAME, KERNEL_SYN_ACK_FRAME]) {
    const view = createTcpOptionsView();
    readTcpOptions(frame, AT, frame.length, view);
    const out = unwritten(22);
    expect(writeTcpOptions(view, out, 1)).toBe(20);
    expect(out).toEqual(Uint8Array.of(0xa5, ...frame.subarray(AT), 0xa5));
  }
});

test("a cut inside an option is malformed, between two it is an end", () => {
  const boundaries = new Set([0, 4, 6, 16, 17, 20]);
  const options = KERNEL_SYN_FRAME.subarray(AT);
  for (let cut = 0; cut <= options.length; cut += 1) {
    const result = expectBounded(options, 0, cut, (bytes, at, end) =>
      readTcpOptions(bytes, at, end, createTcpOptionsView()),
    );
    expect(result).toBe(boundaries.has(cut) ? READ_OK : ReadFault.MALFORMED);
  }
});

test.each([
  ["length 0 (RFC 9293 §3.1 names this one)", [2, 0, 5, 180]],
  ["length 0 of an unknown kind", [254, 0, 0, 0]],
  ["length 1", [3, 1, 7, 0]],
  ["length 1 of an unknown kind", [99, 1, 0, 0]],
  ["no room for the length", [1, 1, 1, 8]],
  ["a length past the end", [8, 10, 0, 0]],
  ["a length of 255", [99, 255, 0, 0]],
  ["a segment size of 3 bytes", [2, 3, 5, 0]],
  ["a window scale of 4 bytes", [3, 4, 7, 0]],
  ["a SACK permission of 3 bytes", [4, 3, 0, 0]],
  ["a timestamp of 8 bytes", [8, 8, 0, 0, 0, 0, 0, 0]],
])("%s is malformed", (_name, bytes) => {
  expect(read(...bytes).result).toBe(ReadFault.MALFORMED);
});

test("what came before the fault stays", () => {
  const { result, view } = read(2, 4, 5, 180, 3, 0, 0, 0);
  expect(result).toBe(ReadFault.MALFORMED);
  expect([view.maximumSegmentBytes, ...kindsOf(view)]).toEqual([1460, 2, 3]);
});

test("unknown kinds are stepped over, nothing is read behind the end", () => {
  const { result, view } = read(5, 10, 1, 2, 3, 4, 5, 6, 7, 8, 3, 3, 14, 0, 2, 4, 5, 180);
  expect(result).toBe(READ_OK);
  expect(kindsOf(view)).toEqual([5, 3, 0]);
  expect([view.windowScale, view.maximumSegmentBytes]).toEqual([14, 0]);
});

test("of an option that comes twice, the last counts", () => {
  const { view } = read(2, 4, 1, 1, 2, 4, 2, 2);
  expect([view.maximumSegmentBytes, view.orderCount]).toEqual([0x0202, 2]);
});

test("a window scale of 0 is not its absence", () => {
  expect(read(3, 3, 0).view.windowScale).toBe(0);
  expect(read(1, 1).view.windowScale).toBe(-1);
});

test("forty no-ops fill the order, more bytes than a header has are not looked at", () => {
  const { result, view } = read(...Array.from({ length: 60 }, () => TCP_OPTION_NOP));
  expect([result, view.orderCount]).toEqual([READ_OK, TCP_OPTIONS_MAX_BYTES]);
});

test("what does not fit, or has no known form, is left out", () => {
  const view = createTcpOptionsView();
  view.order.set([8, 8, 99, 8, 8, 8, 2]);
  view.orderCount = 7;
  const out = unwritten(48);
  expect(writeTcpOptions(view, out, 0)).toBe(40);
  const again = createTcpOptionsView();
  expect(readTcpOptions(out, 0, 40, again)).toBe(READ_OK);
  expect(kindsOf(again)).toEqual([8, 8, 8, 8]);
  expect([...out.subarray(40)].every((byte) => byte === 0xa5)).toBe(true);
});

test("what is written reads back, padded to four bytes", () => {
  const kind = fc.constantFrom(1, 2, 3, 4, 8);
  const values = fc.record({
    maximumSegmentBytes: fc.integer({ min: 1, max: 0xffff }),
    windowScale: fc.nat(255),
    timestampValue: fc.nat(0xffff_ffff),
    timestampEcho: fc.nat(0xffff_ffff),
  });
  fc.assert(
    fc.property(values, fc.uniqueArray(kind), (value, kinds) => {
      const written = { ...createTcpOptionsView(), ...value, orderCount: kinds.length };
      written.order.set(kinds);
      const out = unwritten(44);
      const view = createTcpOptionsView();
      const bytes = writeTcpOptions(written, out, 2);
      expect(bytes % 4).toBe(0);
      expect(out[2 + bytes]).toBe(0xa5);
      expect(readTcpOptions(out, 2, 2 + bytes, view)).toBe(READ_OK);
      expect(kindsOf(view).filter((read) => read !== TCP_OPTION_END)).toEqual(kinds);
      expect({ ...view, order: 0, orderCount: 0 }).toEqual({
        maximumSegmentBytes: kinds.includes(2) ? value.maximumSegmentBytes : 0,
        windowScale: kinds.includes(3) ? value.windowScale : -1,
        isSackPermitted: kinds.includes(4),
        hasTimestamp: kinds.includes(8),
        timestampValue: kinds.includes(8) ? value.timestampValue : 0,
        timestampEcho: kinds.includes(8) ? value.timestampEcho : 0,
        order: 0,
        orderCount: 0,
      });
    }),
  );
});

test("no bytes make it throw, loop or pass the end", () => {
  const byte = fc.oneof(fc.nat(11), fc.nat(255));
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 80 }), fc.nat(20), fc.nat(80), (bytes, at, end) => {
      const stop = Math.min(end, bytes.length);
      const view = createTcpOptionsView();
      expectBounded(Uint8Array.from(bytes), at, stop, (read, from, to) => readTcpOptions(read, from, to, view));
      expect(view.orderCount).toBeLessThanOrEqual(TCP_OPTIONS_MAX_BYTES);
    }),
    { numRuns: 2000 },
  );
});
