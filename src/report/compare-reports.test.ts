// What is a change of a host, and what is none.
import { describe, expect, test } from "vitest";
import { compare, type TestHost, type TestReport } from "./diff-events.test.data.js";

const UP: TestHost = { address: "10.0.0.1", ports: { "22": "open", "80": "closed" } };
const DOWN: TestHost = { address: "10.0.0.1", facts: { status: "down", reason: "no-response" } };

function verdictOf(a: TestReport, b: TestReport): string {
  const [host] = compare(a, b).hosts;
  return host === undefined ? "none" : [host.verdict, host.blind].filter((word) => word !== undefined).join(" ");
}

describe("a host that only one report has", () => {
  const lossy = { loss: { lossShare: 0.1, missedEstimate: 9 } };
  const listed: TestHost = { address: "10.0.0.1", facts: { status: "listed" } };
  const ALL: TestReport = { start: { targets: [] }, hostCount: 1 };
  const unseen: TestHost = { address: "10.0.0.1", facts: { reason: "user-set" }, ports: { "1-9": "filtered" } };
  test.each<[string, TestReport, TestReport, string]>([
    ["appears", {}, { hosts: [UP] }, "new"],
    ["disappears", { hosts: [UP] }, {}, "gone"],
    ["goes down", { hosts: [UP] }, { hosts: [DOWN] }, "gone"],
    ["comes up", { hosts: [DOWN] }, { hosts: [UP] }, "new"],
    ["is down in both", { hosts: [DOWN] }, { hosts: [DOWN] }, "none"],
    ["after the scan was stopped", { hosts: [UP] }, { isAborted: true }, "stopped b"],
    ["before, the scan was stopped", { isAborted: true }, { hosts: [UP] }, "stopped a"],
    ["down in a scan that was stopped", { hosts: [UP] }, { hosts: [DOWN], isAborted: true }, "gone"],
    ["is no target now", { hosts: [UP] }, { start: { targets: ["10.0.0.2-9"] } }, "not-scanned b"],
    ["was no target", { start: { targets: ["10.1.0.0/16"] } }, { hosts: [UP] }, "not-scanned a"],
    ["a name may hide it", { hosts: [UP] }, { start: { targets: ["10.0.0.2", "web.lab"] } }, "gone"],
    ["nobody knows the targets", { hosts: [UP] }, { start: { targets: [] } }, "gone"],
    [
      "all that was looked at is there",
      { hosts: [UP] },
      { hosts: [{ ...UP, address: "10.0.0.2" }], ...ALL },
      "not-scanned b",
    ],
    ["is only listed", { hosts: [listed] }, { hosts: [UP] }, "only-listed a"],
    ["silent in a run that lost much", { hosts: [UP] }, lossy, "lossy b"],
    ["was taken as up", {}, { hosts: [unseen] }, "unseen b"],
  ])("%s", (_name, a, b, verdict) => {
    expect(verdictOf(a, b)).toBe(verdict);
  });

  test("names that hosts of the report were found by hide nothing", () => {
    const other: TestHost = { address: "10.0.0.9", facts: { name: "web.lab" } };
    const b = { hosts: [other], start: { targets: ["web.lab"] } };
    const { hosts } = compare({ hosts: [UP] }, b);
    expect(hosts.map(({ verdict }) => verdict)).toEqual(["not-scanned", "new"]);
  });
});

