// The payloads that make open UDP services answer, read from the text of data/udp-payloads.tsv: `name<TAB>ports<TAB>
// payload<TAB>source`. How a payload is written is told in data/README.md; nothing in here knows a protocol.
import { quote } from "../target/fault.js";
import { PORT_MAX } from "../target/port-set.js";
import { PayloadReader } from "./payload-notation.js";

/** A row is about one service; a file that names more ports in a row is mistaken. */
const ROW_PORTS_MAX = 64;
const COLUMN_COUNT = 4;

/** Printers print what comes in at these ports (RFC 1179 §3.1; the raw ports of print servers). */
const PRINTER_PORTS: readonly (readonly [first: number, last: number])[] = [
  [515, 515],
  [9100, 9107],
];

const NONE: readonly Uint8Array[] = [];

/** One question, and where it is asked. */
export interface UdpPayloadRow {
  readonly name: string;
  readonly ports: readonly number[];
  readonly payload: Uint8Array;
}

/** A table as plain data, which a worker thread can be given. */
export interface UdpPayloadsData {
  readonly rows: readonly UdpPayloadRow[];
  readonly isPrinterAllowed: boolean;
}

/** Payloads by port. Printers have none, whatever the rows say, unless `isPrinterAllowed`. */
export class UdpPayloads {
  /** What the rows are called; a protocol with several questions has several. */
  readonly names: readonly string[];
  /** How many payloads there are. */
  readonly count: number;
  readonly #data: UdpPayloadsData;
  readonly #byPort = new Map<number, Uint8Array[]>();

  constructor(rows: readonly UdpPayloadRow[], isPrinterAllowed = false) {
    this.names = rows.map(({ name }) => name);
    this.count = rows.length;
    this.#data = { rows, isPrinterAllowed };
    for (const { ports, payload } of rows) {
      for (const port of ports) {
        if (isPrinterAllowed || !isPrinter(port)) this.#add(port, payload);
      }
    }
  }

  /** A table that crossed to another thread. */
  static fromData(data: UdpPayloadsData): UdpPayloads {
    return new UdpPayloads(data.rows, data.isPrinterAllowed);
  }

  /** The table as plain data. */
  toData(): UdpPayloadsData {
    return this.#data;
  }

  /** What to send to a port: the first on the first try, the others on later tries in turn. Empty when nothing is known. */
  payloadsOf(port: number): readonly Uint8Array[] {
    return this.#byPort.get(port) ?? NONE;
  }

  #add(port: number, payload: Uint8Array): void {
    const known = this.#byPort.get(port);
    if (known === undefined) this.#byPort.set(port, [payload]);
    else if (!known.includes(payload)) known.push(payload);
  }
}

/** Reads a table. A row that cannot be understood is left out and named in `faults`; nothing is thrown. */
export function parseUdpPayloads(
  text: string,
  isPrinterAllowed = false,
): { table: UdpPayloads; faults: readonly string[] } {
  const rows: UdpPayloadRow[] = [];
  const faults: string[] = [];
  const reader = new PayloadReader();
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (line === "" || line.startsWith("#")) continue;
    const row = readRow(line, reader);
    if (typeof row === "string") {
      faults.push(`line ${index + 1}: ${row}`);
      continue;
    }
    rows.push(row);
    if (!isPrinterAllowed && row.ports.some(isPrinter)) {
      faults.push(`line ${index + 1}: ports 515 and 9100 to 9107 are left out, printers would print it`);
    }
  }
  return { table: new UdpPayloads(rows, isPrinterAllowed), faults };
}

function isPrinter(port: number): boolean {
  return PRINTER_PORTS.some(([first, last]) => port >= first && port <= last);
}

/** A row, or what is wrong with it. */
function readRow(line: string, reader: PayloadReader): UdpPayloadRow | string {
  const columns = line.split("\t");
  const [name = "", portText = "", notation = "", source = ""] = columns;
  if (columns.length !== COLUMN_COUNT) return `${COLUMN_COUNT} columns with tabs between them expected`;
  if (name.trim() === "") return "the name is missing";
  if (source.trim() === "") return `the source of ${quote(name)} is missing`;
  const ports = readPorts(portText);
  if (typeof ports === "string") return ports;
  const payload = reader.read(notation);
  return typeof payload === "string" ? payload : { name, ports, payload };
}

/** Ports as in `53,5060-5062`, each once, or what is wrong with them. */
function readPorts(text: string): readonly number[] | string {
  const ports = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    const first = Number(match?.[1] ?? 0);
    const last = Number(match?.[2] ?? first);
    if (first < 1 || last > PORT_MAX || first > last) return `${quote(part)} is neither a port nor a range of ports`;
    if (last - first >= ROW_PORTS_MAX) return `${quote(part)} is more than ${ROW_PORTS_MAX} ports`;
    for (let port = first; port <= last; port++) ports.add(port);
  }
  return ports.size > ROW_PORTS_MAX ? `more than ${ROW_PORTS_MAX} ports` : [...ports];
}
