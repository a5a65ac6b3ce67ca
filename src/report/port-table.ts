// The states of one host's ports in a few bytes: the ports that were asked, the state that most of them have, and the runs
// that have another. Hosts of one report mostly share the first, so it is kept once.
import { PORT_STATES, type PortState } from "../model/port-state.js";
import type { Reason } from "../model/reason.js";
import type { PortRange } from "../target/port-set.js";

/** A state with what its evidence is worth, as a number below 32; gaps of a table have numbers from {@link NOT_TOLD} on. */
export type PortCode = number;

const STATE_BITS = 7;
const SILENT_BIT = 8;
const LOSSY_BIT = 16;

/** The port was asked, and the report lists only others: it was not open. */
export const NOT_TOLD = 32;
/** The host's scan ended before the port was decided. */
export const UNDECIDED = 33;
/** Nobody asked. */
export const NOT_ASKED = 34;

/** The code of a state and its evidence. */
export function codeOf(state: PortState, reason: Reason): PortCode {
  const silent = reason === "no-response" ? SILENT_BIT : 0;
  const lossy = reason === "no-response-lossy" ? SILENT_BIT | LOSSY_BIT : 0;
  return PORT_STATES.indexOf(state) | silent | lossy;
}

/** The state that a code stands for; `undefined` for a gap. */
export function stateOf(code: PortCode): PortState | undefined {
  return code >= NOT_TOLD ? undefined : PORT_STATES[code & STATE_BITS];
}

/** True where nothing came back: the state is a verdict on silence. */
export function isSilent(code: PortCode): boolean {
  return code < NOT_TOLD && (code & SILENT_BIT) !== 0;
}

/** True where nothing came back on a path that lost other packets. */
export function isLossy(code: PortCode): boolean {
  return code < NOT_TOLD && (code & LOSSY_BIT) !== 0;
}

/** Ports as ranges that one object stands for, so that tables can share it. */
export interface SharedRanges {
  /** First and last port by turns, ascending and disjoint. */
  readonly bounds: Uint16Array;
  readonly portCount: number;
}

/** Runs of ports with one code: first port, last port and code by turns; ascending and disjoint. */
export type PortRuns = readonly number[];

/** Keeps each set of ranges once. */
export class RangesPool {
  readonly #byHash = new Map<number, SharedRanges[]>();

  /** The one object for these bounds, which are copied when they are new. */
  share(bounds: readonly number[]): SharedRanges {
    const hash = hashOf(bounds);
    const alike = this.#byHash.get(hash);
    const known = alike?.find((ranges) => isSame(ranges.bounds, bounds));
    if (known !== undefined) return known;
    let portCount = 0;
    for (let at = 0; at < bounds.length; at += 2) portCount += (bounds[at + 1] ?? 0) - (bounds[at] ?? 0) + 1;
    const ranges: SharedRanges = { bounds: Uint16Array.from(bounds), portCount };
    if (alike === undefined) this.#byHash.set(hash, [ranges]);
    else alike.push(ranges);
    return ranges;
  }

  /** The same for ranges as port sets have them. */
  shareRanges(ranges: readonly PortRange[]): SharedRanges {
    return this.share(ranges.flat());
  }
}

/** The ports of one protocol of one host. */
export class PortTable {
  /** All ports that have a state here. */
  readonly told: SharedRanges;
  readonly #rest: PortCode;
  /** First port, last port and code by turns; `undefined` where all ports have the same code. */
  readonly #exceptions: Uint16Array | undefined;

  private constructor(told: SharedRanges, rest: PortCode, exceptions: Uint16Array | undefined) {
    this.told = told;
    this.#rest = rest;
    this.#exceptions = exceptions;
  }

