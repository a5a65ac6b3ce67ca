import fc from "fast-check";
import { expect, test } from "vitest";
import { writeUint8 } from "./bytes.js";
import {
  DUPLICATE_CHECK_FRAME,
  ECHO6_FRAME,
  NEIGHBOUR_ADVERTISEMENT_FRAME,
  NEIGHBOUR_SOLICITATION_FRAME,
} from "./captures-ipv6.test.data.js";
import { sumBytes } from "./checksum.js";
import { formatMac, MAC_BYTES } from "./ethernet.js";
import { createIcmpv6View, readIcmpv6 } from "./icmpv6.js";
import { createIpv6View, IPV6_ADDRESS_BYTES, IPV6_HEADER_BYTES, readIpv6 } from "./ipv6.js";
import {
  createNeighbourView,
  NEIGHBOUR_ADVERTISEMENT,
  NEIGHBOUR_HOP_LIMIT,
  NEIGHBOUR_MESSAGE_BYTES,
  NEIGHBOUR_OVERRIDE,
  NEIGHBOUR_ROUTER,
  NEIGHBOUR_SOLICITATION,
  NEIGHBOUR_SOLICITED,
  readNeighbourMessage,
  writeMulticastMac,
  writeNeighbourAdvertisement,
  writeNeighbourSolicitation,
  writeSolicitedNodeAddress,
} from "./neighbour-discovery.js";
import { READ_OK, ReadFault } from "./read-fault.js";
import { expectBounded, expectFaultAtEveryCut, unwritten } from "./watch-reads.test.data.js";

/** Behind Ethernet and a plain IPv6 header, which ends with both addresses. */
const AT = 54;
const SOURCE_MAC = NEIGHBOUR_SOLICITATION_FRAME.slice(6, 12);
const TARGET = NEIGHBOUR_SOLICITATION_FRAME.slice(AT + 8, AT + 24);

function readFrame(frame: Uint8Array) {
  const view = createNeighbourView();
  expect(readNeighbourMessage(frame, AT, frame.length, view)).toBe(READ_OK);
  return view;
}

function addressSumOf(frame: Uint8Array): number {
  return sumBytes(frame, AT - 32, AT);
}

test("reads a captured solicitation and its answer", () => {
  const question = readFrame(NEIGHBOUR_SOLICITATION_FRAME);
  expect(question).toEqual({ targetAt: AT + 8, linkAddressAt: AT + 26, flags: 0 });
  expect(formatMac(NEIGHBOUR_SOLICITATION_FRAME, question.linkAddressAt)).toBe("02:00:0a:62:00:01");
  const answer = readFrame(NEIGHBOUR_ADVERTISEMENT_FRAME);
  expect(answer).toEqual({ targetAt: AT + 8, linkAddressAt: AT + 26, flags: NEIGHBOUR_SOLICITED | NEIGHBOUR_OVERRIDE });
  expect(formatMac(NEIGHBOUR_ADVERTISEMENT_FRAME, answer.linkAddressAt)).toBe("02:00:0a:62:00:02");
  expect(NEIGHBOUR_ADVERTISEMENT_FRAME.slice(answer.targetAt, answer.targetAt + IPV6_ADDRESS_BYTES)).toEqual(TARGET);
});

test("passes over a captured nonce, and knows no address then", () => {
  expect(readFrame(DUPLICATE_CHECK_FRAME)).toEqual({ targetAt: AT + 8, linkAddressAt: -1, flags: 0 });
});

test("captured messages have the hop limit that they must", () => {
  const view = createIpv6View();
  for (const frame of [NEIGHBOUR_SOLICITATION_FRAME, NEIGHBOUR_ADVERTISEMENT_FRAME, DUPLICATE_CHECK_FRAME]) {
    expect(readIpv6(frame, AT - IPV6_HEADER_BYTES, frame.length, view)).toBe(READ_OK);
    expect(view.hopLimit).toBe(NEIGHBOUR_HOP_LIMIT);
  }
});

