// Shows a scan: the report on standard output, notices and how far it is on standard error.
import type { CompactScanEvent, NoticeEvent, ProgressEvent } from "../model/scan-event.js";
import type { TracedPacket } from "../model/traced-packet.js";
import { normal } from "../report/normal.js";
import { packetLine } from "../report/packet-line.js";
import { printable } from "../report/printable.js";
import { durationText } from "../report/quantity.js";
import type { ReportOptions } from "../report/report-writer.js";
import { debugLine } from "./debug-lines.js";
import { ProgressLine } from "./progress-line.js";
import { STANDARD_OUTPUT } from "./report-files.js";
import type { ScanSettings } from "./scan-settings.js";

/** Where text goes. */
export interface Streams {
  writeOut(text: string): void;
  writeError(text: string): void;
  /** Undefined where standard error is no terminal. */
  readonly columns: (() => number | undefined) | undefined;
}

/** What the reports of a scan are told beside its settings. */
export type KnownToReports = Pick<ReportOptions, "serviceName" | "vendorOf" | "program" | "dataFolder">;

/** Takes every event of a scan. */
export class Presenter {
  readonly #streams: Streams;
  readonly #line: ProgressLine;
  readonly #write: (event: CompactScanEvent) => string;
  /** A report that was asked for goes to standard output, and this one does not then. */
  readonly #isOutTaken: boolean;
  readonly #statsEveryMs: number;
  #statsDueMs: number;
  #verbosity: number;
  #debugging: number;
  #arePacketsShown: boolean;

  constructor(settings: ScanSettings, streams: Streams, known: KnownToReports) {
    const { columns } = streams;
    this.#streams = streams;
    this.#verbosity = settings.verbosity;
    this.#debugging = settings.debugging;
    this.#arePacketsShown = settings.isPacketTraced;
    this.#statsEveryMs = settings.statsEveryMs ?? Number.POSITIVE_INFINITY;
    this.#statsDueMs = this.#statsEveryMs;
    this.#isOutTaken = settings.reports.some(({ path }) => path === STANDARD_OUTPUT);
    const isDrawn = settings.progress ?? columns !== undefined;
    this.#line = new ProgressLine({ write: (text) => streams.writeError(text), columns: () => columns?.() }, isDrawn);
    const verbosityNow = (): number => this.#verbosity;
    this.#write = normal.open({
      ...known,
      showReason: settings.showReason,
      onlyOpen: settings.onlyOpen,
      get verbosity() {
        return verbosityNow();
      },
    });
  }

  show(event: CompactScanEvent): void {
    this.#line.take(event);
    const text = this.#isOutTaken ? "" : this.#write(event);
    const debug = debugLine(event, this.#debugging);
    if (debug !== "") this.say(debug);
    if (event.type === "progress") this.#sayStats(event);
    const notice = event.type === "notice" ? noticeText(event, this.#verbosity) : "";
    if (text === "" && notice === "") return;
    this.#line.clear();
    if (text !== "") this.#streams.writeOut(text);
    if (notice !== "") this.#streams.writeError(notice);
    this.#line.redraw();
  }

  /** A line on standard output, where nmap has it, unless a report of its own has taken that. */
  showPacket(packet: TracedPacket): void {
    if (!this.#arePacketsShown) return;
    const line = packetLine(packet);
    if (this.#isOutTaken) {
      this.say(line);
      return;
    }
    this.#line.clear();
    this.#streams.writeOut(`${line}\n`);
    this.#line.redraw();
  }

  /** A line on standard error. */
  say(text: string): void {
    this.#line.clear();
    this.#streams.writeError(`${text}\n`);
    this.#line.redraw();
  }

  warn(text: string): void {
    this.say(`Warning: ${printable(text)}`);
  }

  /** How far the scan is, as a line that stays. */
  sayStatus(): void {
    this.say(this.#line.text ?? "The scan has just begun.");
  }

  changeVerbosity(by: 1 | -1): void {
    this.#verbosity = Math.max(0, this.#verbosity + by);
    this.say(`Verbosity is ${this.#verbosity} now.`);
  }

  changeDebugging(by: 1 | -1): void {
    this.#debugging = Math.max(0, this.#debugging + by);
    this.say(`Debugging is ${this.#debugging} now.`);
  }

  /** Packets can be hidden and shown again where they are traced at all. */
  showPackets(isShown: boolean): void {
    this.#arePacketsShown = isShown;
    this.say(isShown ? "Packets are shown now." : "Packets are hidden now.");
  }

  #sayStats({ elapsedMs }: ProgressEvent): void {
    if (elapsedMs < this.#statsDueMs) return;
    this.#statsDueMs = elapsedMs + this.#statsEveryMs;
    this.say(`${durationText(elapsedMs)} elapsed  ${this.#line.text ?? ""}`);
  }
}

function noticeText(event: NoticeEvent, verbosity: number): string {
  if (event.level === "warning") return `Warning: ${printable(event.text)}\n`;
  return verbosity > 0 ? `${printable(event.text)}\n` : "";
}
