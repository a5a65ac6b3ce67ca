// The table of service names, read from the text of data/services.tsv: `name<TAB>port<TAB>protocol`, the first name of a
// port being the one to show. Rows stay text: only where each port's row begins is indexed, and only when asked for.
import { nearest } from "./nearest.js";
import { IP_PROTOCOL_MAX, PORT_MAX, type Protocol } from "./port-set.js";
import type { ServiceNames } from "./service-names.js";

/** So many names are searched for in the text; indexing all of it pays only for more. */
const SEARCHES_MAX = 64;
const PORT_COUNT = PORT_MAX + 1;
const TAB = 0x09;
const HASH = 0x23;
const LETTER_ZERO = 0x30;
const LETTER_NINE = 0x39;

/** Where a protocol's ports begin in the index. */
const PROTOCOL_AT: Readonly<Record<Protocol, number>> = {
  tcp: 0,
  udp: PORT_COUNT,
  sctp: 2 * PORT_COUNT,
  ip: 3 * PORT_COUNT,
};

interface Row {
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** Service names from a text of rows; rows that are none are passed over. */
export class ServiceTable implements ServiceNames {
  readonly #text: string;
  /** For each protocol and port, where its first row begins, plus one. */
  #index: Int32Array | undefined;
  #searches = 0;
  #rows: readonly Row[] | undefined;

  /** Keeps the text; it is read when the first question comes. */
  constructor(text: string) {
    this.#text = text;
  }

  /** The name to show for a port. */
  nameOf(port: number, protocol: Protocol): string | undefined {
    if (!(port >= 0 && port <= PORT_MAX)) return undefined;
    if (this.#index === undefined && this.#searches < SEARCHES_MAX) {
      this.#searches++;
      return this.#search(port, protocol);
    }
    this.#index ??= indexRows(this.#text);
    const start = this.#index[PROTOCOL_AT[protocol] + port] ?? 0;
    return start === 0 ? undefined : this.#text.slice(start - 1, this.#text.indexOf("\t", start - 1));
  }

  /** The ports that have exactly this name, ascending. */
  portsOf(name: string, protocol: Protocol): readonly number[] {
    const wanted = name.toLowerCase();
    return this.#portsWhere(protocol, (known) => known === wanted);
  }

  /** The ports whose name fits a pattern with `*` and `?`, ascending. */
  matching(pattern: string, protocol: Protocol): readonly number[] {
    const wanted = pattern.toLowerCase();
    return this.#portsWhere(protocol, (known) => fits(known, wanted));
  }

  /** The known name that a mistyped one may have meant. */
  nearest(name: string): string | undefined {
    return nearest(name.toLowerCase(), new Set(this.#allRows().map((row) => row.name)));
  }

  /** All ports that have a name, ascending. */
  namedPorts(protocol: Protocol): readonly number[] {
    return this.#portsWhere(protocol, () => true);
  }

  #search(port: number, protocol: Protocol): string | undefined {
    const end = this.#text.indexOf(`\t${port}\t${protocol}`);
    if (end < 0) return undefined;
    const name = this.#text.slice(this.#text.lastIndexOf("\n", end) + 1, end);
    return name === "" || name.startsWith("#") ? undefined : name;
  }

  #portsWhere(protocol: Protocol, isWanted: (name: string) => boolean): readonly number[] {
    const ports = new Set<number>();
    for (const row of this.#allRows()) if (row.protocol === protocol && isWanted(row.name)) ports.add(row.port);
    return [...ports].sort((one, other) => one - other);
  }

  #allRows(): readonly Row[] {
    this.#rows ??= readRows(this.#text);
    return this.#rows;
  }
}

function indexRows(text: string): Int32Array {
  const index = new Int32Array(PROTOCOL_AT.ip + IP_PROTOCOL_MAX + 1);
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    if (text.charCodeAt(start) !== HASH) indexRow(index, text, start, end);
    start = end + 1;
  }
  return index;
}

/** Reads a row from its end, since that is short while names are not. */
function indexRow(index: Int32Array, text: string, start: number, end: number): void {
  const tab = text.lastIndexOf("\t", end - 1);
  const base = protocolBase(text.charCodeAt(tab + 1), end - tab - 1);
  if (base < 0 || tab < start) return;
  let port = 0;
  let unit = 1;
  let at = tab - 1;
  for (let code = text.charCodeAt(at); code !== TAB && at > start; code = text.charCodeAt(--at)) {
    if (code < LETTER_ZERO || code > LETTER_NINE) return;
    port += (code - LETTER_ZERO) * unit;
    unit *= 10;
  }
  const isRow = at > start && at < tab - 1 && port <= (base === PROTOCOL_AT.ip ? IP_PROTOCOL_MAX : PORT_MAX);
  if (isRow && index[base + port] === 0) index[base + port] = start + 1;
}

/** Where a protocol's ports begin in the index, by its first letter and its length. */
function protocolBase(letter: number, length: number): number {
  if (letter === 0x74 && length === 3) return PROTOCOL_AT.tcp;
  if (letter === 0x75 && length === 3) return PROTOCOL_AT.udp;
  if (letter === 0x73 && length === 4) return PROTOCOL_AT.sctp;
  return letter === 0x69 && length === 2 ? PROTOCOL_AT.ip : -1;
}

function readRows(text: string): readonly Row[] {
  const rows: Row[] = [];
  for (const line of text.toLowerCase().split("\n")) {
    if (line.startsWith("#")) continue;
    const [name = "", portText = "", protocol] = line.split("\t");
    const port = portText === "" ? -1 : Number(portText);
    if (name === "" || !isProtocol(protocol) || !(port >= 0 && port <= PORT_MAX)) continue;
    rows.push({ name, port, protocol });
  }
  return rows;
}

function isProtocol(text: string | undefined): text is Protocol {
  return text === "tcp" || text === "udp" || text === "sctp" || text === "ip";
}

/** Compares with a pattern of `*` and `?`, going back to the last star only, so that no pattern takes long. */
function fits(text: string, pattern: string): boolean {
  let at = 0;
  let patternAt = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    const sign = pattern[patternAt];
    if (sign === "*") {
      star = patternAt++;
      starAt = at;
    } else if (sign === "?" || sign === text[at]) {
      patternAt++;
      at++;
    } else if (star >= 0) {
      patternAt = star + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (pattern[patternAt] === "*") patternAt++;
  return patternAt === pattern.length;
}
