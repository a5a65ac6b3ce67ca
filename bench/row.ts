// What every row of the bench tells, and how two programs are run side by side.
import { hasProgram } from "../lab/availability.js";
import { type Command, type Measured, measure, median } from "./measure.js";
import type { Other } from "./peers.js";
import { POSTERN_PROGRAM } from "./programs.js";

/** Medians of what runs cost. */
export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMb: number;
}

/** One line of the table. */
export interface RowResult {
  readonly row: string;
  readonly work: string;
  readonly ours: Cost;
  /** Undefined where nmap is not installed, not wanted, or has no such work. */
  readonly theirs: Cost | undefined;
  /** Median of the ratios of pairs of wall times, ours to nmap's; in PIPE to nc's, in INSIDE to ss's. */
  readonly ratio: number | undefined;
  /** masscan, zmap and nc, in the rows where they can do the work. */
  readonly others?: readonly Other[];
  /** What was compared with the truth, and what came of it. */
  readonly states: string;
  readonly target: string;
  /** Undefined: cannot be judged here. */
  readonly isMet: boolean | undefined;
}

/** How rows are run. */
export interface RowOptions {
  readonly pairs: number | undefined;
  readonly hasNmap: boolean;
  readonly say: (text: string) => void;
}

/** True when nmap can be compared with. */
export function isNmapHere(): boolean {
  return hasProgram("nmap");
}

/** Medians over runs. */
export function costOf(runs: readonly Measured[]): Cost {
  return {
    wallMs: median(runs.map(({ wallMs }) => wallMs)),
    cpuMs: median(runs.map(({ cpuMs }) => cpuMs)),
    peakMb: median(runs.map(({ peakMb }) => peakMb)),
  };
}

/** The same work for both programs. */
export type Work = Omit<Command, "program">;

/** Runs of both programs, in pairs. */
export interface Pairs {
  readonly ours: readonly Measured[];
  readonly theirs: readonly Measured[];
}

/** Runs the work by turns: ours first in even pairs, nmap first in odd ones, so that a drift of the machine hits both. */
export async function runPairs(work: Work, pairs: number, options: RowOptions): Promise<Pairs> {
  const ours: Measured[] = [];
  const theirs: Measured[] = [];
  const runOurs = async () => ours.push(await measure({ ...work, program: POSTERN_PROGRAM }));
  const runTheirs = async () => theirs.push(await measure({ ...work, program: "nmap" }));
  for (let pair = 0; pair < pairs; pair++) {
    const turns = options.hasNmap ? [runOurs, runTheirs] : [runOurs];
    if (pair % 2 === 1) turns.reverse();
    for (const turn of turns) await turn();
    const wall = (run: Measured | undefined) => (run === undefined ? "-" : `${(run.wallMs / 1000).toFixed(2)} s`);
    options.say(`  pair ${pair + 1} of ${pairs}: postern ${wall(ours.at(-1))}, nmap ${wall(theirs.at(-1))}`);
  }
  return { ours, theirs };
}

/** Median of the ratios of pairs; undefined without nmap. */
export function ratioOf({ ours, theirs }: Pairs): number | undefined {
  if (theirs.length === 0) return undefined;
  return median(theirs.map(({ wallMs }, index) => (ours[index]?.wallMs ?? Number.NaN) / wallMs));
}
