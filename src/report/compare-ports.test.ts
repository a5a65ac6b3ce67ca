// What is a change of a port, and what is none.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PortState } from "../model/port-state.js";
import { compare, type StateText, type TestReport } from "./diff-events.test.data.js";

const UDP = { portScans: [{ technique: "udp", protocol: "udp", portCount: 1, ports: "53" } as const] };

function report(state: StateText, more: TestReport = {}): TestReport {
  return { ...more, hosts: [{ address: "10.0.0.1", ports: { "22": state, "80": "closed" } }] };
}

function verdictOf(a: TestReport, b: TestReport): string {
  const { hosts } = compare(a, b, { isSameWanted: true });
  const diff = hosts[0]?.ports.find(({ bounds }) => bounds.includes(22));
  return diff?.verdict ?? "none";
}

describe("states that contradict each other are changes", () => {
  test.each<[StateText, StateText, string]>([
    ["closed", "open", "opened"],
    ["filtered", "open", "opened"],
    ["filtered admin-prohibited", "open", "opened"],
    ["closed", "open|filtered", "opened"],
    ["open", "closed", "closed"],
    ["open", "filtered", "closed"],
    ["closed", "filtered", "changed"],
    ["filtered", "closed", "changed"],
    ["open|filtered", "open", "changed"],
    ["open", "open", "same"],
    ["filtered", "filtered port-unreach", "same"],
  ])("%s, then %s: %s", (a, b, verdict) => {
    expect(verdictOf(report(a), report(b))).toBe(verdict);
  });
});

describe("a host's own kernel against a scan from outside", () => {
  const portScans = [{ technique: "sockets", protocol: "tcp", portCount: 2, ports: "22,80" } as const];
  test.each<[StateText, StateText, string]>([
    ["closed not-listening", "open|filtered", "changed"], // silence where nothing listens is a firewall's
    ["closed not-listening", "open", "opened"],
    ["open listening", "filtered", "closed"],
    ["open listening", "open|filtered", "other-technique"],
    ["open listening", "open", "same"],
  ])("%s inside, %s outside: %s", (inside, outside, verdict) => {
    expect(verdictOf(report(inside, { start: { portScans } }), report(outside))).toBe(verdict);
    const turned: Readonly<Record<string, string>> = { opened: "closed", closed: "opened" };
    expect(verdictOf(report(outside), report(inside, { start: { portScans } }))).toBe(turned[verdict] ?? verdict);
  });
});

describe("silence on a lossy way is no change", () => {
  test.each<[StateText, StateText, string]>([
    ["open", "filtered no-response-lossy", "lossy"],
    ["filtered no-response-lossy", "open", "lossy"],
    ["closed", "filtered no-response-lossy", "lossy"],
    ["closed", "open|filtered no-response-lossy", "lossy"],
    ["open", "filtered admin-prohibited", "closed"],
    ["closed", "open", "opened"],
  ])("%s, then %s: %s", (a, b, verdict) => {
    expect(verdictOf(report(a), report(b))).toBe(verdict);
  });

  test("so says the host", () => {
    const done = { loss: { lossShare: 0.3, missedEstimate: 0.5 } };
    const lossy: TestReport = { hosts: [{ address: "10.0.0.1", ports: { "22": "filtered", "80": "closed" }, done }] };
    expect(verdictOf(report("open"), lossy)).toBe("lossy");
    expect(verdictOf(lossy, report("open"))).toBe("lossy");
  });

  test("the whole run says it for hosts of which nothing is said", () => {
    const loss = { lossShare: 0.3, missedEstimate: 2 };
    expect(verdictOf(report("open"), report("filtered", { loss }))).toBe("lossy");
    expect(verdictOf(report("open"), report("filtered", { loss: { lossShare: 0.01, missedEstimate: 0.1 } }))).toBe(
      "closed",
    );
  });

  test("a host that lost nothing, beside another that did, is believed", () => {
    const other = { address: "10.0.0.2", done: { loss: { lossShare: 0.3, missedEstimate: 2 } } };
    const b = report("filtered", { loss: { lossShare: 0.1, missedEstimate: 2 } });
    expect(verdictOf(report("open"), { ...b, hosts: [...(b.hosts ?? []), other] })).toBe("closed");
  });
});

