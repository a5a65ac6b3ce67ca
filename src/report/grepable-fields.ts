// The fields of one line of nmap's grepable form: "Ports: 22/open/tcp//ssh///", "OS: Linux". nmap reference guide,
// "Grepable Output"; reports of nmap 7.93.
import type { OsFacts, ServiceFacts } from "../model/scan-event.js";
import { IP_PROTOCOL_MAX, PORT_MAX } from "../target/port-set.js";
import { wholeNumber } from "./read-values.js";

/** A port as the line has it, in its own words. */
export interface GrepablePort {
  readonly port: number;
  readonly state: string;
  readonly protocol: string;
  /** "" where it is not known. */
  readonly owner: string;
  readonly service: ServiceFacts | undefined;
}

/** Port, state, protocol, owner, service, RPC and version: nmap writes a bar for a slash in them. masscan has no version. */
const PORT = /(\d{1,5})\/([^/]*)\/([^/]*)\/([^/]*)\/([^/]*)\/([^/]*)\/(?:([^/]*)\/)?(?:, |$)/y;
const PROTOCOL = /(\d{1,3})\/([^/]*)\/([^/]*)\/(?:, |$)/y;

/** nmap's confidence in what it has probed, and in names that are registered. */
const PROBED = 10;
const TABLE = 3;

/** Fields by their names. A field that comes twice counts once. */
export function grepableFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const field of text.split("\t")) {
    const colon = field.indexOf(": ");
    const name = colon < 0 ? field.replace(/:$/, "") : field.slice(0, colon);
    if (!fields.has(name)) fields.set(name, colon < 0 ? "" : field.slice(colon + 2));
  }
  return fields;
}

/**
 * The ports one by one.
 *
 * @param leaveOut Told what cannot be understood, with all behind it
 */
export function* grepablePorts(text: string, leaveOut: (rest: string) => void): Generator<GrepablePort, void, void> {
  for (const [, number, state = "", protocol = "", owner = "", name = "", , version = ""] of matches(
    PORT,
    text,
    leaveOut,
  )) {
    const port = wholeNumber(number, PORT_MAX);
    if (port === undefined) leaveOut(number ?? "");
    else yield { port, state, protocol, owner, service: serviceOf(name, version) };
  }
}

/** IP protocols one by one: "6/open/tcp/". */
export function* grepableProtocols(
  text: string,
  leaveOut: (rest: string) => void,
): Generator<Pick<GrepablePort, "port" | "state">, void, void> {
  for (const [, number, state = ""] of matches(PROTOCOL, text, leaveOut)) {
    const port = wholeNumber(number, IP_PROTOCOL_MAX);
    if (port === undefined) leaveOut(number ?? "");
    else yield { port, state };
  }
}

function* matches(pattern: RegExp, text: string, leaveOut: (rest: string) => void): Generator<RegExpExecArray> {
  for (let at = 0; at < text.length; ) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) {
      leaveOut(text.slice(at, at + 200));
      return;
    }
    at = pattern.lastIndex;
    yield match;
  }
}

/** "ssl|http", with a question mark where something else than the registered service has answered. */
function serviceOf(text: string, version: string): ServiceFacts | undefined {
  if (text === "" && version === "") return undefined;
  const bar = text.indexOf("|");
  const name = text.slice(bar + 1).replace(/\?$/, "");
  return {
    name,
    method: version === "" && bar < 0 ? "table" : "probed",
    confidence: version === "" && bar < 0 ? TABLE : PROBED,
    // Product, version and more are one text here.
    ...(version === "" ? {} : { product: version }),
    ...(bar < 0 ? {} : { tunnel: text.slice(0, bar) }),
    cpes: [],
  };
}

/** What the line says of the system. */
export function grepableOs(fields: ReadonlyMap<string, string>): OsFacts | undefined {
  const names = fields.get("OS")?.split("|") ?? [];
  const index = wholeNumber(fields.get("Seq Index"));
  const ipIdClass = fields.get("IP ID Seq");
  if (names.length === 0 && index === undefined && ipIdClass === undefined) return undefined;
  return {
    portsUsed: [],
    // nmap lists only what fits in full.
    matches: names.map((name) => ({ name, accuracy: 100, line: 0, classes: [] })),
    ...(index === undefined ? {} : { tcpSequence: { class: "", index, values: "" } }),
    ...(ipIdClass === undefined ? {} : { ipIdSequence: { class: ipIdClass, values: "" } }),
  };
}
