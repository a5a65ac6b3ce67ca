// The report that people read: nmap's normal output (-oN) with what postern adds, host by host as they are done.

import { InternalError } from "../model/errors.js";
import {
  type CompactScanEvent,
  type DoneEvent,
  type HostDoneEvent,
  type HostFacts,
  type HostNamesEvent,
  type NoticeEvent,
  type PortEvent,
  type PortRunEvent,
  portEventsOf,
  type ScanEvent,
  type StartEvent,
  type TechniqueChoice,
  type TraceEvent,
} from "../model/scan-event.js";
import { FORM_FACTS } from "./form-facts.js";
import { HostAccumulator } from "./host-accumulator.js";
import { portKey } from "./host-book.js";
import { endLines } from "./normal-end.js";
import { type HostRecord, hostLines, hostTitle, reportTitle } from "./normal-host.js";
import { fileStart, inNmapWords, isFile, NMAP_SEEMS_DOWN, nmapDown, nmapEnd, nmapStart } from "./normal-nmap.js";
import { listedMax } from "./normal-ports.js";
import { printable } from "./printable.js";
import type { ReportOptions, ReportSink, ReportWriter } from "./report-writer.js";
import { minuteText } from "./scan-time.js";

/** Text for people. */
export const normal: ReportWriter = {
  ...FORM_FACTS.normal,
  sources: ["nmap reference guide, Output, -oN"],
  open(options: ReportOptions): ReportSink {
    const report = new NormalReport(options);
    return (event) => report.take(event);
  },
};

const SEEMS_DOWN =
  "Note: the host seems to be down. If it is up and only ignores such questions, -Pn scans it all the same.\n";

class NormalReport {
  readonly #options: ReportOptions;
  readonly #isNmap: boolean;
  /** Hosts that are up and not done. */
  readonly #hosts: Map<number, HostRecord> = new Map();
  /** Names of hosts that have not come yet: those that are not up are named first. */
  readonly #earlyNames: Map<number, readonly string[]> = new Map();
  readonly #choices: TechniqueChoice[] = [];
  #hasPorts = true;
  /** Set when hosts are only listed: nobody has asked whether they are up. */
  #isList = false;

  constructor(options: ReportOptions) {
    this.#options = options;
    this.#isNmap = options.program === "nmap";
  }

  take(event: ScanEvent | CompactScanEvent): string {
    return this.#tell(this.#isNmap ? inNmapWords(event) : event);
  }

