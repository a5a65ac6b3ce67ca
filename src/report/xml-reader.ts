// Reads nmap's XML (-oX), which postern writes, too, and masscan's. nmap.dtd; reports of nmap 7.93 and masscan 1.3.2.

import { InputError } from "../model/errors.js";
import type { NoticeEvent, StartEvent, TechniqueChoice } from "../model/scan-event.js";
import { quote } from "../target/fault.js";
import { AskedPorts } from "./asked-ports.js";
import { MasscanResults } from "./masscan-results.js";
import { type ReadEnd, ReadReport } from "./read-report.js";
import { positiveNumber, timeOfSeconds, wholeNumber } from "./read-values.js";
import { isProtocol, readTechnique } from "./read-words.js";
import type { ReadEvent, ReportReader } from "./report-reader.js";
import { lossOf, XmlHostReader } from "./xml-host-reader.js";
import { scriptOf } from "./xml-ports-reader.js";
import { type XmlElement, XmlRecords, type XmlRecordTaker } from "./xml-records.js";

/** nmap's XML. */
export const xmlReader: ReportReader = {
  name: "xml",
  summary: "XML of nmap, masscan or postern (-oX)",
  sources: ["nmap.dtd", "nmap reference guide, Output, -oX", "masscan's manual, -oX"],
  recognises(head: string): boolean {
    // The comment with the command line stands before the root and may be long.
    return /^\uFEFF?\s*</.test(head) && /<nmaprun[\s>]|<!DOCTYPE nmaprun/.test(head);
  },
  async *read(chunks: AsyncIterable<string>, file: string): AsyncGenerator<ReadEvent, void, void> {
    const reader = new XmlReport();
    const records = new XmlRecords(reader, "nmaprun", file);
    for await (const chunk of chunks) {
      records.write(chunk);
      yield* reader.drain();
    }
    if (!reader.hasRoot) throw new InputError("no nmaprun element: this is no report", { file });
    reader.end(records.isEnded);
    yield* reader.drain();
  },
};

/** Elements that say nothing of a scan's results, or say what others say again. */
const PASSED_OVER: ReadonlySet<string> = new Set([
  "verbose",
  "debugging",
  "taskbegin",
  "taskprogress",
  "taskend",
  "hosthint",
  "output",
]);

/** Elements that stand before all results: the start is told behind them. */
const BEFORE_START: ReadonlySet<string> = new Set([
  "scaninfo",
  "verbose",
  "debugging",
  "?postern-start",
  "?postern-scan",
]);

class XmlReport implements XmlRecordTaker {
  readonly #report: ReadReport = new ReadReport();
  readonly #scan: AskedPorts = new AskedPorts(this.#report);
  readonly #hosts: XmlHostReader = new XmlHostReader(this.#report, this.#scan);
  readonly #masscan: MasscanResults = new MasscanResults(this.#report);
  #root: XmlElement["attributes"] | undefined;
  #ownStart: XmlElement["attributes"] | undefined;
  #end: ReadEnd = { isAborted: false };
  #hasStats = false;

  get hasRoot(): boolean {
    return this.#root !== undefined;
  }

  root(attributes: XmlElement["attributes"]): void {
    this.#root = attributes;
  }

  oddCharacter(): void {
    this.#report.notice("odd-value", "characters that XML does not allow are shown as \\x… or &#…");
  }

  child(element: XmlElement): void {
    if (!this.#report.isStarted && !BEFORE_START.has(element.name)) this.#start();
    if (element.name.startsWith("?")) this.#own(element);
    else this.#nmaps(element);
  }

  /** Tells the end; without the root's end tag the report was cut. */
  end(isWhole: boolean): void {
    if (!this.#report.isStarted) this.#start();
    this.#masscan.flush();
    const isCut = !isWhole || !this.#hasStats;
    if (isCut) this.#report.notice("cut-report", "the report was cut off: only the hosts before that are read");
    this.#report.done({ ...this.#end, isAborted: isCut || this.#end.isAborted });
  }

  drain(): readonly ReadEvent[] {
    return this.#report.drain();
  }

  get #isMasscan(): boolean {
    return this.#root?.scanner === "masscan";
  }

  #start(): void {
    const { scanner, args, start, version = "" } = this.#root ?? {};
    const startedAt = timeOfSeconds(start);
    const facts: Partial<Omit<StartEvent, "type">> = {
      ...(startedAt === undefined ? {} : { startedAt }),
      portScans: this.#scan.scans,
      portCount: this.#scan.count,
      ...(args === undefined || args === "" ? {} : { commandLine: args }),
    };
    const own = this.#ownStart;
    if (own === undefined) this.#report.start({ ...facts, version, scanner: scanner ?? "nmap" });
    else {
      const seed = wholeNumber(own.seed) ?? 0;
      const addressCount = wholeNumber(own.addresses) ?? 0;
      this.#report.start({ ...facts, version: own.version ?? version, seed, addressCount });
    }
    if (startedAt === undefined) this.#report.notice("odd-value", "the report does not say when the scan began");
  }

