// Compares the ports of one host in two reports, run by run: 65,535 ports cost no more than the runs that they make up.
import { SOCKETS_TECHNIQUE } from "../model/owner-event.js";
import type { PortState } from "../model/port-state.js";
import type { Protocol } from "../model/scan-event.js";
import { PORT_MAX } from "../target/port-set.js";
import {
  isLossy,
  isSilent,
  NOT_ASKED,
  NOT_TOLD,
  type PortCode,
  type PortRuns,
  type PortTable,
  type SharedRanges,
  stateOf,
  UNDECIDED,
} from "./port-table.js";

/** How a port has changed. */
export type PortChange = "opened" | "closed" | "changed";

/** Why a port that differs is no change. */
export type PortDoubt = "not-asked" | "undecided" | "not-told" | "lossy" | "imprecise" | "other-technique";

/** What came of comparing a port. */
export type PortVerdict = PortChange | PortDoubt | "same";

/** Ports of one host that have the same codes in one report, and the same in the other. */
export interface PortDiff {
  readonly protocol: Protocol;
  readonly a: PortCode;
  readonly b: PortCode;
  readonly verdict: PortVerdict;
  /** First and last port by turns, ascending, with a gap between two ranges. */
  readonly bounds: readonly number[];
  readonly portCount: number;
}

/** One report's view of the ports of one protocol of a host. */
export interface PortSide {
  readonly table: PortTable | undefined;
  /** What stands for ports in {@link gapRanges} that the table does not have. */
  readonly gap: PortCode;
  /** Where `gap` stands; `undefined` for all ports, and of no use where `gap` is {@link NOT_ASKED}. */
  readonly gapRanges: SharedRanges | undefined;
  /** True where silence may be loss. */
  readonly isLossy: boolean;
  readonly technique: string | undefined;
}

/** All that differs, and what is the same if it is wanted. */
export function comparePorts(protocol: Protocol, a: PortSide, b: PortSide, isSameWanted: boolean): readonly PortDiff[] {
  if (!isSameWanted && isAllSame(a, b)) return [];
  const left = new Lane(a);
  const right = new Lane(b);
  const groups = new Map<number, { bounds: number[]; portCount: number }>();
  for (let port = 0; port <= PORT_MAX; ) {
    left.seek(port);
    right.seek(port);
    const last = Math.min(left.last, right.last);
    if (isTold(left.code) || isTold(right.code)) append(groups, left.code * 64 + right.code, port, last);
    port = last + 1;
  }
  const diffs = [...groups].map(([key, { bounds, portCount }]): PortDiff => {
    const codes = { a: Math.floor(key / 64), b: key % 64 };
    return { protocol, ...codes, verdict: verdictOf(codes.a, codes.b, a, b), bounds, portCount };
  });
  return isSameWanted ? diffs : diffs.filter(({ verdict }) => verdict !== "same");
}

/** The report that cannot tell; `undefined` where that is neither or both. */
export function blindSideOf({ a, b, verdict }: PortDiff): "a" | "b" | undefined {
  const isBlind = BLIND[verdict];
  if (isBlind === undefined || isBlind(a) === isBlind(b)) return undefined;
  return isBlind(a) ? "a" : "b";
}

const BLIND: Readonly<Partial<Record<PortVerdict, (code: PortCode) => boolean>>> = {
  "not-asked": (code) => code === NOT_ASKED,
  undecided: (code) => code === UNDECIDED,
  "not-told": (code) => code === NOT_TOLD,
  lossy: (code) => isSilent(code) || code === NOT_TOLD,
  imprecise: (code) => stateOf(code) === "closed|filtered",
};

/** How many ports both reports have a state for. */
export function comparedPortCount(a: PortSide, b: PortSide): number {
  if (a.table === undefined || b.table === undefined) return 0;
  if (a.table.told === b.table.told) return a.table.told.portCount;
  return sharedPortCount(a.table.told.bounds, b.table.told.bounds);
}

/** True for the reasons why a port that differs is no change. */
export function isPortDoubt(verdict: PortVerdict): verdict is PortDoubt {
  return verdict !== "same" && verdict !== "opened" && verdict !== "closed" && verdict !== "changed";
}

/** True for what --open is about. */
export function isPerhapsOpen(code: PortCode): boolean {
  const state = stateOf(code);
  return state === "open" || state === "open|filtered";
}

/** True for a state, false for a gap. */
function isTold(code: PortCode): boolean {
  return code < NOT_TOLD;
}

function isAllSame(a: PortSide, b: PortSide): boolean {
  if (a.table === undefined || b.table === undefined || !a.table.equals(b.table)) return false;
  return [a, b].every(({ table, gap, gapRanges }) => gap === NOT_ASKED || gapRanges === table?.told);
}

function append(
  groups: Map<number, { bounds: number[]; portCount: number }>,
  key: number,
  first: number,
  last: number,
): void {
  let group = groups.get(key);
  if (group === undefined) {
    group = { bounds: [], portCount: 0 };
    groups.set(key, group);
  }
  const { bounds } = group;
  if (bounds[bounds.length - 1] === first - 1) bounds[bounds.length - 1] = last;
  else bounds.push(first, last);
  group.portCount += last - first + 1;
}

