// nmap's grepable form (-oG): a line or two a host, as they are done, for grep, awk and programs that never changed.
// nmap reference guide, Output, "Grepable Output"; reports of nmap 7.93.

import { SOCKETS_TECHNIQUE } from "../model/owner-event.js";
import type { CompactScanEvent, DoneEvent, NoticeEvent, Protocol, ScanEvent, StartEvent } from "../model/scan-event.js";
import { FORM_FACTS } from "./form-facts.js";
import { hostRows } from "./grepable-host.js";
import { type EndedHost, HostBook } from "./host-book.js";
import { initiatedLine, type Speaker, scannedText, speakerOf } from "./nmap-words.js";
import { printable } from "./printable.js";
import type { ReportOptions, ReportSink, ReportWriter } from "./report-writer.js";
import { calendarText } from "./scan-time.js";

/** Lines for grep. */
export const grepable: ReportWriter = {
  ...FORM_FACTS.grepable,
  sources: ["nmap reference guide, Output, -oG"],
  open(options: ReportOptions): ReportSink {
    const report = new GrepableReport(options);
    return (event) => report.take(event);
  },
};

class GrepableReport {
  readonly #options: ReportOptions;
  readonly #book: HostBook;
  #speaker: Speaker = { name: "postern", version: "" };

  constructor(options: ReportOptions) {
    this.#options = options;
    this.#book = new HostBook(options);
  }

  take(event: ScanEvent | CompactScanEvent): string {
    switch (event.type) {
      case "start":
        return this.#start(event);
      case "notice":
        return this.#notice(event);
      case "done":
        return this.#done(event);
      default:
        return this.#ended(this.#book.take(event));
    }
  }

  #start(event: StartEvent): string {
    const { words = [], program, verbosity } = this.#options;
    this.#speaker = speakerOf(program, event);
    this.#book.take(event);
    const first = remark(initiatedLine(this.#speaker, event.startedAt, words));
    // nmap tells it with -v; without it nobody could say which ports of the inside are the ignored ones.
    const isInside = event.portScans.some(({ technique }) => technique === SOCKETS_TECHNIQUE);
    return verbosity > 0 || isInside ? first + portsScanned(event) : first;
  }

  #ended(ended: EndedHost | undefined): string {
    return ended !== undefined ? hostRows(ended, this.#options) : "";
  }

  #notice({ level, text }: NoticeEvent): string {
    const { showNotices, verbosity } = this.#options;
    if (showNotices !== true || (level === "info" && verbosity === 0)) return "";
    return remark(level === "warning" ? `Warning: ${text}` : text);
  }

  #done(event: DoneEvent): string {
    const rest = this.#book.rest().map((ended) => this.#ended(ended));
    const end = event.isAborted ? "stopped" : "done";
    const last = `${this.#speaker.name} ${end} at ${calendarText(event.finishedAt)} -- ${scannedText(event)}`;
    return rest.join("") + remark(last);
  }
}

/** A line that readers of results pass over. */
function remark(text: string): string {
  return `# ${printable(text)}\n`;
}

const PORT_LISTS: readonly (readonly [label: string, protocol: Protocol])[] = [
  ["TCP", "tcp"],
  ["UDP", "udp"],
  ["SCTP", "sctp"],
  ["PROTOCOLS", "ip"],
];

/** "Ports scanned: TCP(3;22-24) UDP(0;) SCTP(0;) PROTOCOLS(0;)" */
function portsScanned({ portScans }: StartEvent): string {
  const lists = PORT_LISTS.map(([label, protocol]) => {
    const scan = portScans.find((one) => one.protocol === protocol);
    return `${label}(${scan?.portCount ?? 0};${scan?.ports ?? ""})`;
  });
  return remark(`Ports scanned: ${lists.join(" ")}`);
}
