import { expect, test } from "vitest";
import { type Address, parseAddress } from "../target/address.js";
import { isFault } from "../target/fault.js";
import { findingName, formatFindingName, parseFindingName } from "./finding-name.js";
import { PolicyLookup } from "./policy-lookup.js";
import { readPolicy } from "./read-policy.js";

function address(text: string): Address {
  const found = parseAddress(text);
  if (found === undefined) throw new Error(text);
  return found;
}

const TEXT = `
vantages:
  lan: { self: 10.0.0.77 }
  office: { ssh: gate.example }
expect:
  10.0.0.0/24:
    open: [udp/123]
  web:
    hosts: [10.0.0.5, "2001:db8::5", web.example.]
    open:
      - tcp/443
      - { ports: tcp/22, from: [lan, 192.0.2.0/24] }
      - { ports: tcp/8080, until: 2026-01-31 }
      - { ports: tcp/9000-9010, from: office }
accepted:
  - { finding: open-not-intended@10.0.0.5/tcp/23, reason: ended, until: 2026-01-31 }
  - { finding: open-not-intended@10.0.0.0/24/tcp/20-30, reason: net }
  - { finding: udp-silent@web.example, reason: name }
`;

const LOOKUP = new PolicyLookup(readPolicy(TEXT, "f", "UTC"), {
  nowMs: Date.parse("2026-11-24"),
  addressesOf: (name) => (name === "web.example" ? [address("10.0.1.9")] : []),
});

/** "open f:11 f:12": the verdict and the lines that decide. */
function intention(text: string, source?: string, vantage?: string): string {
  const [host = "", protocol = "", port = ""] = text.split("/");
  const { verdict, by, groups } = LOOKUP.intentionOf({
    address: address(host),
    protocol: protocol === "udp" ? "udp" : "tcp",
    port: Number(port),
    source: source === undefined ? undefined : address(source),
    vantage,
  });
  return [verdict, ...by.map(({ entry }) => `${entry.at.line}`), `in ${groups.length}`].join(" ");
}

test.each([
  ["10.0.0.5/tcp/443", undefined, undefined, "open 11 in 2"],
  ["10.0.0.5/udp/123", undefined, undefined, "open 7 in 2"],
  ["10.0.0.6/udp/123", undefined, undefined, "open 7 in 1"],
  ["10.0.0.6/tcp/123", undefined, undefined, "closed in 1"],
  ["10.0.1.6/udp/123", undefined, undefined, "closed in 0"],
  ["::ffff:10.0.0.5/tcp/443", undefined, undefined, "open 11 in 2"],
  ["2001:db8::5/tcp/443", undefined, undefined, "open 11 in 1"],
  ["10.0.1.9/tcp/443", undefined, undefined, "open 11 in 1"],
  ["10.0.0.5/tcp/22", undefined, undefined, "elsewhere 12 in 2"],
  ["10.0.0.5/tcp/22", "192.0.2.9", undefined, "open 12 in 2"],
  ["10.0.0.5/tcp/22", "192.0.3.9", undefined, "elsewhere 12 in 2"],
  ["10.0.0.5/tcp/22", undefined, "lan", "open 12 in 2"],
  ["10.0.0.5/tcp/22", "::ffff:10.0.0.77", undefined, "open 12 in 2"],
  ["10.0.0.5/tcp/22", undefined, "office", "elsewhere 12 in 2"],
  ["10.0.0.5/tcp/9005", undefined, "office", "open 14 in 2"],
  ["10.0.0.5/tcp/8080", undefined, undefined, "ended 13 in 2"],
])("%s from %s at %s: %s", (port, source, vantage, expected) => {
  expect(intention(port, source, vantage)).toBe(expected);
});

test.each([
  ["open-not-intended@10.0.0.5/tcp/23", "net"],
  ["open-not-intended@10.0.0.9/tcp/20", "net"],
  ["open-not-intended@10.0.0.9/tcp/31", undefined],
  ["open-not-intended@10.0.0.9/udp/22", undefined],
  ["open-not-intended@10.0.0.9", undefined],
  ["open-not-intended@10.0.1.5/tcp/23", undefined],
  ["udp-silent@web.example/udp/53", "name"],
  ["udp-silent@10.0.1.9/udp/53", "name"],
  ["udp-silent@other.example", undefined],
])("%s is accepted by %s", (text, reason) => {
  const name = parseFindingName(text);
  if (isFault(name)) throw new Error(name.fault);
  expect(formatFindingName(name)).toBe(text);
  const found = LOOKUP.exceptionFor(name.key, name.place);
  expect(found === undefined ? undefined : found.exception.reason).toBe(reason);
  expect(found?.hasEnded ?? false).toBe(false);
});

test("an exception that has ended is told as one", () => {
  const text = "accepted: [{ finding: x@10.0.0.5, reason: r, until: 2026-11-23 }]";
  const means = { nowMs: Date.parse("2026-11-24"), addressesOf: () => [] };
  const lookup = new PolicyLookup(readPolicy(text, "f", "UTC"), means);
  const name = parseFindingName("x@10.0.0.5/tcp/1");
  if (isFault(name)) throw new Error(name.fault);
  expect(lookup.exceptionFor(name.key, name.place)).toMatchObject({ hasEnded: true });
});

test.each([
  ["a@10.0.0.0/24/tcp/22", "a@10.0.0.0/24/tcp/22"],
  ["a@[2001:DB8::1]/udp/53", "a@2001:db8::1/udp/53"],
  ["a@2001:db8::/64", "a@2001:db8::/64"],
  ["a@Web.Example./sctp/1-2", "a@web.example/sctp/1-2"],
])("%s is written as %s", (text, written) => {
  const name = parseFindingName(text);
  expect(isFault(name) ? name.fault : formatFindingName(name)).toBe(written);
});

test("the name of what was found is the name that is accepted", () => {
  const port = findingName("open-not-intended", address("10.0.0.9"), { protocol: "tcp", number: 22 });
  expect(formatFindingName(port)).toBe("open-not-intended@10.0.0.9/tcp/22");
  expect(LOOKUP.exceptionFor(port.key, port.place)?.exception.reason).toBe("net");
  expect(formatFindingName(findingName("udp-silent", "web.example"))).toBe("udp-silent@web.example");
});

test("thousands of entries are asked at once", () => {
  const hosts = Array.from({ length: 2500 }, (_, at) => `  10.1.${at >> 8}.${at & 255}: [tcp/22]`).join("\n");
  const policy = readPolicy(`expect:\n${hosts}\n`, "f", "UTC");
  const lookup = new PolicyLookup(policy, { nowMs: 0, addressesOf: () => [] });
  const asked = address("10.1.4.4");
  const begunAtMs = performance.now();
  for (let port = 1; port <= 20_000; port++) {
    lookup.intentionOf({ address: asked, protocol: "tcp", port, source: undefined, vantage: undefined });
  }
  expect(performance.now() - begunAtMs).toBeLessThan(1000);
});
