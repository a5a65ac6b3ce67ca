// Cuts the report for people (-oN) of nmap and postern into hosts. Reports of nmap 7.93; normal.ts, normal-nmap.ts.
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

/** "postern report for web (10.0.0.1)", "Nmap scan report for 10.0.0.1 [host down]". */
const TITLE = /^(?:(postern) |Nmap scan )report for (?:.* \((\S+)\)|(\S+))(?: \[host down[^\]]*\])?$/;

/** From here on stands what the next run writes anew. */
const END =
  /^(?:# Nmap done at |postern (?:done|stopped): |(?:Ports|Discovery|Trace): \S+ by .*, because |Probes: \d|This run was lossy: |Loss: |(?:# )?The scan was interrupted: |Note: |Read data files from: |Nmap done: )/;
const DONE = /^(?:# Nmap done at |postern done: )/;
/** Lines between hosts that say something of a host that may not be done. */
const DISCOVERED = /^Discovered open port \S+ on (\S+)$/;
const ASIDE = /^(?:Warning: |Failed to resolve |Discovered open port )/;

/** Text for people. */
export const normalCutter: ReportCutter = {
  name: "normal",
  open: (file) => new NormalCut(file),
};

class NormalCut implements ReportCut {
  head: ReportHead | undefined;
  seed: number | undefined;
  isDone = false;
  readonly #held: HeldLines;
  #address: string | undefined;
  #outcome: HostOutcome = "down";
  /** postern has the empty line before a host, nmap behind it. */
  #isOwn = false;
  #isHost = false;
  #isEnded = false;
  readonly #blanks: TextLine[] = [];

  constructor(file: string) {
    this.#held = new HeldLines(file);
  }

  take(line: TextLine): readonly ReportPiece[] {
    const { text, number, isEnded } = line;
    if (!isEnded) return [];
    if (number === 1) this.head = readInitiated(text);
    if (text === "") {
      this.#blanks.push(line);
      return [];
    }
    const title = TITLE.exec(text);
    if (title !== null) return this.#title(title, line);
    if (END.test(text)) return this.#end(text);
    if (!this.#isHost || ASIDE.test(text)) return [...this.#release(), this.#asideOf(text)];
    this.#takeBlanks();
    if (text === SCAN_STOPPED) this.#outcome = "unfinished";
    else if (text.startsWith("Host is up")) this.#outcome = "up";
    this.#held.add(line);
    return [];
  }

  #title([, own, inBrackets, alone]: RegExpExecArray, line: TextLine): readonly ReportPiece[] {
    this.#isOwn = own !== undefined;
    if (!this.#isOwn) this.#takeBlanks();
    const before = this.#release();
    this.#takeBlanks();
    this.#isHost = true;
    this.#address = canonical(inBrackets ?? alone);
    this.#outcome = "down";
    this.#held.add(line);
    return before;
  }

  #end(text: string): readonly ReportPiece[] {
    if (!this.#isOwn && !this.#isEnded) this.#takeBlanks();
    this.#isEnded = true;
    if (DONE.test(text)) this.isDone = true;
    return [...this.#release(), aside("")];
  }

  #asideOf(text: string): ReportPiece {
    const seed = /^Order of probes: --seed (\d{1,10}) repeats it$/.exec(text)?.[1];
    if (seed !== undefined) this.seed = Number(seed);
    return { ...aside(`${text}\n`), address: canonical(DISCOVERED.exec(text)?.[1]) };
  }

  /** Empty lines within a host, and before or behind it. */
  #takeBlanks(): void {
    const blanks = this.#blanks.splice(0);
    for (const blank of blanks) this.#held.add(blank);
  }

  #release(): readonly ReportPiece[] {
    if (!this.#isHost && this.#held.isEmpty) return [];
    const piece = this.#isHost
      ? { text: this.#held.release(), address: this.#address, outcome: this.#outcome }
      : aside(this.#held.release());
    this.#isHost = false;
    return [piece];
  }
}
