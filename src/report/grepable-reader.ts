// Reads nmap's grepable form (-oG), which postern and masscan write, too. nmap reference guide, "Grepable Output"; reports of
// nmap 7.93 and masscan 1.3.2. It has no reasons, and which ports were asked only with -v.
import { InputError } from "../model/errors.js";
import { formatAddress, parseAddress } from "../target/address.js";
import { quote } from "../target/fault.js";
import { AskedPorts } from "./asked-ports.js";
import { type GrepablePort, grepableFields, grepableOs, grepablePorts, grepableProtocols } from "./grepable-fields.js";
import { HostDraft, plainResult } from "./host-draft.js";
import { MasscanResults } from "./masscan-results.js";
import { type ReadEnd, ReadReport } from "./read-report.js";
import { positiveNumber, timeOfCalendar, timeOfSeconds, wholeNumber } from "./read-values.js";
import { isProtocol, readState, UNKNOWN_TECHNIQUE } from "./read-words.js";
import type { ReadEvent, ReportReader } from "./report-reader.js";
import { linesOf, type TextLine } from "./text-lines.js";

const OPENING = /^\uFEFF?# \S+ \S+ scan initiated /;
const RESULT = /^\uFEFF?(?:Timestamp: \d+\t)?Host: \S+ \(/;
const INITIATED = /^# (\S+) (\S+) scan initiated (.+?)(?: as: (.*))?$/;
const DONE = /^# (Nmap|postern|Masscan) (done|stopped) at (.{24})(?: -- (.*))?$/;
const SCANNED = /^(\d+) IP address(?:es)? \((\d+) hosts? up\) scanned in ([\d.]+) seconds/;
const HOST = /^(?:Timestamp: (\d+)\t)?Host: (\S+) \(([^)]*)\)(?:\t(.*))?$/;

