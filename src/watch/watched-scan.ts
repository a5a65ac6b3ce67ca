// A watched scan: the program's own JSON Lines are read while it scans, kept in the history, and compared with what is believed.
import { DatabaseError, InputError } from "../model/errors.js";
import type { CompactScanEvent, ScanEvent } from "../model/scan-event.js";
import { jsonLinesReader } from "../report/json-lines-reader.js";
import { RangesPool, stateOf } from "../report/port-table.js";
import { countOf } from "../report/quantity.js";
import { type Snapshot, SnapshotBuilder } from "../report/snapshot.js";
import { HistoryWriter } from "../store/history-writer.js";
import { packBelief, unpackBelief } from "./belief-text.js";
import { type FirstLook, firstBelief, lookOnce, takeLook } from "./scan-belief.js";
import type { CycleOutcome, LookFacts, RunKeeper, WatchCycle, Watched } from "./watch-cycle.js";

const FLUSH_EVERY_MS = 500;

/** Scans. */
export const watchedScan: Watched = {
  subject: "scan",
  // Before all others: behind them they might be the value of an option, or stand behind "--". With -v the report tells of hosts
  // that are down, too, and why: a host that this machine has no route to is not gone.
  lookWords: (words) => ["-v", "-oJ", "-", "--no-history", ...words],
  begin: (belief, file) => new ScanCycle(belief, file),
};

class ScanCycle implements WatchCycle {
  readonly #pool: RangesPool = new RangesPool();
  readonly #belief: Snapshot | undefined;
  #look: Snapshot | undefined;
  #first: FirstLook | undefined;
  #changed: FirstLook = new Map();

  constructor(belief: Uint8Array | undefined, file: string) {
    this.#belief = belief === undefined ? undefined : unpackBelief(belief, this.#pool, file);
  }

  async read(output: AsyncIterable<string>, keeper: RunKeeper): Promise<LookFacts> {
    const builder = new SnapshotBuilder(this.#pool);
    const recording = new Recording(keeper);
    for await (const event of jsonLinesReader.read(output, "the scan's report")) {
      builder.take(event);
      recording.take(event.type === "start" ? { ...event, commandLine: keeper.command } : event);
    }
    const look = builder.build();
    this.#look = look;
    if (this.#belief !== undefined) this.#changed = lookOnce(this.#belief, look);
    return { summary: summaryOf(look), keptAs: recording.end() };
  }

  get hasChanges(): boolean {
    return this.#changed.size > 0;
  }

  confirm(): void {
    this.#first = this.#changed;
    this.#look = undefined;
  }

  settle(): CycleOutcome {
    const look = this.#look;
    if (look === undefined) throw new InputError("no second look was had", { file: "the scan's report" });
    if (this.#belief === undefined) {
      const nothing = { changes: [], moreCount: 0, unconfirmedCount: 0, doubtCount: 0 };
      return { isFirst: true, ...nothing, belief: packBelief(firstBelief(look, this.#pool)) };
    }
    const { belief, ...update } = takeLook(this.#belief, look, this.#pool, this.#first);
    return { isFirst: false, ...update, belief: packBelief(belief) };
  }
}

function summaryOf({ hosts, isAborted }: Snapshot): string {
  let [upCount, openCount] = [0, 0];
  for (const { status, ports } of hosts.values()) {
    upCount += Number(status === "up");
    for (const table of ports.values()) {
      const runs = table.runs();
      for (let at = 0; at < runs.length; at += 3) {
        if (stateOf(runs[at + 2] ?? 0) === "open") openCount += (runs[at + 1] ?? 0) - (runs[at] ?? 0) + 1;
      }
    }
  }
  const stopped = isAborted ? ", stopped before its end" : "";
  return `${countOf(upCount, "host")} up, ${countOf(openCount, "port")} open${stopped}`;
}

/** Puts a scan into the history; where that is not possible, the watch goes on without. */
class Recording {
  readonly #keeper: RunKeeper;
  #writer: HistoryWriter | undefined;
  #flushedAtMs: number;

  constructor(keeper: RunKeeper) {
    this.#keeper = keeper;
    const { database, vantage } = keeper;
    this.#writer = database === undefined ? undefined : new HistoryWriter(database, { origin: "scan", vantage });
    this.#flushedAtMs = keeper.nowMs();
  }

  take(event: ScanEvent | CompactScanEvent): void {
    this.#writer?.take(event);
    if (this.#keeper.nowMs() - this.#flushedAtMs < FLUSH_EVERY_MS) return;
    this.#attempt((writer) => writer.flush(this.#keeper.nowMs()));
    this.#flushedAtMs = this.#keeper.nowMs();
  }

  end(): string | undefined {
    this.#attempt((writer) => writer.end(this.#keeper.nowMs(), { exitStatus: 0 }));
    return this.#writer?.scanId === undefined ? undefined : `scan ${this.#writer.scanId}`;
  }

  #attempt(work: (writer: HistoryWriter) => void): void {
    if (this.#writer === undefined) return;
    try {
      work(this.#writer);
    } catch (error) {
      if (!(error instanceof DatabaseError || error instanceof InputError)) throw error;
      this.#writer = undefined;
      this.#keeper.warn(`this run is not kept: ${error.message}`);
    }
  }
}
