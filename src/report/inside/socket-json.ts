// Sockets for programs: one JSON document. docs/commands/sockets.md describes its keys.
import type { Holder, InsideSocket, InsideView, NamedContainer, NetworkNamespace } from "../../inside/inside-view.js";
import type { Process } from "../../inside/process.js";
import type { Reach } from "../../inside/reach.js";
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
  const tail = {
    namespaces: view.namespaces.map((namespace) => namespaceObject(namespace, view)),
    containers: [...view.containers.values()].map(containerObject),
    published: view.published,
    gaps: view.gaps,
  };
  const texts = new SocketTexts(context.userNames);
  const placeOf = new Map(view.published.map((port, at) => [port, at]));
  const ways = (one: InsideSocket) => view.publishedTo.get(one)?.flatMap((port) => placeOf.get(port) ?? []);
  yield `${jsonText(head).slice(0, -1)},"sockets":[`;
  for (let from = 0; from < view.sockets.length; from += SOCKETS_MAX) {
    const some = view.sockets.slice(from, from + SOCKETS_MAX);
    yield `${from === 0 ? "" : ","}${some.map((one) => `\n${texts.of(one, ways(one))}`).join(",")}`;
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
  return `${opened({ event: change, at })},"socket":${new SocketTexts(userNames).of(one)}}\n`;
}

/** Writes sockets. A process has thousands of them, and an address, too: what is said of those is written once. */
class SocketTexts {
  readonly #userNames: ReadonlyMap<number, string>;
  /** What stands before and behind a process's descriptors. */
  readonly #processes = new Map<Process, readonly [head: string, tail: string]>();
  readonly #reaches = new Map<Reach, string>();

  constructor(userNames: ReadonlyMap<number, string>) {
    this.#userNames = userNames;
  }

  /** @param published Places in the list of published ports of those that lead to the socket */
  of(one: InsideSocket, published?: readonly number[]): string {
    const { socket, namespace, ownership, kernelOwner, reach, holders } = one;
    const { uid } = socket;
    const user = uid === undefined ? undefined : this.#userNames.get(uid);
    const facts = opened({ ...kernelFacts(socket), uid, user, inode: socket.inode, namespace: namespace.number });
    const reached = reach === undefined ? "" : `,"reach":${this.#reachText(reach)}`;
    const owner = kernelOwner === undefined ? "" : `,"kernelOwner":${jsonText(kernelOwner)}`;
    const processes = holders.map((holder) => this.#holderText(holder)).join(",");
    const ways = published === undefined ? "" : `,"published":[${published.join(",")}]`;
    return `${facts}${reached},"ownership":"${ownership}"${owner},"processes":[${processes}]${ways}}`;
  }

  #reachText(reach: Reach): string {
    const text = this.#reaches.get(reach) ?? jsonText(reach);
    this.#reaches.set(reach, text);
    return text;
  }

  #holderText({ process, descriptors }: Holder): string {
    const known = this.#processes.get(process) ?? processTexts(process, this.#userNames);
    this.#processes.set(process, known);
    const [head, tail] = known;
    return `${head},"descriptors":[${descriptors.join(",")}]${tail}`;
  }
}

/** The value as JSON without its last brace: more can follow. It has some property. */
function opened(value: object): string {
  return jsonText(value).slice(0, -1);
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
        moreLocals: socket.moreLocals?.map(formatAddress),
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

function processTexts(process: Process, userNames: ReadonlyMap<number, string>): readonly [string, string] {
  const { pid, name, uid, effectiveUid, capabilities, startedAtMs, executable, controlGroup, innerPid } = process;
  const rest = jsonText({
    uid,
    effectiveUid,
    user: effectiveUid === undefined ? undefined : userNames.get(effectiveUid),
    capabilities: capabilities?.toString(16),
    startedAt: startedAtMs === undefined ? undefined : new Date(startedAtMs).toISOString(),
    executable: executable?.path,
    isExecutableDeleted: executable?.isDeleted,
    innerPid,
    controlGroup,
  });
  return [opened({ pid, name }), rest === "{}" ? "}" : `,${rest.slice(1)}`];
}

function namespaceObject(namespace: NetworkNamespace, { containerOfNamespace }: InsideView) {
  const { number, isOwn, name, pids } = namespace;
  return {
    number,
    isOwn,
    name,
    processCount: pids.length,
    container: containerOfNamespace.get(namespace)?.container.id,
  };
}

function containerObject({ container: { id, runtime }, facts }: NamedContainer) {
  return { id, runtime: facts?.runtime ?? runtime, name: facts?.name, image: facts?.image, pod: facts?.pod };
}
