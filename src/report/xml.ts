// nmap's XML (-oX), host by host as they are done, with what postern adds where nmap's clients pass over it.
// nmap.dtd; reports of nmap 7.93; docs/reports.md says what is postern's own and why it stands where it does.

import type {
  CompactScanEvent,
  DoneEvent,
  HostEvent,
  NoticeEvent,
  ScanEvent,
  ScriptEvent,
  StartEvent,
  TechniqueEvent,
} from "../model/scan-event.js";
import { FORM_FACTS } from "./form-facts.js";
import { type EndedHost, HostBook } from "./host-book.js";
import {
  commandLine,
  flagNames,
  initiatedLine,
  type Speaker,
  scannedText,
  scanType,
  secondsText,
  speakerOf,
} from "./nmap-words.js";
import type { ReportOptions, ReportSink, ReportWriter } from "./report-writer.js";
import { calendarText, epochSeconds } from "./scan-time.js";
import { hostElement, hostHint } from "./xml-host.js";
import { scriptElement } from "./xml-scripts.js";
import { TaskLog } from "./xml-tasks.js";
import { commentText, element, instruction, startTag } from "./xml-text.js";

/** The version of the form itself, which nmap.dtd describes. */
const FORM_VERSION = "1.05";

/** How often progress is told without --stats-every. */
const PROGRESS_EVERY_MS = 10_000;

/** XML for programs. */
export const xml: ReportWriter = {
  ...FORM_FACTS.xml,
  sources: ["nmap reference guide, Output, -oX", "nmap.dtd"],
  open(options: ReportOptions): ReportSink {
    const report = new XmlReport(options);
    return (event) => report.take(event);
  },
};

class XmlReport {
  readonly #options: ReportOptions;
  readonly #book: HostBook;
  /** Undefined where nobody wants to know: nmap tells of its tasks with -v. */
  readonly #tasks: TaskLog | undefined;
  #speaker: Speaker = { name: "postern", version: "" };
  #startSeconds = 0;
  /** What is known of the time: the last event that said it. */
  #nowSeconds = 0;
  #hasHosts = false;

  constructor(options: ReportOptions) {
    this.#options = options;
    this.#book = new HostBook(options);
    const { verbosity, debugging = 0, statsEveryMs } = options;
    const isTold = verbosity > 0 || debugging > 0 || statsEveryMs !== undefined;
    this.#tasks = isTold ? new TaskLog(statsEveryMs ?? PROGRESS_EVERY_MS) : undefined;
  }

  take(event: ScanEvent | CompactScanEvent): string {
    switch (event.type) {
      case "start":
        return this.#start(event);
      case "technique":
        return this.#technique(event);
      case "host":
        return this.#host(event);
      case "host-done":
        this.#clock(event.at);
        return this.#ended(this.#book.take(event));
      case "progress":
        this.#nowSeconds = this.#startSeconds + Math.floor(event.elapsedMs / 1000);
        return this.#tasks?.progress(event, this.#nowSeconds) ?? "";
      case "notice":
        return this.#notice(event);
      case "script":
        return event.hostId === undefined ? this.#script(event) : this.#ended(this.#book.take(event));
      case "done":
        return this.#done(event);
      default:
        return this.#ended(this.#book.take(event));
    }
  }

