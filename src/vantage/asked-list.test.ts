import { expect, test } from "vitest";
import { type Address, formatAddress, parseAddress } from "../target/address.js";
import { PortSet } from "../target/port-set.js";
import { AskedList } from "./asked-list.js";
import { gapsBeyond } from "./scope-gaps.js";
import type { AskedPort } from "./vantage.js";

function listOf(...texts: readonly string[]): AskedList {
  return new AskedList(
    texts.map((text): AskedPort => {
      const [address = "", protocol, port] = text.split(" ");
      return { address: addressOf(address), protocol: protocol === "udp" ? "udp" : "tcp", port: Number(port) };
    }),
  );
}

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(text);
  return address;
}

test("each port is on it once, under the address that the kernel would send to", () => {
  const list = listOf("10.0.0.1 tcp 80", "::ffff:10.0.0.1 tcp 80", "10.0.0.1 udp 80", "fe80::1%eth0 tcp 0");
  expect(list.count).toBe(3);
  expect(list.addresses.map(formatAddress)).toEqual(["10.0.0.1", "fe80::1%eth0"]);
  const [first] = list.groups();
  expect(first?.ports && PortSet.fromData(first.ports).count("tcp")).toBe(1);
  expect(first?.ports && PortSet.fromData(first.ports).count("udp")).toBe(1);
});

test("what has been taken is gone, and so is an address without ports", () => {
  const list = listOf("10.0.0.1 tcp 80", "10.0.0.2 udp 53");
  expect(list.take("10.0.0.1", { protocol: "udp", port: 80 })).toBeUndefined();
  expect(list.take("10.0.0.1", { protocol: "tcp", port: 80 })).toMatchObject({ protocol: "tcp", port: 80 });
  expect(list.take("10.0.0.1", { protocol: "tcp", port: 80 })).toBeUndefined();
  expect(list.addresses.map(formatAddress)).toEqual(["10.0.0.2"]);
  expect([list.has("tcp"), list.has("udp")]).toEqual([false, true]);
});

test("what is given up is named in one gap, in a bounded text", () => {
  const list = listOf(...Array.from({ length: 10 }, (_, at) => `10.0.0.1 tcp ${at + 1}`), "10.0.0.1 udp 53");
  expect([...list.giveUp("10.0.0.1", "why", "udp")]).toEqual([{ kind: "gap", what: "53/udp of 10.0.0.1", why: "why" }]);
  const [gap, ...none] = list.giveUp("10.0.0.1", "why");
  expect(gap).toMatchObject({ what: "1/tcp, 2/tcp, 3/tcp, 4/tcp, 5/tcp, 6/tcp, 7/tcp, 8/tcp and 2 more of 10.0.0.1" });
  expect([none, [...list.giveUp("10.0.0.1", "why")], list.count]).toEqual([[], [], 0]);
});

test("what is outside of the scope is not asked", () => {
  const list = listOf("8.8.8.8 tcp 53", "10.0.0.1 tcp 80", "203.0.113.9 tcp 80");
  const gaps = [...gapsBeyond(list, { own: [addressOf("203.0.113.9")], authorized: [] })];
  expect(gaps).toEqual([{ kind: "gap", what: "53/tcp of 8.8.8.8", why: "it is outside of what may be probed" }]);
  expect(list.addresses.map(formatAddress)).toEqual(["10.0.0.1", "203.0.113.9"]);
});
