// The text of --help, made from the option table.

import { wrapWords } from "../report/wrap-words.js";
import type { Command } from "./command.js";
import { type Option, optionTerm } from "./option.js";
import { SCAN_OPTIONS } from "./scan-options.js";

/** What is said of the command before its options, for --help and docs/options.md alike. */
export const SCAN_USAGE: string = "postern [OPTION...] TARGET...";

/** How commands are called. */
export const COMMAND_USAGE: string = "postern COMMAND [OPTION...] [WORD...]";

/** What a target may be. */
export const SCAN_TARGET_HELP: string =
  "A TARGET is a name, an address, a range (10.0.0.1-20) or a network (10.0.0.0/24, fd00::/120). " +
  "Options may stand before and after targets; -- ends them. Long options may be abbreviated.";

/** What may be probed without being asked. */
export const SCAN_SCOPE_HELP: string =
  "Probe only what is yours. Loopback, private, link-local and this machine's own addresses need nothing; " +
  "any other must lie in a network that --authorized names.";

/** Command lines with what they do. */
export const SCAN_EXAMPLES: readonly (readonly [command: string, what: string])[] = [
  ["postern", "what is open on this machine, who has it, and what it answers"],
  ["postern localhost", "the 1000 most usual ports"],
  ["postern -p- --reason 192.168.1.10", "all ports, with the evidence"],
  ["postern --open -p 22,3389 10.0.0.0/24", "who offers ssh or desktops"],
];

/** Statuses of the scan command: nmap's, and one for our bugs. */
export const SCAN_EXIT_STATUSES: readonly (readonly [status: string, what: string])[] = [
  ["0", "the scan was done, whatever it found"],
  ["1", "it could not be done"],
  ["255", "the command line cannot be understood"],
  ["70", "a bug in postern"],
];

/** What help says of options that do nothing here. */
const STATES: readonly (readonly [state: NonNullable<Option<never>["state"]>, heading: string])[] = [
  ["accepted", "Of nmap's options these are accepted, and have no effect here:"],
  ["refused", "These are refused, each with a line that says why, as postern(1) does:"],
];

/** Help wider than this is hard to read, however wide the terminal. */
const COLUMNS_MAX = 100;
const COLUMNS_MIN = 40;

/** With less room than this beside the terms, meanings go below them. */
const MEANING_MIN = 30;
const INDENT_BELOW = 6;

/** What help says of a command. */
export type CommandFacts = Pick<Command, "name" | "summary">;

/** The whole text for a terminal of that width, with a line feed at its end. */
export function helpText(columns: number, commands: readonly CommandFacts[] = []): string {
  const width = columns >= COLUMNS_MIN ? Math.min(columns, COLUMNS_MAX) : COLUMNS_MIN;
  const lines = [`Usage: ${SCAN_USAGE}`];
  if (commands.length > 0) lines.push(`       ${COMMAND_USAGE}`);
  lines.push("", ...wrapWords(SCAN_TARGET_HELP, width));
  const working = SCAN_OPTIONS.filter(({ state }) => state === undefined);
  const indent = indentOf(working.map(helpTerm), width);
  for (const section of new Set(working.map((option) => option.section))) {
    lines.push("", `${section}:`);
    for (const option of working.filter((one) => one.section === section)) {
      lines.push(...definition(helpTerm(option), option.help, indent, width));
    }
  }
  for (const [state, heading] of STATES) {
    lines.push("", ...wrapWords(heading, width), ...paragraph(namesOf(state), width));
  }
  if (commands.length > 0) lines.push("", "Commands:", ...definitions(commands.map(commandRow), width));
  lines.push("", "Examples:", ...definitions(SCAN_EXAMPLES, width));
  lines.push("", "Exit statuses:");
  for (const [status, what] of SCAN_EXIT_STATUSES) {
    lines.push(...definition(status, what, 7, width));
  }
  lines.push("", ...wrapWords(SCAN_SCOPE_HELP, width));
  return `${lines.join("\n")}\n`;
}

/** The headings of all options in their order. */
export function optionSections(): readonly string[] {
  return [...new Set(SCAN_OPTIONS.map((option) => option.section))];
}

/** "-iL FILE", "--max-rate PPS" or "-v[N], --verbose". */
function helpTerm(option: Option<never>): string {
  const isValueShared = option.value !== undefined && option.isAttached !== true;
  if (isValueShared) return `${option.names.join(", ")} ${option.value}`;
  return option.names.map((name) => optionTerm(name, option)).join(", ");
}

function namesOf(state: NonNullable<Option<never>["state"]>): string {
  return SCAN_OPTIONS.filter((option) => option.state === state)
    .flatMap(({ names }) => names)
    .join(" ");
}

function commandRow({ name, summary }: CommandFacts): readonly [command: string, what: string] {
  return [`postern ${name}`, summary];
}

function paragraph(text: string, width: number): readonly string[] {
  return wrapWords(text, width - 2).map((line) => `  ${line}`);
}

function definitions(rows: readonly (readonly [term: string, what: string])[], width: number): readonly string[] {
  const terms = rows.map(([term]) => term);
  return rows.flatMap(([term, what]) => definition(term, what, indentOf(terms, width), width));
}

/** The column at which the meanings of these terms begin. */
function indentOf(terms: readonly string[], width: number): number {
  const beside = Math.max(...terms.map((term) => term.length)) + 4;
  return width - beside < MEANING_MIN ? INDENT_BELOW : beside;
}

/** A term with its meaning beside it, or below it where it does not fit. */
function definition(term: string, meaning: string, indent: number, width: number): readonly string[] {
  const margin = " ".repeat(indent);
  const [first = "", ...rest] = wrapWords(meaning, width - indent);
  const head = `  ${term}`;
  const hanging = rest.map((line) => margin + line);
  return head.length + 2 <= indent ? [head.padEnd(indent) + first, ...hanging] : [head, margin + first, ...hanging];
}
