// All sockets of a network namespace from the text of its /proc/net: what a tree of files offers, and what is left where the
// kernel does not answer sock_diag(7).
import type { KernelSocket } from "../linux/kernel-socket.js";
import { isReadFault, type ProcFiles } from "../linux/proc-files.js";
import type { Gap } from "./gap.js";
import { parseInetTable } from "./inet-table.js";
import { parsePacketTable } from "./packet-table.js";
import { parseSctpAssociations, parseSctpEndpoints } from "./sctp-table.js";
import { type SocketWish, wishes } from "./socket-wish.js";
import type { TableReading } from "./table-reading.js";
import { parseUnixTable } from "./unix-table.js";

/** A million sockets have 150 MB of text. */
const TABLE_BYTES_MAX = 256 << 20;

interface Table {
  readonly file: string;
  readonly kind: KernelSocket["kind"];
  parse(text: string): TableReading<KernelSocket>;
}

const INET_TABLES: readonly Table[] = (["tcp", "udp", "udplite", "raw", "icmp"] as const).flatMap((protocol) =>
  ([4, 6] as const).map((family): Table => {
    const file = family === 4 ? protocol : `${protocol}6`;
    return { file, kind: "inet", parse: (text) => parseInetTable(text, protocol, family) };
  }),
);

const TABLES: readonly Table[] = [
  ...INET_TABLES,
  { file: "sctp/eps", kind: "inet", parse: parseSctpEndpoints },
  { file: "sctp/assocs", kind: "inet", parse: parseSctpAssociations },
  { file: "packet", kind: "packet", parse: parsePacketTable },
  { file: "unix", kind: "unix", parse: parseUnixTable },
];

/** What was read of one namespace. */
export interface SocketReading {
  readonly sockets: readonly KernelSocket[];
  readonly gaps: readonly Gap[];
}

/**
 * Reads the tables below one folder.
 * @param folder Below the root: "net", or "123/net" for the namespace of a process
 */
export function readTextSockets(files: ProcFiles, folder: string, wish: SocketWish): SocketReading {
  const readings = TABLES.filter(({ kind }) => wish.kinds.has(kind)).map((table) => readTable(files, folder, table));
  const sockets = readings.flatMap((reading) => reading?.sockets.filter((socket) => wishes(wish, socket)) ?? []);
  const gaps = readings.flatMap((reading) => reading?.gaps ?? []);
  if (readings.every((reading) => reading === undefined)) {
    gaps.push({ code: "absent", what: "all sockets", table: "", why: `there is no table of sockets in ${folder}` });
  }
  return { sockets, gaps };
}

/** Reads one table by its name, "tcp6"; undefined for one that is not there: a protocol that the kernel has not. */
export function readTextTable(files: ProcFiles, folder: string, name: string): SocketReading | undefined {
  const table = TABLES.find((one) => one.file === name);
  return table === undefined ? undefined : readTable(files, folder, table);
}

function readTable(files: ProcFiles, folder: string, table: Table): SocketReading | undefined {
  const file = `${folder}/${table.file}`;
  const text = files.text(file, TABLE_BYTES_MAX);
  if (isReadFault(text)) {
    return text.fault === "gone"
      ? undefined
      : { sockets: [], gaps: [{ ...unreadable(file, text.fault), table: table.file }] };
  }
  const { sockets, faultCount } = table.parse(text);
  return { sockets, gaps: faultCount > 0 ? [{ ...malformed(file, faultCount), table: table.file }] : [] };
}

function unreadable(file: string, fault: "denied" | "unreadable"): Gap {
  const why = fault === "denied" ? `reading ${file} is not permitted` : `${file} cannot be read`;
  return { code: "denied", what: `the sockets of ${file}`, why };
}

function malformed(file: string, count: number): Gap {
  const lines = count === 1 ? "1 line" : `${count} lines`;
  return { code: "malformed", what: `${lines} of ${file}`, why: "not in the kernel's form" };
}
