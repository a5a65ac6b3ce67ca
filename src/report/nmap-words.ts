// What nmap's reports call things, for those who read them by program. Facts from nmap's reference guide, its DTD, and
// reports of nmap 7.93 that were made and looked at.
import type { Reason } from "../model/reason.js";
import type { DoneEvent, StartEvent } from "../model/scan-event.js";
import { NMAP_VERSION } from "../model/version.js";
import type { ReportOptions } from "./report-writer.js";
import { calendarText } from "./scan-time.js";

/** Reasons of ours for which nmap has no word, with the one that it would have given. */
const NMAP_REASONS: Partial<Readonly<Record<Reason, Reason>>> = {
  // nmap calls a connection that was established by the packet that it stands for.
  "conn-accepted": "syn-ack",
  "no-response-lossy": "no-response",
  "reset-by-other": "reset",
  // nmap goes on when sending is refused, and then hears nothing.
  "local-firewall": "no-response",
  "beyond-scope": "dest-unreach",
};

/** The reason in nmap's words. */
export function nmapReason(reason: Reason): Reason {
  return NMAP_REASONS[reason] ?? reason;
}

/** Techniques by nmap's names for them: of the scan in XML, and of the task of running it. */
const SCAN_TYPES: Readonly<Record<string, { readonly type: string; readonly task: string }>> = {
  "tcp-syn": { type: "syn", task: "SYN Stealth Scan" },
  "tcp-connect": { type: "connect", task: "Connect Scan" },
  "tcp-ack": { type: "ack", task: "ACK Scan" },
  "tcp-window": { type: "window", task: "Window Scan" },
  "tcp-maimon": { type: "maimon", task: "Maimon Scan" },
  "tcp-fin": { type: "fin", task: "FIN Scan" },
  "tcp-null": { type: "null", task: "NULL Scan" },
  "tcp-xmas": { type: "xmas", task: "XMAS Scan" },
  udp: { type: "udp", task: "UDP Scan" },
  "sctp-init": { type: "sctpinit", task: "SCTP INIT Scan" },
  "sctp-cookie-echo": { type: "sctpcookieecho", task: "SCTP COOKIE-ECHO Scan" },
  "ip-protocol": { type: "ipproto", task: "IPProto Scan" },
};

/** The type of scan; `undefined` for a technique that the DTD has no word for. */
export function scanType(technique: string): string | undefined {
  return SCAN_TYPES[technique]?.type;
}

/** The name of the task of asking ports. */
export function scanTask(technique: string): string {
  return SCAN_TYPES[technique]?.task ?? `${technique} Scan`;
}

/** RFC 9293 §3.1 and RFC 3168 §6.1, from the lowest bit. */
const TCP_FLAGS = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"] as const;

/** A byte of TCP flags as nmap writes it: "FINSYN"; "" for none. */
export function flagNames(flags: number): string {
  return TCP_FLAGS.filter((_, bit) => (flags & (1 << bit)) !== 0).join("");
}

/** In whose name a report speaks, and of which version. */
export interface Speaker {
  /** "postern", "Nmap", or who made the report that was read. */
  readonly name: string;
  readonly version: string;
}

/** Reports that are read and written again stay those of the scanner that made them. */
export function speakerOf(program: ReportOptions["program"], { scanner, version }: StartEvent): Speaker {
  if (scanner !== undefined) return { name: scanner.charAt(0).toUpperCase() + scanner.slice(1), version };
  return program === "nmap" ? { name: "Nmap", version: NMAP_VERSION } : { name: "postern", version };
}

/** "postern 0.1.0 scan initiated Tue Nov 24 12:00:00 2026 as: postern -p 22 10.0.0.1" */
export function initiatedLine({ name, version }: Speaker, startedAt: string, words: readonly string[]): string {
  return `${name} ${version} scan initiated ${calendarText(startedAt)} as: ${commandLine(words)}`;
}

/** "4 IP addresses (1 host up) scanned in 0.21 seconds" */
export function scannedText({ counts, elapsedMs }: DoneEvent): string {
  const addresses = `${counts.hosts} IP address${counts.hosts === 1 ? "" : "es"}`;
  const up = `${counts.hostsUp} host${counts.hostsUp === 1 ? "" : "s"} up`;
  return `${addresses} (${up}) scanned in ${secondsText(elapsedMs)} seconds`;
}

/** With two decimals, as nmap has it. */
export function secondsText(elapsedMs: number): string {
  return (elapsedMs / 1000).toFixed(2);
}

/** The words with a blank between them; those with blanks or quotes in them in double quotes. */
export function commandLine(words: readonly string[]): string {
  return words.map((word) => (/[\s"'\\]|^$/.test(word) ? `"${word.replace(/["\\]/g, "\\$&")}"` : word)).join(" ");
}
