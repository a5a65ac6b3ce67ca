// The bench's results as Markdown, and where they stand in docs/performance.md.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { ROW_NAMES } from "./options.js";
import type { Cost, RowResult } from "./row.js";

const PAGE = new URL("../docs/performance.md", import.meta.url);
const BEGIN = "<!-- bench:begin -->";
const END = "<!-- bench:end -->";

function time(ms: number): string {
  if (Number.isNaN(ms)) return "";
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function costCells(cost: Cost | undefined): string[] {
  if (cost === undefined) return ["", "", ""];
  return [time(cost.wallMs), time(cost.cpuMs), `${cost.peakMb.toFixed(0)} MB`];
}

function verdict({ isMet }: RowResult): string {
  return isMet === undefined ? "not judged" : isMet ? "met" : "**missed**";
}

function othersCell({ others = [] }: RowResult): string {
  return others.map(({ name, cost, said }) => `${name}: ${time(cost.wallMs)}, ${said}`).join("; ");
}

/** What the numbers depend on, without a word that names the machine. */
export function machineText(nmapVersion: string | undefined): string {
  const [cpu] = cpus();
  const memoryGb = (totalmem() / 2 ** 30).toFixed(0);
  const parts = [
    `${cpus().length} cores (${cpu?.model.trim() ?? "unknown"})`,
    `${memoryGb} GB`,
    `Linux ${/^\d+\.\d+/.exec(release())?.[0] ?? release()}`,
    `Node ${process.versions.node}`,
    nmapVersion ?? "nmap not installed: its columns are empty",
  ];
  return `Measured on ${new Date().toISOString().slice(0, 10)}: ${parts.join(", ")}.`;
}

/** The table, with the machine above it. */
export function tableText(rows: readonly RowResult[], machine: string): string {
  const head = [
    "row",
    "work",
    "wall",
    "CPU",
    "peak",
    "nmap: wall",
    "CPU",
    "peak",
    "ratio",
    "states",
    "others",
    "target",
    "verdict",
  ];
  const lines = rows.map((row) => [
    row.row,
    row.work,
    ...costCells(row.ours),
    ...costCells(row.theirs),
    row.ratio === undefined ? "" : row.ratio.toFixed(3),
    row.states,
    othersCell(row),
    row.target,
    verdict(row),
  ]);
  const cells = [head, head.map(() => "---"), ...lines].map((line) => `| ${line.join(" | ")} |`);
  return [machine, "", ...cells].join("\n");
}

/**
 * Puts the table between the two markers of docs/performance.md. Rows that this run has not measured keep what stands there:
 * all rows together take half an hour.
 */
export function writeTable(text: string): void {
  const page = readFileSync(PAGE, "utf8");
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`docs/performance.md has no ${BEGIN} and ${END}`);
  const merged = mergedTable(page.slice(begin, end), text);
  writeFileSync(PAGE, `${page.slice(0, begin + BEGIN.length)}\n\n${merged}\n\n${page.slice(end)}`);
}

/** The new text with those rows of the old one of which it has none, in the order of all rows. */
function mergedTable(old: string, text: string): string {
  const [above, fresh] = [text.split("\n").filter((line) => !isRow(line)), text.split("\n").filter(isRow)];
  const measured = new Set(fresh.map(nameOf));
  const kept = old.split("\n").filter((line) => isRow(line) && !measured.has(nameOf(line)));
  const names: readonly string[] = ROW_NAMES;
  const rows = [...kept, ...fresh].sort((one, other) => names.indexOf(nameOf(one)) - names.indexOf(nameOf(other)));
  return [...above, ...rows].join("\n");
}

function isRow(line: string): boolean {
  return /^\| [A-Z]/.test(line);
}

function nameOf(row: string): string {
  return row.split("|")[1]?.trim() ?? "";
}
