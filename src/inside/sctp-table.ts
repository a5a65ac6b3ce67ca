// Reads SCTP's endpoints and associations as text: /proc/net/sctp/{eps,assocs} (net/sctp/proc.c).
import type { InetSocket, SocketState } from "../linux/kernel-socket.js";
import { associationState, socketState } from "../linux/socket-state.js";
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
    const [local, ...moreLocals] = addresses(fields.slice(8));
    if (local === undefined) return undefined;
    return row({ state: socketState(state), local, localPort: port, moreLocals, uid, inode });
  });
}

/** Reads /proc/net/sctp/assocs: … HBKT ASSOC-ID TX_QUEUE RX_QUEUE UID INODE LPORT RPORT LADDRS <-> RADDRS … */
export function parseSctpAssociations(text: string): TableReading<InetSocket> {
  return parseRows(text, (fields) => {
    const [state, sendQueue, receiveQueue, uid, inode, localPort, remotePort] = [4, 7, 8, 9, 10, 11, 12].map((at) =>
      parseCount(fields[at]),
    );
    const arrow = fields.indexOf("<->");
    if (state === undefined || inode === undefined || localPort === undefined || remotePort === undefined)
      return undefined;
    const [remote] = addresses(fields.slice(arrow + 1));
    const [local, ...moreLocals] = addresses(fields.slice(13, arrow));
    if (arrow < 0 || local === undefined || remote === undefined) return undefined;
    const ends = { local, localPort, moreLocals, remote, remotePort };
    return row({ state: associationState(state), ...ends, uid, inode, sendQueue, receiveQueue });
  });
}

interface RowFacts {
  readonly state: SocketState;
  readonly local: Address;
  readonly localPort: number;
  readonly moreLocals: readonly Address[];
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
    cgroupId: undefined,
    ...(facts.moreLocals.length === 0 ? {} : { moreLocals: facts.moreLocals }),
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
  parse: (fields: readonly string[]) => InetSocket | undefined,
): TableReading<InetSocket> {
  const sockets: InetSocket[] = [];
  let faultCount = 0;
  for (const line of text.split("\n").slice(1)) {
    const fields = line.split(/\s+/).filter((field) => field !== "");
    if (fields.length === 0) continue;
    const socket = parse(fields);
    if (socket === undefined) faultCount++;
    else sockets.push(socket);
  }
  return { sockets, faultCount };
}
