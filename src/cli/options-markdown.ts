// The text of docs/options.md, made from the option table; a test compares the two.
import {
  optionSections,
  SCAN_EXAMPLES,
  SCAN_EXIT_STATUSES,
  SCAN_SCOPE_HELP,
  SCAN_TARGET_HELP,
  SCAN_USAGE,
} from "./help.js";
import { LATER_OPTIONS } from "./later-options.js";
import { optionTerms } from "./option.js";
import { SCAN_OPTIONS } from "./scan-options.js";

/** The page about the scan command's options, with a line feed at its end. */
export function optionsMarkdown(): string {
  const lines = [
    "# Options of the scan command",
    "",
    "<!-- Made from the tables in src/cli/scan-options/ by a script: change them there. -->",
    "",
    `\`${SCAN_USAGE}\``,
    "",
    SCAN_TARGET_HELP,
    "",
    SCAN_SCOPE_HELP,
  ];
  for (const section of optionSections()) {
    lines.push("", `## ${section}`, "", "| option | meaning |", "|---|---|");
    for (const option of SCAN_OPTIONS.filter((one) => one.section === section)) {
      lines.push(`| ${optionTerms(option).map(code).join(", ")} | ${cell(option.help)} |`);
    }
  }
  lines.push("", "## Examples", "", "| command | shows |", "|---|---|");
  lines.push(...SCAN_EXAMPLES.map(([command, what]) => `| ${code(command)} | ${cell(what)} |`));
  lines.push("", "## Exit statuses", "", "| status | meaning |", "|---|---|");
  lines.push(...SCAN_EXIT_STATUSES.map(([status, what]) => `| ${status} | ${cell(what)} |`));
  lines.push(
    "",
    "## nmap's options that this version does not have",
    "",
    "| option | what it is | instead |",
    "|---|---|---|",
  );
  lines.push(
    ...LATER_OPTIONS.map(({ name, what, instead }) => `| ${code(name)} | ${cell(what)} | ${cell(instead ?? "")} |`),
  );
  return `${lines.join("\n")}\n`;
}

function code(text: string): string {
  return cell(`\`${text}\``);
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
