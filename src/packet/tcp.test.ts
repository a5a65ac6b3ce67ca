import fc from "fast-check";
import { expect, test } from "vitest";
import { writeUint8 } from "./bytes.js";
import {
  DATA_FRAME,
  KERNEL_SYN_ACK_FRAME,
  KERNEL_SYN_FRAME,
  NMAP_SYN_FRAME,
  PROHIBITED_FRAME,
  RST_ACK_FRAME,
  RST_FRAME,
  TIME_EXCEEDED_FRAME,
} from "./captures.test.data.js";
import { sumBytes } from "./checksum.js";
import { READ_OK, ReadFault } from "./read-fault.js";
import {
  createTcpView,
  isTcpChecksumGood,
  readTcp,
  readTcpQuote,
  TCP_ACK,
  TCP_CWR,
  TCP_ECE,
  TCP_FIN,
  TCP_PSH,
  TCP_RST,
  TCP_SYN,
  TCP_URG,
  writeTcp,
  writeTcpChecksum,
} from "./tcp.js";
import { expectBounded, expectFaultAtEveryCut, unwritten } from "./watch-reads.test.data.js";

/** Behind Ethernet and a plain IPv4 header. */
const AT = 34;
/** Of 10.98.0.1 and 10.98.0.2, whichever way the segment goes. */
const ADDRESS_SUM = sumBytes(NMAP_SYN_FRAME, AT - 8, AT);

test("reads a captured SYN", () => {
  const view = createTcpView();
  expect(readTcp(NMAP_SYN_FRAME, AT, NMAP_SYN_FRAME.length, view)).toBe(READ_OK);
  expect(view).toEqual({
    sourcePort: 33572,
    targetPort: 8080,
    sequence: 3341807583,
    acknowledgment: 0,
    headerBytes: 24,
    flags: TCP_SYN,
    window: 1024,
    urgentPointer: 0,
    payloadAt: 58,
    payloadEnd: 58,
  });
});

test("reads the flags of captured answers", () => {
  const view = createTcpView();
  expect(readTcp(KERNEL_SYN_ACK_FRAME, AT, KERNEL_SYN_ACK_FRAME.length, view)).toBe(READ_OK);
  expect([view.flags, view.headerBytes, view.acknowledgment]).toEqual([TCP_SYN | TCP_ACK, 40, 3955293202]);
  expect(readTcp(RST_FRAME, AT, RST_FRAME.length, view)).toBe(READ_OK);
  expect([view.flags, view.sequence, view.window]).toEqual([TCP_RST, 3341807584, 0]);
  expect(readTcp(RST_ACK_FRAME, AT, RST_ACK_FRAME.length, view)).toBe(READ_OK);
  expect([view.flags, view.sequence, view.acknowledgment]).toEqual([TCP_RST | TCP_ACK, 0, 3341807584]);
  expect(readTcp(DATA_FRAME, AT, DATA_FRAME.length, view)).toBe(READ_OK);
  expect(view.flags).toBe(TCP_PSH | TCP_ACK);
  expect(Buffer.from(DATA_FRAME.subarray(view.payloadAt, view.payloadEnd)).toString()).toBe("hello\n");
});

test("the eight flags are eight bits", () => {
  expect(TCP_FIN | TCP_SYN | TCP_RST | TCP_PSH | TCP_ACK | TCP_URG | TCP_ECE | TCP_CWR).toBe(0xff);
});

test("writes captured segments again", () => {
  for (const frame of [NMAP_SYN_FRAME, RST_FRAME]) {
    const view = createTcpView();
    readTcp(frame, AT, frame.length, view);
    const fields = { ...view, maximumSegmentBytes: view.headerBytes === 24 ? 1460 : 0 };
    const out = unwritten(26);
    expect(writeTcp(fields, ADDRESS_SUM, out, 1)).toBe(frame.length - AT);
    expect(out.subarray(1, 1 + frame.length - AT)).toEqual(frame.subarray(AT));
    expect(out[0]).toBe(0xa5);
    expect(out[1 + frame.length - AT]).toBe(0xa5);
  }
});

test("a finished checksum is good, for these addresses only", () => {
  const end = NMAP_SYN_FRAME.length;
  expect(isTcpChecksumGood(NMAP_SYN_FRAME, AT, end, ADDRESS_SUM)).toBe(true);
  expect(isTcpChecksumGood(NMAP_SYN_FRAME, AT, end, ADDRESS_SUM + 1)).toBe(false);
  expect(isTcpChecksumGood(NMAP_SYN_FRAME, AT, end - 1, ADDRESS_SUM)).toBe(false);
  expect(isTcpChecksumGood(RST_ACK_FRAME, AT, RST_ACK_FRAME.length, ADDRESS_SUM)).toBe(true);
});

test("a checksum that no card has finished is not good, but the segment reads", () => {
  expect(readTcp(KERNEL_SYN_FRAME, AT, KERNEL_SYN_FRAME.length, createTcpView())).toBe(READ_OK);
  expect(isTcpChecksumGood(KERNEL_SYN_FRAME, AT, KERNEL_SYN_FRAME.length, ADDRESS_SUM)).toBe(false);
});

