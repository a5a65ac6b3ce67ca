import fc from "fast-check";
import { expect, test } from "vitest";
import { readUint16 } from "./bytes.js";
import { ARP_REQUEST_FRAME, KERNEL_SYN_FRAME } from "./captures.test.data.js";
import {
  ETHER_TYPE_ARP,
  ETHER_TYPE_IPV4,
  ETHER_TYPE_IPV6,
  ETHERNET_HEADER_BYTES,
  ETHERNET_SOURCE_AT,
  ETHERNET_TARGET_AT,
  ETHERNET_TYPE_AT,
  formatMac,
  parseMac,
  writeEthernet,
} from "./ethernet.js";
import { unwritten } from "./watch-reads.test.data.js";

test("a captured header lies where the constants say", () => {
  expect(formatMac(ARP_REQUEST_FRAME, ETHERNET_TARGET_AT)).toBe("ff:ff:ff:ff:ff:ff");
  expect(formatMac(ARP_REQUEST_FRAME, ETHERNET_SOURCE_AT)).toBe("02:00:0a:62:00:01");
  expect(readUint16(ARP_REQUEST_FRAME, ETHERNET_TYPE_AT)).toBe(ETHER_TYPE_ARP);
  expect(readUint16(KERNEL_SYN_FRAME, ETHERNET_TYPE_AT)).toBe(ETHER_TYPE_IPV4);
});

test("writes the captured header, and not a byte more", () => {
  const out = unwritten(20);
  const target = Uint8Array.of(0x02, 0, 0x0a, 0x62, 0, 2);
  const source = Uint8Array.of(0x02, 0, 0x0a, 0x62, 0, 1);
  expect(writeEthernet(out, 3, target, source, ETHER_TYPE_IPV4)).toBe(ETHERNET_HEADER_BYTES);
  expect([...out.subarray(3, 17)]).toEqual([...KERNEL_SYN_FRAME.subarray(0, 14)]);
  expect([...out.subarray(0, 3), ...out.subarray(17)]).toEqual([0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5]);
});

test("IPv6 has its own type", () => {
  const out = unwritten(14);
  writeEthernet(out, 0, new Uint8Array(6), new Uint8Array(6), ETHER_TYPE_IPV6);
  expect([...out.subarray(12)]).toEqual([0x86, 0xdd]);
});

test("reads the usual ways to write an address", () => {
  const expected = Uint8Array.of(0x02, 0x00, 0x5e, 0x10, 0xab, 0xff);
  for (const text of ["02:00:5e:10:ab:ff", "02:00:5E:10:AB:FF", "02-00-5e-10-ab-ff"]) {
    expect(parseMac(text)).toEqual(expected);
  }
});

test.each(["", "02:00:5e:10:ab", "02:00:5e:10:ab:ff:00", "2:0:5e:10:ab:ff", "02:00-5e:10:ab:ff", "02:00:5e:10:ab:fg"])(
  "%j is no address",
  (text) => {
    expect(parseMac(text)).toBeUndefined();
  },
);

test("every address reads back as it was written", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (mac) => {
      expect(parseMac(formatMac(mac, 0))).toEqual(mac);
    }),
  );
});
