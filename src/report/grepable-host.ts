// One host in the grepable form: "Host: ADDRESS (NAME)" and fields behind tabs, in nmap's order.
// nmap reference guide, Output, "Grepable Output"; reports of nmap 7.93.
import type { OsFacts, Protocol, ServiceFacts } from "../model/scan-event.js";
import type { PortRow } from "./host-accumulator.js";
import { type BookedHost, type EndedHost, portKey } from "./host-book.js";
import { doubtLines } from "./host-doubts.js";
import { unfoldedGroups } from "./port-folding.js";
import { printable } from "./printable.js";
import type { ReportOptions } from "./report-writer.js";

const STATUSES = { up: "Up", down: "Down", listed: "Unknown" } as const;

/** The lines of a host: its status, and its ports where any are known. */
export function hostRows({ host, done }: EndedHost, options: ReportOptions): string {
  const { facts } = host;
  const title = `Host: ${field(facts.address)} (${hostName(host)})`;
  const lines = [`${title}\tStatus: ${STATUSES[facts.status]}`];
  const fields = [...portFields(host, options), ...osFields(host.os)];
  if (fields.length > 0) lines.push([title, ...fields].join("\t"));
  if (done?.end === "host-timeout") lines.push(`${title}\tStatus: Timeout`);
  // The form has no field for what is doubtful; a remark is what every reader of it passes over.
  const doubts = done === undefined ? [] : [...done.marks.map(({ text }) => text), ...doubtLines(done)];
  lines.push(...doubts.map((text) => `# ${printable(`${facts.address}: ${text}`)}`));
  return lines.map((line) => `${line}\n`).join("");
}

/** By reverse DNS, else the one that was written. Brackets would end it before its end. */
function hostName({ facts, names }: BookedHost): string {
  const written = facts.name === facts.address ? undefined : facts.name;
  return field(names[0] ?? written ?? "").replace(/[()]/g, "|");
}

function portFields(host: BookedHost, options: ReportOptions): readonly string[] {
  const groups = host.ports.groups();
  if (groups.length === 0) return [];
  const isListed = unfoldedGroups(groups, options);
  const rows = host.ports.rows(isListed);
  const protocols = rows.filter(({ protocol }) => protocol === "ip").map((row) => protocolText(row, options));
  const ports = rows.filter(({ protocol }) => protocol !== "ip").map((row) => portText(row, host, options));
  const hasOnlyProtocols = groups.every(({ protocol }) => protocol === "ip");
  return [
    ...(hasOnlyProtocols ? [] : [`Ports: ${ports.join(", ")}`]),
    ...(hasOnlyProtocols || protocols.length > 0 ? [`Protocols: ${protocols.join(", ")}`] : []),
    ...ignoredField(groups.filter((group) => !isListed(group))),
  ];
}

/** nmap says nothing of the ignored where there is more than one state: its form has room for one. */
function ignoredField(folded: readonly { readonly state: string; readonly count: number }[]): readonly string[] {
  const [first] = folded;
  if (first === undefined || folded.some(({ state }) => state !== first.state)) return [];
  const count = folded.reduce((sum, group) => sum + group.count, 0);
  return [`Ignored State: ${first.state} (${count})`];
}

/** "22/open/tcp//ssh//OpenSSH 9.2/": port, state, protocol, owner, service, RPC, version. */
function portText({ port, state, protocol }: PortRow, host: BookedHost, options: ReportOptions): string {
  const found = host.services.get(portKey(protocol, port));
  const owner = host.owners.get(portKey(protocol, port));
  const service = found === undefined ? nameOf(port, protocol, state, options) : foundName(found);
  return [port, state, protocol, field(owner?.user ?? ""), field(service), "", field(versionText(found)), ""].join("/");
}

/** "6/open/tcp/": number, state, name. */
function protocolText({ port, state }: PortRow, options: ReportOptions): string {
  return [port, state, field(nameOf(port, "ip", state, options)), ""].join("/");
}

function nameOf(port: number, protocol: Protocol, state: string, options: ReportOptions): string {
  return options.serviceName(port, protocol) ?? (state === "open" && protocol !== "ip" ? "unknown" : "");
}

/** A name that is only registered for the port has a question mark where something else answered. */
function foundName({ name, tunnel, method, fingerprint }: ServiceFacts): string {
  const isDoubtful = method === "table" && fingerprint !== undefined;
  return `${tunnel === undefined ? "" : `${tunnel}|`}${name}${isDoubtful ? "?" : ""}`;
}

function versionText(service: ServiceFacts | undefined): string {
  const extra = service?.extraInfo === undefined ? undefined : `(${service.extraInfo})`;
  return [service?.product, service?.version, extra].filter((part) => part !== undefined).join(" ");
}

function osFields(os: OsFacts | undefined): readonly string[] {
  if (os === undefined) return [];
  const names = os.matches.filter(({ accuracy }) => accuracy === 100).map(({ name }) => field(name));
  const { tcpSequence, ipIdSequence } = os;
  return [
    ...(names.length === 0 ? [] : [`OS: ${names.join("|")}`]),
    ...(tcpSequence?.index === undefined ? [] : [`Seq Index: ${tcpSequence.index}`]),
    ...(ipIdSequence === undefined ? [] : [`IP ID Seq: ${field(ipIdSequence.class)}`]),
  ];
}

/** Text between slashes: nmap writes a bar for a slash. */
function field(text: string): string {
  return printable(text).replaceAll("/", "|");
}
