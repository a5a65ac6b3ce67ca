import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Address, formatAddress, parseAddress } from "../target/address.js";
import { readInterfaces } from "./interfaces.js";
import { Netlink } from "./netlink.js";
import { RouteTable } from "./routes.js";

const isLinux = process.platform === "linux";
const LOOPBACK = 0x7f00_0001;
const ENODEV = 19;
const RTM_GETROUTE = 26;
const NO_SUCH_REQUEST = 0x7ff0;

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

const ipv4 = (value: number): Address => ({ family: 4, value });

// The kernel is asked what it would do; nothing is sent.
describe.skipIf(!isLinux)("routes of this machine (Linux only)", () => {
  let table: RouteTable;

  beforeEach(() => {
    table = new RouteTable();
  });

  afterEach(() => {
    table.close();
  });

  test.each(["127.0.0.1", "127.0.0.2", "127.255.255.254"])("%s is this machine's own, over the loopback", (text) => {
    const route = table.lookup(address(text));
    expect(route).toMatchObject({ kind: "local", gateway: undefined, errno: 0 });
    expect(route.device).toMatchObject({ name: "lo", isLoopback: true, isUp: true, hasNeighbours: false });
    expect(route.source?.family).toBe(4);
  });

  test("a question that was asked is not asked again: neighbours share the answer", () => {
    const first = table.lookup(ipv4(LOOPBACK + 5));
    expect(table.lookup(ipv4(LOOPBACK + 5))).toBe(first);
    expect(table.lookup(ipv4(LOOPBACK + 9))).toBe(first);
  });

  test("every address has an answer, at the ends of the address space, too", () => {
    for (const value of [0, 1, 0x7fff_ffff, 0x8000_0000, 0xdfff_ffff, 0xe000_0001, 0xffff_fffe, 0xffff_ffff]) {
      const { kind, device } = table.lookup(ipv4(value));
      expect(["unicast", "local", "broadcast", "unreachable"]).toContain(kind);
      if (kind === "unicast") expect(device).toBeDefined();
    }
  });

  test("the answer for an interval is that for each of its addresses: a table that is asked afresh says the same", () => {
    for (let step = 0; step < 100; step++) {
      const target = ipv4((0x0100_0000 + Math.imul(step, 0x0412_3457)) >>> 0);
      expect(shown(table, target)).toEqual(shownAfresh(target));
    }
  });

  test.each([
    ["0.0.0.0", "0.0.0.1"],
    ["0.0.0.0", "10.0.0.1"],
    ["224.0.0.1", "223.255.255.254"],
    ["255.255.255.255", "240.0.0.1"],
  ])("to ask for %s first does not change the way to %s", (first, then) => {
    table.lookup(address(first));
    const target = address(then);
    expect(shown(table, target)).toEqual(shownAfresh(target));
    // On a machine without a default route there is nothing to be confused: say so by failing as expected.
    if (shownAfresh(target)[0] === "unreachable") expect.fail("no route to tell apart");
  });

  test("an IPv4-mapped address goes the way of its IPv4 address", () => {
    expect(table.lookup(address("::ffff:127.0.0.1"))).toBe(table.lookup(address("127.0.0.1")));
  });

  test("a zone that no interface has is no way, and one that is not link-local's own is not looked at", () => {
    const nowhere = { kind: "unreachable", device: undefined, source: undefined, gateway: undefined, errno: ENODEV };
    expect(table.lookup(address("fe80::1%no-such-device"))).toEqual(nowhere);
    expect(table.lookup(address("fe80::1%99999"))).toEqual(nowhere);
    expect(table.lookup(address("fd00::1%no-such-device"))).toBe(table.lookup(address("fd00::1")));
  });

  test("every IPv6 address has an answer, whether there is IPv6 here or not", () => {
    const last = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
    for (const text of ["::", "::1", "::2", "fe80::1", "fe80::1%lo", "fd00::1", "2001:db8::1", "ff02::1", last]) {
      const { kind, device, errno } = table.lookup(address(text));
      expect(["unicast", "local", "broadcast", "unreachable"]).toContain(kind);
      if (kind === "unreachable") expect(errno).toBeGreaterThan(0);
      else expect(device).toBeDefined();
    }
  });

  test.skipIf(!existsSync("/proc/net/if_inet6"))("::1 is this machine's own (with IPv6 only)", () => {
    const route = table.lookup(address("::1"));
    expect(route).toMatchObject({ kind: "local", gateway: undefined, device: { name: "lo", isLoopback: true } });
    expect(route.source && formatAddress(route.source)).toBe("::1");
  });

  test("IPv6 neighbours share an answer, and it is the one that a fresh table has", () => {
    for (let bit = 0; bit < 128; bit++) {
      const bytes = new Uint8Array(16).fill(0xfd, 0, 1);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
      const target: Address = { family: 6, bytes };
      expect(table.lookup(target)).toBe(table.lookup({ family: 6, bytes: bytes.slice() }));
      expect(shown(table, target)).toEqual(shownAfresh(target));
    }
  });

  test("nobody has ever been asked for as a neighbour on the loopback", () => {
    const [loopback] = [...table.interfaces()].filter(({ isLoopback }) => isLoopback);
    if (loopback === undefined) throw new Error("no loopback");
    expect(table.neighbour(loopback, address("10.255.255.1"))).toBeUndefined();
    expect(table.neighbour(loopback, address("fd00::dead"))).toBeUndefined();
  });
});

function shown(table: RouteTable, target: Address): unknown[] {
  const { kind, gateway, source, device } = table.lookup(target);
  return [kind, gateway, source, device?.index];
}

function shownAfresh(target: Address): unknown[] {
  const fresh = new RouteTable();
  try {
    return shown(fresh, target);
  } finally {
    fresh.close();
  }
}

describe.skipIf(!isLinux)("netlink (Linux only)", () => {
  let netlink: Netlink;

  beforeEach(() => {
    netlink = new Netlink();
  });

  afterEach(() => {
    netlink.close();
  });

  test("lists the interfaces, the loopback among them", () => {
    const loopback = [...readInterfaces(netlink).values()].find(({ isLoopback }) => isLoopback);
    expect(loopback).toMatchObject({ name: "lo", mac: undefined, hasNeighbours: false, isUp: true });
    expect(loopback?.index).toBeGreaterThan(0);
    expect(loopback?.mtuBytes).toBeGreaterThanOrEqual(1280);
    expect(loopback?.addresses).toContainEqual({ address: address("127.0.0.1"), prefix: 8 });
  });

  test("hands on what the kernel says when it refuses, and goes on working", () => {
    const refused = netlink.ask({ type: NO_SUCH_REQUEST, body: new Uint8Array(12) }, 12);
    expect(refused).toEqual({ errno: expect.any(Number) });
    expect("errno" in refused && refused.errno).toBeGreaterThan(0);
    expect(readInterfaces(netlink).size).toBeGreaterThan(0);
  });

  test("stops gathering at the most that was asked for", () => {
    const body = new Uint8Array(12);
    body[0] = 2;
    const reply = netlink.ask({ type: RTM_GETROUTE, body, isDump: true }, 12, 1);
    expect("messages" in reply && reply.messages.length).toBe(1);
  });
});
