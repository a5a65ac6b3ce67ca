import fc from "fast-check";
import { expect, test } from "vitest";
import { readUint32, writeUint8, writeUint16 } from "./bytes.js";
import {
  ECHO6_FRAME,
  ECHO6_REPLY_FRAME,
  LAST_FRAGMENT_FRAME,
  MLD_REPORT_FRAME,
  OPTIONS_FRAME,
  PORT_UNREACHABLE6_FRAME,
  UDP6_FRAME,
} from "./captures-ipv6.test.data.js";
import { ETHERNET_HEADER_BYTES } from "./ethernet.js";
import { PROTOCOL_TCP, PROTOCOL_UDP } from "./ipv4.js";
import {
  copyIpv6Address,
  createIpv6View,
  IPV6_ADDRESS_BYTES,
  IPV6_HEADER_BYTES,
  IPV6_PAYLOAD_BYTES_AT,
  IPV6_SOURCE_AT,
  IPV6_TARGET_AT,
  PROTOCOL_DESTINATION_OPTIONS,
  PROTOCOL_FRAGMENT,
  PROTOCOL_HOP_BY_HOP,
  PROTOCOL_ICMPV6,
  PROTOCOL_NO_NEXT_HEADER,
  readIpv6,
  writeIpv6,
} from "./ipv6.js";
import { READ_OK, ReadFault } from "./read-fault.js";
import { expectBounded, expectFaultAtEveryCut, unwritten } from "./watch-reads.test.data.js";

const AT = ETHERNET_HEADER_BYTES;
const ROUTING = 43;
const ESP = 50;
const AUTHENTICATION = 51;
const SOURCE = ECHO6_FRAME.slice(AT + IPV6_SOURCE_AT, AT + IPV6_TARGET_AT);
const TARGET = ECHO6_FRAME.slice(AT + IPV6_TARGET_AT, AT + IPV6_HEADER_BYTES);

/** A packet of these extension headers, from the first one's kind on, and 4 bytes of payload. */
function packetOf(protocol: number, ...extensions: number[][]): Uint8Array {
  const payload = [...extensions.flat(), 1, 2, 3, 4];
  const bytes = new Uint8Array(IPV6_HEADER_BYTES + payload.length);
  const fields = { flowLabel: 0, hopLimit: 64, protocol, source: SOURCE, target: TARGET };
  writeIpv6({ ...fields, payloadBytes: payload.length }, bytes, 0);
  bytes.set(payload, IPV6_HEADER_BYTES);
  return bytes;
}

/** An extension header of 8 bytes. */
function extension(next: number, second = 0, third = 0, fourth = 0): number[] {
  return [next, second, third, fourth, 0, 0, 0, 0];
}

test("reads a captured header", () => {
  const view = createIpv6View();
  expect(readIpv6(ECHO6_FRAME, AT, ECHO6_FRAME.length, view)).toBe(READ_OK);
  expect(view).toEqual({
    trafficClass: 0,
    flowLabel: 0x219f4,
    hopLimit: 64,
    protocol: PROTOCOL_ICMPV6,
    sourceAt: 22,
    targetAt: 38,
    payloadAt: 54,
    payloadEnd: 78,
    fragmentOffset: 0,
    isFragment: false,
  });
  expect(readUint32(ECHO6_FRAME, view.targetAt)).toBe(0xfd000062);
});

test("writes captured headers again", () => {
  for (const frame of [ECHO6_FRAME, ECHO6_REPLY_FRAME, UDP6_FRAME]) {
    const view = createIpv6View();
    readIpv6(frame, AT, frame.length, view);
    const source = frame.slice(view.sourceAt, view.sourceAt + IPV6_ADDRESS_BYTES);
    const target = frame.slice(view.targetAt, view.targetAt + IPV6_ADDRESS_BYTES);
    const out = unwritten(42);
    const fields = { ...view, source, target, payloadBytes: view.payloadEnd - view.payloadAt };
    expect(writeIpv6(fields, out, 1)).toBe(IPV6_HEADER_BYTES);
    expect(out).toEqual(Uint8Array.of(0xa5, ...frame.subarray(AT, AT + 40), 0xa5));
  }
});

test("walks the options of captured packets", () => {
  const view = createIpv6View();
  expect(readIpv6(OPTIONS_FRAME, AT, OPTIONS_FRAME.length, view)).toBe(READ_OK);
  expect([view.protocol, view.payloadAt, view.payloadEnd]).toEqual([PROTOCOL_UDP, 70, 81]);
  expect(readIpv6(MLD_REPORT_FRAME, AT, MLD_REPORT_FRAME.length, view)).toBe(READ_OK);
  expect([view.protocol, view.hopLimit, view.payloadAt]).toEqual([PROTOCOL_ICMPV6, 1, 62]);
});

