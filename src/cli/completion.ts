// What shells complete: scripts for bash, zsh and fish, made from the option table. Names of values: bash(1) Programmable
// Completion, zshcompsys(1), fish-completions(1).
import { isLongName, type Option, type ValueKind } from "./option.js";
import { SCAN_OPTIONS } from "./scan-options.js";

/** Shells that a script can be made for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** One of {@link SHELLS}. */
export type Shell = (typeof SHELLS)[number];

/** The script that teaches a shell postern's words, those of its commands among them; with a line feed at its end. */
export function completionScript(shell: Shell, commands: readonly string[]): string {
  const lines = SCRIPTS[shell](commands.join(" "));
  return `${["# Words of postern for this shell, made from its option table: postern completion prints it."]
    .concat(lines)
    .join("\n")}\n`;
}

const SCRIPTS: Readonly<Record<Shell, (commands: string) => readonly string[]>> = { bash, zsh, fish };

/** Where the shell finds interfaces: Linux's own list (sysfs). */
const INTERFACES = "/sys/class/net";

/** What is refused is not offered. */
function offered(): readonly Option<never>[] {
  return SCAN_OPTIONS.filter(({ state }) => state !== "refused");
}

/** Options whose value is the next word. */
function valued(): readonly Option<never>[] {
  return offered().filter(({ value, isAttached }) => value !== undefined && isAttached !== true);
}

function bash(commands: string): readonly string[] {
  const names = offered().flatMap((option) => option.names);
  const lines = [
    "_postern() {",
    "  local word=$2 before=$3",
    "  COMPREPLY=()",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is bash's
    '  if [[ $word == = ]]; then word=""; elif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi',
    "  case $before in",
  ];
  const byValues = new Map<string, string[]>();
  for (const option of valued()) {
    const values = bashValues(option.values);
    byValues.set(values, [...(byValues.get(values) ?? []), ...option.names]);
  }
  for (const [values, options] of byValues) lines.push(`    ${options.join("|")})${values} return ;;`);
  lines.push(
    "  esac",
    `  if [[ $word == -* ]]; then ${bashReply(`-W "${names.join(" ")}"`)}`,
    `  elif ((COMP_CWORD == 1)); then ${bashReply(`-W "${commands}" -A hostname`)}`,
    `  else ${bashReply("-A hostname")}; fi`,
    "}",
    "complete -F _postern postern",
  );
  return lines;
}

function bashValues(kind: ValueKind | undefined): string {
  if (kind === undefined) return "";
  if (kind === "file") return ` compopt -o filenames; ${bashReply("-f")};`;
  if (kind === "directory") return ` compopt -o filenames; ${bashReply("-d")};`;
  return ` ${bashReply(`-W "${kind === "interface" ? `$(cd ${INTERFACES} && echo *)` : kind.join(" ")}"`)};`;
}

/** One word a line, so that names of files may have blanks. */
function bashReply(what: string): string {
  return `mapfile -t COMPREPLY < <(compgen ${what} -- "$word")`;
}

function zsh(commands: string): readonly string[] {
  const lines = ["_postern() {", "  _arguments -s -S \\"];
  for (const option of offered()) {
    for (const name of option.names) lines.push(`    ${zshArgument(name, option)} \\`);
  }
  lines.push(`    '1: :_alternative "commands:command:(${commands})" "hosts:host:_hosts"' \\`, "    '*:target:_hosts'");
  lines.push("}", "compdef _postern postern");
  return ["#compdef postern", ...lines];
}

/** "--max-rate=[help]:PPS:": a value in the next word or behind =, for short names in the same word, too. */
function zshArgument(name: string, { value, isAttached, values, help }: Option<never>): string {
  const what = `[${help.replaceAll(/[[\]]/g, "\\$&")}]`;
  if (value === undefined || (isAttached === true && isLongName(name))) return quoted(`*${name}${what}`);
  const sign = isAttached === true ? "-" : isLongName(name) ? "=" : "+";
  const optional = isAttached === true ? "::" : ":";
  return quoted(`*${name}${sign}${what}${optional}${value.replaceAll(":", "\\:")}:${zshValues(values)}`);
}

function zshValues(kind: ValueKind | undefined): string {
  if (kind === undefined) return " ";
  if (kind === "file") return "_files";
  if (kind === "directory") return "_files -/";
  return kind === "interface" ? `_path_files -W ${INTERFACES}` : `(${kind.join(" ")})`;
}

function fish(commands: string): readonly string[] {
  const lines = [
    "complete -c postern -f",
    "complete -c postern -a '(__fish_print_hostnames)'",
    `complete -c postern -n __fish_is_first_token -a ${quoted(commands)}`,
  ];
  for (const option of offered()) lines.push(`complete -c postern${fishOption(option)}`);
  return lines;
}

/** Names of two letters behind one dash are fish's "old" options. */
function fishOption({ names, value, isAttached, values, help }: Option<never>): string {
  const flags = names.map((name) => {
    if (isLongName(name)) return ` -l ${name.slice(2)}`;
    return name.length === 2 ? ` -s ${name.slice(1)}` : ` -o ${name.slice(1)}`;
  });
  const isNext = value !== undefined && isAttached !== true;
  return `${flags.join("")}${isNext ? ` -r${fishValues(values)}` : ""} -d ${quoted(help)}`;
}

function fishValues(kind: ValueKind | undefined): string {
  if (kind === undefined) return "";
  if (kind === "file") return " -F";
  if (kind === "directory") return " -a '(__fish_complete_directories)'";
  return ` -a ${quoted(kind === "interface" ? `(command ls ${INTERFACES})` : kind.join(" "))}`;
}

/** For all three shells: fish, too, knows '\'' within single quotes as the end of one string and the start of another. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
