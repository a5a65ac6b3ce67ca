// What every report writer looks like: a constant that turns the event stream into text. docs/style.md, "One shape for each
// kind of variant".

import type { CompactScanEvent, Protocol, ScanEvent } from "../model/scan-event.js";
import type { FormFacts } from "./form-facts.js";

/** How a report is to look. Everything that a writer may know beside the events. */
export interface ReportOptions {
  /** Shows the evidence for each state (--reason). */
  readonly showReason: boolean;
  /** Leaves out what is not open or perhaps open, and hosts without any such port (--open). */
  readonly onlyOpen: boolean;
  /** How often -v was given. */
  readonly verbosity: number;
  /** Writes notices into the report, for files that are read later; by default they are the caller's to show. */
  readonly showNotices?: boolean;
  /** How often -d was given, or its number; 0 without it. */
  readonly debugging?: number;
  /** The words of the command line, the program's name first; "" where there was none. */
  readonly words?: readonly string[];
  /** In whose name the report speaks: "nmap" for programs that read nmap's reports and look at names. */
  readonly program?: "postern" | "nmap";
  /** Where the tables are that names come from; nmap's reports tell it with -v. */
  readonly dataFolder?: string;
  /** How often a report for programs tells how far the scan is (--stats-every); `undefined` for its own choice. */
  readonly statsEveryMs?: number;
  /** Where an XML report says that its style sheet is; "" for none, `undefined` for the writer's own choice. */
  readonly stylesheet?: string;
  /** The name registered for a port; `undefined` if there is none. */
  serviceName(port: number, protocol: Protocol): string | undefined;
  /** Who made the interface with a MAC address; `undefined` if nobody is known. Without it makers are not shown. */
  readonly vendorOf?: (mac: string) => string | undefined;
}

/** Takes one event and returns the text that the report grows by, "" for most. */
export type ReportSink = (event: ScanEvent | CompactScanEvent) => string;

/** One kind of report. */
export interface ReportWriter extends FormFacts {
  readonly sources: readonly string[];
  /** Starts one report: pure text, the caller owns file and clock. */
  open(options: ReportOptions): ReportSink;
}