test("a captured later fragment says what it belongs to", () => {
  const view = createIpv6View();
  expect(readIpv6(LAST_FRAGMENT_FRAME, AT, LAST_FRAGMENT_FRAME.length, view)).toBe(READ_OK);
  expect(view).toMatchObject({ protocol: PROTOCOL_UDP, fragmentOffset: 1448 / 8, isFragment: true, payloadAt: 62 });
});

test("the traffic class stands between version and flow label", () => {
  const bytes = ECHO6_FRAME.slice(AT);
  writeUint16(bytes, 0, 0x6ab2);
  const view = createIpv6View();
  expect(readIpv6(bytes, 0, bytes.length, view)).toBe(READ_OK);
  expect([view.trafficClass, view.flowLabel]).toEqual([0xab, 0x219f4]);
});

test("the payload ends by the payload length, not with the padding of a short frame", () => {
  const padded = new Uint8Array(80).fill(0xee);
  padded.set(UDP6_FRAME.subarray(AT));
  const view = createIpv6View();
  expect(readIpv6(padded, 0, padded.length, view)).toBe(READ_OK);
  expect(view.payloadEnd).toBe(51);
});

test("a cut at any length is a fault", () => {
  for (const frame of [ECHO6_FRAME, OPTIONS_FRAME, LAST_FRAGMENT_FRAME]) {
    const packet = frame.subarray(AT);
    expectFaultAtEveryCut(packet, packet.length, (bytes, at, end) => readIpv6(bytes, at, end, createIpv6View()));
  }
});

test("a quote needs its headers only, extension headers among them", () => {
  const read = (bytes: Uint8Array, at: number, end: number) => readIpv6(bytes, at, end, createIpv6View(), true);
  expectFaultAtEveryCut(ECHO6_FRAME.subarray(AT), 40, read);
  expectFaultAtEveryCut(OPTIONS_FRAME.subarray(AT), 56, read);
  expectFaultAtEveryCut(LAST_FRAGMENT_FRAME.subarray(AT), 48, read);
  const view = createIpv6View();
  expect(readIpv6(ECHO6_FRAME, AT, AT + 48, view, true)).toBe(READ_OK);
  expect([view.payloadAt, view.payloadEnd]).toEqual([AT + 40, AT + 48]);
});

test("reads what a captured error quotes, and no padding behind it", () => {
  const quoteAt = AT + 48;
  const padded = new Uint8Array(PORT_UNREACHABLE6_FRAME.length + 20);
  padded.set(PORT_UNREACHABLE6_FRAME);
  const view = createIpv6View();
  expect(readIpv6(padded, quoteAt, padded.length, view, true)).toBe(READ_OK);
  expect(view).toMatchObject({ protocol: PROTOCOL_UDP, payloadAt: quoteAt + 40, payloadEnd: quoteAt + 51 });
});

test.each([
  ["hop-by-hop options", PROTOCOL_HOP_BY_HOP, extension(PROTOCOL_TCP), 48],
  ["a routing header of 16 bytes", ROUTING, [...extension(PROTOCOL_TCP, 1), ...extension(0)], 56],
  ["destination options", PROTOCOL_DESTINATION_OPTIONS, extension(PROTOCOL_TCP), 48],
  ["AH with 12 bytes of check value", AUTHENTICATION, [...extension(PROTOCOL_TCP, 4), ...new Array(16).fill(9)], 64],
  ["a fragment header whose second byte is reserved", PROTOCOL_FRAGMENT, extension(PROTOCOL_TCP, 0xff), 48],
])("skips %s", (_name, protocol, header, payloadAt) => {
  const bytes = packetOf(protocol, header);
  const view = createIpv6View();
  expect(readIpv6(bytes, 0, bytes.length, view)).toBe(READ_OK);
  expect(view).toMatchObject({ protocol: PROTOCOL_TCP, payloadAt, payloadEnd: payloadAt + 4, isFragment: false });
});

test.each([
  ["ESP hides what follows", ESP],
  ["nothing follows", PROTOCOL_NO_NEXT_HEADER],
])("the walk ends where %s", (_name, protocol) => {
  const bytes = packetOf(PROTOCOL_DESTINATION_OPTIONS, extension(protocol));
  const view = createIpv6View();
  expect(readIpv6(bytes, 0, bytes.length, view)).toBe(READ_OK);
  expect([view.protocol, view.payloadAt]).toEqual([protocol, 48]);
});

test("of fragments only the first is walked on", () => {
  const options = extension(PROTOCOL_TCP);
  const view = createIpv6View();
  const first = packetOf(PROTOCOL_FRAGMENT, extension(PROTOCOL_DESTINATION_OPTIONS, 0, 0, 1), options);
  expect(readIpv6(first, 0, first.length, view)).toBe(READ_OK);
  expect(view).toMatchObject({ protocol: PROTOCOL_TCP, payloadAt: 56, fragmentOffset: 0, isFragment: true });
  const last = packetOf(PROTOCOL_FRAGMENT, extension(PROTOCOL_DESTINATION_OPTIONS, 0, 0, 8), options);
  expect(readIpv6(last, 0, last.length, view)).toBe(READ_OK);
  expect(view).toMatchObject({ protocol: PROTOCOL_DESTINATION_OPTIONS, payloadAt: 48, fragmentOffset: 1 });
  readIpv6(ECHO6_FRAME, AT, ECHO6_FRAME.length, view);
  expect([view.fragmentOffset, view.isFragment]).toEqual([0, false]);
});

