// Which packets a rule of address translation is about: as much of it as says which port of this machine leads elsewhere.
import type { InInterface } from "../inside/published-port.js";
import type { PortRange } from "../target/port-set.js";
import { type AddressRange, isRangeWithin, sharedRange } from "./address-range.js";

/** Packets that a rule is about. What is undefined does not matter to it. */
export interface NatMatch {
  readonly family: 4 | 6 | undefined;
  readonly protocols: readonly string[] | undefined;
  /** Destinations. "Any address of this machine" is undefined, too: others are not looked at here. */
  readonly addresses: readonly AddressRange[] | undefined;
  /** Destination ports. */
  readonly ports: readonly PortRange[] | undefined;
  readonly inInterface: InInterface | undefined;
  /** Who may send them, as the rule has it: "10.0.0.0/8", "!10.0.0.0/8". */
  readonly sources: readonly string[];
  /** False when the rule asks for more than is understood here: then it may be about fewer packets. */
  readonly isCertain: boolean;
}

/** All packets. */
export const ANY_PACKET: NatMatch = {
  family: undefined,
  protocols: undefined,
  addresses: undefined,
  ports: undefined,
  inInterface: undefined,
  sources: [],
  isCertain: true,
};

/** What is not understood: it may be about any packets. */
export const SOME_PACKETS: NatMatch = { ...ANY_PACKET, isCertain: false };

const PAIRS_MAX = 1_000_000;

/** The packets that both are about; undefined where there are none. */
export function bothMatch(one: NatMatch, other: NatMatch): NatMatch | undefined {
  if (other === ANY_PACKET) return one;
  if (one.family !== undefined && other.family !== undefined && one.family !== other.family) return undefined;
  const protocols = bothLists(one.protocols, other.protocols, (a, b) => (a === b ? a : undefined));
  const addresses = bothLists(one.addresses, other.addresses, sharedRange);
  const ports = bothLists(one.ports, other.ports, sharedPorts);
  if (protocols?.length === 0 || addresses?.length === 0 || ports?.length === 0) return undefined;
  const inInterface = bothInterfaces(one.inInterface, other.inInterface);
  if (inInterface === "none") return undefined;
  const isClear =
    inInterface !== "unclear" && !areTooMany(one.addresses, other.addresses) && !areTooMany(one.ports, other.ports);
  return {
    family: one.family ?? other.family,
    protocols,
    addresses,
    ports,
    inInterface: inInterface === "unclear" ? one.inInterface : inInterface,
    sources: bothSources(one.sources, other.sources),
    isCertain: one.isCertain && other.isCertain && isClear,
  };
}

/** True when all packets of the inner are surely packets of the outer. */
export function isMatchWithin(inner: NatMatch, outer: NatMatch): boolean {
  if (!outer.isCertain) return false;
  if (outer.family !== undefined && outer.family !== inner.family) return false;
  return (
    isListWithin(inner.protocols, outer.protocols, (a, b) => a === b) &&
    isListWithin(inner.addresses, outer.addresses, isRangeWithin) &&
    isListWithin(inner.ports, outer.ports, (a, b) => a[0] >= b[0] && a[1] <= b[1]) &&
    isSenderWithin(inner, outer)
  );
}

/** True when the outer asks for no sender that the inner does not ask for as well. */
export function isSenderWithin(inner: NatMatch, outer: NatMatch): boolean {
  const isInterfaceFree = outer.inInterface === undefined || isSameInterface(inner.inInterface, outer.inInterface);
  return isInterfaceFree && outer.sources.every((source) => inner.sources.includes(source));
}

function bothSources(one: readonly string[], other: readonly string[]): readonly string[] {
  if (other.length === 0) return one;
  return one.length === 0 ? other : [...new Set([...one, ...other])];
}

/** Two sets of thousands are not compared with each other: what comes of them is not certain then. */
function areTooMany(one: readonly unknown[] | undefined, other: readonly unknown[] | undefined): boolean {
  return (one?.length ?? 0) * (other?.length ?? 0) > PAIRS_MAX;
}

function bothLists<Item>(
  one: readonly Item[] | undefined,
  other: readonly Item[] | undefined,
  both: (one: Item, other: Item) => Item | undefined,
): readonly Item[] | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  if (areTooMany(one, other)) return one.length < other.length ? one : other;
  const shared: Item[] = [];
  for (const a of one) {
    for (const b of other) {
      const item = both(a, b);
      if (item !== undefined) shared.push(item);
    }
  }
  return shared;
}

function isListWithin<Item>(
  inner: readonly Item[] | undefined,
  outer: readonly Item[] | undefined,
  isWithin: (inner: Item, outer: Item) => boolean,
): boolean {
  if (outer === undefined) return true;
  return inner?.every((a) => outer.some((b) => isWithin(a, b))) ?? false;
}

function sharedPorts(one: PortRange, other: PortRange): PortRange | undefined {
  const first = Math.max(one[0], other[0]);
  const last = Math.min(one[1], other[1]);
  return first <= last ? [first, last] : undefined;
}

/** "none" where no packet can come in by both; "unclear" where one name cannot say it. */
function bothInterfaces(
  one: InInterface | undefined,
  other: InInterface | undefined,
): InInterface | undefined | "none" | "unclear" {
  if (one === undefined || other === undefined || isSameInterface(one, other)) return one ?? other;
  if (isPattern(one.name) || isPattern(other.name)) return "unclear";
  if (one.name === other.name) return "none"; // by it and not by it
  if (one.isExcept && other.isExcept) return "unclear";
  if (one.isExcept) return other;
  return other.isExcept ? one : "none";
}

function isSameInterface(one: InInterface | undefined, other: InInterface | undefined): boolean {
  return one?.name === other?.name && one?.isExcept === other?.isExcept;
}

/** iptables ends a pattern in "+", nft in "*". */
function isPattern(name: string): boolean {
  return /[+*]$/.test(name);
}