describe("what one scan could not tell is no change", () => {
  test.each<[string, TestReport, TestReport, string]>([
    ["not asked", report("open"), { hosts: [{ address: "10.0.0.1" }], start: { portScans: [] } }, "not-asked"],
    [
      "stopped",
      report("open"),
      { hosts: [{ address: "10.0.0.1", ports: { "80": "closed" }, done: { end: "host-timeout" } }] },
      "undecided",
    ],
    [
      "undecided ports",
      report("open"),
      {
        hosts: [
          { address: "10.0.0.1", ports: { "80": "closed" }, done: { undecided: [{ protocol: "tcp", count: 1 }] } },
        ],
      },
      "undecided",
    ],
    ["closed|filtered", report("closed|filtered"), report("filtered"), "imprecise"],
    ["closed|filtered is not open", report("closed|filtered"), report("open"), "opened"],
    [
      "another technique",
      report("open|filtered", {
        start: { portScans: [{ technique: "tcp-fin", protocol: "tcp", portCount: 2, ports: "22,80" }] },
      }),
      report("open"),
      "other-technique",
    ],
    [
      "a connect asks the same as a SYN",
      report("open|filtered", {
        start: { portScans: [{ technique: "tcp-connect", protocol: "tcp", portCount: 2, ports: "22,80" }] },
      }),
      report("open"),
      "changed",
    ],
  ])("%s", (_name, a, b, verdict) => {
    expect(verdictOf(a, b)).toBe(verdict);
  });

  test("ports that only one scan has asked", () => {
    const a: TestReport = { hosts: [{ address: "10.0.0.1", ports: { "1-100": "closed" } }], start: { portScans: [] } };
    const b: TestReport = {
      hosts: [{ address: "10.0.0.1", ports: { "51-150": "closed", "200": "open" } }],
      start: { portScans: [] },
    };
    const { hosts, summary } = compare(a, b);
    expect(hosts[0]?.verdict).toBe("same");
    expect(summary.portsCompared).toBe(50);
    expect(summary.doubts).toEqual([
      { kind: { of: "ports", doubt: "not-asked" }, blind: "b", count: 50, openCount: 0 },
      { kind: { of: "ports", doubt: "not-asked" }, blind: "a", count: 51, openCount: 1 },
    ]);
  });
});

describe("lists of open ports", () => {
  const list = (ports: Record<string, StateText>): TestReport => ({
    start: { portScans: [], portCount: undefined, targets: [] },
    hosts: [{ address: "10.0.0.1", ports }],
  });

  test("what is not in a list is not open", () => {
    const { hosts } = compare(list({ "22": "open", "80": "open" }), list({ "80": "open", "443": "open" }));
    expect(hosts[0]?.ports.map(({ verdict, bounds }) => [verdict, bounds])).toEqual([
      ["closed", [22, 22]],
      ["opened", [443, 443]],
    ]);
  });

  test("against a whole report", () => {
    const whole: TestReport = { hosts: [{ address: "10.0.0.1", ports: { "1-79": "closed", "80": "open" } }] };
    const { hosts, summary } = compare(whole, list({ "79": "open" }));
    expect(hosts[0]?.ports.map(({ verdict, bounds }) => [verdict, bounds])).toEqual([
      ["not-told", [1, 78]],
      ["opened", [79, 79]],
      ["closed", [80, 80]],
    ]);
    expect(summary.doubts).toMatchObject([{ kind: { doubt: "not-told" }, blind: "b", count: 78, openCount: 0 }]);
  });
});

test("udp beside tcp", () => {
  const a: TestReport = { hosts: [{ address: "10.0.0.1", ports: { "53/udp": "open" } }], start: UDP };
  const b: TestReport = { hosts: [{ address: "10.0.0.1", ports: { "53/udp": "closed" } }], start: UDP };
  expect(compare(a, b).hosts[0]?.ports).toMatchObject([{ protocol: "udp", verdict: "closed" }]);
});

test("each port is in one group, and the groups are as many ports as differ", () => {
  const states = fc.dictionary(
    fc.integer({ min: 1, max: 30 }).map(String),
    fc.constantFrom<PortState>("open", "closed", "filtered"),
    { maxKeys: 30 },
  );
  fc.assert(
    fc.property(states, states, (a, b) => {
      const start = { portScans: [] };
      const one: TestReport = { start, hosts: [{ address: "10.0.0.1", ports: { ...a, "40": "closed" } }] };
      const other: TestReport = { start, hosts: [{ address: "10.0.0.1", ports: { ...b, "40": "closed" } }] };
      const seen = new Map<number, string>();
      for (const { bounds, verdict } of compare(one, other).hosts[0]?.ports ?? []) {
        for (let at = 0; at < bounds.length; at += 2) {
          for (let port = bounds[at] ?? 0; port <= (bounds[at + 1] ?? 0); port++) seen.set(port, verdict);
        }
      }
      const ports = new Set([...Object.keys(a), ...Object.keys(b)].map(Number));
      const differing = [...ports].filter((port) => a[port] !== b[port]);
      expect([...seen.keys()].sort((x, y) => x - y)).toEqual(differing.sort((x, y) => x - y));
      for (const [port, verdict] of seen) {
        const isDoubt = a[port] === undefined || b[port] === undefined;
        expect(verdict === "not-asked").toBe(isDoubt);
      }
    }),
  );
});
