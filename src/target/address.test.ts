import { expect, test } from "vitest";
import { formatAddress, ipv6Key, parseAddress, unmapped } from "./address.js";

test("reads both families, brackets and zones", () => {
  const cases: [given: string, written: string | undefined][] = [
    ["10.0.0.1", "10.0.0.1"],
    ["[::1]", "::1"],
    ["fe80::1%eth0", "fe80::1%eth0"],
    ["[fe80::1%2]", "fe80::1%2"],
    ["::ffff:1.2.3.4", "::ffff:1.2.3.4"],
    ["[10.0.0.1]", undefined],
    ["10.0.0.1%eth0", undefined],
    ["fe80::1%", undefined],
    ["fe80::1%a b", undefined],
    ["fe80::1%\u001b[2J", undefined],
    ["[::1", undefined],
    ["name", undefined],
  ];
  for (const [given, written] of cases) {
    const address = parseAddress(given);
    expect(address === undefined ? undefined : formatAddress(address), given).toBe(written);
  }
});

test("only IPv4-mapped addresses change their family", () => {
  expect(unmapped({ family: 6, bytes: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 1) })).toEqual({
    family: 4,
    value: 0x0a000001,
  });
  const loopback = parseAddress("::1");
  expect(loopback && unmapped(loopback)).toBe(loopback);
});

test("keys tell addresses and zones apart", () => {
  const bytes = new Uint8Array(16);
  expect(ipv6Key(bytes, undefined)).not.toBe(ipv6Key(bytes, "eth0"));
  expect(ipv6Key(bytes, "eth0")).not.toBe(
    ipv6Key(
      Uint8Array.from({ length: 16 }, (_, at) => at),
      "eth0",
    ),
  );
});
