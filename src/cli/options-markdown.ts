// The text of docs/options.md, made from the option table; a test compares the two.
import {
  optionSections,
  SCAN_EXAMPLES,
  SCAN_EXIT_STATUSES,
  SCAN_SCOPE_HELP,
  SCAN_TARGET_HELP,
  SCAN_USAGE,
} from "./help.js";
import { allNames, type Option, optionTerm } from "./option.js";
import { SCAN_OPTIONS } from "./scan-options.js";

/** The page about the scan command's options, with a line feed at its end. */
export function optionsMarkdown(): string {
  const lines = [
    "# Options of the scan command",
    "",
    "<!-- Made from the tables in src/cli/scan-options/ by scripts/make-docs.ts: change them there. -->",
    "",
    `\`${SCAN_USAGE}\``,
    "",
    SCAN_TARGET_HELP,
    "",
    SCAN_SCOPE_HELP,
    "",
    "All options of nmap 7.9x are here. An option without a state works. One that is *accepted* has no effect, and says",
    "why; one that is *refused* ends the program with that line, before anything is sent.",
  ];
  for (const section of optionSections()) {
    lines.push("", `## ${section}`, "", "| option | state | meaning |", "|---|---|---|");
    lines.push(...SCAN_OPTIONS.filter((option) => option.section === section).map(row));
  }
  lines.push("", "## Examples", "", "| command | shows |", "|---|---|");
  lines.push(...SCAN_EXAMPLES.map(([command, what]) => `| ${code(command)} | ${cell(what)} |`));
  lines.push("", "## Exit statuses", "", "| status | meaning |", "|---|---|");
  lines.push(...SCAN_EXIT_STATUSES.map(([status, what]) => `| ${status} | ${cell(what)} |`));
  return `${lines.join("\n")}\n`;
}

function row(option: Option<never>): string {
  const terms = allNames(option).map((name) => code(optionTerm(name, option)));
  const meaning = option.why === undefined ? option.help : `${option.help}: ${option.why}`;
  return `| ${terms.join(", ")} | ${option.state ?? ""} | ${cell(meaning)} |`;
}

function code(text: string): string {
  return cell(`\`${text}\``);
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
