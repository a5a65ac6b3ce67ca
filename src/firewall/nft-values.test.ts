import { expect, test } from "vitest";
import type { DataType } from "./data-type.js";
import { typeNamed } from "./nft-types.js";
import { readPart, readScalar } from "./nft-values.js";
import { NotUnderstood } from "./not-understood.js";

function type(name: string): DataType {
  return typeNamed(name) ?? expect.fail(name);
}

test.each([
  ["inet_proto", "ipv6-icmp", 58],
  ["inet_proto", "icmpv6", 58],
  ["inet_proto", 250, 250],
  ["inet_service", "ssh", 22],
  ["inet_service", "0x16", 22],
  ["mark", "0x00000010", 16],
  ["dscp", "af41", 34],
  ["ct_state", ["established", "new"], 10],
  ["ct_state", { "|": ["established", "new"] }, 10],
  ["tcp_flag", { "|": [{ "|": ["fin", "syn"] }, "0x10"] }, 19],
  ["ct_label", 5, 32n],
  ["ether_addr", "02:00:00:00:00:01", 0x020000000001],
  ["ether_type", "ip6", 0x86dd],
  ["classid", "1:1f", 0x1001f],
  ["time", "1h2m3s4ms", 3_723_004],
  ["time", 10, 10_000],
  ["ipv6_addr", "::1", 1n],
  ["boolean", true, 1],
  ["nf_proto", "ipv6", 10],
  ["iface_index", "lo", "lo"],
  ["iface_index", "17", 17],
] as const)("%s %j", (name, json, value) => {
  expect(readScalar(json, type(name))).toBe(value);
});

test.each([
  ["ipv4_addr", "10.0.0.0/8", 0x0a000000, 0x0affffff],
  ["ipv4_addr", { prefix: { addr: "10.1.2.3", len: 8 } }, 0x0a000000, 0x0affffff],
  ["ipv4_addr", "0.0.0.0/0", 0, 0xffffffff],
  ["ipv4_addr", "10.0.0.1-10.0.0.9", 0x0a000001, 0x0a000009],
  ["ipv6_addr", "fe80::-fe80::5", 0xfe80n << 112n, (0xfe80n << 112n) + 5n],
  ["ipv6_addr", { prefix: { addr: "fe80::", len: 10 } }, 0xfe80n << 112n, (0xfec0n << 112n) - 1n],
  ["inet_service", "80-90", 80, 90],
  ["inet_service", "ftp-data-ssh", 20, 22],
  ["mark", "0x00010000/16", 0x10000, 0x1ffff],
  ["time", "10s-60s", 10_000, 60_000],
] as const)("%s %j as a range", (name, json, low, high) => {
  expect(readPart(json, type(name))).toEqual({ kind: "range", low, high });
});

test.each([
  ["ipv4_addr", "10.0.0.256"],
  ["ipv4_addr", "10.0.0.0/33"],
  ["ipv4_addr", "010.0.0.1"],
  ["ipv6_addr", "10.0.0.1"],
  ["inet_service", 65_536],
  ["inet_service", -1],
  ["inet_service", 1.5],
  ["inet_service", "no-such-service"],
  ["inet_service", "toString"],
  ["inet_service", null],
  ["inet_service", { range: [1] }],
  ["inet_service", { "|": [], "&": [] }],
  ["inet_proto", "constructor"],
  ["dscp", 64],
  ["mark", 1e300],
  ["mark", `0x${"f".repeat(100)}`],
  ["ct_state", ["new", "old"]],
  ["ifname", 5],
  ["time", "5 minutes"],
] as const)("%s %j is no value", (name, json) => {
  expect(() => readPart(json, type(name))).toThrow(NotUnderstood);
});
