// Lines of reports for people and for grep that say how the scan was started and how it went. Reports of nmap 7.93.
import { timeOfCalendar } from "./read-values.js";
import type { ReportHead } from "./report-cutter.js";

/** How a host's report ends where the scan was stopped before the host was done (host-doubts.ts). */
export const SCAN_STOPPED = "Not all ports of this host were decided: the scan was stopped.";

/** "# Nmap 7.93 scan initiated Tue Nov 24 12:00:00 2026 as: nmap -p 22 10.0.0.1"; undefined for any other line. */
export function readInitiated(line: string): ReportHead | undefined {
  const [, name, calendar = "", commandLine] = /^\uFEFF?# (\S+) \S+ scan initiated (.{24}) as: (.*)$/.exec(line) ?? [];
  if (commandLine === undefined) return undefined;
  // postern writes times in UTC, nmap in the zone of the machine that scanned.
  return { commandLine, startedAt: timeOfCalendar(calendar, name === "postern") };
}
