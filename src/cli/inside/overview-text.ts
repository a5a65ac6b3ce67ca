// What `postern` alone shows: the doors of this machine with their answers, where the two do not agree, what leads
// elsewhere, what is missing, and what to type next.
import type { AnsweredDoor } from "../../inside/door-answers.js";
import { isDoorProtocol } from "../../inside/doors.js";
import type { InsideView, NetworkNamespace } from "../../inside/inside-view.js";
import type { InetSocket } from "../../linux/kernel-socket.js";
import { type Column, fittedTable } from "../../report/fitted-table.js";
import {
  answersCell,
  doorProcess,
  doorReach,
  doorUnit,
  doorUser,
  markCell,
  portCell,
} from "../../report/inside/door-cells.js";
import { doorDoubts } from "../../report/inside/door-doubts.js";
import type { NextCommand } from "../../report/inside/next-commands.js";
import { type CellContext, shortenProcess } from "../../report/inside/socket-cells.js";
import { namespaceTitle, publishedLines } from "../../report/inside/socket-table.js";
import { printable } from "../../report/printable.js";
import { countOf, groupDigits } from "../../report/quantity.js";
import { wrapWords } from "../../report/wrap-words.js";

/** What was asked, and what was not. */
export interface AskingFacts {
  readonly probeCount: number;
  /** More would have been asked, but for the bound. */
  readonly leftOutCount: number;
  readonly techniques: readonly string[];
  readonly elapsedMs: number;
  /** What was not asked, and why: clauses. */
  readonly faults: readonly string[];
}

/** All that is shown. */
export interface Overview {
  readonly answered: readonly AnsweredDoor[];
  readonly asking: AskingFacts;
  readonly next: readonly NextCommand[];
}

/** Beyond so many lines of one kind it is said how many more there are. */
const DOUBTS_MAX = 12;
const NAMESPACES_MAX = 8;
const PUBLISHED_MAX = 10;
const NAMESPACE_PORTS_MAX = 12;
const NOTE_COLUMNS_MAX = 100;
const COMMAND_COLUMNS_MAX = 40;

const COLUMNS: readonly Column[] = [
  { head: "", weight: 11 },
  { head: "PORT", weight: 11 },
  { head: "SERVICE", weight: 4, widthMin: 8 },
  { head: "PROCESS", weight: 9, widthMin: 12, shorten: shortenProcess },
  { head: "USER", weight: 3, widthMin: 4 },
  { head: "UNIT", weight: 2, widthMin: 10 },
  { head: "REACHED FROM", weight: 8, widthMin: 12 },
  { head: "ANSWERS", weight: 10, widthMin: 25 },
];

/**
 * The text.
 * @param width Characters of a line; undefined for no limit
 */
