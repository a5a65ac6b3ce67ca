// A comparison for people: what is new, gone and changed, a host at a time, and what it comes to. A line begins with + for
// what is there now, - for what is not any more, ~ for what is otherwise, ! for what should not happen, ? for what cannot
// be told.
import type { HostDiff, HostVerdict } from "./compare-hosts.js";
import { hostTitleOf, traitLines } from "./diff-text-host.js";
import { portLines } from "./diff-text-ports.js";
import { hostDoubtText, summaryLines } from "./diff-text-summary.js";
import type { DiffContext, DiffSink, DiffWriter, NamedReport } from "./diff-writer.js";
import { printable } from "./printable.js";
import { countOf } from "./quantity.js";
import { textTable } from "./text-table.js";

/** Text for people. */
export const diffText: DiffWriter = {
  name: "text",
  summary: "text for people (the default)",
  sources: ["diff(1), unified format: what + and - mean"],
  option: "--text",
  open(context: DiffContext): DiffSink {
    return {
      begin: () => lines(headLines(context)),
      host: (diff) => paragraph(hostLines(diff, context)),
      end: (summary) => paragraph(summaryLines(summary, context)),
    };
  },
};

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}

function paragraph(texts: readonly string[]): string {
  return texts.length === 0 ? "" : `\n${lines(texts)}`;
}

function headLines({ a, b }: DiffContext): readonly string[] {
  return textTable([
    ["---", ...reportCells(a)],
    ["+++", ...reportCells(b)],
  ]);
}

function reportCells({ name, snapshot }: NamedReport): readonly string[] {
  const { startedAt, isAborted } = snapshot;
  const up = [...snapshot.hosts.values()].filter(({ status }) => status === "up").length;
  const stopped = isAborted ? ", stopped before its end" : "";
  return [printable(name), ` ${momentText(startedAt)}`, ` ${countOf(up, "host")} up${stopped}`];
}

/** ISO 8601 as people read it: "2026-11-23 15:10 UTC". */
function momentText(at: string): string {
  const [, date, time, zone] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[\d:.]*(Z|[+-]\d\d:?\d\d)$/.exec(at) ?? [];
  // Readers have no other time for a report that says none.
  if (date === undefined || Date.parse(at) === 0) return "at an unknown time";
  return `${date} ${time} ${zone === "Z" ? "UTC" : zone}`;
}

function hostLines(diff: HostDiff, context: DiffContext): readonly string[] {
  const title = hostTitleOf(diff);
  const ports = () => portLines(diff, context);
  switch (diff.verdict) {
    case "new":
      return [`+ ${title} is new`, ...ports()];
    case "gone":
      return [`- ${title} is gone${goneText(diff)}`, ...ports()];
    case "changed":
      return [`~ ${title}`, ...traitLines(diff, context, "before"), ...ports(), ...traitLines(diff, context, "behind")];
    case "same":
      return isShownUnchanged(diff, context) ? [`  ${title}`, ...ports()] : [];
    default:
      return doubtLines(title, diff, diff.verdict, context);
  }
}

/** What the second report says of a host that is not up any more. */
function goneText({ b }: HostDiff): string {
  return b === undefined ? "" : ` (down, ${b.reason})`;
}

function isShownUnchanged(diff: HostDiff, { options }: DiffContext): boolean {
  return options.isSameWanted && diff.a?.status === "up" && diff.b?.status === "up";
}

function doubtLines(
  title: string,
  diff: HostDiff,
  doubt: Exclude<HostVerdict, "new" | "gone" | "changed" | "same">,
  context: DiffContext,
): readonly string[] {
  if (!context.options.isSameWanted) return [];
  return [`? ${title}: ${hostDoubtText(doubt, diff.blind, context)}`, ...portLines(diff, context)];
}
