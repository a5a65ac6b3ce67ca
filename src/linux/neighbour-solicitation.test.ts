import fc from "fast-check";
import { expect, test } from "vitest";
import { foldChecksum, sumBytes } from "../packet/checksum.js";
import { parseMac } from "../packet/ethernet.js";
import { parseIpv6 } from "../target/ipv6.js";
import { readAdvertisement, solicitationFrame } from "./neighbour-solicitation.js";

const ipv6 = (text: string): Uint8Array => parseIpv6(text) ?? new Uint8Array();
const mac = (text: string): Uint8Array => parseMac(text) ?? new Uint8Array();

const OWN = ipv6("fe80::1");
const TARGET = ipv6("fd00:9::12:3456");
const MAC = mac("02:00:00:00:00:07");
const TARGET_OPTION = [2, 1, ...MAC];

/** A neighbour advertisement with a good checksum. */
function advertisement(options: readonly number[], target: Uint8Array = TARGET, hopLimit = 255): Uint8Array {
  const icmp = [136, 0, 0, 0, 0x60, 0, 0, 0, ...target, ...options];
  const bytes = Uint8Array.of(0x60, 0, 0, 0, 0, icmp.length, 58, hopLimit, ...TARGET, ...OWN, ...icmp);
  const sum = foldChecksum(sumBytes(bytes, 8, bytes.length, 58 + icmp.length));
  bytes.set([sum >>> 8, sum & 255], 42);
  return bytes;
}

const read = (packet: Uint8Array, end: number = packet.length) => readAdvertisement(packet, end, TARGET);

test("a solicitation goes to the target's own group, with our link address in it", () => {
  const frame = solicitationFrame(MAC, OWN, TARGET);
  expect(frame.length).toBe(14 + 40 + 32);
  expect([...frame.subarray(0, 14)]).toEqual([0x33, 0x33, 0xff, 0x12, 0x34, 0x56, ...MAC, 0x86, 0xdd]);
  expect([...frame.subarray(14, 22)]).toEqual([0x60, 0, 0, 0, 0, 32, 58, 255]);
  expect(frame.subarray(22, 54)).toEqual(Uint8Array.of(...OWN, ...ipv6("ff02::1:ff12:3456")));
  expect([...frame.subarray(54, 56)]).toEqual([135, 0]);
  expect([...frame.subarray(58)]).toEqual([0, 0, 0, 0, ...TARGET, 1, 1, ...MAC]);
  expect(foldChecksum(sumBytes(frame, 22, frame.length, 58 + 32))).toBe(0);
});

test("an advertisement tells the target's link address, behind other options, too", () => {
  expect(read(advertisement(TARGET_OPTION))).toEqual(MAC);
  expect(read(advertisement([14, 2, ...new Array<number>(14).fill(9), ...TARGET_OPTION]))).toEqual(MAC);
});

test.each([
  ["for another target", advertisement(TARGET_OPTION, ipv6("fd00:9::12:3457"))],
  ["that crossed a router", advertisement(TARGET_OPTION, TARGET, 254)],
  ["without an option", advertisement([])],
  ["with the source's option", advertisement([1, 1, ...MAC])],
  ["with an option of length 0", advertisement([14, 0, 0, 0, 0, 0, 0, 0, ...TARGET_OPTION])],
  ["with an option that is longer than it should be", advertisement([2, 2, ...new Array<number>(14).fill(2)])],
  ["with an option that leaves the packet", advertisement([14, 255, 0, 0, 0, 0, 0, 0, ...TARGET_OPTION])],
])("an advertisement %s tells nothing", (_what, packet) => {
  expect(read(packet)).toBeUndefined();
});

test("an advertisement that is cut, or changed in any byte but the ones that nobody covers, tells nothing", () => {
  const whole = advertisement(TARGET_OPTION);
  for (let end = 0; end < whole.length; end++) expect(read(whole, end)).toBeUndefined();
  for (let at = 4; at < whole.length; at++) {
    const packet = whole.slice();
    packet[at] = (packet[at] ?? 0) ^ 0x10;
    expect(read(packet)).toBeUndefined();
  }
});

test("no bytes make it throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(120), (bytes, end) => {
      expect([undefined, 6]).toContain(read(bytes, Math.min(end, bytes.length))?.length);
    }),
    { seed: 1 },
  );
});
