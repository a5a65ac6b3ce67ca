// The text of man/postern.1, made from the option table; a test compares the two. Macros: groff_man(7), those that mandoc
// and others know, too.
import { VERSION } from "../model/version.js";
import {
  COMMAND_USAGE,
  type CommandFacts,
  optionSections,
  SCAN_EXAMPLES,
  SCAN_EXIT_STATUSES,
  SCAN_SCOPE_HELP,
  SCAN_TARGET_HELP,
} from "./help.js";
import { KEYS } from "./keys.js";
import { allNames, isLongName, type Option } from "./option.js";
import { SCAN_OPTIONS } from "./scan-options.js";

/** The page, with a line feed at its end. */
export function manPage(commands: readonly CommandFacts[]): string {
  const lines = [
    '.\\" Made from the tables in src/cli/scan-options/ by scripts/make-docs.ts: change them there.',
    `.TH POSTERN 1 "" "postern ${VERSION}" "User Commands"`,
    ".SH NAME",
    "postern \\- which ports of your systems are open, from here",
    ".SH SYNOPSIS",
    ".B postern",
    ".RI [ OPTION ...]",
    ".IR TARGET ...",
    ".br",
    `.B ${escaped(COMMAND_USAGE)}`,
    ".SH DESCRIPTION",
    ...text(SCAN_TARGET_HELP),
    ".PP",
    ...text(SCAN_SCOPE_HELP),
    ".PP",
    ...text(
      "Options have nmap's spelling and meaning where nmap has them. All of nmap's are known: see below for those",
    ),
    ...text("that have no effect here, and for those that are refused."),
    ".SH OPTIONS",
  ];
  const working = SCAN_OPTIONS.filter(({ state }) => state === undefined);
  for (const section of optionSections()) {
    const options = working.filter((option) => option.section === section);
    if (options.length > 0) lines.push(`.SS ${escaped(section)}`, ...options.flatMap(paragraph));
  }
  lines.push(".SS Accepted without effect", ...SCAN_OPTIONS.filter(isIn("accepted")).flatMap(paragraph));
  lines.push(".SS Refused", ...SCAN_OPTIONS.filter(isIn("refused")).flatMap(paragraph));
  lines.push(".SH COMMANDS", ...commands.flatMap(({ name, summary }) => definition(bold(`postern ${name}`), summary)));
  lines.push(".SH KEYS", ...text("While a scan runs in the foreground of a terminal it listens to these:"));
  lines.push(...KEYS.flatMap(([key, what]) => definition(bold(key), what)));
  lines.push(".SH EXIT STATUS", ...SCAN_EXIT_STATUSES.flatMap(([status, what]) => definition(bold(status), what)));
  lines.push(".SH EXAMPLES", ...SCAN_EXAMPLES.flatMap(([command, what]) => definition(bold(command), what)));
  lines.push(".SH SEE ALSO", ".BR nmap (1),", ".BR ip (8),", ".BR capabilities (7)");
  return `${lines.join("\n")}\n`;
}

function isIn(state: Option<never>["state"]): (option: Option<never>) => boolean {
  return (option) => option.state === state;
}

function paragraph(option: Option<never>): readonly string[] {
  const meaning = option.why === undefined ? option.help : `${option.help}: ${option.why}`;
  const terms = allNames(option).map((name) => term(name, option));
  return definition(terms.join(", "), meaning);
}

/** A name in bold and the place of its value in italics. */
function term(name: string, { value, isAttached }: Option<never>): string {
  if (value === undefined || (isAttached === true && isLongName(name))) return bold(name);
  const place = `\\fI${escaped(value)}\\fR`;
  return isAttached === true ? `${bold(name)}[${place}]` : `${bold(name)} ${place}`;
}

function definition(head: string, meaning: string): readonly string[] {
  return [".TP", head, ...text(`${meaning}.`)];
}

function bold(words: string): string {
  return `\\fB${escaped(words)}\\fR`;
}

/** Lines of running text: none of them may begin like a request. */
function text(words: string): readonly string[] {
  const line = escaped(words);
  return [/^[.']/.test(line) ? `\\&${line}` : line];
}

/** A minus that is typed must not become a hyphen; roff's own backslash and quotes stand for themselves. */
function escaped(words: string): string {
  return words.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("'", "\\(aq");
}
