import { describe, expect, test } from "vitest";
import { readNftText } from "../firewall/nft-text.js";
import type { HostEnvironment } from "../firewall/packet-question.js";
import { readEnvironment } from "../firewall/read-questions.js";
import { readRuleset } from "../firewall/read-ruleset.js";
import { addressOf, portOf } from "./port-case.test.data.js";
import { type Arrival, arrivalFrom, NamedPorts, RulesOfHost } from "./rules-view.js";

const ENVIRONMENT: HostEnvironment = readEnvironment(
  JSON.stringify({
    ifaces: [
      { name: "lo", addrs: ["127.0.0.1/8", "::1/128"] },
      { name: "eth0", addrs: ["192.0.2.10/24", "2001:db8::10/64"] },
      { name: "eth1", addrs: ["10.0.0.1/8"] },
      { name: "docker0", addrs: ["172.17.0.1/16"] },
    ],
    routes: [
      { dst: "0.0.0.0/0", dev: "eth0" },
      { dst: "10.9.0.0/16", dev: "eth0" },
      { dst: "::/0", dev: "eth0" },
    ],
    forward: true,
  }),
  "host",
);
const NONE = new NamedPorts([]);
const FROM_OUTSIDE: Arrival = { source: addressOf("198.51.100.7"), inputInterface: "eth0" };
const FROM_LAN: Arrival = { source: addressOf("10.1.2.3"), inputInterface: "eth1" };

function rulesOf(text: string): RulesOfHost {
  return new RulesOfHost(readNftText(text), ENVIRONMENT);
}

/** An input chain with those rules. */
function input(rules: string, policy: "accept" | "drop" = "drop", more = ""): string {
  const chain = `chain input { type filter hook input priority filter; policy ${policy};\n${rules}\n}`;
  return `table inet host {\n${more}\n${chain}\n}`;
}

const REDIRECT = "chain led { type nat hook prerouting priority dstnat;\ntcp dport 80 redirect to :8080\n}";
const TO_CONTAINER =
  "chain led { type nat hook prerouting priority dstnat;\ntcp dport 8080 dnat ip to 172.17.0.2:80\n}";

describe("how packets arrive", () => {
  test.each([
    ["198.51.100.7", "eth0"],
    ["192.0.2.99", "eth0"],
    ["10.1.2.3", "eth1"],
    ["10.9.1.1", "eth0"],
    ["172.17.0.2", "docker0"],
    ["2001:db8:ffff::1", "eth0"],
    ["127.0.0.2", "lo"],
  ])("from %s by %s, the interface of the longest route back", (source, device) => {
    expect(arrivalFrom(addressOf(source), ENVIRONMENT)?.inputInterface).toBe(device);
  });

  test("in no known way where no route leads back", () => {
    const bare = { ...ENVIRONMENT, routes: [] };
    expect(arrivalFrom(addressOf("198.51.100.7"), bare)).toBeUndefined();
    expect(arrivalFrom(addressOf("2001:db8:ffff::1"), bare)).toBeUndefined();
    expect(arrivalFrom(addressOf("198.51.100.7"), { interfaces: [], routes: [], isForwarding: false })).toBeUndefined();
  });
});

describe("ports that rules let in by name", () => {
  const namedBy = (text: string, arrival = FROM_OUTSIDE, address = "192.0.2.10"): readonly string[] =>
    rulesOf(text)
      .namedPorts(addressOf(address), arrival)
      .map(({ protocol, port }) => `${protocol}/${port}`);

  test.each<[string, string, readonly string[]]>([
    ["no firewall at all", "", []],
    ["a policy that lets everything in", input("", "accept"), []],
    ["a policy that drops everything", input(""), []],
    ["a rule for each", input("tcp dport { 22, 443 } accept\nudp dport 53 accept"), ["tcp/22", "tcp/443", "udp/53"]],
    ["a narrow range", input("tcp dport 8000-8002 accept"), ["tcp/8000", "tcp/8001", "tcp/8002"]],
    ["a wide range, as mosh's", input("udp dport 60000-61000 accept"), []],
    ["a wide range beside a port", input("tcp dport 22 accept\ntcp dport 30000-32767 accept"), ["tcp/22"]],
    ["what a few drops leave", input("tcp dport { 22, 23, 3306 } drop", "accept"), []],
    ["a single port between two drops", input("tcp dport { 135, 137 } drop", "accept"), []],
    ["a rule for another source", input("ip saddr 10.0.0.0/8 tcp dport 22 accept"), []],
    ["a rule for everything from somewhere", input("ip saddr 198.51.100.0/24 accept"), []],
    ["a rule for another address", input("ip daddr 192.0.2.11 tcp dport 22 accept"), []],
    ["a rule of the other family", input("ip6 nexthdr tcp tcp dport 22 accept"), []],
    [
      "a rule in a chain of its own",
      input("tcp dport 22 jump ssh", "drop", "chain ssh { ip saddr 198.51.100.0/24 accept\n}"),
      ["tcp/22"],
    ],
    ["a redirect", input("tcp dport 8080 accept", "drop", REDIRECT), ["tcp/80", "tcp/8080"]],
    ["a container's port", input("", "drop", TO_CONTAINER), ["tcp/8080"]],
  ])("by %s", (_, text, ports) => {
    expect([...namedBy(text)].sort()).toEqual([...ports].sort());
  });

  test("depend on where packets come from, and on the family", () => {
    const text = input("ip saddr 10.0.0.0/8 tcp dport 22 accept\nip6 saddr ::/0 tcp dport 9000 accept");
    expect(namedBy(text, FROM_LAN)).toEqual(["tcp/22"]);
    const ipv6: Arrival = { source: addressOf("2001:db8:ffff::1"), inputInterface: "eth0" };
    expect(namedBy(text, ipv6, "2001:db8::10")).toEqual(["tcp/9000"]);
  });
});

