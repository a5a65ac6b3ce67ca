// What is told: one notice, for programs as JSON and for people as lines.
import { printable } from "../report/printable.js";
import { countOf } from "../report/quantity.js";
import { byGravity, type Change, changeLine, gravest } from "./change.js";

/** What somebody is told. */
export interface Notice {
  /** "trouble": the watch cannot see any more, or can again. */
  readonly kind: "changes" | "trouble";
  /** The watch's name. */
  readonly watch: string;
  /** The machine that watches. */
  readonly vantage: string;
  /** ISO 8601 with zone. */
  readonly at: string;
  /** Where the run is kept: "scan 12". */
  readonly keptAs: string | undefined;
  readonly changes: readonly Change[];
  /** Changes beyond those that are listed. */
  readonly moreCount: number;
  /** Of trouble: what is the matter. */
  readonly text: string;
}

/** So many lines are shown to people. */
const LINES_MAX = 100;

/** One line: "postern: 3 changes (nightly on gate)". */
export function noticeTitle({ kind, watch, vantage, changes, moreCount }: Notice): string {
  const what = kind === "trouble" ? "trouble" : countOf(changes.length + moreCount, "change");
  return printable(`postern: ${what} (${watch} on ${vantage})`).slice(0, 200);
}

/** Lines for people: the gravest first. Nothing in them steers a terminal. */
export function noticeText(notice: Notice, linesMax: number = LINES_MAX): string {
  const { changes, moreCount, text, at, keptAs } = notice;
  const lines = byGravity(changes).slice(0, linesMax).map(changeLine);
  const rest = changes.length - lines.length + moreCount;
  if (rest > 0) lines.push(`and ${countOf(rest, "change")} more`);
  const end = keptAs === undefined ? at : `${at}, ${keptAs}`;
  return [...(text === "" ? [] : [printable(text)]), ...lines, "", printable(end)].join("\n").concat("\n");
}

/** One JSON document. */
export function noticeJson(notice: Notice): string {
  const { kind, watch, vantage, at, keptAs, changes, moreCount, text } = notice;
  const facts = { kind, watch, vantage, at, keptAs: keptAs ?? null, severity: gravest(changes) };
  return `${JSON.stringify({ format: "postern-watch", formatVersion: 1, ...facts, text, changes, moreCount })}\n`;
}