export function overviewText(overview: Overview, context: CellContext, width: number | undefined): string {
  const { answered, asking, next } = overview;
  const { view } = context;
  const notes = (lines: readonly string[]): readonly string[] => lines.flatMap((line) => noteLines(line, width));
  const blocks = [
    [...notes([headLine(answered)]), ...doorTable(answered, context, width)],
    notes(bounded(doorDoubts(answered, context), DOUBTS_MAX, "disagreement")),
    boundedPublished(view, width),
    notes(namespaceLines(view, context)),
    notes([...askingLines(answered, asking), ...gapLines(view)]),
    nextLines(next, width),
  ].filter((lines) => lines.length > 0);
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function headLine(answered: readonly AnsweredDoor[]): string {
  if (answered.length === 0) {
    return "Nothing listens here: no program waits at any port of this network namespace.";
  }
  const portsOf = (mark: string): number =>
    new Set(answered.flatMap(({ door }) => (markCell(door) === mark ? [portCell(door)] : []))).size;
  const count = new Set(answered.map(({ door }) => portCell(door))).size;
  const [outward, unknown] = [portsOf("!"), portsOf("?")];
  const others =
    outward === 0 ? "none of which other machines reach" : `${groupDigits(outward)} of which other machines reach (!)`;
  const perhaps = unknown === 0 ? "" : `, and ${groupDigits(unknown)} perhaps (?)`;
  return `${countOf(count, "port")}, ${others}${perhaps}, as far as addresses decide:`;
}

function doorTable(
  answered: readonly AnsweredDoor[],
  context: CellContext,
  width: number | undefined,
): readonly string[] {
  const rows = [...answered].sort(compareReach).map((one) => {
    const { door } = one;
    return [
      markCell(door),
      portCell(door),
      context.serviceName(door.port, door.protocol) ?? "",
      doorProcess(door, context),
      doorUser(door, context),
      doorUnit(door, context),
      doorReach(door, context),
      answersCell(one),
    ];
  });
  return rows.length === 0 ? [] : ["", ...fittedTable(COLUMNS, rows, width)];
}

/** What others reach comes first; the order is kept otherwise. */
function compareReach({ door: one }: AnsweredDoor, { door: other }: AnsweredDoor): number {
  return Number(markCell(one) === "") - Number(markCell(other) === "");
}

function boundedPublished(view: InsideView, width: number | undefined): readonly string[] {
  const published = view.published.filter(({ target }) => target !== "same");
  const lines = publishedLines(published.slice(0, PUBLISHED_MAX), width);
  const more = published.length - PUBLISHED_MAX;
  return more > 0 ? [...lines, `… and ${groupDigits(more)} more: postern sockets`] : lines;
}

/** A line for each other namespace in which something waits. */
function namespaceLines(view: InsideView, context: CellContext): readonly string[] {
  const sockets = new Map<NetworkNamespace, Map<string, InetSocket>>();
  for (const { namespace, socket } of view.sockets) {
    if (namespace.isOwn || socket.kind !== "inet" || !isDoorProtocol(socket.protocol)) continue;
    const known = sockets.get(namespace) ?? new Map<string, InetSocket>();
    sockets.set(namespace, known.set(`${socket.localPort}/${socket.protocol}`, socket));
  }
  const lines = [...sockets].map(([namespace, byPort]) => {
    const all = [...byPort].sort(([, one], [, other]) => one.localPort - other.localPort);
    const some = all.slice(0, NAMESPACE_PORTS_MAX).map(([text, { localPort, protocol }]) => {
      const name = context.serviceName(localPort, protocol);
      return name === undefined ? text : `${text} ${name}`;
    });
    const more = all.length - some.length;
    return `${namespaceTitle(namespace, view)} ${some.join(", ")}${more > 0 ? ` and ${groupDigits(more)} more` : ""}`;
  });
  return bounded(lines, NAMESPACES_MAX, "network namespace");
}

const TECHNIQUE_WORDS: Readonly<Record<string, string>> = {
  "tcp-syn": "SYN",
  "tcp-connect": "connect",
  udp: "UDP",
  "sctp-init": "SCTP INIT",
};

function askingLines(answered: readonly AnsweredDoor[], asking: AskingFacts): readonly string[] {
  if (answered.length === 0) return [];
  const { probeCount, leftOutCount, techniques, elapsedMs, faults } = asking;
  const words = techniques.map((name) => TECHNIQUE_WORDS[name] ?? name).join(" and ");
  const seconds = (elapsedMs / 1000).toFixed(2);
  const how = `${countOf(probeCount, "probe")} by ${words} in ${seconds} s`;
  const legend =
    "REACHED FROM is what addresses allow: no firewall was looked at. " +
    (words === ""
      ? "Nothing was asked."
      : `ANSWERS is what this machine gets from itself (${how}); others may get something else.`);
  const left = `${countOf(leftOutCount, "probe")} of less important addresses ${leftOutCount === 1 ? "was" : "were"} left out.`;
  return [legend, ...(leftOutCount > 0 ? [left] : []), ...faults.map((why) => `Not asked: ${printable(why)}`)];
}

function gapLines({ gaps }: InsideView): readonly string[] {
  return gaps.map(({ what, why }) => `Not known: ${printable(what)}: ${printable(why)}`);
}

function nextLines(next: readonly NextCommand[], width: number = Number.POSITIVE_INFINITY): readonly string[] {
  if (next.length === 0) return [];
  const short = next.filter(([command]) => command.length <= COMMAND_COLUMNS_MAX);
  const indent = Math.max(0, ...short.map(([command]) => command.length)) + 2;
  const lines = next.flatMap(([command, what]) => {
    const line = `  ${printable(command).padEnd(indent)}${command.length < indent ? "" : "  "}${what}`;
    return line.length <= width ? [line] : [`  ${printable(command)}`, `    ${what}`];
  });
  return ["Next:", ...lines];
}

function bounded(lines: readonly string[], most: number, what: string): readonly string[] {
  const more = lines.length - most;
  return more > 0 ? [...lines.slice(0, most), `… and ${countOf(more, `more ${what}`)}`] : lines;
}

/** Sentences are broken between words, and go on below themselves. */
function noteLines(text: string, width: number | undefined): readonly string[] {
  if (width === undefined) return [text];
  const [first = "", ...rest] = wrapWords(text, Math.min(width, NOTE_COLUMNS_MAX) - 2);
  return [first, ...rest.map((line) => `  ${line}`)];
}