  #start(event: StartEvent): string {
    const { words = [], stylesheet = "", program, verbosity, debugging = 0 } = this.#options;
    this.#speaker = speakerOf(program, event);
    this.#book.take(event);
    this.#startSeconds = epochSeconds(event.startedAt);
    this.#nowSeconds = this.#startSeconds;
    const lines = [
      '<?xml version="1.0" encoding="UTF-8"?>',
      "<!DOCTYPE nmaprun>",
      ...(stylesheet === "" ? [] : [instruction("xml-stylesheet", { href: stylesheet, type: "text/xsl" })]),
      `<!-- ${commentText(initiatedLine(this.#speaker, event.startedAt, words))} -->`,
      startTag("nmaprun", {
        // Clients refuse a report of any other scanner.
        scanner: "nmap",
        args: commandLine(words),
        start: this.#startSeconds,
        startstr: calendarText(event.startedAt),
        version: this.#speaker.version,
        xmloutputversion: FORM_VERSION,
      }),
      ...scanInfos(event),
      element("verbose", { level: verbosity }),
      element("debugging", { level: debugging }),
      ...ownStart(event),
    ];
    return `${lines.join("\n")}\n`;
  }

  #technique({ choice }: TechniqueEvent): string {
    const { role, technique, transport, because } = choice;
    const fact = `${instruction("postern-technique", { role, technique, transport, because })}\n`;
    return fact + (this.#tasks?.begin(choice, this.#nowSeconds) ?? "");
  }

  #host(event: HostEvent): string {
    this.#clock(event.at);
    const ended = this.#ended(this.#book.take(event));
    const { status, reason } = event.host;
    const wasAsked = reason !== "user-set" && reason !== "localhost-response";
    // nmap hints at hosts while it still looks for others, before it asks for ports.
    return status === "up" && wasAsked && this.#book.hasPorts ? hostHint(event.host, this.#options) : ended;
  }

  #ended(ended: EndedHost | undefined): string {
    if (ended === undefined) return "";
    this.#hasHosts = true;
    return hostElement(ended, this.#options);
  }

  #notice({ level, code, text }: NoticeEvent): string {
    const { showNotices, verbosity } = this.#options;
    if (showNotices !== true || (level === "info" && verbosity === 0)) return "";
    return `${instruction("postern-notice", { level, code, text })}\n`;
  }

  /** What ran for no host in particular: before all of them, or after. */
  #script(event: ScriptEvent): string {
    const name = this.#hasHosts ? "postscript" : "prescript";
    return `${element(name, {}, scriptElement(event))}\n`;
  }

  #done(event: DoneEvent): string {
    const time = epochSeconds(event.finishedAt);
    const parts = [
      ...this.#book.rest().map((ended) => this.#ended(ended)),
      this.#tasks?.end(event, time) ?? "",
      `${doneFacts(event)}\n`,
      this.#runStats(event, time),
    ];
    return `${parts.join("")}</nmaprun>\n`;
  }

  #runStats(event: DoneEvent, time: number): string {
    const { counts, isAborted } = event;
    const timestr = calendarText(event.finishedAt);
    const finished = element("finished", {
      time,
      timestr,
      summary: `${this.#speaker.name} ${isAborted ? "stopped" : "done"} at ${timestr}; ${scannedText(event)}`,
      elapsed: secondsText(event.elapsedMs),
      exit: isAborted ? "error" : "success",
      errormsg: isAborted ? "The scan was stopped before its end: this report is partial." : undefined,
    });
    const hosts = element("hosts", {
      up: counts.hostsUp,
      down: counts.hosts - counts.hostsUp,
      total: counts.hosts,
    });
    return `<runstats>${finished}${hosts}\n</runstats>\n`;
  }

  #clock(at: string | undefined): void {
    if (at !== undefined) this.#nowSeconds = Math.max(this.#nowSeconds, epochSeconds(at));
  }
}

/** One element a technique. */
function scanInfos({ portScans }: StartEvent): readonly string[] {
  return portScans.flatMap(({ technique, protocol, portCount, ports, tcpFlags }) => {
    const type = scanType(technique);
    // The DTD has no word for it.
    if (type === undefined) return [instruction("postern-scan", { technique, protocol, count: portCount, ports })];
    const scanflags = tcpFlags === undefined ? undefined : flagNames(tcpFlags);
    return [element("scaninfo", { type, scanflags, protocol, numservices: portCount, services: ports })];
  });
}

/** Says that postern has scanned: a report of somebody else's that is written again may not. */
function ownStart({ scanner, version, seed, addressCount }: StartEvent): readonly string[] {
  return scanner === undefined ? [instruction("postern-start", { version, seed, addresses: addressCount })] : [];
}

function doneFacts({ counts, loss }: DoneEvent): string {
  return instruction("postern-done", {
    unreachable: counts.unreachable,
    ports: counts.ports,
    sent: counts.sent,
    answered: counts.answered,
    resent: counts.resent,
    late: counts.late,
    "kernel-drops": counts.kernelDrops,
    ignored: counts.ignored,
    "loss-share": loss.lossShare,
    "missed-estimate": loss.missedEstimate,
  });
}
