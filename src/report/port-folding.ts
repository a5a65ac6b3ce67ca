// Which ports the forms for programs list, and which they only count. As nmap 7.93 does it, measured on a host with 1 to
// 100 closed ports, with and without -v, -d and --open.
import type { PortState } from "../model/port-state.js";
import type { PortGroup } from "./host-accumulator.js";
import type { ReportOptions } from "./report-writer.js";

const LISTED_MAX_STEP = 25;

type FoldingOptions = Pick<ReportOptions, "verbosity" | "onlyOpen" | "debugging">;

/** How many ports of one state are listed before they are only counted; each -v allows as many again, -d any number. */
export function unfoldedMax({ verbosity, debugging = 0 }: FoldingOptions): number {
  return debugging > 0 ? Number.POSITIVE_INFINITY : LISTED_MAX_STEP * (1 + verbosity);
}

/** Decides for each group whether its ports are listed. All groups of one state are treated alike, whatever the protocol. */
export function unfoldedGroups(groups: readonly PortGroup[], options: FoldingOptions): (group: PortGroup) => boolean {
  const totals = new Map<string, number>();
  for (const { state, count } of groups) totals.set(state, (totals.get(state) ?? 0) + count);
  const max = unfoldedMax(options);
  return ({ state }) => {
    if (state === "open") return true;
    return (!options.onlyOpen || isPerhapsOpen(state)) && (totals.get(state) ?? 0) <= max;
  };
}

/** What --open shows: "open, open|filtered, or unfiltered" (nmap reference guide, Output). */
export function isPerhapsOpen(state: PortState): boolean {
  return state === "open" || state === "open|filtered" || state === "unfiltered";
}
