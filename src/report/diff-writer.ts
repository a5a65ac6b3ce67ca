// What every form of a comparison looks like: a constant that turns hosts, as they are compared, into text.
import type { Protocol } from "../model/scan-event.js";
import type { CompareOptions, HostDiff } from "./compare-hosts.js";
import type { DiffSummary } from "./compare-reports.js";
import type { Snapshot } from "./snapshot.js";

/** One of the reports with the name that the user gave it. */
export interface NamedReport {
  readonly name: string;
  readonly snapshot: Snapshot;
}

/** All that a comparison may know beside its hosts. */
export interface DiffContext {
  readonly a: NamedReport;
  readonly b: NamedReport;
  readonly options: CompareOptions;
  /** The name registered for a port; `undefined` if there is none. */
  serviceName(port: number, protocol: Protocol): string | undefined;
  /** Who made the interface with a MAC address; `undefined` if nobody is known. */
  vendorOf(mac: string): string | undefined;
}

/** Each part of the text in its turn; pure, the caller owns the file. */
export interface DiffSink {
  begin(): string;
  /** Hosts that are the same, or that cannot be compared, come too. */
  host(diff: HostDiff): string;
  end(summary: DiffSummary): string;
}

/** One form. */
export interface DiffWriter {
  /** "text". */
  readonly name: string;
  /** One line of help, no full stop. */
  readonly summary: string;
  readonly sources: readonly string[];
  /** Ndiff's spelling where it has one: "--text". */
  readonly option: string;
  open(context: DiffContext): DiffSink;
}
