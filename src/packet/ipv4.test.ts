import fc from "fast-check";
import { expect, test } from "vitest";
import { readUint32, writeUint8, writeUint16 } from "./bytes.js";
import { KERNEL_SYN_FRAME, NMAP_SYN_FRAME, PORT_UNREACHABLE_FRAME, PROHIBITED_FRAME } from "./captures.test.data.js";
import { foldChecksum, sumBytes } from "./checksum.js";
import { ETHERNET_HEADER_BYTES } from "./ethernet.js";
import {
  createIpv4View,
  IPV4_DONT_FRAGMENT,
  IPV4_HEADER_BYTES,
  IPV4_MORE_FRAGMENTS,
  IPV4_TARGET_AT,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  readIpv4,
  writeIpv4,
} from "./ipv4.js";
import { READ_OK, ReadFault } from "./read-fault.js";
import { expectBounded, expectFaultAtEveryCut, unwritten } from "./watch-reads.test.data.js";

const SYN = NMAP_SYN_FRAME.subarray(ETHERNET_HEADER_BYTES);
const QUOTE = PORT_UNREACHABLE_FRAME.subarray(ETHERNET_HEADER_BYTES + 28);

/** The captured SYN with one header byte changed and the checksum made good again. */
function changed(at: number, value: number): Uint8Array {
  const bytes = SYN.slice();
  writeUint8(bytes, at, value);
  writeUint16(bytes, 10, 0);
  writeUint16(bytes, 10, foldChecksum(sumBytes(bytes, 0, 20)));
  return bytes;
}

test("reads a captured header", () => {
  const view = createIpv4View();
  expect(readIpv4(KERNEL_SYN_FRAME, 14, KERNEL_SYN_FRAME.length, view)).toBe(READ_OK);
  expect(view).toEqual({
    headerBytes: 20,
    totalBytes: 60,
    identification: 15378,
    flags: IPV4_DONT_FRAGMENT,
    fragmentOffset: 0,
    ttl: 64,
    protocol: PROTOCOL_TCP,
    source: 0x0a620001,
    target: 0x0a620002,
    payloadAt: 34,
    payloadEnd: 74,
  });
  expect(readUint32(KERNEL_SYN_FRAME, 14 + IPV4_TARGET_AT)).toBe(view.target);
});

test("writes the captured headers again", () => {
  for (const frame of [KERNEL_SYN_FRAME, NMAP_SYN_FRAME]) {
    const view = createIpv4View();
    readIpv4(frame, 14, frame.length, view);
    const fields = {
      ...view,
      dontFragment: view.flags === IPV4_DONT_FRAGMENT,
      payloadBytes: view.payloadEnd - view.payloadAt,
    };
    const out = unwritten(22);
    expect(writeIpv4(fields, out, 1)).toBe(IPV4_HEADER_BYTES);
    expect(out).toEqual(Uint8Array.of(0xa5, ...frame.subarray(14, 34), 0xa5));
  }
});

test("the payload ends by the total length, not with the padding of a short frame", () => {
  const padded = new Uint8Array(60).fill(0xee);
  padded.set(SYN);
  const view = createIpv4View();
  expect(readIpv4(padded, 0, padded.length, view)).toBe(READ_OK);
  expect(view.payloadEnd).toBe(44);
});

test("a cut at any length is a fault", () => {
  expectFaultAtEveryCut(SYN, SYN.length, (bytes, at, end) => readIpv4(bytes, at, end, createIpv4View()));
});

test("options move the payload", () => {
  const bytes = new Uint8Array(64);
  bytes.set(SYN.subarray(0, 20));
  bytes.fill(1, 20, 60);
  writeUint8(bytes, 0, 0x4f);
  writeUint16(bytes, 2, 64);
  writeUint16(bytes, 10, 0);
  writeUint16(bytes, 10, foldChecksum(sumBytes(bytes, 0, 60)));
  const view = createIpv4View();
  expect(readIpv4(bytes, 0, 64, view)).toBe(READ_OK);
  expect([view.headerBytes, view.payloadAt, view.payloadEnd]).toEqual([60, 60, 64]);
  expectFaultAtEveryCut(bytes, 64, (cut, at, end) => readIpv4(cut, at, end, createIpv4View()));
});

test.each([
  ["version 6", 0, 0x65, ReadFault.UNSUPPORTED],
  ["version 0", 0, 0x05, ReadFault.UNSUPPORTED],
  ["a header of 16 bytes", 0, 0x44, ReadFault.MALFORMED],
  ["no header at all", 0, 0x40, ReadFault.MALFORMED],
  ["a header longer than the bytes", 0, 0x4f, ReadFault.CUT],
  ["a total length inside the header", 3, 19, ReadFault.MALFORMED],
  ["a total length past the end", 3, 45, ReadFault.CUT],
  ["a total length of 64 KiB", 2, 0xff, ReadFault.CUT],
] as const)("%s", (_name, at, value, fault) => {
  expect(readIpv4(changed(at, value), 0, SYN.length, createIpv4View())).toBe(fault);
});

