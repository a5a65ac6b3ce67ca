// What may be asked for from another host, and what counts as an answer.
import { expect, test } from "vitest";
import { parseAddress } from "../target/address.js";
import { AskedBook } from "./asked-book.js";
import type { AskedPort } from "./vantage.js";

const NOWHERE = { own: [], authorized: [] };

function port(text: string, number = 80, protocol: "tcp" | "udp" = "tcp"): AskedPort {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`no address: ${text}`);
  return { address, protocol, port: number };
}

test("addresses that mean another host over there are refused, whatever the scope says", () => {
  const own = ["127.0.0.1", "127.9.9.9", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", "fe80::1", "fe80::1%eth0"];
  const all = { own: own.map((text) => port(text).address), authorized: [] };
  const book = new AskedBook([...own.map((text) => port(text)), port("10.0.0.1")], all);
  expect(book.asked).toEqual([port("10.0.0.1")]);
  expect(book.refused.map(({ what }) => what.split(" ").at(-1)).sort()).toEqual(
    ["::ffff:127.0.0.1", ...own.filter((text) => !text.startsWith("::ffff"))].sort(),
  );
});

test("what is outside the scope, and what is no port, is refused; twice is once", () => {
  const book = new AskedBook([port("192.0.2.1"), port("10.0.0.1", 0), port("10.0.0.1"), port("10.0.0.1")], NOWHERE);
  expect(book.asked).toEqual([port("10.0.0.1")]);
  expect(book.refused.map(({ what, why }) => `${what}: ${why}`)).toEqual([
    "tcp 80 of 192.0.2.1: it is outside the scope",
    "tcp 0 of 10.0.0.1: there is no such port",
  ]);
});

test("an answer counts once, and only for what was asked", () => {
  const book = new AskedBook([port("10.0.0.1"), port("10.0.0.1", 53, "udp")], NOWHERE);
  expect(book.strays()).toEqual([]);
  expect(book.take(1)).toEqual(port("10.0.0.1", 53, "udp"));
  for (const number of [1, 2, -1, 0.5, Number.NaN, undefined]) expect(book.take(number)).toBeUndefined();
  expect(book.numberOf("10.0.0.1", "tcp", 80)).toBe(0);
  expect(book.numberOf("10.0.0.1", "udp", 80)).toBeUndefined();
  expect(book.open()).toEqual([0]);
  expect(book.strays()).toMatchObject([{ what: "6 answers" }]);
});

test("what has no answer is named, address by address, and not without end", () => {
  const ports = Array.from({ length: 20 }, (_, at) => port("10.0.0.1", at + 1));
  const book = new AskedBook([...ports, port("10.0.0.2")], NOWHERE);
  book.take(0);
  expect(book.giveUp(book.open(), "it is gone").map(({ what }) => what)).toEqual([
    "tcp 2, tcp 3, tcp 4, tcp 5, tcp 6, tcp 7, tcp 8, tcp 9 and 11 more of 10.0.0.1",
    "tcp 80 of 10.0.0.2",
  ]);
  expect(book.giveUp(book.open(), "again")).toEqual([]);
});
