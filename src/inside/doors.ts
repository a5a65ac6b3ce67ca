// The doors of this machine: its ports by the programs that wait at them, each with the own addresses at which it can be
// asked from this machine itself.
import type { InetProtocol } from "../linux/kernel-socket.js";
import { unmapped } from "../target/address.js";
import type { Holder, InsideView } from "./inside-view.js";
import { type InsideInetSocket, OpenAt, type OwnAddress, type WaitingSocket } from "./open-at.js";
import { isLinkScope, isLoopback, type Reach, type ReachKind } from "./reach.js";
import { isListening } from "./socket-wish.js";

/** Protocols that have ports. */
export type DoorProtocol = Exclude<InetProtocol, "raw" | "icmp">;

/** A port of the own namespace, and one program that waits at it. */
export interface Door {
  readonly protocol: DoorProtocol;
  readonly port: number;
  /** Of one program, never empty; several processes of it may have a socket each. */
  readonly sockets: readonly InsideInetSocket[];
  /** All processes that have one of them. */
  readonly holders: readonly Holder[];
  /** The widest of theirs. */
  readonly reach: Reach;
  /** Own addresses at which what comes is this program's; the most important first. */
  readonly awaited: readonly OwnAddress[];
  /** Own addresses, reached by others, at which no program waits with this port: an answer there is led here, or elsewhere. */
  readonly unawaited: readonly OwnAddress[];
}

interface Draft {
  readonly sockets: InsideInetSocket[];
  readonly awaited: OwnAddress[];
}

/** All doors of the own namespace: TCP first, then by port. */
export function doorsOf({ sockets, namespaces }: InsideView): readonly Door[] {
  const network = namespaces.find(({ isOwn }) => isOwn)?.network;
  const waiting = sockets.filter(isDoorSocket);
  if (network === undefined || waiting.length === 0) return [];
  const openAt = new OpenAt(waiting, network);
  const addresses = [...openAt.addresses()].sort((one, other) => rankOf(one) - rankOf(other));
  const drafts = new Drafts(waiting);
  for (const own of addresses) drafts.place(own, openAt.at(own));
  return drafts.doors(addresses.filter(isReachedByOthers)).sort(compareDoors);
}

/** True for a socket of the own namespace that waits at a port. */
function isDoorSocket(one: InsideView["sockets"][number]): one is InsideInetSocket {
  const { socket, namespace } = one;
  return namespace.isOwn && socket.kind === "inet" && isDoorProtocol(socket.protocol) && isListening(socket);
}

const DOOR_PROTOCOLS: readonly DoorProtocol[] = ["tcp", "udp", "udplite", "sctp", "dccp"];

/** True for protocols that have ports. */
export function isDoorProtocol(protocol: InetProtocol): protocol is DoorProtocol {
  return DOOR_PROTOCOLS.some((name) => name === protocol);
}

/** Doors in the making. */
class Drafts {
  readonly #byKey: Map<string, Draft> = new Map();
  readonly #bySocket: Map<InsideInetSocket, Draft> = new Map();
  /** By protocol and port, the addresses at which somebody waits. */
  readonly #taken: Map<string, Set<OwnAddress>> = new Map();

  constructor(sockets: readonly InsideInetSocket[]) {
    for (const one of sockets) {
      const key = `${portKey(one)} ${programKey(one)}`;
      const draft = this.#byKey.get(key) ?? { sockets: [], awaited: [] };
      draft.sockets.push(one);
      this.#byKey.set(key, draft);
      this.#bySocket.set(one, draft);
    }
  }

  /** Of several sockets with one port, those that are bound most closely get what comes to the address. */
  place(own: OwnAddress, waiting: readonly WaitingSocket[]): void {
    const byPort = new Map<string, WaitingSocket[]>();
    for (const one of waiting) {
      const key = portKey(one.one);
      const known = byPort.get(key);
      if (known === undefined) byPort.set(key, [one]);
      else known.push(one);
    }
    for (const [key, group] of byPort) {
      this.#taken.set(key, (this.#taken.get(key) ?? new Set()).add(own));
      const closest = Math.max(...group.map(({ closeness }) => closeness));
      for (const { one, closeness } of group) if (closeness === closest) this.#await(one, own);
    }
  }

