// What of a host is open now, as somebody would write it down: what waits, and whom the firewall lets in to it.

import type { HostEnvironment } from "../firewall/packet-question.js";
import { type Interval, IntervalSet } from "../firewall/reach/interval-set.js";
import { findReach, type ReachAnswer, type ReachRegion } from "../firewall/reach/reach.js";
import { plainAddress, walkAddress } from "../firewall/walk/walk-address.js";
import type { InsideFact } from "../model/audit-report.js";
import { type Address, formatAddress, isSameHost } from "../target/address.js";
import type { AskedPort } from "../vantage/vantage.js";
import type { AuditSubject } from "./audit-subject.js";
import { InsidePlaces } from "./inside-places.js";

/** A port that others reach. */
export interface OpenDoor {
  readonly port: AskedPort;
  /** Programs that have it; empty where it is led elsewhere, or nobody knows. */
  readonly processes: readonly string[];
  /** Units, containers, or where it is led to: words for people. Text from outside. */
  readonly remark: string | undefined;
  /** Networks that are let in; undefined for everybody, also where the rules are not known. */
  readonly sources: readonly string[] | undefined;
}

const PROTOCOL_NUMBERS = { tcp: 6, udp: 17 } as const;
/** A rule for more networks than this is better described by somebody who knows what they are. */
const SOURCES_MAX = 64;

/** The doors of a host. Nothing is sent to find them. */
export function presentDoors({ inside, userNames, ruleset, environment }: AuditSubject): readonly OpenDoor[] {
  if (inside === undefined) return [];
  const places = new InsidePlaces(inside, userNames);
  const { addresses } = places;
  return addresses.flatMap((address) => {
    const reach =
      ruleset === undefined || environment === undefined ? undefined : reachOf(ruleset, environment, address);
    const waiting = places.ports().map((port) => ({ ...port, address }));
    const own = waiting.flatMap((port) => ownDoor(port, places.waitingAt(port), reach?.local, addresses));
    return [...own, ...(reach === undefined ? [] : ledDoors(address, reach.published, addresses))];
  });
}

/** For a packet that comes in by the interface that has the address. */
function reachOf(
  ruleset: NonNullable<AuditSubject["ruleset"]>,
  environment: HostEnvironment,
  destination: Address,
): ReachAnswer | undefined {
  const own = environment.interfaces.find(({ addresses }) =>
    addresses.some(({ address }) => isSameHost(address, destination)),
  );
  if (own === undefined) return undefined;
  return findReach(
    ruleset,
    {
      inputInterface: own.name,
      destination,
      sourcePort: undefined,
      flags: ["syn"],
      track: "new",
      protocols: Object.values(PROTOCOL_NUMBERS),
    },
    environment,
  );
}

function ownDoor(
  port: AskedPort,
  waiting: readonly InsideFact[],
  regions: readonly ReachRegion[] | undefined,
  addresses: readonly Address[],
): readonly OpenDoor[] {
  if (waiting.length === 0) return [];
  const own = regions?.filter((region) => isFor(region, port));
  if (own?.length === 0) return [];
  const remarks = waiting.flatMap(({ unit, container }) =>
    container === undefined ? (unit ?? []) : `container ${container}`,
  );
  return [
    {
      port,
      processes: [...new Set(waiting.flatMap(({ process }) => process ?? []))],
      remark: remarks.length === 0 ? undefined : [...new Set(remarks)].join(", "),
      sources: own === undefined ? undefined : sourcesOf(own, addresses),
    },
  ];
}

/** Ports that translation leads to other hosts or containers: each, where they are few. */
function ledDoors(
  address: Address,
  published: readonly ReachRegion[],
  addresses: readonly Address[],
): readonly OpenDoor[] {
  return published.flatMap((region) => {
    const protocol = (["tcp", "udp"] as const).find((name) => PROTOCOL_NUMBERS[name] === region.protocol);
    if (protocol === undefined || region.ports === undefined) return [];
    const single = region.ports.intervals().flatMap(([low, high]) => (low === high ? Number(low) : []));
    const to = region.to === undefined ? "" : formatAddress(plainAddress(region.to.address));
    return single.map((port) => ({
      port: { address, protocol, port },
      processes: [],
      remark: `led to ${to}${region.to?.port === undefined ? "" : `, port ${region.to.port}`}`,
      sources: sourcesOf([region], addresses),
    }));
  });
}

function isFor({ protocol, ports }: ReachRegion, port: AskedPort): boolean {
  return protocol === PROTOCOL_NUMBERS[port.protocol] && (ports?.has(port.port) ?? true);
}

/** The networks of regions; undefined where they are everybody, or too many to be written down. */
function sourcesOf(regions: readonly ReachRegion[], own: readonly Address[]): readonly string[] | undefined {
  if (regions.some(({ sources, everywhere }) => sources.gapsIn(everywhere, 1).count === 0)) return undefined;
  const networks = regions.flatMap(({ sources, family }) =>
    withOwn(sources, own, family).flatMap(([low, high]) => networksOf(BigInt(low), BigInt(high), family)),
  );
  return networks.length > SOURCES_MAX ? undefined : networks;
}

/** A host takes no packet from itself, which makes holes in networks that nobody has written. */
function withOwn(sources: IntervalSet, own: readonly Address[], family: 4 | 6): readonly Interval[] {
  const holes = own.filter((address) => address.family === family).map(walkAddress);
  const filled = IntervalSet.of([...sources.intervals(SOURCES_MAX + 1), ...holes.map((one): Interval => [one, one])]);
  return filled.intervals().filter(([low, high]) => low !== high || sources.has(low));
}

/** A range as networks, each as wide as it can be. */
function networksOf(low: bigint, high: bigint, family: 4 | 6): readonly string[] {
  const width = family === 4 ? 32n : 128n;
  const networks: string[] = [];
  for (let first = low; first <= high && networks.length <= SOURCES_MAX; ) {
    let open = 0n;
    while (open < width && first % (2n << open) === 0n && first + (2n << open) - 1n <= high) open++;
    const address = formatAddress(plainAddress(family === 4 ? Number(first) : first));
    networks.push(open === 0n ? address : `${address}/${width - open}`);
    first += 1n << open;
  }
  return networks;
}
