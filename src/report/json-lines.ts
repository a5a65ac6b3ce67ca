// JSON Lines (-oJ): one event a line, as it comes, for programs. docs/json-lines.md describes each line.

import { InternalError } from "../model/errors.js";
import type { PortState } from "../model/port-state.js";
import {
  type CompactScanEvent,
  type HostEvent,
  type PortEvent,
  type PortRunEvent,
  type ProgressEvent,
  portEventsOf,
  type ScanEvent,
  type ScriptEvent,
  type StartEvent,
} from "../model/scan-event.js";
import { FORM_FACTS } from "./form-facts.js";
import { jsonText } from "./json-text.js";
import { commandLine as commandLineOf } from "./nmap-words.js";
import { formatNumbers } from "./port-numbers.js";
import type { ReportOptions, ReportSink, ReportWriter } from "./report-writer.js";

/** Counted up when a program that reads the lines would have to change. */
export const JSON_LINES_FORMAT = 1;

/** From so many ports of one evidence on they share a line, unless they are open. */
const RUN_MIN = 8;

/** Progress comes four times a second, which a file that is kept need not have. */
const PROGRESS_EVERY_MS = 5000;

/** One event a line. */
export const jsonLines: ReportWriter = {
  ...FORM_FACTS.jsonLines,
  sources: ["docs/json-lines.md", "RFC 8259", "jsonlines.org"],
  open(options: ReportOptions): ReportSink {
    const report = new JsonLinesReport(options);
    return (event) => report.take(event);
  },
};

/** A host that is up and not done. */
interface OpenHost {
  readonly address: string;
  /** Lines that are held back until the host shows a port that is perhaps open (--open). */
  held: string | undefined;
}

class JsonLinesReport {
  readonly #options: ReportOptions;
  readonly #hosts: Map<number, OpenHost> = new Map();
  #progressAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  take(event: ScanEvent | CompactScanEvent): string {
    switch (event.type) {
      case "start":
        return this.#start(event);
      case "technique":
        return line({ type: event.type, ...event.choice });
      case "host":
        return this.#host(event);
      case "port":
        return this.#port(event);
      case "port-run":
        return this.#run(event);
      case "script":
        return this.#script(event);
      case "host-names":
      case "service":
      case "owner":
      case "os":
      case "trace":
        return this.#ofHost(event.hostId, line(this.#addressed(event)));
      case "host-done": {
        const text = this.#ofHost(event.hostId, line(this.#addressed(event)));
        const isShown = this.#hosts.get(event.hostId)?.held === undefined;
        this.#hosts.delete(event.hostId);
        return isShown ? text : "";
      }
      case "progress":
        return this.#progress(event);
      case "notice":
      case "done":
        return line(event);
      case "silence":
      case "finished":
        return ""; // a journal's, and no result
      default:
        return assertNever(event);
    }
  }

  #start({ type, version, ...rest }: StartEvent): string {
    const words = this.#options.words ?? [];
    const commandLine = rest.commandLine ?? (words.length === 0 ? undefined : commandLineOf(words));
    return line({ type, format: JSON_LINES_FORMAT, version, ...rest, commandLine });
  }

  #host({ type, at, host }: HostEvent): string {
    const { id, ...facts } = host;
    const vendor = facts.vendor ?? (facts.mac === undefined ? undefined : this.#options.vendorOf?.(facts.mac));
    const text = line({ type, hostId: id, at, ...facts, vendor });
    const isHeld = this.#options.onlyOpen;
    if (facts.status !== "up") return isHeld && facts.status === "down" ? "" : text;
    this.#hosts.set(id, { address: facts.address, held: isHeld ? "" : undefined });
    return this.#ofHost(id, text);
  }

  #port({ type, hostId, result }: PortEvent): string {
    if (this.#options.onlyOpen && !isPerhapsOpen(result.state)) return "";
    return this.#released(hostId) + line({ ...this.#head(type, hostId), ...result });
  }

  /** Open ports are always on lines of their own: that is what most programs look for. */
  #run(run: PortRunEvent): string {
    const { hostId, result, ports } = run;
    if (result.state === "open" || ports.length < RUN_MIN) {
      return [...portEventsOf(run)].map((event) => this.#port(event)).join("");
    }
    if (this.#options.onlyOpen && !isPerhapsOpen(result.state)) return "";
    const numbers = formatNumbers(ports.slice().sort());
    const text = line({ ...this.#head("ports", hostId), ...result, count: ports.length, ports: numbers });
    return this.#released(hostId) + text;
  }

  #script({ type, hostId, port, id, output }: ScriptEvent): string {
    if (hostId === undefined) return line({ type, ...port, id, output });
    return this.#ofHost(hostId, line({ ...this.#head(type, hostId), ...port, id, output }));
  }

  #progress(event: ProgressEvent): string {
    if (event.elapsedMs - this.#progressAtMs < PROGRESS_EVERY_MS) return "";
    this.#progressAtMs = event.elapsedMs;
    return line(event);
  }

  /** A line about a host, unless it is held back. */
  #ofHost(hostId: number, text: string): string {
    const host = this.#hosts.get(hostId);
    if (host?.held === undefined) return text;
    host.held += text;
    return "";
  }

  /** What was held back of a host that turns out to be wanted. */
  #released(hostId: number): string {
    const host = this.#hosts.get(hostId);
    if (host?.held === undefined) return "";
    const { held } = host;
    host.held = undefined;
    return held;
  }

  /** What a line about a host begins with: its address, too, so that nobody must look for the line of the host. */
  #head(type: string, hostId: number): { readonly type: string; readonly hostId: number; readonly address?: string } {
    const address = this.#hosts.get(hostId)?.address;
    return address === undefined ? { type, hostId } : { type, hostId, address };
  }

  #addressed<Event extends { readonly type: string; readonly hostId: number }>(event: Event): Event {
    return { ...this.#head(event.type, event.hostId), ...event };
  }
}

function isPerhapsOpen(state: PortState): boolean {
  return state === "open" || state === "open|filtered";
}

function line(value: object): string {
  return `${jsonText(value)}\n`;
}

function assertNever(event: never): never {
  throw new InternalError(`JSON Lines do not know the event ${JSON.stringify(event)}`);
}
