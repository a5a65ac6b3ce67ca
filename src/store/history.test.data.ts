// Histories in folders of their own, and scans that are put into them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { CompactScanEvent, ScanEvent, StartEvent } from "../model/scan-event.js";
import { HistoryDatabase } from "./history-database.js";
import { HistoryWriter } from "./history-writer.js";

/** Nothing is waited for in tests. */
export const NO_WAIT = { busyMs: 0 } as const;

/** 2026-11-20 12:00 UTC. */
export const NOON_MS: number = Date.UTC(2026, 10, 20, 12);

/** A folder for histories. */
export class HistoryFolder {
  readonly #folder: string = mkdtempSync(path.join(tmpdir(), "postern-history-"));
  readonly #open: HistoryDatabase[] = [];
  #count = 0;

  /** A new file with these bytes. */
  file(bytes: string | Uint8Array = ""): string {
    this.#count++;
    const file = path.join(this.#folder, `${this.#count}.db`);
    writeFileSync(file, bytes, { mode: 0o600 });
    return file;
  }

  /** Opens a file, a new one unless it is named; it is closed with the folder. */
  open(file: string = this.file()): HistoryDatabase {
    const database = HistoryDatabase.open(file, NO_WAIT);
    this.#open.push(database);
    return database;
  }

  remove(): void {
    for (const database of this.#open) database.close();
    rmSync(this.#folder, { recursive: true });
  }
}

/** The start of a scan of one network. */
export function startAt(atMs: number, more: Partial<StartEvent> = {}): StartEvent {
  return {
    type: "start",
    version: "0.0.0",
    startedAt: new Date(atMs).toISOString(),
    targets: ["10.0.0.0/24"],
    addressCount: 256,
    portCount: 1000,
    portScans: [{ technique: "tcp-syn", protocol: "tcp", portCount: 1000, ports: "1-1000" }],
    seed: 1,
    ...more,
  };
}

/** A host that is up. */
export function upHost(id: number, address: string, name?: string): CompactScanEvent {
  const facts = { otherAddresses: [], ttl: 64, rttMs: 0.5, mac: undefined } as const;
  const family = address.includes(":") ? 6 : 4;
  return { type: "host", host: { id, address, family, name, status: "up", reason: "echo-reply", ...facts } };
}

/** Open ports of it. */
export function openPorts(hostId: number, ports: readonly number[], protocol: "tcp" | "udp" = "tcp"): CompactScanEvent {
  const shared = { state: "open", reason: "syn-ack", technique: "tcp-syn", ttl: 64, tries: 1 } as const;
  return {
    type: "port-run",
    hostId,
    result: { protocol, ...shared, responder: undefined },
    ports: Uint16Array.from(ports),
    rttsUs: Uint32Array.from(ports, (port) => port * 10),
  };
}

/** Nothing more will come of it. */
export function hostDone(hostId: number): CompactScanEvent {
  const loss = { lossShare: 0, missedEstimate: 0 };
  return { type: "host-done", hostId, rttMs: 0.5, loss, end: "done", undecided: [], marks: [] };
}

/** The end of a scan. */
export function doneAt(atMs: number, isAborted = false): ScanEvent {
  const none = { unreachable: 0, sent: 0, answered: 0, resent: 0, late: 0, kernelDrops: 0, ignored: 0 };
  return {
    type: "done",
    finishedAt: new Date(atMs).toISOString(),
    elapsedMs: 1000,
    counts: { ...none, hosts: 1, hostsUp: 1, ports: 1 },
    loss: { lossShare: 0, missedEstimate: 0 },
    isAborted,
  };
}

/** Puts a scan into a history that took a second; its number. */
export function keepScan(
  database: HistoryDatabase,
  atMs: number,
  events: readonly CompactScanEvent[],
  more: Partial<StartEvent> = {},
): number {
  const writer = new HistoryWriter(database, { origin: "scan", vantage: "here" });
  for (const event of [startAt(atMs, more), ...events, doneAt(atMs + 1000)]) writer.take(event);
  writer.end(atMs + 1000, { exitStatus: 0 });
  return writer.scanId ?? Number.NaN;
}
