// What postern.yaml changes of a plan, as far as it is decided before anything is sent.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Resolution } from "../linux/resolve.js";
import { InputError, ScopeError } from "../model/errors.js";
import { readPolicy } from "../policy/read-policy.js";
import type { ScanPlan } from "../scan/plan.js";
import { JournalWriter } from "../store/journal-writer.js";
import { type Address, formatAddress, parseAddress } from "../target/address.js";
import { formatBlock } from "../target/address-block.js";
import { Scope } from "../target/scope.js";
import { TargetSet } from "../target/target-set.js";
import { readServiceTable } from "./data-files.js";
import { type MadePlan, makePlan } from "./make-plan.js";
import { makeResumePlan } from "./resume-plan.js";
import { parseScanArguments } from "./scan-options.js";
import type { ScopeMeans } from "./settle-scope.js";

const NAMES: Record<string, readonly string[]> = {
  "www.example": ["192.0.2.80"],
  "plc.example": ["10.0.0.9", "fd00::9"],
  "other.example": ["192.0.2.81"],
};

function resolveName(name: string): Promise<Resolution> {
  const addresses = NAMES[name.toLowerCase()]?.map(address);
  return Promise.resolve(addresses === undefined ? { why: "no such name" } : { addresses });
}

vi.mock("../linux/resolve.js", () => ({ resolveName: (name: string) => resolveName(name) }));

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-policy-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function address(text: string): Address {
  const found = parseAddress(text);
  if (found === undefined) throw new Error(text);
  return found;
}

function plan(line: string, text: string, scopeMeans?: ScopeMeans): Promise<MadePlan> {
  const settings = {
    ...parseScanArguments(line.split(" ").filter((word) => word !== "")),
    policy: readPolicy(text, "p.yaml", "UTC"),
  };
  const means = { services: readServiceTable, seed: 7 };
  return makePlan(settings, scopeMeans === undefined ? means : { ...means, scopeMeans });
}

function targetsOf({ targets }: ScanPlan): readonly string[] {
  const set = TargetSet.fromData(targets);
  return Array.from({ length: set.count }, (_, index) => set.at(index)).flatMap((target) =>
    target === undefined ? [] : [formatAddress(target.address)],
  );
}

describe("scope", () => {
  test("adds to what may be probed", async () => {
    const made = await plan("192.0.2.9 -p 1", "scope: 192.0.2.0/28");
    expect(Scope.fromData(made.plan.scope).allows(address("192.0.2.9"))).toBe(true);
    expect(Scope.fromData(made.plan.scope).allows(address("192.0.2.16"))).toBe(false);
    await expect(plan("192.0.2.16 -p 1", "scope: 192.0.2.0/28")).rejects.toThrow(ScopeError);
  });

  test("by a name covers a target of that name, at the addresses that it has now", async () => {
    const made = await plan("WWW.example -p 1", "scope: www.EXAMPLE.");
    expect(targetsOf(made.plan)).toEqual(["192.0.2.80"]);
    await expect(plan("192.0.2.80 -p 1", "scope: www.example")).rejects.toThrow(ScopeError);
    await expect(plan("other.example -p 1", "scope: www.example")).rejects.toThrow(ScopeError);
    await expect(plan("www.example/24 -p 1", "scope: www.example")).rejects.toThrow(ScopeError);
  });

  test("is not made wider by what a journal says that an address is called", async () => {
    const { plan: made } = await plan("www.example -p 1 --journal j", "scope: www.example");
    const file = path.join(folder, "journal");
    const journal = (forged: object): string => {
      rmSync(file, { force: true });
      const run = { version: "1", startedAt: "2026-01-01T00:00:00Z", words: [] };
      JournalWriter.create(file, { ...run, plan: forged }).close();
      return file;
    };
    const resume = (forged: object) => {
      const settings = parseScanArguments(["--resume", "j"]);
      const policy = readPolicy("scope: www.example", "p.yaml", "UTC");
      const means = { known: () => [], keep: () => undefined, resolve: resolveName };
      return makeResumePlan({ ...settings, policy }, journal(forged), means);
    };
    expect(targetsOf((await resume(made)).plan)).toEqual(["192.0.2.80"]);
    const [group] = made.targets.groups;
    const block = { kind: "ipv4-range", base: 0x08080808, count: 1 };
    const forged = { ...made, targets: { ...made.targets, groups: [{ ...group, block }] } };
    await expect(resume(forged)).rejects.toThrow(ScopeError);
  });
});

