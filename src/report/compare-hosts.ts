// Compares one host in two reports: whether it is there, its ports, services, systems and names.
import type { Protocol, ServiceFacts } from "../model/scan-event.js";
import { PROTOCOLS } from "../target/port-set.js";
import { comparedPortCount, comparePorts, isPerhapsOpen, type PortDiff, type PortSide } from "./compare-ports.js";
import { NOT_ASKED, NOT_TOLD, stateOf, UNDECIDED } from "./port-table.js";
import { type HostSnapshot, isUnseen, type OsRow, type ServiceRow, type Snapshot } from "./snapshot.js";

/** One of the two reports. */
export type Side = "a" | "b";

/** How a host has changed. */
export type HostChange = "new" | "gone" | "changed";

/** Why a host that is up in one report only is no change. */
export type HostDoubt = "not-scanned" | "stopped" | "only-listed" | "lossy" | "unseen";

/** What came of comparing a host. */
export type HostVerdict = HostChange | HostDoubt | "same";

/** A service that changed on a port that is open in both reports. */
export interface ServiceDiff {
  readonly protocol: Protocol;
  readonly port: number;
  /** `undefined` where the port was asked and nothing was recognised. */
  readonly a: ServiceFacts | undefined;
  readonly b: ServiceFacts | undefined;
}

/** One host in both reports. */
export interface HostDiff {
  readonly a: HostSnapshot | undefined;
  readonly b: HostSnapshot | undefined;
  readonly verdict: HostVerdict;
  /** The report that cannot tell, where the verdict is a doubt. */
  readonly blind: Side | undefined;
  readonly ports: readonly PortDiff[];
  readonly services: readonly ServiceDiff[];
  readonly isSystemChanged: boolean;
  readonly areNamesChanged: boolean;
  readonly isMacChanged: boolean;
  /** Where hosts are matched by something else. */
  readonly isAddressChanged: boolean;
  /** Ports that both have a state for. */
  readonly comparedPortCount: number;
}

/** What is looked at. */
export interface CompareOptions {
  /** By what hosts of the two reports are the same. */
  readonly by: "address" | "mac" | "name";
  /** Only what concerns open ports. */
  readonly onlyOpen: boolean;
  /** Tells what is the same, too. */
  readonly isSameWanted: boolean;
}

/** The two reports, and what is looked at. */
export interface ComparePair {
  readonly a: Snapshot;
  readonly b: Snapshot;
  readonly options: CompareOptions;
}

/** From half a port on a loss makes silence doubtful; so it is from the report's own point of view. */
const LOSSY_ESTIMATE = 0.5;

/** A run that lost a tenth misses a host of two tries in a hundred: more than change in most networks from day to day. */
const LOSSY_RUN_SHARE = 0.1;

/** Compares a host; `undefined` when it is up in none of the reports. */
export function compareHost(
  a: HostSnapshot | undefined,
  b: HostSnapshot | undefined,
  pair: ComparePair,
): HostDiff | undefined {
  const isUp = { a: a?.status === "up", b: b?.status === "up" };
  if (a !== undefined && b !== undefined && isUp.a && isUp.b) return compareBoth(a, b, pair);
  if (isUp.b && b !== undefined) return compareOne(b, a, "b", pair);
  return isUp.a && a !== undefined ? compareOne(a, b, "a", pair) : undefined;
}

/** A host that is up in one report. */
function compareOne(host: HostSnapshot, other: HostSnapshot | undefined, side: Side, pair: ComparePair): HostDiff {
  const blindSide: Side = side === "a" ? "b" : "a";
  const doubt = isUnseen(host) ? "unseen" : absenceDoubt(host.address, other, pair[blindSide]);
  const ports = onlyPorts(host, side).filter((diff) => isWantedPort(diff, pair.options));
  const hasOpen = ports.some(({ a, b }) => isPerhapsOpen(a) || isPerhapsOpen(b));
  const change: HostVerdict = pair.options.onlyOpen && !hasOpen ? "same" : side === "b" ? "new" : "gone";
  return {
    a: side === "a" ? host : other,
    b: side === "b" ? host : other,
    verdict: doubt ?? change,
    blind: doubt === undefined ? undefined : doubt === "unseen" ? side : blindSide,
    ports,
    services: [],
    isSystemChanged: false,
    areNamesChanged: false,
    isMacChanged: false,
    isAddressChanged: false,
    comparedPortCount: 0,
  };
}

