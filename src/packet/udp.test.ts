import fc from "fast-check";
import { expect, test } from "vitest";
import { readUint16, writeUint8, writeUint16 } from "./bytes.js";
import { PORT_UNREACHABLE6_FRAME, UDP_FRAME, UDP6_FRAME } from "./captures-ipv6.test.data.js";
import { foldChecksum, sumBytes } from "./checksum.js";
import { READ_OK, ReadFault } from "./read-fault.js";
import {
  createUdpView,
  isUdpChecksumGood,
  readUdp,
  readUdpQuote,
  UDP_CHECKSUM_AT,
  UDP_HEADER_BYTES,
  writeUdp,
} from "./udp.js";
import { expectBounded, expectFaultAtEveryCut, unwritten } from "./watch-reads.test.data.js";

/** Behind Ethernet and a plain IPv4 or IPv6 header. */
const AT = 34;
const AT6 = 54;
const ADDRESS_SUM = sumBytes(UDP_FRAME, AT - 8, AT);
const ADDRESS_SUM6 = sumBytes(UDP6_FRAME, AT6 - 32, AT6);
const ABC = Uint8Array.from(Buffer.from("abc"));

test("reads captured datagrams, over both versions", () => {
  const view = createUdpView();
  expect(readUdp(UDP_FRAME, AT, UDP_FRAME.length, view)).toBe(READ_OK);
  const common = { targetPort: 9, udpBytes: 11 };
  expect(view).toEqual({ ...common, sourcePort: 49466, checksum: 0x656b, payloadAt: 42, payloadEnd: 45 });
  expect(isUdpChecksumGood(UDP_FRAME, AT, view.payloadEnd, ADDRESS_SUM, false)).toBe(true);
  expect(readUdp(UDP6_FRAME, AT6, UDP6_FRAME.length, view)).toBe(READ_OK);
  expect(view).toEqual({ ...common, sourcePort: 43768, checksum: 0x95ab, payloadAt: 62, payloadEnd: 65 });
  expect(isUdpChecksumGood(UDP6_FRAME, AT6, view.payloadEnd, ADDRESS_SUM6, false)).toBe(true);
});

test("writes captured datagrams again", () => {
  for (const [frame, at, sourcePort, addressSum] of [
    [UDP_FRAME, AT, 49466, ADDRESS_SUM],
    [UDP6_FRAME, AT6, 43768, ADDRESS_SUM6],
  ] as const) {
    const out = unwritten(13);
    expect(writeUdp({ sourcePort, targetPort: 9 }, ABC, addressSum, out, 1)).toBe(11);
    expect(out).toEqual(Uint8Array.of(0xa5, ...frame.subarray(at), 0xa5));
  }
});

