// Where text goes in nmap's name. Programs that drive nmap take a word on standard error for a failure (node-nmap), or keep it
// as an error (python-nmap): only what nmap itself says there goes there. All else stands in the report for people.

/** Where text goes in the end. */
export interface NmapOutlets {
  writeOut(text: string): void;
  writeError(text: string): void;
}

/** The streams of a scan in nmap's name. */
export class NmapStreams {
  readonly #outlets: NmapOutlets;
  /** A report for programs goes to standard output: what is said beside it has no place then. */
  readonly #isOutTaken: boolean;
  #held: string = "";
  #hasBegun = false;

  constructor(outlets: NmapOutlets, isOutTaken: boolean) {
    this.#outlets = outlets;
    this.#isOutTaken = isOutTaken;
  }

  /** The report. */
  writeOut(text: string): void {
    this.#outlets.writeOut(text);
    this.#hasBegun = true;
    this.writeAside("");
  }

  /** What is said beside the report: behind its first line at the earliest, since programs read nmap's version there. */
  writeAside(text: string): void {
    if (this.#isOutTaken) return;
    this.#held += text;
    if (!this.#hasBegun || this.#held === "") return;
    this.#outlets.writeOut(this.#held);
    this.#held = "";
  }

  /** What nmap says on standard error, too. */
  writeError(text: string): void {
    this.#outlets.writeError(text);
  }
}