test("a flipped bit anywhere in the header is a fault", () => {
  for (let bit = 0; bit < 160; bit += 1) {
    const bytes = SYN.slice();
    bytes.set([(bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))], bit >> 3);
    expect(readIpv4(bytes, 0, bytes.length, createIpv4View())).not.toBe(READ_OK);
  }
});

test("fragments say so", () => {
  const view = createIpv4View();
  expect(readIpv4(changed(6, 0x20), 0, SYN.length, view)).toBe(READ_OK);
  expect([view.flags, view.fragmentOffset]).toEqual([IPV4_MORE_FRAGMENTS, 0]);
  expect(readIpv4(changed(7, 185), 0, SYN.length, view)).toBe(READ_OK);
  expect([view.flags, view.fragmentOffset]).toEqual([0, 185]);
  expect(readIpv4(changed(6, 0x80), 0, SYN.length, view)).toBe(READ_OK);
  expect(view.flags).toBe(4);
});

test("reads what an error quotes whole", () => {
  const view = createIpv4View();
  expect(readIpv4(QUOTE, 0, QUOTE.length, view, true)).toBe(READ_OK);
  expect([view.protocol, view.totalBytes, view.payloadAt, view.payloadEnd]).toEqual([PROTOCOL_UDP, 31, 20, 31]);
  const offset = ETHERNET_HEADER_BYTES + 28;
  expect(readIpv4(PROHIBITED_FRAME, offset, PROHIBITED_FRAME.length, view, true)).toBe(READ_OK);
  expect([view.protocol, view.target, view.payloadEnd]).toEqual([PROTOCOL_TCP, 0x0a620701, offset + 44]);
});

test("a quote needs its header only, and ends where the bytes end", () => {
  const view = createIpv4View();
  expect(readIpv4(SYN, 0, 28, view, true)).toBe(READ_OK);
  expect([view.totalBytes, view.payloadAt, view.payloadEnd]).toEqual([44, 20, 28]);
  expectFaultAtEveryCut(SYN, 20, (bytes, at, end) => readIpv4(bytes, at, end, createIpv4View(), true));
});

test("a quote is padded, by extensions of RFC 4884 for one", () => {
  const padded = new Uint8Array(128);
  padded.set(SYN);
  const view = createIpv4View();
  expect(readIpv4(padded, 0, 128, view, true)).toBe(READ_OK);
  expect(view.payloadEnd).toBe(44);
});

test("a quote may have a changed TTL and a total length less its header", () => {
  const view = createIpv4View();
  const aged = SYN.slice();
  writeUint8(aged, 8, 1);
  expect(readIpv4(aged, 0, 28, view)).toBe(ReadFault.CUT);
  expect(readIpv4(aged, 0, aged.length, view)).toBe(ReadFault.BAD_CHECKSUM);
  expect(readIpv4(aged, 0, 28, view, true)).toBe(READ_OK);
  writeUint16(aged, 2, 24);
  expect(readIpv4(aged, 0, 28, view, true)).toBe(READ_OK);
  expect([view.totalBytes, view.payloadEnd]).toEqual([24, 28]);
});

test("what is written reads back", () => {
  const fields = fc.record({
    identification: fc.nat(0xffff),
    dontFragment: fc.boolean(),
    ttl: fc.nat(255),
    protocol: fc.constantFrom(PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP, 255),
    source: fc.nat(0xffff_ffff),
    target: fc.nat(0xffff_ffff),
    payloadBytes: fc.nat(60),
  });
  fc.assert(
    fc.property(fields, fc.nat(9), (written, at) => {
      const out = unwritten(100);
      const view = createIpv4View();
      writeIpv4(written, out, at);
      expect(readIpv4(out, at, out.length, view)).toBe(READ_OK);
      const { dontFragment, payloadBytes, ...same } = written;
      expect(view).toMatchObject({ ...same, flags: dontFragment ? IPV4_DONT_FRAGMENT : 0, fragmentOffset: 0 });
      expect(view.payloadEnd - view.payloadAt).toBe(payloadBytes);
    }),
  );
});

test("no bytes make it throw or pass the end", () => {
  const firstByte = fc.oneof(fc.integer({ min: 0x40, max: 0x4f }), fc.nat(255));
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 80 }),
      firstByte,
      fc.nat(20),
      fc.nat(80),
      fc.boolean(),
      (bytes, first, at, end, isQuote) => {
        const stop = Math.min(end, bytes.length);
        if (at < bytes.length) bytes.set([first], at);
        const view = createIpv4View();
        const result = expectBounded(bytes, at, stop, (read, from, to) => readIpv4(read, from, to, view, isQuote));
        if (result === READ_OK) {
          expect(view.payloadEnd).toBeLessThanOrEqual(stop);
          expect(view.payloadAt).toBeLessThanOrEqual(view.payloadEnd);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
