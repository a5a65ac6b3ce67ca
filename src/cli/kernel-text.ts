// The kernel's network settings as text for a terminal: what is not careful first, and what to set. Pure.
import { type KernelSetting, sysctlName } from "../inside/kernel-setting.js";
import { type KernelView, LATER_INTERFACES, LOOPBACK, type SettingReport } from "../inside/read-kernel-settings.js";
import { COMBINATIONS } from "../inside/setting-combination.js";
import { errnoWords } from "../linux/errno.js";
import { cutText } from "../report/log-record.js";
import { printable } from "../report/printable.js";
import { countOf } from "../report/quantity.js";
import { wrapWords } from "../report/wrap-words.js";
import { classOf, countSettings, type SettingClass } from "./kernel-counts.js";

/** How it is shown. */
export interface KernelTextOptions {
  readonly columns: number;
  /** With what is careful, and what this kernel does not have. */
  readonly isAll: boolean;
  /** False for a copy of another machine's /proc. */
  readonly isOwn: boolean;
}

const COLUMNS_LEAST = 50;
/** Wider lines are hard to read. */
const COLUMNS_MOST = 110;
const VALUE_CHARACTERS_MAX = 40;
/** Of a host of hundreds of containers, as many as say what kind of interfaces they are. */
const NAMES_SHOWN = 6;
const CHANGES_SHOWN = 4;
const INDENT = "    ";

const HEADINGS: Readonly<Record<SettingClass, string>> = {
  loose: "Loose: give an attacker what hardly any machine needs to give",
  depends: "Depend on what the machine is for",
  unread: "Not known: could not be read, or not understood",
  careful: "Careful",
  absent: "Not there: not in this kernel, in no module that is loaded, or not shown to this namespace",
};

const NO_RIGHT: ReadonlySet<string> = new Set(["EACCES", "EPERM"]);

/** Reports of one setting that say the same of several interfaces. */
interface Row {
  readonly setting: KernelSetting;
  readonly kind: SettingClass;
  readonly value: string;
  readonly isInEffect: boolean;
  readonly interfaceNames: string[];
  readonly changes: string[];
}

/** All of it, with a line feed at the end. */
export function kernelText(view: KernelView, options: KernelTextOptions): string {
  const width = Math.max(COLUMNS_LEAST, Math.min(options.columns, COLUMNS_MOST));
  const rows = rowsOf(view.reports);
  const counts = countSettings(view);
  const kinds: readonly SettingClass[] = [
    "loose",
    "depends",
    "unread",
    ...(options.isAll ? (["careful", "absent"] as const) : []),
  ];
  const sections = kinds.flatMap((kind) =>
    section(
      kind,
      rows.filter((row) => row.kind === kind),
      width,
    ),
  );
  const quiet = options.isAll
    ? []
    : [
        "",
        ...wrapWords(
          `${countOf(counts.careful, "careful setting")}, and ${counts.absent} that are not there: --all shows them.`,
          width,
        ),
      ];
  return `${[...headLines(view, options, width), ...sections, ...quiet].join("\n")}\n`;
}

function headLines(
  { release, interfaces }: KernelView,
  { isOwn }: KernelTextOptions,
  width: number,
): readonly string[] {
  const kernel = release === undefined ? "a kernel that does not say its release" : `Linux ${shown(release)}`;
  const whose = isOwn
    ? "the network namespace that this command runs in"
    : "the network namespace of the copy that was read";
  const names = interfaces.length === 0 ? "none" : listed(interfaces, NAMES_SHOWN);
  return [
    ...wrapWords(`Network settings of ${kernel}, in ${whose}.`, width),
    ...wrapWords(
      `Interfaces: ${names}. "${LATER_INTERFACES}" stands for those to come; ${LOOPBACK} is left out.`,
      width,
    ),
  ];
}

