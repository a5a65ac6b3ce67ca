// The report forms of a scan for the inside (`postern sockets -oX …`). The files are opened before anything is read.
import { hostname } from "node:os";
import type { InsideView } from "../../inside/inside-view.js";
import { monotonicClock } from "../../linux/clock.js";
import { isReadFault, ProcFiles } from "../../linux/proc-files.js";
import { UsageError } from "../../model/errors.js";
import { VERSION } from "../../model/version.js";
import { type InsideReportContext, insideEvents, type SocketProtocol } from "../../report/inside/inside-events.js";
import type { ReportOptions } from "../../report/report-writer.js";
import { readServiceTable } from "../data-files.js";
import { createMacVendors } from "../mac-vendor.js";
import { loadWriters, ReportFiles, STANDARD_OUTPUT } from "../report-files.js";
import type { SocketsSettings } from "./sockets-options.js";

const HOST_NAME_BYTES_MAX = 256;
const PROTOCOLS: readonly SocketProtocol[] = ["tcp", "udp", "sctp"];

/** What the settings must say for reports. */
type ReportSettings = Pick<
  SocketsSettings,
  | "protocols"
  | "kinds"
  | "families"
  | "ports"
  | "processes"
  | "users"
  | "states"
  | "watchSec"
  | "isJson"
  | "procRoot"
  | "reports"
  | "isAppended"
  | "stylesheet"
>;

/** Reports that wait for what is read. */
export class InsideReports {
  readonly #settings: ReportSettings;
  readonly #files: ReportFiles;
  readonly #startedAt: string;
  readonly #startedAtMs: number;

  private constructor(settings: ReportSettings, files: ReportFiles) {
    this.#settings = settings;
    this.#files = files;
    this.#startedAt = monotonicClock.isoNow();
    this.#startedAtMs = monotonicClock.now();
  }

  /**
   * Opens the files; `undefined` where no report is wanted.
   *
   * @param words The words of the command line
   * @throws UsageError when the other options leave no report that would be true
   */
  static async open(
    settings: ReportSettings,
    words: readonly string[],
    writeOut: (text: string) => void,
  ): Promise<InsideReports | undefined> {
    const { reports, isAppended, stylesheet } = settings;
    if (reports.length === 0) return undefined;
    refuseUntrue(settings);
    const services = readServiceTable();
    const options: ReportOptions = {
      showReason: false,
      onlyOpen: false,
      verbosity: 0,
      words: ["postern", ...words],
      serviceName: (port, protocol) => services.nameOf(port, protocol),
      vendorOf: createMacVendors(),
      ...(stylesheet !== undefined && { stylesheet }),
    };
    const writers = await loadWriters(reports);
    return new InsideReports(settings, new ReportFiles(reports, { writers, options, isAppended, writeOut }));
  }

  /** True when a report has standard output for itself. */
  get isOutTaken(): boolean {
    return this.#settings.reports.some(({ path }) => path === STANDARD_OUTPUT);
  }

  /**
   * Writes them.
   *
   * @param view All sockets of Internet protocols that wait, unfiltered
   * @throws InputError when a file could not be written to its end
   */
  write(view: InsideView, userNames: ReadonlyMap<number, string>): void {
    const { protocols, families, ports, procRoot } = this.#settings;
    const context: InsideReportContext = {
      version: VERSION,
      startedAt: this.#startedAt,
      finishedAt: monotonicClock.isoNow(),
      elapsedMs: monotonicClock.now() - this.#startedAtMs,
      hostName: procRoot === undefined ? hostname() : hostNameOf(procRoot),
      userNames,
      source: procRoot === undefined ? FROM_KERNEL : FROM_TREE,
      protocols: PROTOCOLS.filter((protocol) => protocols.size === 0 || protocols.has(protocol)),
      families,
      ports,
    };
    try {
      for (const event of insideEvents(view, context)) this.#files.take(event);
    } finally {
      this.#files.close();
    }
    if (this.#files.fault !== undefined) throw this.#files.fault;
  }
}

const FROM_KERNEL = { transport: "sock_diag", because: "the machine's own kernel knows which sockets wait" };
const FROM_TREE = { transport: "files", because: "a tree of files was read" };

/** A report says of each port whether it is open: what shows a choice of sockets would call the others closed. */
function refuseUntrue(settings: ReportSettings): void {
  const { reports, protocols, kinds, processes, users, states, watchSec, isJson } = settings;
  const choices = [
    ["--process", processes.length > 0],
    ["--user", users.length > 0],
    ["--state", states.length > 0],
  ] as const;
  const chosen = choices.find(([, isUsed]) => isUsed);
  if (chosen !== undefined) {
    throw new UsageError(`${chosen[0]} chooses among sockets, and a report says of each port whether it is open`);
  }
  const hasPorts = kinds.has("inet") && (protocols.size === 0 || PROTOCOLS.some((protocol) => protocols.has(protocol)));
  if (!hasPorts) throw new UsageError("reports have ports of TCP, UDP and SCTP: of other sockets they say nothing");
  if (watchSec !== undefined) throw new UsageError("--watch goes on, and a report is of one moment");
  const isOutTaken = reports.some(({ path }) => path === STANDARD_OUTPUT);
  if (isJson && isOutTaken) throw new UsageError("--json and a report cannot both have standard output");
}

/** The name that a tree of files has for its machine. */
function hostNameOf(procRoot: string): string | undefined {
  const text = new ProcFiles(procRoot).text("sys/kernel/hostname", HOST_NAME_BYTES_MAX);
  const name = isReadFault(text) ? "" : text.trim();
  return name === "" || name === "(none)" ? undefined : name;
}
