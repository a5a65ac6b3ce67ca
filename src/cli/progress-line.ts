// The one line on a terminal that says how far a scan is. Pure but for the `write` that it is given.
import type { CompactScanEvent, ProgressEvent, ScanEvent } from "../model/scan-event.js";
import { countOf, durationText, groupDigits, percentDone } from "../report/quantity.js";

/** The terminal as far as the line needs it. The caller makes sure that it is one. */
export interface ProgressTerminal {
  write(text: string): void;
  /** Its width now; 0 or `undefined` when it does not say. */
  columns(): number | undefined;
}

/** ECMA-48 EL: erases from the cursor to the end of the line. */
const ERASE_TO_END = "\x1b[K";

/** What a terminal that does not say its width is taken to have. */
const COLUMNS_UNKNOWN = 80;

/** "ports 43.2 %  120,311 probes/s  1 open  3 s left", cut to the columns. `openCount` is of ports so far. */
export function progressText(event: ProgressEvent, openCount: number, columns: number): string {
  const found =
    event.phase === "ports" ? `${groupDigits(openCount)} open` : `${countOf(event.counts.hostsUp, "host")} up`;
  const parts = [`${event.phase} ${percentDone(event.shareDone)}`, `${groupDigits(event.ratePps)} probes/s`, found];
  if (event.leftMs !== undefined) {
    parts.push(`${durationText(event.leftMs)} left`);
  }
  return parts.join("  ").slice(0, Math.max(0, columns));
}

/** Keeps the line drawn. Other output goes between `clear()` and `redraw()`. */
export class ProgressLine {
  readonly #terminal: ProgressTerminal;
  readonly #isDrawn: boolean;
  #openCount = 0;
  #latest: ProgressEvent | undefined;
  /** What stands on the terminal now; "" for nothing. */
  #drawn = "";

  /** `isDrawn` false: nothing is drawn, but {@link text} knows how far the scan is. */
  constructor(terminal: ProgressTerminal, isDrawn = true) {
    this.#terminal = terminal;
    this.#isDrawn = isDrawn;
  }

  /** How far the scan is, as wide as the terminal; undefined when nothing is known yet. */
  get text(): string | undefined {
    if (this.#latest === undefined) return undefined;
    // The last column stays free: some terminals go to the next line when it is written.
    return progressText(this.#latest, this.#openCount, (this.#terminal.columns() || COLUMNS_UNKNOWN) - 1);
  }

  /** Takes every event of the scan: counts open ports, draws on progress, and is gone when the scan is done. */
  take(event: ScanEvent | CompactScanEvent): void {
    if (event.type === "port" && event.result.state === "open") {
      this.#openCount += 1;
    } else if (event.type === "port-run" && event.result.state === "open") {
      this.#openCount += event.ports.length;
    } else if (event.type === "progress") {
      this.#latest = event;
      this.redraw();
    } else if (event.type === "done") {
      this.clear();
      this.#latest = undefined;
    }
  }

  /** Takes the line away, so that other output can be written in its place. */
  clear(): void {
    if (this.#drawn !== "") {
      this.#terminal.write(`\r${ERASE_TO_END}`);
      this.#drawn = "";
    }
  }

  /** Draws the line if there is something to say and it does not stand there already. */
  redraw(): void {
    const { text } = this;
    if (!this.#isDrawn || text === undefined) {
      return;
    }
    if (text !== this.#drawn) {
      this.#terminal.write(`\r${text}${ERASE_TO_END}`);
      this.#drawn = text;
    }
  }
}
