// What is told: one change, of a scan or an audit, as plain data; and the lines that people read.
import { SEVERITIES, type Severity } from "../model/audit-report.js";
import { printable } from "../report/printable.js";

/** Something that is otherwise than it was. Texts may come from outside. */
export interface Change {
  readonly kind: "new" | "gone" | "changed";
  readonly what: "host" | "port" | "service" | "system" | "names" | "mac" | "finding" | "view";
  /** "192.0.2.1", "192.0.2.1/tcp/22", "192.0.2.1/tcp/1-1000,2000"; of an audit what its findings name. */
  readonly place: string;
  readonly severity: Severity;
  /** What it was; undefined for what was not there. */
  readonly before: string | undefined;
  /** What it is; undefined for what is not there any more. */
  readonly after: string | undefined;
  /** One line: what it is about, beside before and after. */
  readonly title: string;
}

const SIGNS: Readonly<Record<Change["kind"], string>> = { new: "+", gone: "-", changed: "~" };
const LINE_CHARACTERS_MAX = 400;

/** A line for people, without a line feed and with nothing in it that steers a terminal. */
export function changeLine({ kind, place, before, after, title }: Change): string {
  const values = before === undefined || after === undefined ? (after ?? before) : `${before} -> ${after}`;
  const text = [SIGNS[kind], place, values, title].filter((part) => part !== undefined && part !== "").join(" ");
  return cut(printable(text));
}

/** The gravest of them; "ok" for none. */
export function gravest(changes: readonly Change[]): Severity {
  const ranks = changes.map(({ severity }) => SEVERITIES.indexOf(severity));
  return SEVERITIES[Math.max(0, ...ranks)] ?? "ok";
}

/** The gravest first; the order is kept otherwise. */
export function byGravity(changes: readonly Change[]): readonly Change[] {
  return [...changes].sort((one, other) => SEVERITIES.indexOf(other.severity) - SEVERITIES.indexOf(one.severity));
}

function cut(line: string): string {
  return line.length <= LINE_CHARACTERS_MAX ? line : `${line.slice(0, LINE_CHARACTERS_MAX)}…`;
}
