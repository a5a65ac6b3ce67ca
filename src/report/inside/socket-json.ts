// Sockets for programs: one JSON document. docs/commands/sockets.md describes its keys.
import type { Holder, InsideSocket, InsideView, NetworkNamespace } from "../../inside/inside-view.js";
import type { KernelSocket } from "../../linux/kernel-socket.js";
import { formatAddress } from "../../target/address.js";
import { jsonText } from "../json-text.js";

/** What the document needs beside what was read. */
export interface SocketJsonContext {
  /** When it was read. */
  readonly at: string;
  readonly version: string;
  readonly userNames: ReadonlyMap<number, string>;
}

/** Sockets that are told together: few enough for little memory, many enough to be written with few calls. */
const SOCKETS_MAX = 1000;

/** The whole document as pieces of text, with a line feed at the end. */
export function* socketDocument(view: InsideView, context: SocketJsonContext): Generator<string, void> {
  const head = { format: "postern-sockets", formatVersion: 1, postern: context.version, at: context.at };
  const tail = { namespaces: view.namespaces.map(namespaceObject), gaps: view.gaps };
  yield `${jsonText(head).slice(0, -1)},"sockets":[`;
  for (let from = 0; from < view.sockets.length; from += SOCKETS_MAX) {
    const some = view.sockets.slice(from, from + SOCKETS_MAX);
    const texts = some.map((one) => `\n${jsonText(socketObject(one, context.userNames))}`);
    yield `${from === 0 ? "" : ","}${texts.join(",")}`;
  }
  yield `\n],${jsonText(tail).slice(1)}\n`;
}

/** A socket that is there at the beginning of a watch, has come or has gone. */
export type SocketChange = "present" | "came" | "went";

/** A change as one line. */
export function socketChangeLine(
  change: SocketChange,
  one: InsideSocket,
  { at, userNames }: SocketJsonContext,
): string {
  return `${jsonText({ event: change, at, socket: socketObject(one, userNames) })}\n`;
}

function socketObject(one: InsideSocket, userNames: ReadonlyMap<number, string>) {
  const { socket, namespace, ownership, kernelOwner, reach, holders } = one;
  const uid = socket.kind === "unix" ? undefined : socket.uid;
  return {
    ...kernelFacts(socket),
    uid,
    user: uid === undefined ? undefined : userNames.get(uid),
    inode: socket.inode,
    namespace: namespace.number,
    reach,
    ownership,
    kernelOwner,
    processes: holders.map((holder) => holderObject(holder, userNames)),
  };
}

function kernelFacts(socket: KernelSocket): object {
  const { receiveQueue, sendQueue } = socket;
  switch (socket.kind) {
    case "inet": {
      const { protocol, family, state, local, localPort, remote, remotePort, interfaceIndex, isV6Only } = socket;
      return {
        protocol,
        family,
        state,
        local: formatAddress(local),
        localPort,
        remote: formatAddress(remote),
        remotePort,
        isV6Only,
        interfaceIndex,
        receiveQueue,
        sendQueue,
      };
    }
    case "unix": {
      const { type, state, path, peer } = socket;
      return { protocol: "unix", type, state, path, peer, receiveQueue, sendQueue };
    }
    case "packet": {
      const { type, etherType, interfaceIndex } = socket;
      return { protocol: "packet", type, etherType, interfaceIndex, receiveQueue };
    }
  }
}

function holderObject({ process, descriptors }: Holder, userNames: ReadonlyMap<number, string>) {
  const { pid, name, uid, effectiveUid, capabilities, startedAtMs, executable, controlGroup, innerPid } = process;
  return {
    pid,
    name,
    descriptors,
    uid,
    effectiveUid,
    user: effectiveUid === undefined ? undefined : userNames.get(effectiveUid),
    capabilities: capabilities?.toString(16),
    startedAt: startedAtMs === undefined ? undefined : new Date(startedAtMs).toISOString(),
    executable: executable?.path,
    isExecutableDeleted: executable?.isDeleted,
    innerPid,
    controlGroup,
  };
}

function namespaceObject({ number, isOwn, name, pids }: NetworkNamespace) {
  return { number, isOwn, name, processCount: pids.length };
}
