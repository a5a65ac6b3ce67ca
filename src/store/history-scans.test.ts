import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CompactScanEvent } from "../model/scan-event.js";
import { doneAt, HistoryFolder, hostDone, keepScan, NOON_MS, openPorts, startAt, upHost } from "./history.test.data.js";
import type { HistoryDatabase } from "./history-database.js";
import {
  findScans,
  planOf,
  pruneScans,
  type ScanFilter,
  scanAt,
  scanBefore,
  scanById,
  scanOfStart,
} from "./history-scans.js";
import { SCAN_TABLES } from "./history-schema.js";
import { HistoryWriter } from "./history-writer.js";

const DAY_MS = 86_400_000;

let folder: HistoryFolder;
beforeAll(() => {
  folder = new HistoryFolder();
});
afterAll(() => folder.remove());

const web: CompactScanEvent = {
  type: "service",
  hostId: 0,
  protocol: "tcp",
  port: 80,
  service: { name: "http", method: "probed", confidence: 10, product: "nginx", version: "1.24", cpes: [] },
};

/** Three scans, a day apart; the last is of IPv6. */
function threeScans(): HistoryDatabase {
  const database = folder.open();
  keepScan(database, NOON_MS, [
    upHost(0, "10.0.0.1", "Web.example"),
    openPorts(0, [22, 80]),
    web,
    { type: "host-names", hostId: 0, names: ["www.example"] },
    hostDone(0),
    upHost(1, "10.0.1.1"),
    openPorts(1, [443]),
    hostDone(1),
  ]);
  keepScan(database, NOON_MS + DAY_MS, [
    { type: "host-names", hostId: 0, names: ["early.example"] },
    upHost(0, "10.0.0.2"),
    openPorts(0, [53], "udp"),
    openPorts(0, [8000, 8001]),
    hostDone(0),
  ]);
  keepScan(database, NOON_MS + 2 * DAY_MS, [upHost(0, "fe80::1%eth0"), openPorts(0, [22]), hostDone(0)]);
  return database;
}

const network = (...bytes: readonly number[]): ScanFilter["host"] => ({
  first: Uint8Array.of(...bytes, 0),
  last: Uint8Array.of(...bytes, 255),
});
const port = (first: number, last = first): ScanFilter["port"] => ({ protocol: undefined, ranges: [[first, last]] });
const LINK_LOCAL = Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

describe("findScans", () => {
  let database: HistoryDatabase;
  beforeAll(() => {
    database = threeScans();
  });

  test.each<readonly [string, ScanFilter, readonly number[]]>([
    ["everything, the latest first", {}, [3, 2, 1]],
    ["since", { sinceMs: NOON_MS + 1 }, [3, 2]],
    ["until", { untilMs: NOON_MS + DAY_MS }, [2, 1]],
    ["a network", { host: network(10, 0, 0) }, [2, 1]],
    ["another network", { host: network(10, 0, 1) }, [1]],
    ["an IPv6 address, whatever its zone", { host: { first: LINK_LOCAL, last: LINK_LOCAL } }, [3]],
    ["a name as it was written", { host: { name: "web.EXAMPLE" } }, [1]],
    ["a name by reverse DNS", { host: { name: "www.example" } }, [1]],
    ["a name that came before its host", { host: { name: "early.example" } }, [2]],
    ["no host of that name", { host: { name: "example" } }, []],
    ["an open port", { port: port(22) }, [3, 1]],
    ["a range", { port: port(8001, 9000) }, [2]],
    ["a protocol", { port: { protocol: "udp", ranges: [[1, 100]] } }, [2]],
    ["the port of a host", { host: network(10, 0, 0), port: port(443) }, []],
    ["the port of another host", { host: network(10, 0, 1), port: port(443) }, [1]],
    ["a service", { service: "NGINX 1.2" }, [1]],
    ["a service that is none", { service: "%" }, []],
  ])("%s", (_what, filter, ids) => {
    expect([...findScans(database, filter, NOON_MS)].map(({ id }) => id)).toEqual(ids);
  });

  test("counts, and who it was", () => {
    expect(scanById(database, 1, NOON_MS)).toEqual({
      id: 1,
      origin: "scan",
      state: "done",
      startedAtMs: NOON_MS,
      endedAtMs: NOON_MS + 1000,
      exitStatus: 0,
      vantage: "here",
      scanner: "postern",
      version: "0.0.0",
      command: "",
      hostCount: 2,
      openCount: 3,
    });
  });

  test("a scan by its start", () => {
    expect(scanOfStart(database, startAt(NOON_MS))).toBe(1);
    expect(scanOfStart(database, startAt(NOON_MS, { scanner: "nmap" }))).toBeUndefined();
    expect(scanOfStart(database, startAt(NOON_MS, { startedAt: "never" }))).toBeUndefined();
  });
});

