import { describe, expect, test } from "vitest";
import { formatAddress } from "../target/address.js";
import { monotonicClock, realtimeOffsetMs } from "./clock.js";
import { scopeIdOf, writeSocketAddress } from "./connector.js";
import { interfaceIndex } from "./interface-index.js";
import { ownAddresses } from "./own-addresses.js";
import { randomWords } from "./secret.js";

test("the clock goes on, and with its offset it tells the time of day", () => {
  const first = monotonicClock.now();
  expect(monotonicClock.now()).toBeGreaterThanOrEqual(first);
  const today = realtimeOffsetMs() + monotonicClock.now();
  expect(Math.abs(today - Date.now())).toBeLessThan(60_000);
  expect(monotonicClock.isoNow()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("own addresses have the loopback among them, link-local ones with their zone", () => {
  const texts = ownAddresses().map(formatAddress);
  expect(texts).toContain("127.0.0.1");
  expect(texts.filter((text) => text.startsWith("fe80:") && !text.includes("%"))).toEqual([]);
});

test("secrets are as many words as were asked for, and never the same", () => {
  const words = randomWords(64);
  expect(words.length).toBe(64);
  expect(new Set(words).size).toBeGreaterThan(60);
  expect(randomWords(4)).not.toEqual(randomWords(4));
});

test("an interface that does not exist has number 0", () => {
  expect(interfaceIndex("no-such-device")).toBe(0);
});

describe("a socket address", () => {
  test("of IPv4 is struct sockaddr_in", () => {
    const view = new DataView(new ArrayBuffer(32), 2);
    expect(writeSocketAddress(view, 0, { family: 4, value: 0x7f00_0001 }, 443, 0)).toBe(16);
    expect([...new Uint8Array(view.buffer, 2, 16)]).toEqual([2, 0, 1, 187, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  test("of IPv6 is struct sockaddr_in6 with its scope", () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, index) => index + 1);
    const view = new DataView(new ArrayBuffer(28));
    expect(writeSocketAddress(view, 0, { family: 6, bytes }, 80, 7)).toBe(28);
    expect([...new Uint8Array(view.buffer)]).toEqual([10, 0, 0, 80, 0, 0, 0, 0, ...bytes, 7, 0, 0, 0]);
  });

  test("has a scope from a zone's name or number, and none without", () => {
    const bytes = new Uint8Array(16);
    const indexOf = (name: string): number => (name === "eth0" ? 2 : 0);
    expect(scopeIdOf({ family: 6, bytes, zone: "eth0" }, indexOf)).toBe(2);
    expect(scopeIdOf({ family: 6, bytes, zone: "31" }, indexOf)).toBe(31);
    expect(scopeIdOf({ family: 6, bytes }, indexOf)).toBe(0);
    expect(scopeIdOf({ family: 4, value: 1 }, indexOf)).toBe(0);
  });
});
