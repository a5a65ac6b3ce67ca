// Which ports to probe, for each protocol: an immutable set of inclusive ranges.

/** What has ports: the transports, and "ip", whose ports are the protocol numbers themselves, 0 to 255. */
export type Protocol = "tcp" | "udp" | "sctp" | "ip";

/** Everything that has ports, in the order of reports. */
export const PROTOCOLS: readonly Protocol[] = ["tcp", "udp", "sctp", "ip"];

/** The highest IP protocol number there is. */
export const IP_PROTOCOL_MAX = 255;

/** The highest port there is. */
export const PORT_MAX = 65535;

/** First and last port, both included. */
export type PortRange = readonly [first: number, last: number];

/** A port set as plain data, for a worker thread or a file: sorted, disjoint ranges. */
export type PortSetData = Readonly<Record<Protocol, readonly PortRange[]>>;

/** An immutable set of ports for each protocol. */
export class PortSet {
  /** The set without any port. */
  static readonly empty: PortSet = new PortSet({ tcp: [], udp: [], sctp: [], ip: [] });

  readonly #ranges: PortSetData;

  private constructor(ranges: PortSetData) {
    this.#ranges = ranges;
  }

  /** Makes a set of ranges in any order, overlapping or not; what lies outside of 0 to 65535 is left out. */
  static of(ranges: Readonly<Partial<Record<Protocol, readonly PortRange[]>>>): PortSet {
    return new PortSet({
      tcp: normalized(ranges.tcp ?? []),
      udp: normalized(ranges.udp ?? []),
      sctp: normalized(ranges.sctp ?? []),
      ip: normalized((ranges.ip ?? []).map(([first, last]) => [first, Math.min(last, IP_PROTOCOL_MAX)])),
    });
  }

  /** Makes the set again that `toData` wrote down. */
  static fromData(data: PortSetData): PortSet {
    return PortSet.of(data);
  }

  /** How many ports a protocol has here. */
  count(protocol: Protocol): number {
    return this.#ranges[protocol].reduce((sum, [first, last]) => sum + last - first + 1, 0);
  }

  /** True when the port is in the set. */
  has(protocol: Protocol, port: number): boolean {
    const ranges = this.#ranges[protocol];
    let low = 0;
    let high = ranges.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const [first, last] = ranges[middle] ?? [0, 0];
      if (port > last) low = middle + 1;
      else if (port >= first) return true;
      else high = middle - 1;
    }
    return false;
  }

  /** The ranges of a protocol: ascending, disjoint, with at least one port between two of them. */
  ranges(protocol: Protocol): readonly PortRange[] {
    return this.#ranges[protocol];
  }

  /** The ports of a protocol, ascending. */
  *ports(protocol: Protocol): Generator<number> {
    for (const [first, last] of this.#ranges[protocol]) for (let port = first; port <= last; port++) yield port;
  }

  /** The ports that are in this set, in the other or in both. */
  union(other: PortSet): PortSet {
    return PortSet.of({
      tcp: [...this.#ranges.tcp, ...other.#ranges.tcp],
      udp: [...this.#ranges.udp, ...other.#ranges.udp],
      sctp: [...this.#ranges.sctp, ...other.#ranges.sctp],
      ip: [...this.#ranges.ip, ...other.#ranges.ip],
    });
  }

  /** The ports that are in this set and not in the other. */
  minus(other: PortSet): PortSet {
    return new PortSet({
      tcp: difference(this.#ranges.tcp, other.#ranges.tcp),
      udp: difference(this.#ranges.udp, other.#ranges.udp),
      sctp: difference(this.#ranges.sctp, other.#ranges.sctp),
      ip: difference(this.#ranges.ip, other.#ranges.ip),
    });
  }

  /** True when no protocol has a port. */
  isEmpty(): boolean {
    return PROTOCOLS.every((protocol) => this.#ranges[protocol].length === 0);
  }

  /** True when both sets have the same ports. */
  equals(other: PortSet): boolean {
    return this === other || this.key() === other.key();
  }

  /** A string that is the same for equal sets: `T:1-100,443;U:53;S:;P:`. */
  key(): string {
    const [tcp, udp, sctp, ip] = PROTOCOLS.map((protocol) => formatRanges(this.#ranges[protocol]));
    return `T:${tcp};U:${udp};S:${sctp};P:${ip}`;
  }

  /** The set as plain data that survives structured cloning and JSON. */
  toData(): PortSetData {
    return this.#ranges;
  }
}

/** Writes ranges as `-p` reads them: `1-100,443`. */
export function formatRanges(ranges: readonly PortRange[]): string {
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
}

function normalized(ranges: readonly PortRange[]): readonly PortRange[] {
  const merged: [number, number][] = [];
  const inside = ranges
    .map(([first, last]) => [Math.max(0, Math.ceil(first)), Math.min(PORT_MAX, Math.floor(last))] as const)
    .filter(([first, last]) => first <= last)
    .sort((one, other) => one[0] - other[0]);
  for (const [first, last] of inside) {
    const previous = merged.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

function difference(from: readonly PortRange[], without: readonly PortRange[]): readonly PortRange[] {
  const rest: PortRange[] = [];
  for (const [first, last] of from) {
    let start = first;
    for (const [holeFirst, holeLast] of without) {
      if (holeLast < start) continue;
      if (holeFirst > last) break;
      if (holeFirst > start) rest.push([start, holeFirst - 1]);
      start = holeLast + 1;
    }
    if (start <= last) rest.push([start, last]);
  }
  return rest;
}
