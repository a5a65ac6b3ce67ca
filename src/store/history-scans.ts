// Which scans a history has: chosen by time, host, open port or service, found by a moment, and taken out again.
import { inflateSync } from "node:zlib";
import type { StartEvent } from "../model/scan-event.js";
import type { PROTOCOLS } from "../target/port-set.js";
import { isOneOf } from "./check.js";
import type { HistoryDatabase, SqlRow, SqlValue } from "./history-database.js";
import { searchText } from "./history-index.js";
import { SCAN_TABLES } from "./history-schema.js";
import { fromJson } from "./plain-data.js";
import { parseRanges, type Range, rangesWithin } from "./ranges.js";

/** A writer says every 5 s that it is there; one that has been silent for so long is not. */
const SILENT_MS = 15_000;

const PORT_MAX = 65_535;
const COLUMNS =
  "id, origin, started_at_ms, ended_at_ms, seen_at_ms, exit_status, is_aborted, vantage, scanner, version, command," +
  " host_count, open_count";

/** What became of a scan: "cut" is one whose writer was killed, "failed" one that could not do what was asked. */
export type ScanState = "running" | "done" | "stopped" | "failed" | "cut";

/** A scan of the history, without what it told. */
export interface HistoryScan {
  readonly id: number;
  readonly origin: "scan" | "import";
  readonly state: ScanState;
  readonly startedAtMs: number;
  /** Undefined while it runs, and where it was killed. */
  readonly endedAtMs: number | undefined;
  /** Of the scan command; undefined for what was imported or has not ended. */
  readonly exitStatus: number | undefined;
  /** The machine that scanned; "" where nobody knows. */
  readonly vantage: string;
  readonly scanner: string;
  readonly version: string;
  /** The command line; "" where nobody knows. */
  readonly command: string;
  /** Hosts that are up. */
  readonly hostCount: number;
  /** Open ports over all hosts. */
  readonly openCount: number;
}

/** Which hosts: all from one address to another, or by name. */
export type HostChoice = { readonly first: Uint8Array; readonly last: Uint8Array } | { readonly name: string };

/** Which ports; any protocol where none is named. */
export interface PortChoice {
  readonly protocol: (typeof PROTOCOLS)[number] | undefined;
  readonly ranges: readonly Range[];
}

/** Which scans. What is undefined does not matter. */
export interface ScanFilter {
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** A host that was up. */
  readonly host?: HostChoice | undefined;
  /** A port that was open, on that host if one is named. */
  readonly port?: PortChoice | undefined;
  /** What the name, product or version of a service has in it. */
  readonly service?: string | undefined;
}

/** The scans that fit, the latest first. */
export function* findScans(database: HistoryDatabase, filter: ScanFilter, nowMs: number): Generator<HistoryScan> {
  const where = ["started_at_ms BETWEEN ? AND ?"];
  const values: SqlValue[] = [filter.sinceMs ?? Number.MIN_SAFE_INTEGER, filter.untilMs ?? Number.MAX_SAFE_INTEGER];
  if (filter.host !== undefined) {
    const hosts = hostCondition(filter.host);
    where.push(`id IN (SELECT scan_id FROM ${hosts.table} WHERE ${hosts.where})`);
    values.push(...hosts.values);
  }
  if (filter.service !== undefined) {
    where.push("id IN (SELECT scan_id FROM service WHERE instr(words, ?) > 0)");
    values.push(searchText(filter.service));
  }
  const sql = `SELECT ${COLUMNS} FROM scan WHERE ${where.join(" AND ")} ORDER BY started_at_ms DESC, id DESC`;
  for (const row of database.all(sql, values)) {
    const scan = scanOf(row, nowMs);
    if (filter.port === undefined || hasOpen(database, scan.id, filter.port, filter.host)) yield scan;
  }
}

/** The scan of a number; undefined where there is none. */
export function scanById(database: HistoryDatabase, id: number, nowMs: number): HistoryScan | undefined {
  const row = database.first(`SELECT ${COLUMNS} FROM scan WHERE id = ?`, [id]);
  return row === undefined ? undefined : scanOf(row, nowMs);
}

/** The latest scan that began at or before a moment and is not running, or one of those before it. */
export function scanAt(
  database: HistoryDatabase,
  atMs: number,
  backCount: number,
  nowMs: number,
): HistoryScan | undefined {
  return endedBefore(database, [atMs, Number.MAX_SAFE_INTEGER], backCount, nowMs);
}

/** One of the scans before another. */
export function scanBefore(
  database: HistoryDatabase,
  { startedAtMs, id }: HistoryScan,
  backCount: number,
  nowMs: number,
): HistoryScan | undefined {
  return endedBefore(database, [startedAtMs, id - 1], backCount - 1, nowMs);
}

/** The plan that a scan had, as plain data; undefined where none was kept. */
export function planOf(database: HistoryDatabase, id: number): unknown {
  const plan = database.first("SELECT plan FROM scan WHERE id = ?", [id])?.plan;
  if (!(plan instanceof Uint8Array)) return undefined;
  return fromJson(JSON.parse(inflateSync(plan, { maxOutputLength: 16 * 1024 * 1024 }).toString("utf8")));
}

/** What goes. */
export interface PruneChoice {
  /** So many of the latest stay, however old. */
  readonly keepCount: number;
  /** Only what began before this goes; undefined for whatever is not kept. */
  readonly beforeMs: number | undefined;
  /** Nothing goes: which would is all that is wanted. */
  readonly isDryRun: boolean;
}

