// Reads Unix sockets as text: /proc/net/unix (unix_seq_show in net/unix/af_unix.c). A path may hold anything but NUL, line
// feeds included: a line that does not begin like a row belongs to the path before it. A path that imitates a row cannot be
// told from one here; sock_diag(7) has no such trouble.
import type { SocketState, UnixSocket } from "../linux/kernel-socket.js";
import { parseCount } from "./socket-text.js";
import type { TableReading } from "./table-reading.js";

/** Num: RefCount Protocol Flags Type St Inode, and the path if there is one. */
const ROW =
  /^[0-9a-fA-F(][0-9a-zA-Z_()]*: [0-9a-fA-F]{8} [0-9a-fA-F]{8} ([0-9a-fA-F]{8}) ([0-9a-fA-F]{4}) ([0-9a-fA-F]{2}) +(\d+)(?: ([\s\S]*))?$/;
/** __SO_ACCEPTCON (include/uapi/linux/net.h): it listens. */
const ACCEPTS = 1 << 16;
/** enum socket_state (include/uapi/linux/net.h): SS_UNCONNECTED and so on. */
const STATES: readonly SocketState[] = ["unconnected", "unconnected", "syn-sent", "established", "closing"];
const TYPES: Readonly<Record<number, UnixSocket["type"]>> = { 1: "stream", 2: "datagram", 5: "seqpacket" };

/** Reads the table; lines that cannot be understood are counted. */
export function parseUnixTable(text: string): TableReading<UnixSocket> {
  const sockets: UnixSocket[] = [];
  const lines = text.split("\n").slice(1);
  // The kernel ends every line. What has no end was cut, and must not become a part of the path before it.
  let faultCount = (lines.pop() ?? "") === "" ? 0 : 1;
  for (const row of rowsOf(lines)) {
    const socket = parseRow(row);
    if (socket === undefined) faultCount++;
    else sockets.push(socket);
  }
  return { sockets, faultCount };
}

function rowsOf(lines: readonly string[]): readonly string[] {
  const rows: string[] = [];
  let isPathOpen = false;
  for (const line of lines) {
    const match = ROW.exec(line);
    const last = rows.length - 1;
    if (match === null && isPathOpen) rows[last] = `${rows[last] ?? ""}\n${line}`;
    else if (match !== null || line !== "") rows.push(line);
    if (match !== null) isPathOpen = match[5] !== undefined;
  }
  return rows;
}

function parseRow(text: string): UnixSocket | undefined {
  const match = ROW.exec(text);
  const inode = parseCount(match?.[4]);
  if (match === null || inode === undefined) return undefined;
  const isListening = (Number.parseInt(match[1] ?? "", 16) & ACCEPTS) !== 0;
  const type = Number.parseInt(match[2] ?? "", 16);
  const state = Number.parseInt(match[3] ?? "", 16);
  return {
    kind: "unix",
    type: TYPES[type] ?? `type-${type}`,
    state: isListening ? "listen" : (STATES[state] ?? `state-${state}`),
    path: match[5] === undefined || match[5] === "" ? undefined : match[5],
    peer: undefined,
    uid: undefined,
    inode,
    receiveQueue: 0,
    sendQueue: 0,
  };
}