test("writes captured messages again", () => {
  const out = unwritten(34);
  const questionSum = addressSumOf(NEIGHBOUR_SOLICITATION_FRAME);
  expect(writeNeighbourSolicitation(TARGET, SOURCE_MAC, questionSum, out, 1)).toBe(NEIGHBOUR_MESSAGE_BYTES);
  expect(out).toEqual(Uint8Array.of(0xa5, ...NEIGHBOUR_SOLICITATION_FRAME.subarray(AT), 0xa5));
  const mac = NEIGHBOUR_ADVERTISEMENT_FRAME.slice(6, 12);
  const flags = NEIGHBOUR_SOLICITED | NEIGHBOUR_OVERRIDE;
  const answerSum = addressSumOf(NEIGHBOUR_ADVERTISEMENT_FRAME);
  expect(writeNeighbourAdvertisement(TARGET, mac, flags, answerSum, out, 1)).toBe(NEIGHBOUR_MESSAGE_BYTES);
  expect(out).toEqual(Uint8Array.of(0xa5, ...NEIGHBOUR_ADVERTISEMENT_FRAME.subarray(AT), 0xa5));
});

test("a solicitation without the sender's address is 24 bytes", () => {
  const out = unwritten(26);
  expect(writeNeighbourSolicitation(TARGET, undefined, 0, out, 1)).toBe(24);
  expect([out[0], out[25]]).toEqual([0xa5, 0xa5]);
  const view = createNeighbourView();
  expect(readNeighbourMessage(out, 1, 25, view)).toBe(READ_OK);
  expect(view.linkAddressAt).toBe(-1);
});

test("where a captured solicitation goes", () => {
  const out = unwritten(18);
  expect(writeSolicitedNodeAddress(TARGET, out, 1)).toBe(IPV6_ADDRESS_BYTES);
  expect(out).toEqual(Uint8Array.of(0xa5, ...NEIGHBOUR_SOLICITATION_FRAME.subarray(AT - 16, AT), 0xa5));
  const mac = unwritten(8);
  expect(writeMulticastMac(out, 1, mac, 1)).toBe(MAC_BYTES);
  expect(mac).toEqual(Uint8Array.of(0xa5, ...NEIGHBOUR_SOLICITATION_FRAME.subarray(0, 6), 0xa5));
});

test("a link-layer address of the other kind is passed over", () => {
  for (const [frame, otherKind] of [
    [NEIGHBOUR_SOLICITATION_FRAME, 2],
    [NEIGHBOUR_ADVERTISEMENT_FRAME, 1],
  ] as const) {
    const bytes = frame.slice();
    writeUint8(bytes, AT + 24, otherKind);
    expect(readFrame(bytes).linkAddressAt).toBe(-1);
  }
});

test("an address is found behind another option", () => {
  const bytes = Uint8Array.of(...DUPLICATE_CHECK_FRAME, 1, 1, 2, 0, 0, 0, 0, 9);
  expect(readFrame(bytes).linkAddressAt).toBe(AT + 34);
});

test("only the three flags are told, and none of a solicitation", () => {
  const bytes = NEIGHBOUR_ADVERTISEMENT_FRAME.slice();
  writeUint8(bytes, AT + 4, 0xff);
  expect(readFrame(bytes).flags).toBe(NEIGHBOUR_ROUTER | NEIGHBOUR_SOLICITED | NEIGHBOUR_OVERRIDE);
  writeUint8(bytes, AT, NEIGHBOUR_SOLICITATION);
  expect(readFrame(bytes).flags).toBe(0);
});

test.each([
  ["a router's advertisement", 0, 134, ReadFault.UNSUPPORTED],
  ["a redirect", 0, 137, ReadFault.UNSUPPORTED],
  ["a code other than 0", 1, 1, ReadFault.MALFORMED],
  ["a multicast target", 8, 0xff, ReadFault.MALFORMED],
  ["an option without length", 25, 0, ReadFault.MALFORMED],
  ["an option past the end", 25, 2, ReadFault.CUT],
  ["an option of 2,040 bytes", 25, 255, ReadFault.CUT],
])("%s", (_name, at, value, fault) => {
  const bytes = NEIGHBOUR_ADVERTISEMENT_FRAME.slice(AT);
  writeUint8(bytes, at, value);
  expect(readNeighbourMessage(bytes, 0, bytes.length, createNeighbourView())).toBe(fault);
});

