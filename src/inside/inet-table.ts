// Reads the kernel's tables of IPv4 and IPv6 sockets as text: /proc/net/{tcp,tcp6,udp,udp6,udplite,udplite6,raw,raw6,icmp,
// icmp6} (proc(5); get_tcp4_sock in net/ipv4/tcp_ipv4.c, udp4_format_sock in net/ipv4/udp.c, raw_sock_seq_show in
// net/ipv4/raw.c; the IPv6 ones alike).
import type { InetProtocol, InetSocket } from "../linux/kernel-socket.js";
import { parseCount, parseEndpoint, parseQueues, parseState } from "./socket-text.js";
import type { TableReading } from "./table-reading.js";

/** Columns by their place: sl, local, remote, state, tx:rx, timer, retransmits, uid, timeout, inode, references. */
const LOCAL = 1;
const REMOTE = 2;
const STATE = 3;
const QUEUES = 4;
const UID = 7;
const INODE = 9;
/** In all of these tables the inode is followed by it: a number that is followed by nothing may have been cut. */
const REFERENCES = 10;

/** Reads one table; lines that cannot be understood are counted. */
export function parseInetTable(text: string, protocol: InetProtocol, family: 4 | 6): TableReading<InetSocket> {
  const sockets: InetSocket[] = [];
  let faultCount = 0;
  const lines = text.split("\n");
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (line === "") continue;
    const socket = parseLine(line, protocol, family);
    if (socket === undefined) faultCount++;
    else sockets.push(socket);
  }
  return { sockets, faultCount };
}

function parseLine(line: string, protocol: InetProtocol, family: 4 | 6): InetSocket | undefined {
  const fields = line.trimStart().split(/ +/, REFERENCES + 1);
  if ((fields[REFERENCES] ?? "") === "") return undefined;
  const local = parseEndpoint(fields[LOCAL] ?? "");
  const remote = parseEndpoint(fields[REMOTE] ?? "");
  const state = parseState(fields[STATE] ?? "");
  const queues = parseQueues(fields[QUEUES] ?? "");
  const uid = parseCount(fields[UID]);
  const inode = parseCount(fields[INODE]);
  if (local === undefined || remote === undefined || state === undefined || queues === undefined) return undefined;
  if (inode === undefined || local.address.family !== family || remote.address.family !== family) return undefined;
  return {
    kind: "inet",
    protocol,
    family,
    state,
    local: local.address,
    localPort: local.port,
    remote: remote.address,
    remotePort: remote.port,
    uid: state === "time-wait" ? undefined : uid, // the kernel writes 0 for a socket that is no more
    inode,
    sendQueue: queues[0],
    receiveQueue: queues[1],
    interfaceIndex: undefined,
    isV6Only: undefined,
    cgroupId: undefined,
  };
}