  /** Makes a table of runs. */
  static of(runs: PortRuns, pool: RangesPool): PortTable {
    const rest = commonest(runs);
    const bounds: number[] = [];
    const exceptions: number[] = [];
    for (let at = 0; at < runs.length; at += 3) {
      const first = runs[at] ?? 0;
      const last = runs[at + 1] ?? 0;
      const code = runs[at + 2] ?? 0;
      if (bounds.length > 0 && bounds[bounds.length - 1] === first - 1) bounds[bounds.length - 1] = last;
      else bounds.push(first, last);
      if (code !== rest) exceptions.push(first, last, code);
    }
    return new PortTable(pool.share(bounds), rest, exceptions.length === 0 ? undefined : Uint16Array.from(exceptions));
  }

  /** True when both have the same codes for the same ports. */
  equals(other: PortTable): boolean {
    if (this.told !== other.told || this.#rest !== other.#rest) return false;
    const [mine, theirs] = [this.#exceptions, other.#exceptions];
    return mine === undefined || theirs === undefined ? mine === theirs : isSame(mine, theirs);
  }

  /** True when some port has a code of that kind. */
  some(isWanted: (code: PortCode) => boolean): boolean {
    const exceptions = this.#exceptions ?? [];
    let exceptional = 0;
    for (let at = 0; at < exceptions.length; at += 3) {
      if (isWanted(exceptions[at + 2] ?? 0)) return true;
      exceptional += (exceptions[at + 1] ?? 0) - (exceptions[at] ?? 0) + 1;
    }
    return exceptional < this.told.portCount && isWanted(this.#rest);
  }

  /** The code of a port; `undefined` where it has no state here. */
  codeAt(port: number): PortCode | undefined {
    const exceptions = this.#exceptions ?? [];
    for (let at = 0; at < exceptions.length; at += 3) {
      if ((exceptions[at] ?? 0) <= port && port <= (exceptions[at + 1] ?? 0)) return exceptions[at + 2];
    }
    const { bounds } = this.told;
    for (let at = 0; at < bounds.length; at += 2) {
      if ((bounds[at] ?? 0) <= port && port <= (bounds[at + 1] ?? 0)) return this.#rest;
    }
    return undefined;
  }

  /** The runs again; two that touch have different codes. */
  runs(): PortRuns {
    const { bounds } = this.told;
    const runs: number[] = [];
    let exception = 0;
    for (let at = 0; at < bounds.length; at += 2) {
      exception = this.#addRuns(bounds[at] ?? 0, bounds[at + 1] ?? 0, exception, runs);
    }
    return runs;
  }

  /** The runs of ports that were asked one after another. Returns the place of the next exception. */
  #addRuns(first: number, last: number, exception: number, runs: number[]): number {
    const exceptions = this.#exceptions ?? [];
    let next = first;
    let at = exception;
    for (; at < exceptions.length && (exceptions[at] ?? 0) <= last; at += 3) {
      const start = exceptions[at] ?? 0;
      const end = exceptions[at + 1] ?? 0;
      if (start > next) runs.push(next, start - 1, this.#rest);
      runs.push(start, end, exceptions[at + 2] ?? 0);
      next = end + 1;
    }
    if (next <= last) runs.push(next, last, this.#rest);
    return at;
  }
}

/** The code of the most ports. */
function commonest(runs: PortRuns): PortCode {
  const counts = new Uint32Array(NOT_TOLD);
  for (let at = 0; at < runs.length; at += 3) {
    const code = runs[at + 2] ?? 0;
    counts[code] = (counts[code] ?? 0) + (runs[at + 1] ?? 0) - (runs[at] ?? 0) + 1;
  }
  return counts.indexOf(Math.max(...counts));
}

/** FNV-1a over whole bounds (Fowler, Noll, Vo; draft-eastlake-fnv §2): quick, and unlike for unlike sets. */
function hashOf(numbers: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const number of numbers) hash = Math.imul(hash ^ number, 0x01000193);
  return hash;
}

function isSame(one: Uint16Array, other: Uint16Array | readonly number[]): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