function sharedPortCount(one: Uint16Array, other: Uint16Array): number {
  let count = 0;
  for (let at = 0, against = 0; at < one.length && against < other.length; ) {
    const first = Math.max(one[at] ?? 0, other[against] ?? 0);
    const last = Math.min(one[at + 1] ?? 0, other[against + 1] ?? 0);
    if (first <= last) count += last - first + 1;
    if ((one[at + 1] ?? 0) < (other[against + 1] ?? 0)) at += 2;
    else against += 2;
  }
  return count;
}

/** Walks over the ports of one side. */
class Lane {
  /** The code at the port that was sought, and the last port up to which it holds. */
  code: PortCode = NOT_ASKED;
  last: number = PORT_MAX;
  readonly #told: PortRuns;
  readonly #gaps: PortRuns;
  #toldAt = 0;
  #gapAt = 0;

  constructor({ table, gap, gapRanges }: PortSide) {
    this.#told = table?.runs() ?? [];
    const isFilled = gap === NOT_ASKED || (gapRanges !== undefined && gapRanges === table?.told);
    this.#gaps = isFilled ? [] : gapRuns(gapRanges, gap);
  }

  /** Never goes back. */
  seek(port: number): void {
    this.code = NOT_ASKED;
    this.last = PORT_MAX;
    this.#gapAt = this.#look(this.#gaps, this.#gapAt, port);
    this.#toldAt = this.#look(this.#told, this.#toldAt, port);
  }

  /** Takes the code of the run that has the port, if there is one, and ends where a run ends or begins. */
  #look(runs: PortRuns, from: number, port: number): number {
    let at = from;
    while (at < runs.length && (runs[at + 1] ?? 0) < port) at += 3;
    if (at >= runs.length) return at;
    const first = runs[at] ?? 0;
    const isInside = first <= port;
    if (isInside) this.code = runs[at + 2] ?? NOT_ASKED;
    this.last = Math.min(this.last, isInside ? (runs[at + 1] ?? 0) : first - 1);
    return at;
  }
}

function gapRuns(ranges: SharedRanges | undefined, gap: PortCode): PortRuns {
  if (ranges === undefined) return [0, PORT_MAX, gap];
  const runs: number[] = [];
  for (let at = 0; at < ranges.bounds.length; at += 2) {
    runs.push(ranges.bounds[at] ?? 0, ranges.bounds[at + 1] ?? 0, gap);
  }
  return runs;
}

function verdictOf(a: PortCode, b: PortCode, left: PortSide, right: PortSide): PortVerdict {
  if (isTold(a) && isTold(b) && stateOf(a) === stateOf(b)) return "same";
  return doubtOf(a, b, left, right) ?? (isHidden(a, b, left, right) ? "changed" : changeOf(a, b));
}

/** A port that was not open before and may be now has opened, and the other way round. */
function changeOf(a: PortCode, b: PortCode): PortChange {
  if (isPerhapsOpen(a) === isPerhapsOpen(b)) return "changed";
  return isPerhapsOpen(b) ? "opened" : "closed";
}

/** True where a host's own kernel says that nothing waits: a scan's `open|filtered` is a firewall's silence then. */
function isHidden(a: PortCode, b: PortCode, left: PortSide, right: PortSide): boolean {
  const isClosedInside = (code: PortCode, { technique }: PortSide) =>
    technique === SOCKETS_TECHNIQUE && stateOf(code) === "closed";
  if (isClosedInside(a, left)) return stateOf(b) === "open|filtered";
  return isClosedInside(b, right) && stateOf(a) === "open|filtered";
}

function doubtOf(a: PortCode, b: PortCode, left: PortSide, right: PortSide): PortDoubt | undefined {
  if (a === NOT_ASKED || b === NOT_ASKED) return "not-asked";
  if (a === UNDECIDED || b === UNDECIDED) return "undecided";
  if ((a === NOT_TOLD && !isPerhapsOpen(b)) || (b === NOT_TOLD && !isPerhapsOpen(a))) return "not-told";
  if (mayBeLost(a, b, left) || mayBeLost(b, a, right)) return "lossy";
  const [one, other] = [stateOf(a), stateOf(b)];
  if (one === undefined || other === undefined || !mayBeSame(one, other)) return undefined;
  if (one === "closed|filtered" || other === "closed|filtered") return "imprecise";
  return isSameQuestion(left.technique, right.technique) ? undefined : "other-technique";
}

/** True where `code` is silence that loss explains, and the other report has an answer. */
function mayBeLost(code: PortCode, other: PortCode, side: PortSide): boolean {
  if (isSilent(other)) return false;
  return isLossy(code) || (side.isLossy && (isSilent(code) || code === NOT_TOLD));
}

/** What a state leaves possible: 1 for open, 2 for closed, 4 for filtered (nmap reference guide, "Port Scanning Basics"). */
const POSSIBLE: Readonly<Record<PortState, number>> = {
  open: 1,
  "open|filtered": 5,
  unfiltered: 3,
  closed: 2,
  "closed|filtered": 6,
  filtered: 4,
};

/** True where one state does not contradict the other: the port may have stayed as it was. */
function mayBeSame(one: PortState, other: PortState): boolean {
  return (POSSIBLE[one] & POSSIBLE[other]) !== 0;
}

/** A SYN and a connect ask the same; a technique that a report does not name asks what the other asked. */
function isSameQuestion(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined || one === other) return true;
  return isHandshake(one) && isHandshake(other);
}

function isHandshake(technique: string): boolean {
  return technique === "tcp-syn" || technique === "tcp-connect";
}
