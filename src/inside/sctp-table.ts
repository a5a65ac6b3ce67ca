// Reads SCTP's endpoints and associations as text: /proc/net/sctp/{eps,assocs} (net/sctp/proc.c). An endpoint with
// several addresses is several rows here, all with its inode.
import type { InetSocket, SocketState } from "../linux/kernel-socket.js";
import { socketState } from "../linux/socket-state.js";
import { type Address, parseAddress } from "../target/address.js";
import { parseCount } from "./socket-text.js";
import type { TableReading } from "./table-reading.js";

/** The kernel marks the primary path, and prints what has no known family like this. */
const ADDRESS_MARK = /^\*/;

/** Reads /proc/net/sctp/eps: ENDPT SOCK STY SST HBKT LPORT UID INODE LADDRS… */
export function parseSctpEndpoints(text: string): TableReading<InetSocket> {
  return parseRows(text, (fields) => {
    const [state, port, uid, inode] = [3, 5, 6, 7].map((at) => parseCount(fields[at]));
    if (state === undefined || port === undefined || inode === undefined) return undefined;
    const locals = addresses(fields.slice(8));
    return locals.map((local) => row({ state: socketState(state), local, localPort: port, uid, inode }));
  });
}

/** Reads /proc/net/sctp/assocs: … HBKT ASSOC-ID TX_QUEUE RX_QUEUE UID INODE LPORT RPORT LADDRS <-> RADDRS … */
export function parseSctpAssociations(text: string): TableReading<InetSocket> {
  return parseRows(text, (fields) => {
    const [sendQueue, receiveQueue, uid, inode, localPort, remotePort] = [7, 8, 9, 10, 11, 12].map((at) =>
      parseCount(fields[at]),
    );
    const arrow = fields.indexOf("<->");
    if (inode === undefined || localPort === undefined || remotePort === undefined || arrow < 0) return undefined;
    const remote = addresses(fields.slice(arrow + 1))[0];
    const local = addresses(fields.slice(13, arrow))[0];
    if (local === undefined || remote === undefined) return undefined;
    const ends = { local, localPort, remote, remotePort };
    return [row({ state: "established", ...ends, uid, inode, sendQueue, receiveQueue })];
  });
}

interface RowFacts {
  readonly state: SocketState;
  readonly local: Address;
  readonly localPort: number;
  readonly remote?: Address;
  readonly remotePort?: number;
  readonly uid: number | undefined;
  readonly inode: number;
  readonly sendQueue?: number | undefined;
  readonly receiveQueue?: number | undefined;
}

function row(facts: RowFacts): InetSocket {
  const { local } = facts;
  const anywhere: Address = local.family === 4 ? { family: 4, value: 0 } : { family: 6, bytes: new Uint8Array(16) };
  return {
    kind: "inet",
    protocol: "sctp",
    family: local.family,
    state: facts.state,
    local,
    localPort: facts.localPort,
    remote: facts.remote ?? anywhere,
    remotePort: facts.remotePort ?? 0,
    uid: facts.uid,
    inode: facts.inode,
    sendQueue: facts.sendQueue ?? 0,
    receiveQueue: facts.receiveQueue ?? 0,
    interfaceIndex: undefined,
    isV6Only: undefined,
  };
}

function addresses(words: readonly string[]): readonly Address[] {
  const found: Address[] = [];
  for (const word of words) {
    const address = parseAddress(word.replace(ADDRESS_MARK, ""));
    if (address === undefined) break; // the numbers behind the addresses
    found.push(address);
  }
  return found;
}

function parseRows(
  text: string,
  parse: (fields: readonly string[]) => readonly InetSocket[] | undefined,
): TableReading<InetSocket> {
  const sockets: InetSocket[] = [];
  let faultCount = 0;
  for (const line of text.split("\n").slice(1)) {
    const fields = line.split(/\s+/).filter((field) => field !== "");
    if (fields.length === 0) continue;
    const rows = parse(fields);
    if (rows === undefined || rows.length === 0) faultCount++;
    else sockets.push(...rows);
  }
  return { sockets, faultCount };
}