  #nmaps(element: XmlElement): void {
    switch (element.name) {
      case "scaninfo":
        // masscan's has no ports, and comes behind all that could be read into it.
        if (!this.#isMasscan) this.#scanInfo(element);
        break;
      case "host":
        this.#host(element);
        break;
      case "prescript":
      case "postscript":
        for (const child of element.children) {
          const { id, output } = scriptOf(child);
          if (child.name === "script") this.#report.script(id, output);
        }
        break;
      case "target":
        this.#report.notice("left-out", `nmap passed over the target ${quote(element.attributes.specification ?? "")}`);
        break;
      case "runstats":
        this.#stats(element);
        break;
      default:
        if (!PASSED_OVER.has(element.name)) {
          this.#report.notice("left-out", `the element ${quote(element.name)} is not known and left out`);
        }
    }
  }

  #scanInfo({ attributes, line }: XmlElement): void {
    const { type, protocol, services = "" } = attributes;
    if (isProtocol(protocol) && this.#scan.add(readTechnique(type), protocol, services)) return;
    this.#report.notice("odd-value", `line ${line}: a scaninfo that cannot be understood is left out`);
  }

  #host(element: XmlElement): void {
    if (this.#isMasscan) {
      this.#masscanHost(element);
      return;
    }
    const host = this.#hosts.read(element, this.#ownStart !== undefined);
    if (host !== undefined) this.#report.host(host);
  }

  #masscanHost({ attributes, children }: XmlElement): void {
    const address = children.find(({ name }) => name === "address")?.attributes.addr ?? "";
    const at = timeOfSeconds(attributes.endtime);
    for (const port of children.filter(({ name }) => name === "ports").flatMap((ports) => ports.children)) {
      if (port.name !== "port") continue;
      const state = port.children.find(({ name }) => name === "state")?.attributes;
      const service = port.children.find(({ name }) => name === "service")?.attributes;
      const banner = service === undefined ? {} : { banner: bannerOf(service) };
      this.#masscan.add({
        address,
        protocol: port.attributes.protocol ?? "",
        port: wholeNumber(port.attributes.portid),
        state: state?.state,
        reason: state?.reason,
        ttl: wholeNumber(state?.reason_ttl, 255) || undefined,
        at,
        ...banner,
      });
    }
  }

  #stats({ children }: XmlElement): void {
    this.#hasStats = true;
    const finished = children.find(({ name }) => name === "finished")?.attributes ?? {};
    const hosts = children.find(({ name }) => name === "hosts")?.attributes ?? {};
    const elapsed = positiveNumber(finished.elapsed);
    // masscan counts its results there, and not hosts.
    const counted = this.#isMasscan ? {} : { hosts: wholeNumber(hosts.total), hostsUp: wholeNumber(hosts.up) };
    this.#end = {
      ...this.#end,
      ...counted,
      finishedAt: timeOfSeconds(finished.time),
      elapsedMs: elapsed === undefined ? undefined : elapsed * 1000,
      isAborted: finished.exit === "error",
    };
    const message = finished.errormsg;
    if (message !== undefined && this.#ownStart === undefined) {
      this.#report.foreignNotice("warning", "scanner-error", `nmap ended with an error: ${message}`);
    }
  }

  /** What postern writes beside what nmap has. */
  #own(element: XmlElement): void {
    const { name, attributes } = element;
    switch (name) {
      case "?postern-start":
        this.#ownStart = attributes;
        break;
      case "?postern-scan":
        this.#ownScan(element);
        break;
      case "?postern-technique":
        this.#technique(attributes);
        break;
      case "?postern-notice": {
        const level: NoticeEvent["level"] = attributes.level === "info" ? "info" : "warning";
        this.#report.foreignNotice(level, attributes.code ?? "", attributes.text ?? "");
        break;
      }
      case "?postern-done":
        this.#end = { ...this.#end, counts: countsOf(attributes), loss: lossOf(attributes) };
        break;
    }
  }

  /** A technique that nmap has no word for, and which ports it asked. */
  #ownScan({ attributes, line }: XmlElement): void {
    const { technique, protocol, ports = "" } = attributes;
    if (isProtocol(protocol) && this.#scan.add(readTechnique(technique), protocol, ports)) return;
    this.#report.notice("odd-value", `line ${line}: a postern-scan that cannot be understood is left out`);
  }

  #technique({ role, technique = "", transport = "", because = "" }: XmlElement["attributes"]): void {
    if (role === "ports" || role === "discovery" || role === "trace") {
      const choice: TechniqueChoice = { role, technique, transport, because };
      this.#report.technique(choice);
    }
  }
}

function bannerOf({ name = "", banner = "" }: XmlElement["attributes"]): { name: string; text: string } {
  return { name, text: banner };
}

const COUNTS = [
  ["unreachable", "unreachable"],
  ["ports", "ports"],
  ["sent", "sent"],
  ["answered", "answered"],
  ["resent", "resent"],
  ["late", "late"],
  ["kernel-drops", "kernelDrops"],
  ["ignored", "ignored"],
] as const;

function countsOf(attributes: XmlElement["attributes"]): NonNullable<ReadEnd["counts"]> {
  return Object.fromEntries(
    COUNTS.flatMap(([written, key]) => {
      const count = wholeNumber(attributes[written]);
      return count === undefined ? [] : [[key, count]];
    }),
  );
}