test("a dozen extension headers are read, one more is not", () => {
  const view = createIpv6View();
  const options = extension(PROTOCOL_DESTINATION_OPTIONS);
  const dozen = packetOf(PROTOCOL_DESTINATION_OPTIONS, ...new Array(11).fill(options), extension(PROTOCOL_TCP));
  expect(readIpv6(dozen, 0, dozen.length, view)).toBe(READ_OK);
  const more = packetOf(PROTOCOL_DESTINATION_OPTIONS, ...new Array(12).fill(options), extension(PROTOCOL_TCP));
  expect(readIpv6(more, 0, more.length, view)).toBe(ReadFault.UNSUPPORTED);
});

test.each([
  ["version 4", 0, 0x45, ReadFault.UNSUPPORTED],
  ["version 0", 0, 0x00, ReadFault.UNSUPPORTED],
  ["a payload length past the end", IPV6_PAYLOAD_BYTES_AT + 1, 0xff, ReadFault.CUT],
  ["options past the end", 41, 2, ReadFault.CUT],
  ["options cut by the payload length", IPV6_PAYLOAD_BYTES_AT + 1, 7, ReadFault.CUT],
  ["a jumbogram's payload length", IPV6_PAYLOAD_BYTES_AT + 1, 0, ReadFault.CUT],
])("%s", (_name, at, value, fault) => {
  const bytes = packetOf(PROTOCOL_HOP_BY_HOP, extension(PROTOCOL_TCP));
  writeUint8(bytes, at, value);
  expect(readIpv6(bytes, 0, bytes.length, createIpv6View())).toBe(fault);
});

test("copies an address and nothing else", () => {
  const out = unwritten(18);
  copyIpv6Address(ECHO6_FRAME, AT + IPV6_TARGET_AT, out, 1);
  expect(out).toEqual(Uint8Array.of(0xa5, ...TARGET, 0xa5));
});

test("what is written reads back", () => {
  const address = fc.uint8Array({ minLength: 16, maxLength: 16 });
  const fields = fc.record({
    flowLabel: fc.nat(0xf_ffff),
    hopLimit: fc.nat(255),
    protocol: fc.constantFrom(PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_ICMPV6, PROTOCOL_NO_NEXT_HEADER, 255),
    source: address,
    target: address,
    payloadBytes: fc.nat(60),
  });
  fc.assert(
    fc.property(fields, fc.nat(9), (written, at) => {
      const out = unwritten(110);
      const view = createIpv6View();
      expect(readIpv6(out, at, at + writeIpv6(written, out, at) + written.payloadBytes, view)).toBe(READ_OK);
      const { source, target, payloadBytes, ...same } = written;
      expect(view).toMatchObject({ ...same, trafficClass: 0, payloadAt: at + 40, payloadEnd: at + 40 + payloadBytes });
      expect(out.slice(view.sourceAt, view.sourceAt + 16)).toEqual(source);
      expect(out.slice(view.targetAt, view.targetAt + 16)).toEqual(target);
    }),
    { seed: 8200 },
  );
});

test("no bytes make it throw or pass the end", () => {
  const extensions = fc.constantFrom(PROTOCOL_HOP_BY_HOP, ROUTING, PROTOCOL_FRAGMENT, AUTHENTICATION, 60);
  const small = fc.oneof({ weight: 3, arbitrary: extensions }, { weight: 3, arbitrary: fc.nat(2) }, fc.nat(255));
  fc.assert(
    fc.property(
      fc.array(small, { maxLength: 120 }),
      fc.nat(9),
      fc.nat(120),
      fc.boolean(),
      fc.boolean(),
      (values, at, end, isHeader, isQuote) => {
        const bytes = Uint8Array.from(values);
        const stop = Math.min(end, bytes.length);
        if (isHeader && bytes.length >= at + 7) {
          bytes.set([0x60, 0, 0, 0, 0, Math.max(0, stop - at - 40)], at);
        }
        const view = createIpv6View();
        const result = expectBounded(bytes, at, stop, (read, from, to) => readIpv6(read, from, to, view, isQuote));
        if (result === READ_OK) {
          expect(view.payloadEnd).toBeLessThanOrEqual(stop);
          expect(view.payloadAt).toBeLessThanOrEqual(view.payloadEnd);
        }
      },
    ),
    { numRuns: 2000, seed: 8200 },
  );
});
