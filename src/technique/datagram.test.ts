import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldChecksum, sumBytes } from "../packet/checksum.js";
import { createIpv4View, readIpv4 } from "../packet/ipv4.js";
import { createIpv6View, readIpv6 } from "../packet/ipv6.js";
import { READ_OK } from "../packet/read-fault.js";
import { Cookies, TRIES_MAX } from "./cookies.js";
import {
  addressSumAt,
  datagramBytesAt,
  HEADER_BYTES_MAX,
  headerBytesOf,
  isMarkQuoted,
  markOf,
  traceMark,
  tryOfMark,
  writeHeader,
} from "./datagram.js";
import { FrameView } from "./frame-view.js";
import { OWN, OWN_IPV6, probeTo } from "./frames.test.data.js";

const COOKIES = new Cookies(11, 22, 30_000);
const HOST = 0x0a00_0007;
const HOST_IPV6 = Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7);

describe("writes the header of a probe", () => {
  test("over IPv4: addresses, time to live, don't fragment, the mark as identification", () => {
    const out = new Uint8Array(60).fill(0xa5);
    expect(writeHeader(out, 3, { ...probeTo(HOST, 1, 0, COOKIES), ttl: 9 }, 47, 8, 0x1_2345)).toBe(20);
    const view = createIpv4View();
    expect(readIpv4(out, 3, 31, view)).toBe(READ_OK);
    expect(view).toMatchObject({ source: OWN, target: HOST, ttl: 9, protocol: 47, flags: 2, identification: 0x2345 });
    expect([view.totalBytes, datagramBytesAt(out, 3, 4)]).toEqual([28, 28]);
  });

  test("over IPv6: the same with 20 bits of mark as flow label", () => {
    const out = new Uint8Array(60).fill(0xa5);
    expect(writeHeader(out, 3, { ...probeTo(HOST_IPV6, 1, 0, COOKIES), ttl: 9 }, 47, 8, 0xa1_2345)).toBe(40);
    const view = createIpv6View();
    expect(readIpv6(out, 3, 51, view)).toBe(READ_OK);
    expect(view).toMatchObject({ hopLimit: 9, protocol: 47, trafficClass: 0, flowLabel: 0x1_2345 });
    expect(out.slice(view.sourceAt, view.sourceAt + 16)).toEqual(OWN_IPV6);
    expect(out.slice(view.targetAt, view.targetAt + 16)).toEqual(HOST_IPV6);
    expect(datagramBytesAt(out, 3, 6)).toBe(48);
  });

  test("in as many bytes as it says beforehand", () => {
    const out = new Uint8Array(HEADER_BYTES_MAX);
    for (const host of [HOST, HOST_IPV6]) {
      const probe = probeTo(host, 1, 0, COOKIES);
      expect(writeHeader(out, 0, probe, 6, 0, 0)).toBe(headerBytesOf(probe));
    }
  });
});

test("the sum of both addresses is that of their bytes", () => {
  const out = new Uint8Array(80);
  writeHeader(out, 5, probeTo(HOST, 1, 0, COOKIES), 6, 0, 0);
  expect(addressSumAt(out, 5, 4)).toBe(sumBytes(out, 17, 25));
  writeHeader(out, 5, probeTo(HOST_IPV6, 1, 0, COOKIES), 6, 0, 0);
  expect(foldChecksum(addressSumAt(out, 5, 6))).toBe(
    foldChecksum(sumBytes(HOST_IPV6, 0, 16, sumBytes(OWN_IPV6, 0, 16))),
  );
});

test("a mark is never 0, and fits its field", () => {
  const number = fc.nat(0xffff_ffff);
  fc.assert(
    fc.property(number, fc.nat(65_535), fc.nat(65_535), fc.constantFrom(4, 6), (key, port, salt, family) => {
      const mark = markOf(COOKIES, key, port, salt, family);
      expect(mark).toBeGreaterThan(0);
      expect(mark).toBeLessThanOrEqual(family === 6 ? 0xf_ffff : 0xffff);
    }),
    { seed: 1 },
  );
  class Zero extends Cookies {
    override of(): number {
      return 0x0a30_0000 & ~0xf_ffff;
    }
  }
  expect([markOf(new Zero(0, 0, 0), 1, 2, 3, 4), markOf(new Zero(0, 0, 0), 1, 2, 3, 6)]).toEqual([1, 1]);
});

test("a quoted mark is known by host, port and salt, and tells its try", () => {
  const frame = new FrameView(COOKIES);
  frame.peerKey = HOST;
  for (let tryIndex = 0; tryIndex < TRIES_MAX; tryIndex++) {
    frame.quotedMark = markOf(COOKIES, HOST, 53, (7 << 8) | tryIndex, 4);
    expect(isMarkQuoted(frame, COOKIES, 53, (7 << 8) | tryIndex)).toBe(true);
    expect(isMarkQuoted(frame, COOKIES, 54, (7 << 8) | tryIndex)).toBe(false);
    expect(isMarkQuoted(frame, COOKIES, 53, (8 << 8) | tryIndex)).toBe(false);
    expect(tryOfMark(frame, frame.quotedMark, COOKIES, 53, 7)).toBe(tryIndex);
    expect(tryOfMark(frame, frame.quotedMark, COOKIES, 53, 8)).toBe(-1);
  }
});

test("only a probe that traces the way is marked with its time to live", () => {
  expect(traceMark({ ...probeTo(HOST, 1, 0, COOKIES), ttl: 64 })).toBe(0);
  expect(traceMark({ ...probeTo(HOST, 1, 0, COOKIES), ttl: 5 })).toBe(5);
});