/** Why a host that a report does not have, or not as up, may be up all the same. */
function absenceDoubt(address: string, host: HostSnapshot | undefined, report: Snapshot): HostDoubt | undefined {
  if (host?.status === "listed") return "only-listed";
  if (host === undefined) {
    if (report.coverage.of(address) === "not-asked") return "not-scanned";
    if (report.isAborted) return "stopped";
  }
  const isSilence = host === undefined || host.reason === "no-response";
  return isSilence && report.loss.lossShare >= LOSSY_RUN_SHARE ? "lossy" : undefined;
}

/** The ports of a host that the other report does not have. */
function onlyPorts(host: HostSnapshot, side: Side): readonly PortDiff[] {
  const none: PortSide = {
    table: undefined,
    gap: NOT_ASKED,
    gapRanges: undefined,
    isLossy: false,
    technique: undefined,
  };
  return [...host.ports.keys()].flatMap((protocol) => {
    const one: PortSide = { ...none, table: host.ports.get(protocol) };
    const diffs = side === "a" ? comparePorts(protocol, one, none, false) : comparePorts(protocol, none, one, false);
    return diffs.map((diff): PortDiff => {
      const isOpen = isPerhapsOpen(side === "a" ? diff.a : diff.b);
      return { ...diff, verdict: isOpen ? (side === "a" ? "closed" : "opened") : "changed" };
    });
  });
}

function compareBoth(a: HostSnapshot, b: HostSnapshot, pair: ComparePair): HostDiff {
  const { onlyOpen, by } = pair.options;
  const ports: PortDiff[] = [];
  let compared = 0;
  for (const protocol of PROTOCOLS) {
    if (!a.ports.has(protocol) && !b.ports.has(protocol)) continue;
    const left = sideOf(a, pair.a, protocol);
    const right = sideOf(b, pair.b, protocol);
    compared += comparedPortCount(left, right);
    ports.push(...comparePorts(protocol, left, right, pair.options.isSameWanted));
  }
  const wanted = ports.filter((diff) => isWantedPort(diff, pair.options));
  const services = compareServices(a, b, pair);
  const areNamesChanged = !onlyOpen && pair.a.told.names && pair.b.told.names && !isSameNames(a.names, b.names);
  const isSystemChanged = !onlyOpen && isOtherSystem(a.systems, b.systems);
  const isMacChanged = !onlyOpen && a.mac !== undefined && b.mac !== undefined && a.mac !== b.mac;
  const isAddressChanged = by !== "address" && !onlyOpen && a.address !== b.address;
  const isChanged =
    wanted.some(({ verdict }) => verdict === "opened" || verdict === "closed" || verdict === "changed") ||
    services.length > 0 ||
    [areNamesChanged, isSystemChanged, isMacChanged, isAddressChanged].includes(true);
  return {
    a,
    b,
    verdict: isChanged ? "changed" : "same",
    blind: undefined,
    ports: wanted,
    services,
    isSystemChanged,
    areNamesChanged,
    isMacChanged,
    isAddressChanged,
    comparedPortCount: compared,
  };
}

function isWantedPort({ a, b }: PortDiff, { onlyOpen }: CompareOptions): boolean {
  return !onlyOpen || isPerhapsOpen(a) || isPerhapsOpen(b);
}