test("a checksum is good for its addresses and bytes only", () => {
  const end = UDP_FRAME.length;
  expect(isUdpChecksumGood(UDP_FRAME, AT, end, ADDRESS_SUM + 1, true)).toBe(false);
  expect(isUdpChecksumGood(UDP_FRAME, AT, end - 1, ADDRESS_SUM, true)).toBe(false);
  for (let bit = 0; bit < 11 * 8; bit += 1) {
    const bytes = UDP_FRAME.slice(AT);
    writeUint8(bytes, bit >> 3, (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
    expect(isUdpChecksumGood(bytes, 0, bytes.length, ADDRESS_SUM, true)).toBe(false);
  }
});

test("a sender may do without a checksum over IPv4 only", () => {
  const bytes = UDP_FRAME.slice(AT);
  writeUint16(bytes, UDP_CHECKSUM_AT, 0);
  expect(isUdpChecksumGood(bytes, 0, bytes.length, ADDRESS_SUM, true)).toBe(true);
  expect(isUdpChecksumGood(bytes, 0, bytes.length, ADDRESS_SUM, false)).toBe(false);
});

test("a checksum that comes out as 0 is sent as 0xffff, and is good", () => {
  const fields = { sourcePort: 0, targetPort: 0 };
  const out = unwritten(10);
  writeUdp(fields, Uint8Array.of(0, 0), 0, out, 0);
  const payload = Uint8Array.of(0, 0);
  writeUint16(payload, 0, readUint16(out, UDP_CHECKSUM_AT));
  expect(foldChecksum(17 + 10 + 10 + readUint16(payload, 0))).toBe(0);
  writeUdp(fields, payload, 0, out, 0);
  expect(readUint16(out, UDP_CHECKSUM_AT)).toBe(0xffff);
  expect(isUdpChecksumGood(out, 0, 10, 0, false)).toBe(true);
});

test("the datagram ends by its own length", () => {
  const bytes = UDP_FRAME.slice(AT);
  writeUint16(bytes, 4, 9);
  const view = createUdpView();
  expect(readUdp(bytes, 0, bytes.length, view)).toBe(READ_OK);
  expect([view.payloadAt, view.payloadEnd]).toEqual([8, 9]);
});

test.each([
  ["a length of 0", 0, ReadFault.MALFORMED],
  ["a length inside the header", 7, ReadFault.MALFORMED],
  ["a length past the end", 12, ReadFault.CUT],
  ["a length of 64 KiB", 0xffff, ReadFault.CUT],
])("%s", (_name, udpBytes, fault) => {
  const bytes = UDP_FRAME.slice(AT);
  writeUint16(bytes, 4, udpBytes);
  expect(readUdp(bytes, 0, bytes.length, createUdpView())).toBe(fault);
  expect(readUdpQuote(bytes, 0, bytes.length, createUdpView())).toBe(READ_OK);
});

test("a cut at any length is a fault; a quote needs the header only", () => {
  const datagram = UDP_FRAME.subarray(AT);
  expectFaultAtEveryCut(datagram, 11, (bytes, at, end) => readUdp(bytes, at, end, createUdpView()));
  expectFaultAtEveryCut(datagram, 8, (bytes, at, end) => readUdpQuote(bytes, at, end, createUdpView()));
});

test("a quote gives as much payload as there is", () => {
  const quoteAt = AT6 + 8 + 40;
  const view = createUdpView();
  expect(readUdpQuote(PORT_UNREACHABLE6_FRAME, quoteAt, PORT_UNREACHABLE6_FRAME.length, view)).toBe(READ_OK);
  expect(view).toMatchObject({ sourcePort: 43768, targetPort: 9, udpBytes: 11, payloadEnd: quoteAt + 11 });
  expect(readUdpQuote(PORT_UNREACHABLE6_FRAME, quoteAt, quoteAt + 8, view)).toBe(READ_OK);
  expect([view.payloadAt, view.payloadEnd]).toEqual([quoteAt + 8, quoteAt + 8]);
  const bytes = UDP_FRAME.slice(AT);
  writeUint16(bytes, 4, 3);
  expect(readUdpQuote(bytes, 0, bytes.length, view)).toBe(READ_OK);
  expect([view.payloadAt, view.payloadEnd]).toEqual([8, 8]);
});

test("what is written reads back, with a good checksum", () => {
  const fields = fc.record({ sourcePort: fc.nat(0xffff), targetPort: fc.nat(0xffff) });
  fc.assert(
    fc.property(
      fields,
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ maxLength: 32 }),
      fc.nat(9),
      (written, payload, addresses, at) => {
        const addressSum = sumBytes(addresses, 0, addresses.length);
        const out = unwritten(60);
        const end = at + writeUdp(written, payload, addressSum, out, at);
        const view = createUdpView();
        expect(readUdp(out, at, end, view)).toBe(READ_OK);
        expect(view).toMatchObject({ ...written, udpBytes: UDP_HEADER_BYTES + payload.length, payloadEnd: end });
        expect(out.slice(view.payloadAt, view.payloadEnd)).toEqual(payload);
        expect(isUdpChecksumGood(out, at, end, addressSum, false)).toBe(true);
        expect([...out.subarray(end)].every((byte) => byte === 0xa5)).toBe(true);
      },
    ),
    { seed: 768 },
  );
});

test("no bytes make it throw or pass the end", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(20), fc.nat(40), fc.nat(40), (bytes, at, end, udpBytes) => {
      const stop = Math.min(end, bytes.length);
      if (bytes.length >= at + 6) writeUint16(bytes, at + 4, udpBytes);
      const view = createUdpView();
      for (const reader of [readUdp, readUdpQuote]) {
        const result = expectBounded(bytes, at, stop, (read, from, to) => reader(read, from, to, view));
        if (result === READ_OK) {
          expect(view.payloadEnd).toBeLessThanOrEqual(stop);
          expect(view.payloadAt).toBeLessThanOrEqual(view.payloadEnd);
        }
      }
      expectBounded(bytes, at, stop, (read, from, to) => (isUdpChecksumGood(read, from, to, 1, true) ? 1 : 0));
    }),
    { numRuns: 1000, seed: 768 },
  );
});