/** nmap's grepable form. */
export const grepableReader: ReportReader = {
  name: "grepable",
  summary: "grepable lines of nmap, masscan or postern (-oG)",
  sources: ["nmap reference guide, Output, -oG", "masscan's manual, -oG"],
  recognises(head: string): boolean {
    // Reports for people begin with the same line.
    const lines = head.split("\n");
    const last = lines.pop() ?? ""; // it may be cut
    const result = lines.find((line) => line.trim() !== "" && !/^\uFEFF?#/.test(line));
    return result === undefined ? OPENING.test(head) || RESULT.test(last) : RESULT.test(result);
  },
  async *read(chunks: AsyncIterable<string>, file: string): AsyncGenerator<ReadEvent, void, void> {
    const reader = new GrepableReport(file);
    for await (const line of linesOf(chunks, file)) {
      reader.take(line);
      yield* reader.drain();
    }
    reader.end();
    yield* reader.drain();
  },
};

class GrepableReport {
  readonly #file: string;
  readonly #report: ReadReport = new ReadReport();
  readonly #asked: AskedPorts = new AskedPorts(this.#report);
  readonly #masscan: MasscanResults = new MasscanResults(this.#report);
  /** Told when a line of another host comes. */
  #host: HostDraft | undefined;
  #opening: RegExpExecArray | null = null;
  #end: ReadEnd | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  drain(): readonly ReadEvent[] {
    return this.#report.drain();
  }

  take({ text, number, isEnded }: TextLine): void {
    const line = text.replace(/^\uFEFF/, "");
    if (line.startsWith("#")) {
      this.#remark(line);
      return;
    }
    if (line.trim() === "") return;
    const host = HOST.exec(line);
    // The last line of a report that was cut says less than it would.
    if (!isEnded) return;
    if (host === null) throw new InputError("this is no line of the grepable form", { file: this.#file, line: number });
    this.#start();
    const [, timestamp, address = "", name = "", fields = ""] = host;
    if (timestamp === undefined) this.#hostLine(address, name, fields, number);
    else this.#masscanLine(address, timestamp, fields, number);
  }

  end(): void {
    this.#start();
    this.#tellHost();
    this.#masscan.flush();
    if (this.#end === undefined) {
      this.#report.notice("cut-report", "the report was cut off: only the lines before that are read");
    }
    this.#report.done(this.#end ?? { isAborted: true });
  }

  #remark(line: string): void {
    const opening = this.#opening === null ? INITIATED.exec(line) : null;
    const done = DONE.exec(line);
    if (opening !== null) this.#opening = opening;
    else if (/^# Ports scanned: /.test(line)) this.#portsScanned(line);
    else if (done !== null) this.#done(done);
    else if (line.length > 2) this.#report.foreignNotice("info", "remark", line.slice(2));
  }

  /** postern writes times in UTC, the others in the zone of the machine that scanned. */
  #timeOf(calendar: string): string | undefined {
    return timeOfCalendar(calendar, this.#opening?.[1] === "postern");
  }

  #portsScanned(line: string): void {
    for (const [, label = "", list = ""] of line.matchAll(/([A-Z]+)\(\d+;([^)]*)\)/g)) {
      const protocol = label === "PROTOCOLS" ? "ip" : label.toLowerCase();
      if (isProtocol(protocol) && this.#asked.add(UNKNOWN_TECHNIQUE, protocol, list)) continue;
      this.#report.notice("odd-value", `the ports scanned of ${quote(label)} cannot be understood`);
    }
  }

  #done([, , word, calendar = "", rest = ""]: RegExpExecArray): void {
    const [, hosts, hostsUp, seconds] = SCANNED.exec(rest) ?? [];
    const elapsed = positiveNumber(seconds);
    this.#end = {
      finishedAt: this.#timeOf(calendar),
      elapsedMs: elapsed === undefined ? undefined : elapsed * 1000,
      hosts: wholeNumber(hosts),
      hostsUp: wholeNumber(hostsUp),
      isAborted: word === "stopped",
    };
  }

  #start(): void {
    if (this.#report.isStarted) return;
    const [, name = "Nmap", version = "", calendar = "", commandLine] = this.#opening ?? [];
    const startedAt = this.#timeOf(calendar);
    this.#report.start({
      version,
      ...(name === "postern" ? {} : { scanner: name.toLowerCase() }),
      ...(commandLine === undefined ? {} : { commandLine }),
      ...(startedAt === undefined ? {} : { startedAt }),
      portCount: this.#asked.count,
      portScans: this.#asked.scans,
    });
    if (startedAt === undefined) this.#report.notice("odd-value", "the report does not say when the scan began");
  }

  #hostLine(text: string, name: string, fields: string, number: number): void {
    const address = parseAddress(text);
    if (address === undefined) {
      this.#report.notice("odd-value", `line ${number}: a host with the address ${quote(text)} is left out`);
      return;
    }
    const known = formatAddress(address);
    if (this.#host?.facts.address !== known) {
      this.#tellHost();
      this.#host = newHost(known, address.family, name);
    }
    this.#fields(this.#host, fields, number);
  }

  #fields(host: HostDraft, text: string, number: number): void {
    const fields = grepableFields(text);
    const status = fields.get("Status");
    if (status !== undefined) this.#status(host, status, number);
    for (const port of grepablePorts(fields.get("Ports") ?? "", this.#leftOut(number))) this.#port(host, port, number);
    for (const { port, state } of grepableProtocols(fields.get("Protocols") ?? "", this.#leftOut(number))) {
      host.addPort(this.#result("ip", port, state));
    }
    host.os = grepableOs(fields) ?? host.os;
    const ignored = /^(\S+) \((\d{1,6})\)$/.exec(fields.get("Ignored State") ?? "");
    if (ignored === null) return;
    const [, state = "", count] = ignored;
    this.#asked.addCounted(
      [{ state: readState(state, this.#report), count: wholeNumber(count) ?? 0, reasons: [] }],
      host,
    );
  }

  #port(host: HostDraft, { protocol, port, state, owner, service }: GrepablePort, number: number): void {
    if (!isProtocol(protocol)) {
      this.#report.notice("odd-value", `line ${number}: a port of ${quote(protocol)} is left out`);
      return;
    }
    if (!host.addPort(this.#result(protocol, port, state))) return;
    if (service !== undefined) host.services.push({ protocol, port, service });
    if (owner !== "") host.owners.push({ protocol, port, owner: { user: owner } });
  }

  #leftOut(number: number): (rest: string) => void {
    return (rest) => {
      this.#report.notice("odd-value", `line ${number}: ${quote(rest)} is no port and left out with what follows`);
    };
  }

  #result(protocol: "tcp" | "udp" | "sctp" | "ip", port: number, state: string): Parameters<HostDraft["addPort"]>[0] {
    const known = readState(state, this.#report);
    const technique = this.#asked.techniqueOf(protocol);
    return { ...plainResult(protocol, known, "not-recorded", technique), port, rttMs: undefined };
  }

  #status(host: HostDraft, status: string, number: number): void {
    if (status === "Up") host.facts = { ...host.facts, status: "up" };
    else if (status === "Down") host.facts = { ...host.facts, status: "down" };
    else if (status === "Unknown") host.facts = { ...host.facts, status: "listed" };
    else if (status === "Timeout") host.end = "host-timeout";
    else this.#report.notice("unknown-word", `line ${number}: a host's status ${quote(status)}`);
  }

  #tellHost(): void {
    if (this.#host !== undefined) this.#report.host(this.#host);
    this.#host = undefined;
  }

  #masscanLine(address: string, timestamp: string, text: string, number: number): void {
    const at = timeOfSeconds(timestamp);
    for (const { port, protocol, state } of grepablePorts(
      grepableFields(text).get("Ports") ?? "",
      this.#leftOut(number),
    )) {
      this.#masscan.add({ address, protocol, port, state, reason: undefined, ttl: undefined, at });
    }
  }
}

function newHost(address: string, family: 4 | 6, name: string): HostDraft {
  const host = new HostDraft({
    address,
    family,
    name: undefined,
    otherAddresses: [],
    status: "up",
    reason: "not-recorded",
    ttl: undefined,
    rttMs: undefined,
    mac: undefined,
  });
  if (name !== "") host.names = [name];
  return host;
}
