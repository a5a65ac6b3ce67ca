// A look of two threads finds what a look of one finds, whoever comes when. The helper runs in this thread here; the true one
// is in test/look-worker.test.ts.
import { describe, expect, test } from "vitest";
import { ProcFiles } from "../linux/proc-files.js";
import { indexHolders } from "./join-holders.js";
import { helpLooking, type LookOrder } from "./look-order.js";
import type { LookHelper } from "./look-thread.js";
import { MANY, manyProcesses, SHARED, socketOf } from "./many-processes.test.data.js";
import { PendingLook } from "./pending-look.js";
import type { Findings } from "./process-look.js";
import { WorkShares } from "./work-shares.js";

const files = new ProcFiles(manyProcesses());
const PIDS = Array.from({ length: MANY }, (_, index) => index + 1);
/** Not those of every process, and one that nobody has. */
const WANTED = [SHARED, 7, ...PIDS.filter((pid) => pid % 2 === 0).map(socketOf)];
const BOOT_MS = 1_700_000_000_000;

/** What was found, in one order. */
function sorted(findings: readonly Findings[]) {
  const holders = [...indexHolders(findings)].sort(([one], [other]) => one - other);
  return { holders, denied: findings.reduce((sum, { deniedCount }) => sum + deniedCount, 0) };
}

async function lookAlone() {
  const look = new PendingLook(files, () => undefined);
  look.begin(PIDS, BOOT_MS);
  return sorted(await look.finish(WANTED));
}

/** Something that is told later. */
function later<Value>() {
  let tell: (value: Value) => void = () => {};
  const told = new Promise<Value>((resolve) => {
    tell = resolve;
  });
  return { tell, told };
}

/** A helper that is asked for what is wanted after each of its shares. */
function helperWith(pollWanted: () => Float64Array | undefined): LookHelper {
  const order = later<LookOrder>();
  const wanted = later<Float64Array>();
  const findings = helpLooking({ order: () => order.told, pollWanted, wanted: () => wanted.told });
  return { give: order.tell, tell: wanted.tell, findings, stop: () => {} };
}

describe("two that look at many processes", () => {
  test("one that looks alone finds all holders, by the numbers of their processes", async () => {
    const { holders, denied } = await lookAlone();
    expect(denied).toBe(0);
    expect(holders).toHaveLength(1 + MANY / 2);
    const [[inode, shared] = [0, []]] = holders;
    expect(inode).toBe(SHARED);
    expect(shared.map(({ process }) => process.pid)).toEqual(PIDS.filter((pid) => pid % 10 === 0));
    expect(shared[0]?.descriptors.toSorted()).toEqual([4, 5]);
    expect(shared[0]?.process).toMatchObject({
      name: "worker 10",
      uid: 10,
      effectiveUid: 11,
      capabilities: 0xa80425fbn,
      startedAtMs: BOOT_MS + 10_000,
      executable: { path: "/usr/bin/worker", isDeleted: true },
      controlGroup: { unit: { name: "worker@1.service" } },
    });
  });

  test("a helper that comes before anything is wanted takes all, and is told later", async () => {
    const look = new PendingLook(files, () => helperWith(() => undefined));
    look.begin(PIDS, BOOT_MS);
    await new Promise(setImmediate);
    const findings = await look.finish(WANTED);
    expect(findings.map(({ processes }) => processes.length > 0)).toEqual([false, true]);
    expect(findings.map(({ early }) => early)).toEqual([[], PIDS]);
    expect(sorted(findings)).toEqual(await lookAlone());
  });

  test("both take their shares, and nothing is found twice", async () => {
    let whole: Promise<readonly Findings[]> | undefined;
    const look: PendingLook = new PendingLook(files, () =>
      helperWith(() => {
        whole ??= look.finish(WANTED); // after the helper's first share
        return Float64Array.from(WANTED);
      }),
    );
    look.begin(PIDS, BOOT_MS);
    await new Promise(setImmediate);
    const findings = (await whole) ?? [];
    expect(findings.map(({ processes }) => processes.length > 0)).toEqual([true, true]);
    expect(findings.flatMap(({ early }) => early)).toEqual(PIDS.slice(0, 32)); // walked over before it knew
    expect(sorted(findings)).toEqual(await lookAlone());
  });

  test("a helper that does not come is not waited for", async () => {
    const never = new Promise<undefined>(() => {});
    const look = new PendingLook(files, () => ({ give: () => {}, tell: () => {}, findings: never, stop: () => {} }));
    look.begin(PIDS, BOOT_MS);
    expect(sorted(await look.finish(WANTED))).toEqual(await lookAlone());
  });

  test("what a helper has taken before it failed is looked at all the same", async () => {
    const failing = ({ shares }: LookOrder) => {
      const taken = new WorkShares(shares);
      taken.helperIsHere();
      taken.next(PIDS);
    };
    const findings = Promise.resolve(undefined);
    const look = new PendingLook(files, () => ({ give: failing, tell: () => {}, findings, stop: () => {} }));
    look.begin(PIDS, BOOT_MS);
    expect(sorted(await look.finish(WANTED))).toEqual(await lookAlone());
  });

  test("nobody is called for few processes, one for many, and never two", () => {
    let called = 0;
    const look = new PendingLook(files, () => {
      called++;
      return helperWith(() => undefined);
    });
    look.expect(10);
    look.begin(PIDS.slice(0, 10), BOOT_MS);
    expect(called).toBe(0);
    look.expect(MANY);
    look.expect(MANY);
    expect(called).toBe(1);
  });
});