describe("moments", () => {
  test("by time and backwards; a scan that runs is none", () => {
    const database = threeScans();
    const running = new HistoryWriter(database, { origin: "scan", vantage: "" });
    running.take(startAt(NOON_MS + 3 * DAY_MS));
    running.flush(NOON_MS + 3 * DAY_MS);
    const nowMs = NOON_MS + 3 * DAY_MS + 5000;
    const at = (atMs: number, back: number) => scanAt(database, atMs, back, nowMs)?.id;
    expect([0, 1, 2, 3].map((back) => at(nowMs, back))).toEqual([3, 2, 1, undefined]);
    expect(at(NOON_MS + DAY_MS, 0)).toBe(2);
    expect(at(NOON_MS - 1, 0)).toBeUndefined();
    const third = scanById(database, 3, nowMs);
    expect(third === undefined ? 0 : scanBefore(database, third, 2, nowMs)?.id).toBe(1);
    expect(scanById(database, 4, nowMs)?.state).toBe("running");
    // Its writer has been silent for long: it was killed, and can be compared.
    const later = nowMs + 60_000;
    expect(scanById(database, 4, later)?.state).toBe("cut");
    expect(scanAt(database, later, 0, later)?.id).toBe(4);
  });

  test.each([
    ["done", 0, false],
    ["failed", 1, false],
    ["stopped", 1, true],
  ] as const)("a scan that is %s", (state, exitStatus, isAborted) => {
    const database = folder.open();
    const writer = new HistoryWriter(database, { origin: "scan", vantage: "" });
    for (const event of [startAt(NOON_MS), doneAt(NOON_MS, isAborted)]) writer.take(event);
    writer.end(NOON_MS, { exitStatus });
    expect(scanById(database, 1, NOON_MS)?.state).toBe(state);
  });
});

describe("pruneScans", () => {
  const idsOf = (database: HistoryDatabase) => [...findScans(database, {}, NOON_MS)].map(({ id }) => id);
  const nowMs = NOON_MS + 3 * DAY_MS;

  test.each([
    ["the latest stay", { keepCount: 1, beforeMs: undefined }, [2, 1]],
    ["old ones go", { keepCount: 0, beforeMs: NOON_MS + DAY_MS }, [1]],
    ["only what is both goes", { keepCount: 2, beforeMs: NOON_MS + 9 * DAY_MS }, [1]],
    ["none is old enough", { keepCount: 0, beforeMs: NOON_MS }, []],
  ])("%s", (_what, choice, gone) => {
    const database = threeScans();
    expect(pruneScans(database, { ...choice, isDryRun: true }, nowMs)).toEqual(gone);
    expect(idsOf(database)).toEqual([3, 2, 1]);
    expect(pruneScans(database, { ...choice, isDryRun: false }, nowMs)).toEqual(gone);
    expect(idsOf(database)).toEqual([3, 2, 1].filter((id) => !gone.includes(id)));
    for (const table of SCAN_TABLES) {
      const rows = database.all(`SELECT DISTINCT scan_id FROM ${table}`);
      expect(rows.filter(({ scan_id }) => gone.includes(Number(scan_id)))).toEqual([]);
    }
  });

  test("a number is never given again, and a scan that runs stays", () => {
    const database = threeScans();
    const running = new HistoryWriter(database, { origin: "scan", vantage: "" });
    running.take(startAt(nowMs));
    running.flush(nowMs);
    pruneScans(database, { keepCount: 0, beforeMs: undefined, isDryRun: false }, nowMs);
    expect(idsOf(database)).toEqual([4]);
    running.end(nowMs, { exitStatus: 0 });
    pruneScans(database, { keepCount: 0, beforeMs: undefined, isDryRun: false }, nowMs);
    expect(keepScan(database, nowMs, [])).toBe(5);
  });
});

test("the plan is kept, unless it is endless", () => {
  const database = folder.open();
  const plan = { ports: [1, 2], key: Uint8Array.of(1, 2), none: undefined, rate: Number.POSITIVE_INFINITY };
  for (const own of [plan, { long: "x".repeat(2_000_000) }, undefined]) {
    const writer = new HistoryWriter(database, { origin: "scan", vantage: "", ...(own && { plan: own }) });
    writer.take(startAt(NOON_MS));
    writer.flush(NOON_MS);
  }
  expect(planOf(database, 1)).toEqual({ ports: [1, 2], key: Uint8Array.of(1, 2), rate: Number.POSITIVE_INFINITY });
  expect([planOf(database, 2), planOf(database, 3), planOf(database, 9)]).toEqual([undefined, undefined, undefined]);
});