test("an address longer than Ethernet's is malformed", () => {
  const bytes = Uint8Array.of(...NEIGHBOUR_ADVERTISEMENT_FRAME.subarray(AT), 0, 0, 0, 0, 0, 0, 0, 0);
  writeUint8(bytes, 25, 2);
  expect(readNeighbourMessage(bytes, 0, bytes.length, createNeighbourView())).toBe(ReadFault.MALFORMED);
});

test("other messages are not read", () => {
  expect(readNeighbourMessage(ECHO6_FRAME, AT, ECHO6_FRAME.length, createNeighbourView())).toBe(ReadFault.UNSUPPORTED);
});

test("a cut is a fault, but where an option begins", () => {
  const read = (bytes: Uint8Array, at: number, end: number) =>
    readNeighbourMessage(bytes, at, end, createNeighbourView());
  expectFaultAtEveryCut(NEIGHBOUR_ADVERTISEMENT_FRAME.subarray(AT, AT + 24), 24, read);
  const message = NEIGHBOUR_ADVERTISEMENT_FRAME.subarray(AT);
  for (let end = 25; end < message.length; end += 1) {
    expect(expectBounded(message, 0, end, read)).toBe(ReadFault.CUT);
  }
});

test("what is written reads back, with a good checksum", () => {
  const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const unicast = bytesOf(16).filter((address) => address[0] !== 0xff);
  const flags = fc.nat(7).map((bits) => bits << 5);
  fc.assert(
    fc.property(unicast, bytesOf(6), flags, bytesOf(32), fc.nat(9), (target, mac, said, both, at) => {
      const addressSum = sumBytes(both, 0, 32);
      const out = unwritten(42);
      const view = createNeighbourView();
      const message = createIcmpv6View();
      for (const [type, write] of [
        [NEIGHBOUR_SOLICITATION, () => writeNeighbourSolicitation(target, mac, addressSum, out, at)],
        [NEIGHBOUR_ADVERTISEMENT, () => writeNeighbourAdvertisement(target, mac, said, addressSum, out, at)],
      ] as const) {
        const end = at + write();
        expect(readIcmpv6(out, at, end, addressSum, false, message)).toBe(READ_OK);
        expect(message.type).toBe(type);
        expect(readNeighbourMessage(out, at, end, view)).toBe(READ_OK);
        expect(view.flags).toBe(type === NEIGHBOUR_ADVERTISEMENT ? said : 0);
        expect(out.slice(view.targetAt, view.targetAt + 16)).toEqual(target);
        expect(out.slice(view.linkAddressAt, view.linkAddressAt + 6)).toEqual(mac);
      }
    }),
    { seed: 4861 },
  );
});

test("no bytes make it throw or pass the end", () => {
  const small = fc.oneof(fc.nat(3), fc.nat(255));
  fc.assert(
    fc.property(
      fc.array(small, { maxLength: 80 }),
      fc.constantFrom(NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT),
      fc.nat(9),
      fc.nat(80),
      (values, type, at, end) => {
        const bytes = Uint8Array.from(values);
        const stop = Math.min(end, bytes.length);
        if (bytes.length >= at + 2) bytes.set([type, 0], at);
        const view = createNeighbourView();
        const result = expectBounded(bytes, at, stop, (read, from, to) => readNeighbourMessage(read, from, to, view));
        if (result === READ_OK) {
          expect(view.targetAt + IPV6_ADDRESS_BYTES).toBeLessThanOrEqual(stop);
          expect(view.linkAddressAt + MAC_BYTES).toBeLessThanOrEqual(stop);
        }
      },
    ),
    { numRuns: 2000, seed: 4861 },
  );
});