describe("exclude", () => {
  const TEXT = "exclude:\n  - 10.0.0.4/30\n  - fd00::/64\n";

  test("is left out with a notice, and is out of the last check's scope", async () => {
    const made = await plan("10.0.0.0/29 -p 1 --authorized 10.0.0.0/8", TEXT);
    expect(targetsOf(made.plan)).toEqual(["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    expect(made.warnings).toEqual(["10.0.0.4/30 is not probed: p.yaml:2:5 excludes it"]);
    const scope = Scope.fromData(structuredClone(made.plan.scope));
    expect(["10.0.0.3", "10.0.0.4", "fd00::5"].map((text) => scope.allows(address(text)))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("says nothing where no target is hit", async () => {
    expect((await plan("10.0.0.0/30 -p 1", TEXT)).warnings).toEqual([]);
  });

  test.each(["10.0.0.5", "10.0.0.4/31 fd00::1", "::ffff:10.0.0.6", "10.0.0.7 --authorized 10.0.0.7"])(
    "%s is refused: nothing else is left",
    async (line) => {
      await expect(plan(`${line} -p 1`, TEXT)).rejects.toThrow("p.yaml:2:5 excludes all of them");
    },
  );

  test("holds for all addresses of a name, and stops the scan where those are not known", async () => {
    const made = await plan("10.0.0.8/31 fd00::8/126 -p 1", "exclude: plc.example");
    expect(targetsOf(made.plan)).toEqual(["10.0.0.8", "fd00::8", "fd00::a", "fd00::b"]);
    await expect(plan("127.0.0.1 -p 1", "exclude: gone.example")).rejects.toThrow(InputError);
  });

  test("holds for scans that go on", async () => {
    const { plan: made } = await plan("10.0.0.0/29 -p 1 --journal j", "");
    const file = path.join(folder, "resumed");
    const run = { version: "1", startedAt: "2026-01-01T00:00:00Z", words: [] };
    JournalWriter.create(file, { ...run, plan: made }).close();
    const settings = { ...parseScanArguments(["--resume", file]), policy: readPolicy(TEXT, "p.yaml", "UTC") };
    expect(targetsOf((await makeResumePlan(settings, file)).plan)).toHaveLength(4);
  });
});

describe("limits", () => {
  test.each([
    ["-p 1", { maxRatePps: 50, minRatePps: undefined }],
    ["-p 1 --max-rate 20", { maxRatePps: 20 }],
    ["-p 1 -T5 --min-rate 1000", { maxRatePps: 50, minRatePps: 50 }],
    ["-p 1 --max-rate 80", { maxRatePps: 50 }],
  ])("cap %s", async (options, timing) => {
    const made = await plan(`10.0.0.1 ${options}`, "limits: { rate: 50 }");
    expect(made.plan.timing).toMatchObject(timing);
    expect(made.warnings).toHaveLength(options.includes("1000") || options.includes("80") ? 1 : 0);
  });

  test("of a host lengthen the pause between two probes to it", async () => {
    const timing = async (options: string) =>
      (await plan(`10.0.0.1 -p 1 ${options}`, "limits: { host-rate: 4 }")).plan.timing;
    expect(await timing("")).toMatchObject({ scanDelayMs: 250 });
    expect(await timing("-T4")).toMatchObject({ scanDelayMs: 250, maxScanDelayMs: 250 });
    expect(await timing("--scan-delay 1s")).toMatchObject({ scanDelayMs: 1000 });
  });
});

describe("a target that nothing covers", () => {
  function answering(...answers: readonly (string | undefined)[]) {
    const asked: string[] = [];
    const kept: string[] = [];
    const means: ScopeMeans = {
      known: () => [],
      keep: (targets) => void kept.push(...targets.map(({ block, name }) => `${formatBlock(block)} ${name ?? ""}`)),
      ask: (question) => {
        asked.push(question);
        return Promise.resolve(answers[asked.length - 1]);
      },
    };
    return { asked, kept, means };
  }

  test("is probed after a whole yes, and kept", async () => {
    const { asked, kept, means } = answering("y", " Yes ");
    const made = await plan("192.0.2.0/30 www.example 10.0.0.1 -p 1", "", means);
    expect(Scope.fromData(made.plan.scope).allows(address("192.0.2.3"))).toBe(true);
    expect(asked).toEqual([
      "192.0.2.0/30, www.example (192.0.2.80) are neither private nor all this machine's own, and no scope covers it.\n" +
        "May you probe it (yes/no)? ",
      "Please type yes or no: ",
    ]);
    expect(kept).toEqual(["192.0.2.0/30 ", "192.0.2.80 www.example"]);
  });

  test.each([[["no"]], [[""]], [[undefined]], [["y", "y", "y", "yes"]]])("is refused after %j", async (answers) => {
    const { kept, means } = answering(...answers);
    await expect(plan("192.0.2.1 -p 1", "", means)).rejects.toThrow(ScopeError);
    expect(kept).toEqual([]);
  });

  test.each([
    "192.0.0.0/15",
    "2001:db8::/80 2001:db8:0:1::/63",
    "203.0.113.1 203.0.113.2 203.0.113.3 203.0.113.4 203.0.113.5 203.0.113.6",
  ])("is not even asked about where it is too much for one answer: %s", async (line) => {
    const { asked, means } = answering("yes");
    await expect(plan(`${line} -p 1`, "", means)).rejects.toThrow();
    expect(asked).toEqual([]);
  });

  test("is probed where it was answered before, without a question", async () => {
    const { asked, means } = answering();
    const block = { kind: "ipv4-range", base: 0xc0000200, count: 4 } as const;
    const made = await plan("192.0.2.1 -p 1", "", { ...means, known: () => [block] });
    expect(Scope.fromData(made.plan.scope).allows(address("192.0.2.2"))).toBe(true);
    expect(asked).toEqual([]);
  });

  test("is excluded all the same", async () => {
    const { means } = answering("yes");
    await expect(plan("192.0.2.1 -p 1", "exclude: 192.0.2.1", means)).rejects.toThrow("excludes all of them");
  });
});