test("an odd payload counts in the checksum", () => {
  const bytes = unwritten(27);
  const fields = { ...createTcpView(), maximumSegmentBytes: 0 };
  writeTcp(fields, ADDRESS_SUM, bytes, 0);
  writeTcpChecksum(bytes, 0, 27, ADDRESS_SUM);
  expect(isTcpChecksumGood(bytes, 0, 27, ADDRESS_SUM)).toBe(true);
  writeUint8(bytes, 26, 0xa6);
  expect(isTcpChecksumGood(bytes, 0, 27, ADDRESS_SUM)).toBe(false);
});

test("a cut at any length is a fault, until the header is whole", () => {
  const read = (bytes: Uint8Array, at: number, end: number) => readTcp(bytes, at, end, createTcpView());
  expectFaultAtEveryCut(KERNEL_SYN_ACK_FRAME.subarray(AT), 40, read);
  expectFaultAtEveryCut(RST_FRAME.subarray(AT), 20, read);
  expectFaultAtEveryCut(DATA_FRAME.subarray(AT), 32, read);
});

test.each([
  ["a data offset of 0", 0x00, ReadFault.MALFORMED],
  ["a data offset of 16 bytes", 0x40, ReadFault.MALFORMED],
  ["a data offset past the end", 0x70, ReadFault.CUT],
  ["a data offset of 60 bytes", 0xf0, ReadFault.CUT],
])("%s", (_name, offset, fault) => {
  const bytes = NMAP_SYN_FRAME.slice();
  writeUint8(bytes, AT + 12, offset);
  expect(readTcp(bytes, AT, bytes.length, createTcpView())).toBe(fault);
});

test("a quote of 8 bytes gives ports and sequence, and nothing left over", () => {
  const view = createTcpView();
  readTcp(KERNEL_SYN_ACK_FRAME, AT, KERNEL_SYN_ACK_FRAME.length, view);
  expect(readTcpQuote(NMAP_SYN_FRAME, AT, AT + 8, view)).toBe(READ_OK);
  const end = AT + 8;
  const ports = { sourcePort: 33572, targetPort: 8080, sequence: 3341807583 };
  expect(view).toEqual({ ...createTcpView(), ...ports, payloadAt: end, payloadEnd: end });
  expectFaultAtEveryCut(NMAP_SYN_FRAME.subarray(AT), 8, (bytes, at, stop) =>
    readTcpQuote(bytes, at, stop, createTcpView()),
  );
});

test("captured errors quote our segment", () => {
  const view = createTcpView();
  const quoteAt = 14 + 20 + 8 + 20;
  expect(readTcpQuote(PROHIBITED_FRAME, quoteAt, PROHIBITED_FRAME.length, view)).toBe(READ_OK);
  expect([view.sourcePort, view.targetPort, view.sequence]).toEqual([44641, 443, 2057686369]);
  expect(readTcpQuote(TIME_EXCEEDED_FRAME, quoteAt, TIME_EXCEEDED_FRAME.length, view)).toBe(READ_OK);
  expect([view.sourcePort, view.targetPort, view.sequence]).toEqual([50955, 443, 4195186609]);
});

test("what is written reads back, with a good checksum", () => {
  const port = fc.nat(0xffff);
  const number = fc.nat(0xffff_ffff);
  const fields = fc.record({
    sourcePort: port,
    targetPort: port,
    sequence: number,
    acknowledgment: number,
    flags: fc.nat(255),
    window: port,
    maximumSegmentBytes: port,
  });
  fc.assert(
    fc.property(fields, fc.uint8Array({ maxLength: 32 }), fc.nat(9), (written, addresses, at) => {
      const addressSum = sumBytes(addresses, 0, addresses.length);
      const out = unwritten(40);
      const view = createTcpView();
      const end = at + writeTcp(written, addressSum, out, at);
      expect(readTcp(out, at, end, view)).toBe(READ_OK);
      const { maximumSegmentBytes, ...same } = written;
      expect(view).toMatchObject({ ...same, urgentPointer: 0, headerBytes: maximumSegmentBytes === 0 ? 20 : 24 });
      expect(view.payloadAt).toBe(end);
      expect(isTcpChecksumGood(out, at, end, addressSum)).toBe(true);
      expect([...out.subarray(end)].every((byte) => byte === 0xa5)).toBe(true);
    }),
  );
});

test("no bytes make it throw or pass the end", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(20), fc.nat(80), (bytes, at, end) => {
      const stop = Math.min(end, bytes.length);
      const view = createTcpView();
      for (const reader of [readTcp, readTcpQuote]) {
        const result = expectBounded(bytes, at, stop, (read, from, to) => reader(read, from, to, view));
        if (result === READ_OK) {
          expect(view.payloadEnd).toBeLessThanOrEqual(stop);
          expect(view.payloadAt).toBeLessThanOrEqual(view.payloadEnd);
        }
      }
      expectBounded(bytes, at, stop, (read, from, to) => (isTcpChecksumGood(read, from, to, 1) ? 1 : 0));
    }),
    { numRuns: 1000 },
  );
});
