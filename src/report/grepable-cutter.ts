// Cuts the grepable form (-oG) of nmap and postern into hosts. nmap reference guide, "Grepable Output"; reports of nmap 7.93.
import {
  aside,
  canonical,
  HeldLines,
  type HostOutcome,
  type ReportCut,
  type ReportCutter,
  type ReportHead,
  type ReportPiece,
} from "./report-cutter.js";
import { readInitiated, SCAN_STOPPED } from "./report-remarks.js";
import type { TextLine } from "./text-lines.js";

const HOST = /^Host: (\S+) \(/;
const END = /^# \S+ (done|stopped) at /;

/** Grepable lines. */
export const grepableCutter: ReportCutter = {
  name: "grepable",
  open: (file) => new GrepableCut(file),
};

class GrepableCut implements ReportCut {
  head: ReportHead | undefined;
  readonly seed = undefined;
  isDone = false;
  readonly #held: HeldLines;
  #address: string | undefined;
  #outcome: HostOutcome = "up";

  constructor(file: string) {
    this.#held = new HeldLines(file);
  }

  take(line: TextLine): readonly ReportPiece[] {
    const { text, number, isEnded } = line;
    if (!isEnded) return [];
    if (number === 1) this.head = readInitiated(text);
    const address = canonical(HOST.exec(text)?.[1]);
    if (address !== undefined) return this.#hostLine(address, line);
    // What is doubtful about a host stands behind its lines.
    if (this.#address !== undefined && text.startsWith(`# ${this.#address}: `)) {
      if (text.endsWith(SCAN_STOPPED)) this.#outcome = "unfinished";
      this.#held.add(line);
      return [];
    }
    const end = END.exec(text);
    if (end !== null) this.isDone = end[1] === "done";
    return [...this.#release(), aside(end === null ? `${text}\n` : "")];
  }

  #hostLine(address: string, line: TextLine): readonly ReportPiece[] {
    const before = this.#address === address ? [] : this.#release();
    this.#address = address;
    if (/\tStatus: (?:Down|Unknown)$/.test(line.text)) this.#outcome = "down";
    this.#held.add(line);
    return before;
  }

  #release(): readonly ReportPiece[] {
    if (this.#held.isEmpty) return [];
    const piece = { text: this.#held.release(), address: this.#address, outcome: this.#outcome };
    this.#address = undefined;
    this.#outcome = "up";
    return [piece];
  }
}