/** What a report says of the ports of one host, and what it means that it does not speak of one. */
function sideOf(host: HostSnapshot, report: Snapshot, protocol: Protocol): PortSide {
  const table = host.ports.get(protocol);
  const asked = report.asked.get(protocol);
  const common = { table, isLossy: isLossyHost(host, report), technique: report.techniques.get(protocol) };
  if (host.end !== "done") {
    return { ...common, gap: UNDECIDED, gapRanges: report.hasOwnPorts ? undefined : asked };
  }
  // A list of open ports alone: masscan's, or what --open left. Without a word of what was asked it may be all ports.
  if (!report.told.closedPorts) return { ...common, gap: NOT_TOLD, gapRanges: asked };
  const isAsked = asked !== undefined && !(report.hasOwnPorts && hasClosedPort(host));
  return isAsked ? { ...common, gap: NOT_TOLD, gapRanges: asked } : { ...common, gap: NOT_ASKED, gapRanges: undefined };
}

function hasClosedPort(host: HostSnapshot): boolean {
  return [...host.ports.values()].some((table) => table.some((code) => !isPerhapsOpen(code)));
}

/** True where silence of the host may be loss. */
export function isLossyHost(host: HostSnapshot, report: Snapshot): boolean {
  const loss = report.told.hostLoss ? host.loss : report.loss;
  return loss.missedEstimate >= LOSSY_ESTIMATE;
}

function compareServices(a: HostSnapshot, b: HostSnapshot, pair: ComparePair): readonly ServiceDiff[] {
  if (!pair.a.told.services || !pair.b.told.services) return [];
  if (a.services.length + b.services.length === 0) return [];
  const left = probedRows(a);
  const right = probedRows(b);
  const keys = new Map([...left, ...right].map(([key, { protocol, port }]) => [key, { protocol, port }]));
  return [...keys].flatMap(([key, { protocol, port }]) => {
    if (!isOpenIn(a, protocol, port) || !isOpenIn(b, protocol, port)) return [];
    const [one, other] = [left.get(key)?.service, right.get(key)?.service];
    // Nothing recognised on a lossy way is no finding.
    if (one === undefined && isLossyHost(a, pair.a)) return [];
    if (other === undefined && isLossyHost(b, pair.b)) return [];
    return isSameService(one, other) ? [] : [{ protocol, port, a: one, b: other }];
  });
}

function probedRows({ services }: HostSnapshot): ReadonlyMap<string, ServiceRow> {
  const probed = services.filter(({ service }) => service.method === "probed");
  return new Map(probed.map((row) => [`${row.port}/${row.protocol}`, row]));
}

function isOpenIn(host: HostSnapshot, protocol: Protocol, port: number): boolean {
  const code = host.ports.get(protocol)?.codeAt(port);
  return code !== undefined && stateOf(code) === "open";
}

function isSameService(one: ServiceFacts | undefined, other: ServiceFacts | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const keys = ["name", "tunnel", "product", "version", "extraInfo"] as const;
  return one === other || keys.every((key) => one[key] === other[key]);
}

/** Guesses come and go: a system has changed where no best guess of one report is among the best of the other. */
function isOtherSystem(one: readonly OsRow[], other: readonly OsRow[]): boolean {
  if (one.length === 0 || other.length === 0) return false;
  const names = new Set(bestOf(one));
  return !bestOf(other).some((name) => names.has(name));
}

function bestOf(rows: readonly OsRow[]): readonly string[] {
  const best = Math.max(...rows.map(({ accuracy }) => accuracy));
  return rows.filter(({ accuracy }) => accuracy === best).map(({ name }) => name);
}

/** Without regard to order, to case (RFC 4343) and to the root's dot. */
function isSameNames(one: readonly string[], other: readonly string[]): boolean {
  return nameKey(one) === nameKey(other);
}

function nameKey(names: readonly string[]): string {
  return names.map(plainName).sort().join("\n");
}

/** A name as it is compared. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}