  #await(one: InsideInetSocket, own: OwnAddress): void {
    const awaited = this.#bySocket.get(one)?.awaited;
    if (awaited !== undefined && isAskable(one, own) && awaited.at(-1) !== own) awaited.push(own);
  }

  doors(outward: readonly OwnAddress[]): Door[] {
    return [...this.#byKey.values()].flatMap(({ sockets, awaited }) => {
      const [first] = sockets;
      if (first === undefined || !isDoorProtocol(first.socket.protocol)) return [];
      const { protocol, localPort: port } = first.socket;
      const taken = this.#taken.get(portKey(first));
      const families = new Set(sockets.map(({ socket }) => unmapped(socket.local).family));
      const unawaited = outward.filter((own) => families.has(own.address.family) && taken?.has(own) !== true);
      return [
        { protocol, port, sockets, holders: holdersOf(sockets), reach: widestReach(sockets), awaited, unawaited },
      ];
    });
  }
}

/**
 * What this machine sends to itself comes in by lo, so over IPv4 a socket that is bound to another interface never gets it
 * (inet_sk_bound_dev_eq). Over IPv6 it counts as coming in by the address's own interface (ip6_rcv_core).
 */
function isAskable({ socket }: InsideInetSocket, { address, interfaceName }: OwnAddress): boolean {
  return (socket.interfaceIndex ?? 0) === 0 || address.family === 6 || interfaceName === "lo";
}

/** What comes by a link first, then what only this machine can ask; addresses of one link last, for there may be many. */
function rankOf({ address }: OwnAddress): number {
  if (isLoopback(address)) return 1;
  return isLinkScope(address) ? 2 : 0;
}

function isReachedByOthers({ address }: OwnAddress): boolean {
  return !(isLoopback(address) || isLinkScope(address));
}

/** Each process once, in the order of their numbers. */
function holdersOf(sockets: readonly InsideInetSocket[]): readonly Holder[] {
  const [first] = sockets;
  if (first !== undefined && sockets.length === 1) return first.holders;
  const byPid = new Map<number, Holder>();
  for (const { holders } of sockets) for (const holder of holders) byPid.set(holder.process.pid, holder);
  return [...byPid.values()].sort((one, other) => one.process.pid - other.process.pid);
}

const WIDEST_FIRST: readonly ReachKind[] = ["everywhere", "link", "unknown", "machine", "nowhere"];

/** From where one of the sockets at least can be reached. */
function widestReach(sockets: readonly InsideInetSocket[]): Reach {
  const all = sockets.flatMap(({ reach }) => reach ?? []);
  const kind = WIDEST_FIRST.find((one) => all.some((reach) => reach.kind === one)) ?? "unknown";
  const widest = all.filter((reach) => reach.kind === kind).map(({ interfaces }) => interfaces);
  const isLimited = widest.every((interfaces) => interfaces.length > 0);
  return { kind, interfaces: isLimited ? [...new Set(widest.flat())] : [] };
}

function portKey({ socket: { protocol, localPort } }: InsideInetSocket): string {
  return `${protocol} ${localPort}`;
}

/** The same for all processes of one program: servers may have a socket for each of their workers. */
function programKey({ ownership, kernelOwner, holders, socket }: InsideInetSocket): string {
  const process = holders[0]?.process;
  if (process === undefined) return JSON.stringify([ownership, kernelOwner, socket.uid]);
  const { name, effectiveUid, controlGroup } = process;
  return JSON.stringify([name, effectiveUid, controlGroup?.path]);
}

function compareDoors(one: Door, other: Door): number {
  return DOOR_PROTOCOLS.indexOf(one.protocol) - DOOR_PROTOCOLS.indexOf(other.protocol) || one.port - other.port;
}