describe("what becomes of a first packet", () => {
  test("is told with its rule and the place of it", () => {
    const rules = rulesOf(input("tcp dport 22 accept"));
    expect(
      rules.view(portOf("192.0.2.10/tcp/22"), FROM_OUTSIDE, new NamedPorts([portOf("192.0.2.10/tcp/22")])),
    ).toEqual({
      fact: {
        verdict: "accept",
        detail: undefined,
        rule: "tcp dport 22 accept",
        place: "inet host input, rule 0",
        deliveredTo: undefined,
      },
      isTranslated: false,
      isForwarded: false,
      destination: addressOf("192.0.2.10"),
      untranslated: undefined,
      isNamed: true,
    });
  });

  test("is told with the policy where no rule decides", () => {
    const { fact, isNamed } = rulesOf(input("tcp dport 22 accept")).view(
      portOf("192.0.2.10/tcp/23"),
      FROM_OUTSIDE,
      NONE,
    );
    expect(fact).toMatchObject({ verdict: "drop", rule: "policy drop", place: "inet host input, its policy" });
    expect(isNamed).toBe(false);
  });

  test("is accept without anybody's word where there is no firewall", () => {
    const { fact } = rulesOf("").view(portOf("192.0.2.10/tcp/22"), FROM_OUTSIDE, NONE);
    expect(fact).toEqual({
      verdict: "accept",
      detail: undefined,
      rule: undefined,
      place: undefined,
      deliveredTo: undefined,
    });
  });

  test("is told with how it is rejected", () => {
    const { fact } = rulesOf(input("tcp dport 22 reject with tcp reset")).view(
      portOf("192.0.2.10/tcp/22"),
      FROM_OUTSIDE,
      NONE,
    );
    expect(fact).toMatchObject({ verdict: "reject", detail: "tcp-reset" });
  });

  test("is told with why the kernel drops it where no rule does", () => {
    const { fact } = rulesOf("").view(
      portOf("192.0.2.10/tcp/22"),
      { ...FROM_OUTSIDE, source: addressOf("127.0.0.9") },
      NONE,
    );
    expect(fact).toMatchObject({ verdict: "drop", rule: undefined });
    expect(fact.detail).toMatch(/loopback/);
  });

  test("is told with where it is led, and with what would be without NAT", () => {
    const view = rulesOf(input("", "drop", TO_CONTAINER)).view(portOf("192.0.2.10/tcp/8080"), FROM_OUTSIDE, NONE);
    expect(view).toMatchObject({
      fact: { verdict: "accept", deliveredTo: "172.17.0.2:80" },
      isTranslated: true,
      isForwarded: true,
      untranslated: { verdict: "drop", rule: "policy drop" },
    });
  });

  test("stays on the host where a redirect leads it to another port", () => {
    const view = rulesOf(input("tcp dport 8080 accept", "drop", REDIRECT)).view(
      portOf("192.0.2.10/tcp/80"),
      FROM_OUTSIDE,
      NONE,
    );
    expect(view).toMatchObject({
      fact: { verdict: "accept", deliveredTo: "192.0.2.10:8080" },
      isTranslated: true,
      isForwarded: false,
    });
  });

  test("is unknown where a rule hangs on what nobody can tell", () => {
    const rules = rulesOf(input("numgen random mod 2 == 0 drop", "accept"));
    const { fact } = rules.view(portOf("192.0.2.10/tcp/22"), FROM_OUTSIDE, NONE);
    expect(fact).toMatchObject({ verdict: "unknown", rule: undefined });
    expect(fact.detail).not.toBe("");
  });

  test("names the handle where the kernel's listing has one", () => {
    const listing =
      "table inet host { # handle 1\n\tchain input { # handle 1\n\t\ttype filter hook input priority filter; policy drop;\n\t\ttcp dport 22 accept # handle 4\n\t}\n}\n";
    const rules = new RulesOfHost(
      readRuleset([{ text: listing, file: "nft -a list ruleset" }], undefined),
      ENVIRONMENT,
    );
    expect(rules.view(portOf("192.0.2.10/tcp/22"), FROM_OUTSIDE, NONE).fact.place).toBe("inet host input, handle 4");
  });
});

test("a port that another one is led to is known as such, for the sources of that rule", () => {
  const rules = rulesOf(input("tcp dport 8080 accept", "drop", REDIRECT));
  expect(rules.isLedTo(portOf("192.0.2.10/tcp/8080"), FROM_OUTSIDE)).toBe(true);
  expect(rules.isLedTo(portOf("192.0.2.10/udp/8080"), FROM_OUTSIDE)).toBe(false);
  expect(rules.isLedTo(portOf("192.0.2.10/tcp/80"), FROM_OUTSIDE)).toBe(false);
  expect(rulesOf("").isLedTo(portOf("192.0.2.10/tcp/8080"), FROM_OUTSIDE)).toBe(false);
});
