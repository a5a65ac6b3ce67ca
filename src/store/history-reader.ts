// What a scan of the history told, as the events of a report: block after block, each looked through before it is believed.
import { inflateSync } from "node:zlib";
import { InputError } from "../model/errors.js";
import type { CompactScanEvent, DoneEvent } from "../model/scan-event.js";
import { isFault } from "../target/fault.js";
import type { HistoryDatabase } from "./history-database.js";
import { historyEvent } from "./history-record.js";

/** A block ends at a quarter of a MiB, or with the one record that passes it: 65,536 open ports have less than 1 MB. */
const BLOCK_BYTES_MAX = 32 * 1024 * 1024;

/** As readers of reports call one that was cut (docs/reports.md). */
const CUT: string = "cut-report";

/** Where reading stands. */
interface Place {
  readonly file: string;
  readonly scanId: number;
  readonly number: number;
}

/**
 * The events of a scan: the start first, the end last. A scan that has not ended, since it runs or was killed, ends here as one
 * that was stopped.
 *
 * @throws InputError when something in it cannot be
 */
export function* historyEvents(database: HistoryDatabase, scanId: number): Generator<CompactScanEvent, void, void> {
  const ending = new Ending();
  for (let number = 0; ; number++) {
    const row = database.first("SELECT records FROM block WHERE scan_id = ? AND number = ?", [scanId, number]);
    if (row === undefined) break;
    const place: Place = { file: database.path, scanId, number };
    for (const line of linesOf(row.records, place)) {
      const event = historyEvent(line);
      if (isFault(event)) throw damaged(place, event.fault);
      if (!ending.take(event)) throw damaged(place, `an event "${event.type}" where none can be`);
      yield event;
    }
  }
  yield* ending.missing();
}

/** Looks that a report begins and ends, and makes the end of one that does not. */
class Ending {
  #startedAt: string | undefined;
  #lastAt: string | undefined;
  #isDone = false;
  #hasPorts = true;
  #hostCount = 0;
  #upCount = 0;
  #portCount = 0;
  readonly #openHosts: Set<number> = new Set();

  /** False for an event that cannot stand here. */
  take(event: CompactScanEvent): boolean {
    if (this.#isDone || (event.type === "start") === (this.#startedAt !== undefined)) return false;
    switch (event.type) {
      case "start":
        this.#startedAt = event.startedAt;
        this.#hasPorts = event.portCount !== 0;
        break;
      case "host":
        this.#hostCount++;
        this.#lastAt = event.at ?? this.#lastAt;
        if (event.host.status !== "up") break;
        this.#upCount++;
        this.#openHosts.add(event.host.id);
        break;
      case "port-run":
        if (!this.#openHosts.has(event.hostId)) return false;
        this.#portCount += event.ports.length;
        break;
      case "host-done":
        this.#lastAt = event.at ?? this.#lastAt;
        this.#openHosts.delete(event.hostId);
        break;
      case "done":
        this.#isDone = true;
        break;
    }
    return true;
  }

  *missing(): Generator<CompactScanEvent, void, void> {
    const startedAt = this.#startedAt;
    if (startedAt === undefined || this.#isDone) return;
    const text = "the scan has not ended: what it had told is read";
    yield { type: "notice", level: "warning", code: CUT, text };
    const loss = { lossShare: 0, missedEstimate: 0 };
    for (const hostId of this.#hasPorts ? this.#openHosts : []) {
      yield { type: "host-done", hostId, rttMs: undefined, loss, end: "stopped", undecided: [], marks: [] };
    }
    yield this.#done(startedAt, loss);
  }

  #done(startedAt: string, loss: DoneEvent["loss"]): DoneEvent {
    const finishedAt = this.#lastAt ?? startedAt;
    const nothing = { unreachable: 0, sent: 0, answered: 0, resent: 0, late: 0, kernelDrops: 0, ignored: 0 };
    return {
      type: "done",
      finishedAt,
      elapsedMs: Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)),
      counts: { ...nothing, hosts: this.#hostCount, hostsUp: this.#upCount, ports: this.#portCount },
      loss,
      isAborted: true,
    };
  }
}

function linesOf(records: unknown, place: Place): readonly string[] {
  if (!(records instanceof Uint8Array)) throw damaged(place, "no bytes");
  let text: string;
  try {
    text = inflateSync(records, { maxOutputLength: BLOCK_BYTES_MAX }).toString("utf8");
  } catch (error) {
    throw damaged(place, "it cannot be unpacked", error);
  }
  return text.split("\n").slice(0, -1);
}

function damaged({ file, scanId, number }: Place, why: string, cause?: unknown): InputError {
  return new InputError(`scan ${scanId} is damaged in block ${number}: ${why}`, { file }, { cause });
}
