import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseIpv4 } from "../target/ipv4.js";
import { readInterfaces } from "./interfaces.js";
import { Netlink } from "./netlink.js";
import { RouteTable } from "./routes.js";

const isLinux = process.platform === "linux";
const LOOPBACK = parseIpv4("127.0.0.1") ?? 0;
const RTM_GETROUTE = 26;
const NO_SUCH_REQUEST = 0x7ff0;

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
    const route = table.lookup(parseIpv4(text) ?? 0);
    expect(route).toMatchObject({ kind: "local", gateway: undefined, errno: 0 });
    expect(route.device).toMatchObject({ name: "lo", isLoopback: true, isUp: true, hasNeighbours: false });
    expect(route.source).not.toBe(0);
  });

  test("a question that was asked is not asked again: neighbours share the answer", () => {
    const first = table.lookup(LOOPBACK + 5);
    expect(table.lookup(LOOPBACK + 5)).toBe(first);
    expect(table.lookup(LOOPBACK + 9)).toBe(first);
  });

  test("every address has an answer, at the ends of the address space, too", () => {
    for (const address of [0, 1, 0x7fff_ffff, 0x8000_0000, 0xdfff_ffff, 0xe000_0001, 0xffff_fffe, 0xffff_ffff]) {
      const { kind, device } = table.lookup(address);
      expect(["unicast", "local", "broadcast", "unreachable"]).toContain(kind);
      if (kind === "unicast") expect(device).toBeDefined();
    }
  });

  test("the answer for an interval is that for each of its addresses: a table that is asked afresh says the same", () => {
    for (let step = 0; step < 100; step++) {
      const address = (0x0100_0000 + Math.imul(step, 0x0412_3457)) >>> 0;
      if (address >= 0xe000_0000) continue; // see the bug below
      expect(shown(table, address)).toEqual(shownAfresh(address));
    }
  });

  test.each([
    ["0.0.0.0", "0.0.0.1"],
    ["0.0.0.0", "10.0.0.1"],
    ["224.0.0.1", "223.255.255.254"],
    ["255.255.255.255", "240.0.0.1"],
  ])("to ask for %s first does not change the way to %s", (first, then) => {
    table.lookup(parseIpv4(first) ?? 0);
    const address = parseIpv4(then) ?? 0;
    expect(shown(table, address)).toEqual(shownAfresh(address));
    // On a machine without a default route there is nothing to be confused: say so by failing as expected.
    if (shownAfresh(address)[0] === "unreachable") expect.fail("no route to tell apart");
  });
});

function shown(table: RouteTable, address: number): unknown[] {
  const { kind, gateway, device } = table.lookup(address);
  return [kind, gateway, device?.index];
}

function shownAfresh(address: number): unknown[] {
  const fresh = new RouteTable();
  try {
    return shown(fresh, address);
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