function section(kind: SettingClass, rows: readonly Row[], width: number): readonly string[] {
  if (rows.length === 0) return [];
  const nameWidth = Math.max("SETTING".length, ...rows.map(({ setting }) => sysctlName(setting.path).length));
  const valueWidth = Math.max("VALUE".length, ...rows.map(({ value }) => value.length));
  const head = `${"SETTING".padEnd(nameWidth)} ${"VALUE".padEnd(valueWidth)} CAREFUL`;
  const widths = { nameWidth, valueWidth, width };
  return [
    "",
    ...wrapWords(`${HEADINGS[kind]} (${rows.length})`, widths.width),
    "",
    ...(kind === "absent" ? [] : [head]),
    ...rows.flatMap((row) => rowLines(row, widths)),
  ];
}

interface Widths {
  readonly nameWidth: number;
  readonly valueWidth: number;
  readonly width: number;
}

function rowLines(row: Row, widths: Widths): readonly string[] {
  const { setting, kind, interfaceNames, isInEffect } = row;
  const name = sysctlName(setting.path);
  if (kind === "absent") return [name];
  const where = interfaceNames.length === 0 ? "" : `${listed(interfaceNames, NAMES_SHOWN)}: `;
  const about = kind === "careful" ? careful(setting, isInEffect, where) : `${where}${setting.why}`;
  return [...headOf(name, row, widths), ...indented(about, widths.width), ...changeLines(row, widths.width)];
}

/** Where the careful value has no room beside the others, it gets a line of its own. */
function headOf(name: string, { setting, value }: Row, { nameWidth, valueWidth, width }: Widths): readonly string[] {
  const { words } = setting.careful;
  const front = `${name.padEnd(nameWidth)} ${value.padEnd(valueWidth)}`;
  if (front.length + 1 + words.length <= width) return [`${front} ${words}`];
  return [`${name} ${value}`, ...indented(`careful: ${words}`, width)];
}

function careful({ needs }: KernelSetting, isInEffect: boolean, where: string): string {
  if (isInEffect) return where.replace(/: $/, "");
  return `${where}without effect${needs === undefined ? ": no IPv6 here" : ` unless ${needs.words}`}`;
}

function changeLines({ kind, setting, changes }: Row, width: number): readonly string[] {
  if (kind === "unread" || kind === "careful" || changes.length === 0) return [];
  const unique = [...new Set(changes)];
  const more = unique.length - CHANGES_SHOWN;
  const lines = unique.slice(0, CHANGES_SHOWN).map((change) => `${INDENT}set ${shown(change)}`);
  if (more > 0) lines.push(`${INDENT}and ${countOf(more, "more setting")} of the same kind`);
  const rule = setting.combination === undefined ? undefined : COMBINATIONS[setting.combination].words;
  return rule === undefined ? lines : [...indented(`What counts: ${rule}.`, width), ...lines];
}

function indented(text: string, width: number): readonly string[] {
  if (text === "") return [];
  return wrapWords(text, width - INDENT.length).map((line) => INDENT + line);
}

/** Interfaces of which the same is to be said share a row. */
function rowsOf(reports: readonly SettingReport[]): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const report of reports) {
    const fresh = rowOf(report);
    const key = JSON.stringify([fresh.setting.path, fresh.kind, fresh.value, fresh.isInEffect]);
    const row = rows.get(key) ?? fresh;
    if (row !== fresh) {
      row.interfaceNames.push(...fresh.interfaceNames);
      row.changes.push(...fresh.changes);
    }
    rows.set(key, row);
  }
  return [...rows.values()];
}

function rowOf(report: SettingReport): Row {
  const { setting, interfaceName } = report;
  return {
    setting,
    kind: classOf(report),
    value: shown(shownValue(report)),
    isInEffect: report.state !== "judged" || report.isInEffect,
    interfaceNames: interfaceName === undefined ? [] : [interfaceName],
    changes: report.state === "judged" ? [...report.changes] : [],
  };
}

function shownValue(report: SettingReport): string {
  switch (report.state) {
    case "judged":
      return report.value;
    case "absent":
      return "-";
    case "unreadable":
      return NO_RIGHT.has(report.code) ? "no right to read it" : errnoWords(report.code);
    case "unknown":
      return `not understood: ${report.text}`;
  }
}

function listed(names: readonly string[], most: number): string {
  const text = names.slice(0, most).map(shown).join(", ");
  return names.length > most ? `${text} and ${names.length - most} more` : text;
}

function shown(text: string): string {
  return cutText(printable(text), VALUE_CHARACTERS_MAX * 2);
}