  #tell(event: ScanEvent | CompactScanEvent): string {
    switch (event.type) {
      case "start":
        this.#hasPorts = event.portCount !== 0;
        return this.#start(event);
      case "technique":
        this.#choices.push(event.choice);
        return "";
      case "host":
        return this.#host(event.host);
      case "host-names":
        return this.#hostNames(event);
      case "port":
        return this.#port(event);
      case "port-run":
        return this.#portRun(event);
      case "trace":
        return this.#trace(event);
      case "host-done":
        return this.#hostDone(event);
      case "notice":
        return this.#notice(event);
      case "owner":
        this.#hosts.get(event.hostId)?.owners.set(portKey(event.protocol, event.port), event.owner);
        return "";
      case "service":
      case "os":
      case "script":
      case "progress":
      case "silence":
      case "finished":
        return "";
      case "done":
        return this.#done(event);
      default:
        return assertNever(event);
    }
  }

  #start(event: StartEvent): string {
    if (this.#isNmap) return nmapStart(event, this.#options);
    const { scanner = "postern", version, startedAt } = event;
    const first = isFile(this.#options)
      ? fileStart(event, this.#options)
      : `Starting ${printable(scanner)} ${printable(version)} at ${printable(minuteText(startedAt))}\n`;
    return this.#options.verbosity > 0 && event.scanner === undefined
      ? `${first}Order of probes: --seed ${event.seed} repeats it\n`
      : first;
  }

  #host(facts: HostFacts): string {
    const known = this.#hosts.get(facts.id);
    const names = known?.names ?? this.#earlyNames.get(facts.id) ?? [];
    this.#earlyNames.delete(facts.id);
    if (facts.status === "up") {
      const ports = known?.ports ?? new HostAccumulator(listedMax(this.#options.verbosity) + 1);
      const owners = known?.owners ?? new Map();
      this.#hosts.set(facts.id, { facts, ports, names, owners, trace: known?.trace });
      return "";
    }
    this.#hosts.delete(facts.id);
    const title = `${reportTitle(this.#options)} ${hostTitle(facts, names)}`;
    if (facts.status === "listed") {
      this.#isList = true;
      return `${title}\n`;
    }
    const isWanted = this.#options.verbosity > 0 && !this.#options.onlyOpen;
    const down = this.#isNmap ? nmapDown(facts, this.#options) : `[host down, received ${facts.reason}]`;
    return isWanted ? `${title} ${down}\n` : "";
  }

  #hostNames({ hostId, names }: HostNamesEvent): string {
    const record = this.#hosts.get(hostId);
    if (record === undefined) {
      this.#earlyNames.set(hostId, names);
    } else {
      record.names = names;
    }
    return "";
  }

  #trace(event: TraceEvent): string {
    const record = this.#hosts.get(event.hostId);
    if (record !== undefined) {
      record.trace = event;
    }
    return "";
  }

  #port(event: PortEvent): string {
    const { protocol, port, state, reason } = event.result;
    const record = this.#hosts.get(event.hostId);
    if (record === undefined) {
      // The stream promises that this does not happen; if it does, the result must not vanish.
      return `Result outside its host's report (host number ${event.hostId}): ${port}/${protocol} ${state} (${reason})\n`;
    }
    record.ports.add(event.result);
    // nmap tells this to those who watch, and not to those who read later.
    const isTold = this.#options.verbosity > 0 && !(this.#isNmap && isFile(this.#options));
    return state === "open" && isTold
      ? `Discovered open port ${port}/${protocol} on ${printable(record.facts.address)}\n`
      : "";
  }

  #portRun(event: PortRunEvent): string {
    const record = this.#hosts.get(event.hostId);
    if (record === undefined || event.result.state === "open") {
      return [...portEventsOf(event)].map((one) => this.#port(one)).join("");
    }
    record.ports.addRun(event);
    return "";
  }

  #hostDone(event: HostDoneEvent): string {
    const record = this.#hosts.get(event.hostId);
    this.#hosts.delete(event.hostId);
    return record === undefined ? "" : this.#paragraph(hostLines(record, event, this.#options));
  }

  /** nmap has the empty line behind a host, and none where hosts have no ports. */
  #paragraph(lines: readonly string[]): string {
    if (!this.#isNmap || lines.length === 0) return block(lines);
    return `${lines.join("\n")}\n${this.#hasPorts ? "\n" : ""}`;
  }

  #notice(event: NoticeEvent): string {
    const isWarning = event.level === "warning";
    if (this.#options.showNotices !== true || !(isWarning || this.#options.verbosity > 0)) {
      return "";
    }
    return `${isWarning ? "Warning: " : ""}${printable(event.text)}\n`;
  }

  #done(event: DoneEvent): string {
    let text = "";
    // A scan that was stopped, or that asked for no ports, need not have said host-done for every host.
    for (const hostId of [...this.#hosts.keys()]) {
      const loss = { lossShare: 0, missedEstimate: 0 };
      const end = this.#hasPorts ? "stopped" : "done";
      text += this.#hostDone({ type: "host-done", hostId, rttMs: undefined, loss, end, undecided: [], marks: [] });
    }
    const { hosts, hostsUp, unreachable } = event.counts;
    if (hosts === 1 && hostsUp === 0 && unreachable === 0 && !event.isAborted && !this.#isList) {
      text += this.#isNmap ? NMAP_SEEMS_DOWN : SEEMS_DOWN;
    }
    return text + (this.#isNmap ? nmapEnd(event, this.#options) : block(endLines(event, this.#choices)));
  }
}

/** Lines as a paragraph: an empty line before them. */
function block(lines: readonly string[]): string {
  return lines.length === 0 ? "" : `\n${lines.join("\n")}\n`;
}

function assertNever(event: never): never {
  throw new InternalError(`the normal report does not know the event ${JSON.stringify(event)}`);
}
