// `npx tsx bench/history.ts [--open]`: a scan of 65,535 hosts with 1,000 ports each is put into a history, read back, and looked
// for. Says how long each takes, how large the history is, and what the process needs at most. --open: all ports are open. Not a
// row of `npm run bench`: it needs no lab.
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { HistoryDatabase } from "../src/store/history-database.js";
import { historyEvents } from "../src/store/history-reader.js";
import { findScans, type ScanFilter } from "../src/store/history-scans.js";
import { HistoryWriter } from "../src/store/history-writer.js";
import { largeScan } from "./large-scan.js";

const UNDER_WAY = 256;
const FLUSH_EVERY_MS = 500;

function say(what: string, startedAtMs: number, more = ""): void {
  process.stdout.write(`${what}: ${((performance.now() - startedAtMs) / 1000).toFixed(2)} s${more}\n`);
}

function write(database: HistoryDatabase, isAllOpen: boolean): void {
  let startedAtMs = performance.now();
  let count = 0;
  for (const _event of largeScan(isAllOpen, UNDER_WAY)) count++;
  say("events alone", startedAtMs, `, ${count} events`);
  startedAtMs = performance.now();
  const writer = new HistoryWriter(database, { origin: "scan", vantage: "bench" });
  let flushedAtMs = startedAtMs;
  let [flushMs, flushMaxMs] = [0, 0];
  for (const event of largeScan(isAllOpen, UNDER_WAY)) {
    writer.take(event);
    const nowMs = performance.now();
    if (nowMs - flushedAtMs < FLUSH_EVERY_MS) continue;
    writer.flush(Date.now());
    flushedAtMs = performance.now();
    flushMs += flushedAtMs - nowMs;
    flushMaxMs = Math.max(flushMaxMs, flushedAtMs - nowMs);
  }
  writer.end(Date.now(), { exitStatus: 0 });
  database.checkpoint();
  const flushes = `of that ${(flushMs / 1000).toFixed(2)} s in transactions, the longest ${flushMaxMs.toFixed(0)} ms`;
  say("written", startedAtMs, `, ${(statSync(database.path).size / 1e6).toFixed(1)} MB; ${flushes}`);
}

function read(database: HistoryDatabase): void {
  const startedAtMs = performance.now();
  let ports = 0;
  for (const event of historyEvents(database, 1)) if (event.type === "port-run") ports += event.ports.length;
  say("read", startedAtMs, `, ${ports} ports`);
}

function find(what: string, database: HistoryDatabase, filter: ScanFilter): void {
  const startedAtMs = performance.now();
  const found = [...findScans(database, filter, Date.now())].length;
  process.stdout.write(`${what}: ${(performance.now() - startedAtMs).toFixed(1)} ms, ${found} found\n`);
}

const folder = mkdtempSync(path.join(tmpdir(), "postern-bench-"));
try {
  const file = path.join(folder, "history.db");
  writeFileSync(file, "");
  const database = HistoryDatabase.open(file, { busyMs: 0 });
  write(database, process.argv.includes("--open"));
  read(database);
  const [first, last] = [Uint8Array.of(10, 0, 77, 0), Uint8Array.of(10, 0, 77, 255)];
  find("a port", database, { port: { protocol: "tcp", ranges: [[3, 3]] } });
  find("a port of a network", database, { host: { first, last }, port: { protocol: "tcp", ranges: [[3, 3]] } });
  find("a network", database, { host: { first, last } });
  database.close();
  process.stdout.write(`peak ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB\n`);
} finally {
  rmSync(folder, { recursive: true });
}
