// The thread that helps to look at processes, as it is built: it finds what a look in one thread finds, and the command that
// has its help says what one thread says.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { indexHolders } from "../src/inside/join-holders.js";
import type { LookOrder } from "../src/inside/look-order.js";
import { MANY, manyProcesses, SHARED, socketOf } from "../src/inside/many-processes.test.data.js";
import { readInsideTree } from "../src/inside/open-inside.js";
import { type Findings, ProcessLook } from "../src/inside/process-look.js";
import { WorkShares } from "../src/inside/work-shares.js";
import { ProcFiles } from "../src/linux/proc-files.js";
import { VERSION } from "../src/model/version.js";
import { socketDocument } from "../src/report/inside/socket-json.js";
import { POSTERN } from "./postern.js";

const WORKER = new URL("../dist/look-worker.js", import.meta.url);
const root = manyProcesses();
const PIDS = Array.from({ length: MANY }, (_, index) => index + 1);

/** Runs the built helper: a copy of what goes between threads is what it is made from. */
async function helped(wanted: readonly number[]): Promise<Findings> {
  const worker = new Worker(WORKER);
  const answer = once(worker, "message");
  const order: LookOrder = { root, pids: PIDS, bootTimeMs: 0, shares: new WorkShares().memory };
  worker.postMessage(order);
  worker.postMessage(Float64Array.from(wanted));
  const [findings] = await answer;
  await once(worker, "exit");
  return findings as Findings;
}

test("the helping thread finds what a look in one thread finds, and ends", async () => {
  const wanted = [SHARED, ...PIDS.filter((pid) => pid % 2 === 0).map(socketOf)];
  const look = new ProcessLook(new ProcFiles(root), 0);
  look.walk(PIDS);
  look.keep(new Set(wanted));
  expect(indexHolders([await helped(wanted)])).toEqual(indexHolders([look.findings]));
});

test("the command calls the thread where there are many processes, and shows what one thread shows", async () => {
  const { stdout, stderr, status } = spawnSync(POSTERN, ["sockets", "--json", "--proc", root], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
    env: { ...process.env, NODE_DEBUG: "worker" },
  });
  expect(status).toBe(0);
  expect(stderr).toContain("look-worker.js");
  const wish = { kinds: new Set(["inet", "packet"] as const), onlyListening: true };
  const view = await readInsideTree(root, { wish, onlyOwnNamespace: false }); // the sources have no look-worker.js
  const at = /"at":"([^"]+)"/.exec(stdout)?.[1] ?? "";
  expect(view.sockets).toHaveLength(1 + MANY);
  expect(stdout).toBe([...socketDocument(view, { at, version: VERSION, userNames: new Map() })].join(""));
});