/**
 * Takes scans out, each in a transaction of its own so that a running scan need not wait, and then gives the room back. A scan
 * that runs stays.
 */
export function pruneScans(database: HistoryDatabase, choice: PruneChoice, nowMs: number): readonly number[] {
  const [keepCount, beforeMs] = [choice.keepCount, choice.beforeMs ?? Number.MAX_SAFE_INTEGER];
  const ended = [...findScans(database, {}, nowMs)].filter(({ state }) => state !== "running");
  const gone = ended.slice(keepCount).filter(({ startedAtMs }) => startedAtMs < beforeMs);
  if (!choice.isDryRun) {
    for (const { id } of gone) removeScan(database, id);
    if (gone.length > 0) database.execute("VACUUM");
    database.checkpoint();
  }
  return gone.map(({ id }) => id);
}

/** Takes out one scan with all that it told. */
export function removeScan(database: HistoryDatabase, id: number): void {
  database.transaction(() => {
    for (const table of SCAN_TABLES) database.run(`DELETE FROM ${table} WHERE scan_id = ?`, [id]);
    database.run("DELETE FROM scan WHERE id = ?", [id]);
  });
}

/** The scan that began with this event; undefined where there is none. */
export function scanOfStart(database: HistoryDatabase, start: StartEvent): number | undefined {
  const { startedAt, scanner = "postern", version, commandLine = "" } = start;
  const startedAtMs = Date.parse(startedAt);
  if (Number.isNaN(startedAtMs)) return undefined;
  const sql = "SELECT id FROM scan WHERE started_at_ms = ? AND scanner = ? AND version = ? AND command = ? LIMIT 1";
  return maybeNumber(database.first(sql, [startedAtMs, scanner, version, commandLine])?.id);
}

function endedBefore(
  database: HistoryDatabase,
  from: readonly [startedAtMs: number, id: number],
  backCount: number,
  nowMs: number,
): HistoryScan | undefined {
  const sql =
    `SELECT ${COLUMNS} FROM scan WHERE (started_at_ms, id) <= (?, ?)` +
    " AND (ended_at_ms IS NOT NULL OR seen_at_ms < ?) ORDER BY started_at_ms DESC, id DESC LIMIT 1 OFFSET ?";
  const row = database.first(sql, [...from, nowMs - SILENT_MS, backCount]);
  return row === undefined ? undefined : scanOf(row, nowMs);
}

function hostCondition(host: HostChoice): {
  readonly table: "host" | "host_name";
  readonly where: string;
  readonly values: readonly SqlValue[];
} {
  if ("name" in host) return { table: "host_name", where: "name = ?", values: [searchText(host.name)] };
  // Blobs compare byte by byte, so an address of the other family may stand between two of one.
  const where = "address BETWEEN ? AND ? AND length(address) = ?";
  return { table: "host", where, values: [host.first, host.last, host.first.length] };
}

function hasOpen(
  database: HistoryDatabase,
  scanId: number,
  { protocol, ranges }: PortChoice,
  host: HostChoice | undefined,
): boolean {
  const fits = (rows: readonly SqlRow[]): boolean =>
    rows.some((row) => {
      const isProtocol = protocol === undefined || row.protocol === protocol;
      return isProtocol && rangesWithin(parseRanges(String(row.ports), PORT_MAX) ?? [], ranges).length > 0;
    });
  const isAnywhere = fits(database.all("SELECT protocol, ports FROM open_port WHERE scan_id = ?", [scanId]));
  if (!isAnywhere || host === undefined) return isAnywhere;
  const { table, where, values } = hostCondition(host);
  const sql =
    "SELECT protocol, ports FROM host_port WHERE scan_id = ?" +
    ` AND number IN (SELECT number FROM ${table} WHERE scan_id = ? AND ${where})`;
  return fits(database.all(sql, [scanId, scanId, ...values]));
}

const isOrigin = isOneOf(["scan", "import"]);

/** Columns of a strict table are what they were declared to be; numbers may be any. */
function scanOf(row: SqlRow, nowMs: number): HistoryScan {
  const endedAtMs = maybeNumber(row.ended_at_ms);
  const exitStatus = maybeNumber(row.exit_status);
  return {
    id: Number(row.id),
    origin: isOrigin(row.origin) ? row.origin : "import",
    state: stateOf({ endedAtMs, exitStatus, isAborted: row.is_aborted !== 0, seenAtMs: Number(row.seen_at_ms) }, nowMs),
    startedAtMs: Number(row.started_at_ms),
    endedAtMs,
    exitStatus,
    vantage: String(row.vantage),
    scanner: String(row.scanner),
    version: String(row.version),
    command: String(row.command),
    hostCount: Number(row.host_count),
    openCount: Number(row.open_count),
  };
}

function stateOf(
  scan: Pick<HistoryScan, "endedAtMs" | "exitStatus"> & { readonly isAborted: boolean; readonly seenAtMs: number },
  nowMs: number,
): ScanState {
  if (scan.endedAtMs === undefined) return scan.seenAtMs < nowMs - SILENT_MS ? "cut" : "running";
  if (scan.isAborted) return "stopped";
  return (scan.exitStatus ?? 0) === 0 ? "done" : "failed";
}

function maybeNumber(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
