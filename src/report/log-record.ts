// Records for the system log: one line with its head, for the local log (RFC 3164 §4.1.2, as syslog(3) writes it) or for a
// collector (RFC 5424 §6). What is said is `word key=value …`, which people and programs read alike.
import { printable } from "./printable.js";
import { MONTHS, twoDigits } from "./scan-time.js";

/** Facility "user-level messages" and severities (RFC 5424 §6.2.1): what logger(1) uses. */
const FACILITY_USER = 1;
/** Severities of records. */
export const SEVERITY = { warning: 4, notice: 5 } as const;
/** RFC 5426 §3.2 recommends that datagrams stay below this. */
const TEXT_CHARACTERS_MAX = 1600;

/** Who writes a record, and when. */
export interface RecordHead {
  readonly severity: (typeof SEVERITY)[keyof typeof SEVERITY];
  /** ISO 8601 with zone. */
  readonly at: string;
  readonly hostname: string;
  readonly processId: number;
  /** RFC 5424's MSGID: what kind of record it is. */
  readonly kind: string;
}

/** The record for a collector. */
export function collectorRecord(head: RecordHead, text: string): string {
  const { severity, at, hostname, processId, kind } = head;
  return `<${FACILITY_USER * 8 + severity}>1 ${at} ${nameOr(hostname)} postern ${processId} ${kind} - ${text}`;
}

/** The record for the local log; its time is local, without zone. */
export function localRecord({ severity, at, processId }: RecordHead, text: string): string {
  const date = new Date(at);
  const day = String(date.getDate()).padStart(2, " ");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(":");
  return `<${FACILITY_USER * 8 + severity}>${MONTHS[date.getMonth()]} ${day} ${time} postern[${processId}]: ${text}`;
}

/** "scan-start id=7 user=root": values that hold more than plain characters are quoted; undefined ones are left out. */
export function logText(word: string, values: Readonly<Record<string, string | number | undefined>>): string {
  const parts = [word];
  for (const [key, value] of Object.entries(values)) if (value !== undefined) parts.push(`${key}=${quoted(value)}`);
  return cutText(parts.join(" "), TEXT_CHARACTERS_MAX);
}

/** The text, or as much of it as there is room for. */
export function cutText(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, characters)}…`;
}

function quoted(value: string | number): string {
  const text = printable(String(value));
  return /^[\w.:/+,@%-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** RFC 5424 §6.2.4: printable ASCII, or a dash. */
function nameOr(hostname: string): string {
  return /^[\x21-\x7e]{1,255}$/.test(hostname) ? hostname : "-";
}
