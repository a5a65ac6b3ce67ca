// Which ports are likely to be open, read from the text of data/port-ranking.tsv: `protocol<TAB>port<TAB>…`, the
// likeliest first.
import { PORT_MAX, PROTOCOLS, type Protocol } from "./port-set.js";

/** How many ports of each protocol are probed by default, as nmap does. */
export const DEFAULT_PORT_COUNT = 1000;

/** How many ports of each protocol `-F` probes, as nmap does. */
export const FAST_PORT_COUNT = 100;

/** Ports by how likely they are open. */
export class PortRanking {
  readonly #text: string;
  #orders: Readonly<Record<Protocol, readonly number[]>> | undefined;
  readonly #ranks = new Map<Protocol, Uint16Array>();

  /** Keeps the text; it is read when the first question comes. */
  constructor(text: string) {
    this.#text = text;
  }

  /** The `count` likeliest ports, likeliest first; those without a rank follow in ascending order, port 0 never. */
  top(protocol: Protocol, count: number): readonly number[] {
    const ranked = this.#rankedPorts(protocol);
    if (count <= ranked.length) return ranked.slice(0, Math.max(0, count));
    const known = new Set(ranked);
    const ports = [...ranked];
    for (let port = 1; port <= PORT_MAX && ports.length < count; port++) if (!known.has(port)) ports.push(port);
    return ports;
  }

  /** How many ports of a protocol have a rank. */
  rankedCount(protocol: Protocol): number {
    return this.#rankedPorts(protocol).length;
  }

  /** A port's place in the ranking from 0 on; `undefined` when it has none. */
  rankOf(protocol: Protocol, port: number): number | undefined {
    let ranks = this.#ranks.get(protocol);
    if (ranks === undefined) {
      ranks = new Uint16Array(PORT_MAX + 1);
      for (const [rank, ranked] of this.#rankedPorts(protocol).entries()) ranks[ranked] = rank + 1;
      this.#ranks.set(protocol, ranks);
    }
    const rank = ranks[port] ?? 0;
    return rank === 0 ? undefined : rank - 1;
  }

  #rankedPorts(protocol: Protocol): readonly number[] {
    this.#orders ??= readRanking(this.#text);
    return this.#orders[protocol];
  }
}

function readRanking(text: string): Readonly<Record<Protocol, readonly number[]>> {
  const orders: Record<Protocol, Set<number>> = { tcp: new Set(), udp: new Set(), sctp: new Set(), ip: new Set() };
  for (const line of text.split("\n")) {
    const tab = line.indexOf("\t");
    const protocol = PROTOCOLS.find((name) => name === line.slice(0, tab));
    const port = Number.parseInt(line.slice(tab + 1), 10);
    if (protocol !== undefined && port >= 0 && port <= PORT_MAX) orders[protocol].add(port);
  }
  return { tcp: [...orders.tcp], udp: [...orders.udp], sctp: [...orders.sctp], ip: [...orders.ip] };
}
