import { describe, expect, test } from "vitest";
import type { Route } from "../linux/routes.js";
import { UsageError } from "../model/errors.js";
import { type Address, formatAddress, parseAddress } from "../target/address.js";
import { chooseSources, namesOf } from "./self-source.js";

const NOWHERE: Route = { kind: "unreachable", device: undefined, source: undefined, gateway: undefined, errno: 101 };
const ON_LINK: Route = { ...NOWHERE, kind: "unicast", errno: 0 };
const BY_GATEWAY: Route = { ...ON_LINK, gateway: addressOf("10.0.0.1") };

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(text);
  return address;
}

/** What a machine knows of which addresses begin with these texts; everything else is by its router. */
function facts({
  routes = {},
  connected = [],
}: {
  routes?: Record<string, Route>;
  connected?: readonly string[];
} = {}) {
  return {
    wayTo: (address: Address): Route => {
      const text = formatAddress(address);
      return Object.entries(routes).find(([prefix]) => text.startsWith(prefix))?.[1] ?? BY_GATEWAY;
    },
    isConnected: (address: Address): boolean => connected.includes(formatAddress(address)),
  };
}

function chosen(wishes: readonly string[] | undefined, known = facts()): readonly string[] {
  return chooseSources(wishes?.map(addressOf), known).sources.map(formatAddress);
}

describe("sources that stand for anywhere", () => {
  test("are eight of each family, for documentation, and it is said", () => {
    const { sources, remarks } = chooseSources(undefined, facts());
    const texts = sources.map(formatAddress);
    expect(texts).toHaveLength(16);
    expect([texts[0], texts[7], texts[8], texts[15]]).toEqual(["192.0.2.1", "192.0.2.8", "2001:db8::1", "2001:db8::8"]);
    expect(remarks.join()).toMatch(/^192\.0\.2\.1 \(and 7 more\) and 2001:db8::1 \(and 7 more\) stand for anywhere: /);
    expect(chosen([])).toEqual(texts);
  });

  test("are not of a network that this machine is in, nor its own, nor talked to", () => {
    const known = facts({
      routes: { "192.0.2.": ON_LINK, "198.51.100.8": { ...NOWHERE, kind: "local" } },
      connected: ["2001:db8::3"],
    });
    expect(chosen(undefined, known)).toContain("203.0.113.1");
    expect(chosen(undefined, known)).toContain("2001:db8:ffff::8");
    expect(chosen(undefined, known)).toHaveLength(16);
  });

  test("may be of one family alone; without any it is an error", () => {
    const noIpv4 = { "192.0.2.": ON_LINK, "198.51.100.": ON_LINK, "203.0.113.": ON_LINK };
    expect(chosen(undefined, facts({ routes: noIpv4 }))).toHaveLength(8);
    expect(() => chosen(undefined, facts({ routes: { ...noIpv4, "2001:db8:": ON_LINK } }))).toThrow(UsageError);
  });
});

describe("a source of one's choice", () => {
  test("is taken, each once, whatever the way there", () => {
    expect(chosen(["10.1.2.3", "fd00::5", "::ffff:10.1.2.3"])).toEqual(["10.1.2.3", "fd00::5"]);
    expect(chosen(["10.1.2.3"], facts({ routes: { "10.": ON_LINK } }))).toEqual(["10.1.2.3"]);
  });

  test.each([
    ["0.0.0.0", "no host"],
    ["127.0.0.5", "no host"],
    ["169.254.3.4", "no host"],
    ["224.0.0.1", "no host"],
    ["255.255.255.255", "no host"],
    ["::", "no host"],
    ["::1", "no host"],
    ["fe80::1%eth0", "no host"],
    ["ff02::1", "no host"],
    ["10.0.0.9", "own"],
    ["10.0.0.255", "broadcast"],
    ["10.0.0.7", "open connections"],
  ])("is refused where it cannot be one: %s, %s", (text, why) => {
    const routes: Record<string, Route> = {
      "10.0.0.9": { ...NOWHERE, kind: "local" },
      "10.0.0.255": { ...NOWHERE, kind: "broadcast" },
    };
    const known = facts({ routes, connected: ["10.0.0.7"] });
    expect(() => chosen(["10.1.1.1", text], known)).toThrow(UsageError);
    expect(() => chosen([text], known)).toThrow(why);
  });

  test("is one of a few", () => {
    expect(() => chosen(Array.from({ length: 33 }, (_, at) => `10.1.2.${at}`))).toThrow("more than 32");
  });
});

test("names are short", () => {
  expect(namesOf([])).toBe("");
  expect(namesOf(["2001:db8::1", "10.0.0.1", "10.0.0.2"].map(addressOf))).toBe("10.0.0.1 (and 1 more) and 2001:db8::1");
});
