// What cuts a report into the pieces that --resume keeps or drops: the text stays as it was written, so that a report that is
// gone on with loses nothing, whoever has written it and whatever is in it. A cutter takes lines and tells what each belongs to.
import { InputError } from "../model/errors.js";
import { formatAddress, parseAddress } from "../target/address.js";
import type { TextLine } from "./text-lines.js";

/** What a piece says of the host that it is about; "down" is every host that is done and not known to be up. */
export type HostOutcome = "up" | "down" | "unfinished";

/** Some lines of a report that belong together. */
export interface ReportPiece {
  /** The lines as they stand there, each with its line feed. "" for what the next run writes anew: ends, progress. */
  readonly text: string;
  /** The host that it is about, in canonical form; undefined for none. */
  readonly address: string | undefined;
  /** How far that host's scan has come, where the piece says it. */
  readonly outcome: HostOutcome | undefined;
}

/** How a report's scan was started. */
export interface ReportHead {
  readonly commandLine: string;
  /** ISO 8601; undefined where it cannot be read. */
  readonly startedAt: string | undefined;
}

/** A report that is being cut. */
export interface ReportCut {
  /** Known when the first lines were taken. */
  readonly head: ReportHead | undefined;
  /** The order of probes, where the report tells it. */
  readonly seed: number | undefined;
  /** True when the report says that its scan was done. */
  readonly isDone: boolean;
  /**
   * Takes the next line. Returns the pieces that are whole now. A last host that nothing follows is none: nobody knows whether
   * it is all there.
   */
  take(line: TextLine): readonly ReportPiece[];
}

/** One form of reports that can be gone on with. */
export interface ReportCutter {
  /** The form's name, the same as its writer's: "xml". */
  readonly name: string;
  /** @param file The report's name, for errors */
  open(file: string): ReportCut;
}

/** So many UTF-16 units one host may take; as many as its reader lets it take. */
const HOST_MAX = 256 * 1024 * 1024;

/** Lines about one host, until they are all there. */
export class HeldLines {
  readonly #file: string;
  #lines: string[] = [];
  #length = 0;

  constructor(file: string) {
    this.#file = file;
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  add({ text, number }: TextLine): void {
    this.#length += text.length + 1;
    if (this.#length > HOST_MAX)
      throw new InputError("more text than any host has", { file: this.#file, line: number });
    this.#lines.push(`${text}\n`);
  }

  /** The lines, which are held no longer. */
  release(): string {
    const text = this.#lines.join("");
    this.#lines = [];
    this.#length = 0;
    return text;
  }
}

/** Lines that are no host's. */
export function aside(text: string): ReportPiece {
  return { text, address: undefined, outcome: undefined };
}

/** The address in canonical form, undefined for what is none. */
export function canonical(text: string | undefined): string | undefined {
  const address = text === undefined ? undefined : parseAddress(text);
  return address === undefined ? undefined : formatAddress(address);
}
