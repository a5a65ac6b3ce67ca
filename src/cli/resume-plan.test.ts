import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError, ScopeError, UsageError } from "../model/errors.js";
import { DEFAULT_TIMING, type ScanPlan } from "../scan/plan.js";
import { JournalWriter } from "../store/journal-writer.js";
import { isSamePlan } from "../store/same-plan.js";
import { parseAddress } from "../target/address.js";
import { readServiceTable } from "./data-files.js";
import { makePlan } from "./make-plan.js";
import { makeResumePlan } from "./resume-plan.js";
import { parseScanArguments } from "./scan-options.js";

let folder: string;
let files = 0;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-resume-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A journal that holds what a plan, or anything else, is. */
function journalOf(plan: object): string {
  files += 1;
  const file = path.join(folder, `${files}.journal`);
  JournalWriter.create(file, { version: "1", startedAt: "2026-01-01T00:00:00Z", words: [], plan }).close();
  return file;
}

async function planOf(line: string): Promise<ScanPlan> {
  return (await makePlan(parseScanArguments(line.split(" ")), { services: readServiceTable, seed: 7 })).plan;
}

function resume(file: string, options = "") {
  const settings = parseScanArguments(["--resume", file, ...options.split(" ").filter((word) => word !== "")]);
  return makeResumePlan(settings, file);
}

describe("a scan that goes on", () => {
  test("asks what the journal's plan asks", async () => {
    const plan = await planOf("10.0.0.0/24 -sSU -p 22,53 -PE --seed 3 --shard 1/4 --max-rate 9 --journal j");
    const made = await resume(journalOf(plan));
    expect(made.plan).toMatchObject({ resume: { finished: [], hosts: [] }, isJournaled: true, timing: plan.timing });
    expect(isSamePlan({ plan: made.plan }, plan)).toBe(true);
    expect(made.warnings).toEqual([]);
  });

  test("takes pace, transport and scope from the command line", async () => {
    const file = journalOf(await planOf("192.0.2.1 -sSU -p 53 --authorized 192.0.2.0/24 --max-rate 9 --journal j"));
    const options = "--authorized 192.0.2.1 --max-retries 2 --transport raw --privileged --borrow 4 -v";
    expect((await resume(file, options)).plan).toMatchObject({
      timing: { ...DEFAULT_TIMING, maxRatePps: 9, maxRetries: 2 },
      transport: "raw",
      isPrivileged: true,
      borrowCount: 4,
      isDownReported: true,
      isSilenceOmitted: false,
    });
  });

  test("is not allowed by its journal to probe anything", async () => {
    const plan = await planOf("192.0.2.1 -p 22 --authorized 192.0.2.0/24 --journal j");
    await expect(resume(journalOf(plan))).rejects.toThrow(ScopeError);
  });

  test("does without addresses that are not this machine's any more", async () => {
    const gone = parseAddress("10.200.0.77");
    const plan = { ...(await planOf("10.0.0.1 -sU --source-addresses 127.0.0.1 --journal j")) };
    const made = await resume(journalOf({ ...plan, sourceAddresses: [...plan.sourceAddresses, gone] }));
    expect(made.plan.sourceAddresses).toEqual(plan.sourceAddresses);
    expect(made.warnings).toEqual(["1 of the addresses to send from are this machine's no more"]);
  });

  test("has no use for what is UDP's without UDP", async () => {
    const file = journalOf(await planOf("10.0.0.1 -p 22 --journal j"));
    await expect(resume(file, "--borrow 3")).rejects.toThrow(UsageError);
  });

  test("says what was lost", async () => {
    const file = journalOf(await planOf("10.0.0.1 -p 22 --journal j"));
    writeFileSync(file, '{"type":"host"', { flag: "a" });
    expect((await resume(file)).warnings).toEqual([expect.stringContaining("its last line was cut")]);
  });
});

test("what holds no plan is an input error with file and line", async () => {
  const file = journalOf({ seed: 1 });
  await expect(resume(file)).rejects.toThrow(InputError);
  await expect(resume(file)).rejects.toThrow(`${file}:1: the plan has something in it that cannot be`);
});