describe("a host that both have", () => {
  test.each<[string, Partial<TestHost>, Partial<TestHost>, object]>([
    [
      "another MAC",
      { facts: { mac: "aa:00:00:00:00:01" } },
      { facts: { mac: "aa:00:00:00:00:02" } },
      { isMacChanged: true },
    ],
    [
      "a MAC in other letters",
      { facts: { mac: "AA:00:00:00:00:01" } },
      { facts: { mac: "aa:00:00:00:00:01" } },
      { isMacChanged: false },
    ],
    ["a MAC that was not seen", { facts: { mac: "aa:00:00:00:00:01" } }, {}, { isMacChanged: false }],
    ["other names", { names: ["a.lab", "b.lab"] }, { names: ["c.lab"] }, { areNamesChanged: true }],
    [
      "names in another order",
      { names: ["a.lab", "b.lab"] },
      { names: ["B.lab.", "a.lab"] },
      { areNamesChanged: false },
    ],
    ["another system", { systems: ["Linux 4", "Linux 5"] }, { systems: ["Linux 6"] }, { isSystemChanged: true }],
    [
      "a system among others",
      { systems: ["Linux 4", "Linux 5"] },
      { systems: ["Linux 5", "Linux 6"] },
      { isSystemChanged: false },
    ],
    ["no system", { systems: ["Linux 4"] }, {}, { isSystemChanged: false }],
  ])("%s", (_name, a, b, expected) => {
    const { hosts } = compare({ hosts: [{ ...UP, ...a }] }, { hosts: [{ ...UP, ...b }] });
    expect(hosts).toMatchObject([expected]);
  });

  test("names that a scan did not ask for", () => {
    expect(verdictOf({ hosts: [{ ...UP, names: ["a.lab"] }] }, { hosts: [UP] })).toBe("same");
  });

  test("services: what answered is compared, names of a table are not", () => {
    const a: TestHost = { ...UP, services: { "22": { name: "ssh", product: "OpenSSH", version: "9.6" } } };
    const b: TestHost = { ...UP, services: { "22": { name: "ssh", product: "OpenSSH", version: "9.8" } } };
    const table: TestHost = { ...UP, services: { "22": { name: "whatever", method: "table" } } };
    expect(compare({ hosts: [a] }, { hosts: [b] }).hosts[0]?.services).toMatchObject([
      { port: 22, a: { version: "9.6" }, b: { version: "9.8" } },
    ]);
    expect(verdictOf({ hosts: [a] }, { hosts: [a] })).toBe("same");
    expect(verdictOf({ hosts: [a] }, { hosts: [table] })).toBe("same");
    const other: TestHost = { ...a, address: "10.0.0.2" };
    const { hosts } = compare({ hosts: [a, other] }, { hosts: [{ ...table }, other] });
    expect(hosts[0]?.services).toMatchObject([{ port: 22, b: undefined }]);
  });

  test("a report that has a host twice has all that it says", () => {
    const twice: TestReport = {
      start: { portScans: [], portCount: undefined },
      hosts: [
        { address: "10.0.0.1", ports: { "80": "open" } },
        { address: "10.0.0.1", ports: { "22": "open" } },
      ],
    };
    const once: TestReport = { ...twice, hosts: [{ address: "10.0.0.1", ports: { "22": "open", "80": "open" } }] };
    expect(compare(twice, once).summary).toMatchObject({ hostsCompared: 1, hostsChanged: 0, portsCompared: 2 });
  });
});

describe("--by", () => {
  const mac = (address: string, last: number, port: string): TestHost => ({
    address,
    facts: { mac: `aa:00:00:00:00:0${last}` },
    ports: { [port]: "open" },
  });

  test("mac: a host that has moved is the same", () => {
    const a: TestReport = { hosts: [mac("10.0.0.1", 1, "22"), mac("10.0.0.2", 2, "80")] };
    const b: TestReport = { hosts: [mac("10.0.0.1", 2, "80"), mac("10.0.0.2", 1, "22")] };
    const { hosts, summary } = compare(a, b, { by: "mac" });
    expect(hosts.map((host) => [host.a?.address, host.b?.address, host.verdict])).toEqual([
      ["10.0.0.2", "10.0.0.1", "changed"],
      ["10.0.0.1", "10.0.0.2", "changed"],
    ]);
    expect(summary).toMatchObject({ addressesChanged: 2, macsChanged: 0, portsOpened: 0 });
  });

  test("mac: hosts behind a router share its address, and stay apart", () => {
    const a: TestReport = { hosts: [mac("10.0.0.1", 1, "22"), mac("10.0.0.2", 1, "22")] };
    const b: TestReport = { hosts: [mac("10.0.0.2", 1, "22"), mac("10.0.0.1", 1, "22")] };
    expect(compare(a, b, { by: "mac" }).summary).toMatchObject({ hostsCompared: 2, hostsChanged: 0 });
  });

  test("name: by the written name or that of reverse DNS", () => {
    const a: TestReport = { hosts: [{ ...UP, facts: { name: "Web.lab" } }] };
    const b: TestReport = { hosts: [{ ...UP, address: "10.0.0.7", names: ["web.lab."] }] };
    expect(compare(a, b, { by: "name" }).hosts).toMatchObject([{ isAddressChanged: true, verdict: "changed" }]);
    expect(compare(a, b).hosts.map(({ verdict }) => verdict)).toEqual(["gone", "new"]);
  });
});

test("hosts come in the order of their addresses, spelled one way", () => {
  const hosts = ["fd00::0:2", "10.0.0.10", "fd00::1", "10.0.0.9"].map((address) => ({ ...UP, address }));
  const found = compare({}, { hosts, start: { targets: [] } }).hosts.map(({ b }) => b?.address);
  expect(found).toEqual(["10.0.0.9", "10.0.0.10", "fd00::1", "fd00::2"]);
});
