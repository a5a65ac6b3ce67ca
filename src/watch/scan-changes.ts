// What has changed between what is believed of a network and a scan of it: only what both could see, and only what a second look
// has seen, too.
import type { Severity } from "../model/audit-report.js";
import type { Reason } from "../model/reason.js";
import type { ServiceFacts } from "../model/scan-event.js";
import type { HostDiff, ServiceDiff } from "../report/compare-hosts.js";
import { isPerhapsOpen, type PortDiff } from "../report/compare-ports.js";
import { isChange, rangesText } from "../report/diff-rows.js";
import { NOT_ASKED, NOT_TOLD, type PortCode, stateOf, UNDECIDED } from "../report/port-table.js";
import type { Change } from "./change.js";

/** Why a host is not up, where this machine is to blame: then nobody has looked whether the host is there. */
const OWN_TROUBLE: ReadonlySet<Reason> = new Set<Reason>([
  "no-route",
  "local-firewall",
  "perm-denied",
  "reject-route",
  "beyond-scope",
]);

/** As many as a comparison lists of one state. */
const SINGLE_PORTS_MAX = 25;

/** True where a host is new, gone or otherwise, and this machine was able to see that. */
export function isTellable({ verdict, b }: HostDiff): boolean {
  if (verdict === "gone") return b === undefined || !OWN_TROUBLE.has(b.reason);
  return verdict === "new" || verdict === "changed";
}

/** What two looks, one after the other, have seen alike of a host; undefined where that is nothing. */
export function confirmed(first: HostDiff | undefined, second: HostDiff): HostDiff | undefined {
  if (first === undefined || !isTellable(second) || first.verdict !== second.verdict) return undefined;
  if (second.verdict !== "changed") return second;
  const ports = second.ports.filter(isChange).flatMap((diff) => sharedPorts(diff, first.ports));
  const services = second.services.filter((one) => first.services.some((other) => isSameService(one, other)));
  const marks = {
    isSystemChanged: first.isSystemChanged && second.isSystemChanged,
    areNamesChanged: first.areNamesChanged && second.areNamesChanged,
    isMacChanged: first.isMacChanged && second.isMacChanged && first.b?.mac === second.b?.mac,
  };
  const hasAny = ports.length + services.length > 0 || Object.values(marks).includes(true);
  return hasAny ? { ...second, ports, services, ...marks } : undefined;
}

function isSameService(one: ServiceDiff, other: ServiceDiff): boolean {
  return one.port === other.port && one.protocol === other.protocol && serviceText(one.b) === serviceText(other.b);
}

/** The ports of a change that the first look has seen change into the same state. */
function sharedPorts(diff: PortDiff, firsts: readonly PortDiff[]): readonly PortDiff[] {
  return firsts.flatMap((first): readonly PortDiff[] => {
    const isAlike = first.protocol === diff.protocol && isChange(first) && stateOf(first.b) === stateOf(diff.b);
    const bounds = isAlike ? sharedBounds(first.bounds, diff.bounds) : [];
    return bounds.length === 0 ? [] : [{ ...diff, bounds, portCount: countOf(bounds) }];
  });
}

/** What two lists of ascending ranges have in common. */
export function sharedBounds(one: readonly number[], other: readonly number[]): readonly number[] {
  const shared: number[] = [];
  for (let at = 0, against = 0; at < one.length && against < other.length; ) {
    const first = Math.max(one[at] ?? 0, other[against] ?? 0);
    const last = Math.min(one[at + 1] ?? 0, other[against + 1] ?? 0);
    if (first <= last) shared.push(first, last);
    if ((one[at + 1] ?? 0) < (other[against + 1] ?? 0)) at += 2;
    else against += 2;
  }
  return shared;
}

function countOf(bounds: readonly number[]): number {
  let count = 0;
  for (let at = 0; at < bounds.length; at += 2) count += (bounds[at + 1] ?? 0) - (bounds[at] ?? 0) + 1;
  return count;
}

/** What changed of a host, a change for each group of ports that had the same state and has the same now. */
export function changesOfHost(diff: HostDiff): readonly Change[] {
  const address = (diff.b ?? diff.a)?.address ?? "";
  const title = diff.b?.names[0] ?? diff.a?.names[0] ?? "";
  const host = { what: "host", severity: "low", place: address, title } as const;
  if (diff.verdict === "gone") return [{ ...host, kind: "gone", before: "up", after: "down" }];
  const isNew = diff.verdict === "new";
  const ports = diff.ports.filter((one) => isChange(one) && (!isNew || isPerhapsOpen(one.b)));
  return [
    ...(isNew ? [{ ...host, kind: "new", before: undefined, after: "up" } as const] : []),
    ...ports.flatMap(singly).map((one) => portChange(diff, one, `${address}/${one.protocol}/${rangesText(one)}`)),
    ...diff.services.map((one) => serviceChange(one, `${address}/${one.protocol}/${one.port}`)),
    ...traitChanges(diff, address),
  ];
}

/** A few ports are told one by one, many as ranges. */
function singly(diff: PortDiff): readonly PortDiff[] {
  if (diff.portCount > SINGLE_PORTS_MAX) return [diff];
  return [...portsOf(diff)].map((port) => ({ ...diff, bounds: [port, port], portCount: 1 }));
}

function* portsOf({ bounds }: PortDiff): Generator<number> {
  for (let at = 0; at < bounds.length; at += 2) {
    for (let port = bounds[at] ?? 0; port <= (bounds[at + 1] ?? 0); port++) yield port;
  }
}

function serviceChange({ a, b }: ServiceDiff, place: string): Change {
  const sides = { before: serviceText(a) ?? "unknown", after: serviceText(b) ?? "unknown" };
  return { kind: "changed", what: "service", place, severity: "low", ...sides, title: "" };
}

function traitChanges({ a, b, ...diff }: HostDiff, place: string): readonly Change[] {
  const changes: Change[] = [];
  const add = (what: "system" | "names" | "mac", severity: Severity, before = "none", after = "none") => {
    changes.push({ kind: "changed", what, place, severity, before, after, title: what });
  };
  if (diff.isSystemChanged) add("system", "info", a?.systems[0]?.name, b?.systems[0]?.name);
  if (diff.areNamesChanged) add("names", "info", a?.names.join(" "), b?.names.join(" "));
  // Another MAC address under the same IP address may be another machine.
  if (diff.isMacChanged) add("mac", "medium", a?.mac, b?.mac);
  return changes;
}

function portChange(diff: HostDiff, ports: PortDiff, place: string): Change {
  const isSingle = ports.portCount === 1;
  const port = ports.bounds[0];
  const row = diff.b?.services.find((one) => isSingle && one.port === port && one.protocol === ports.protocol);
  const kind = ports.verdict === "opened" ? "new" : ports.verdict === "closed" ? "gone" : "changed";
  const severity: Severity = ports.verdict === "opened" ? "medium" : "info";
  const count = isSingle ? "" : `${ports.portCount} ports`;
  const title = row === undefined ? count : (serviceText(row.service) ?? "");
  const before = diff.verdict === "new" ? undefined : stateName(ports.a);
  return { kind, what: "port", place, severity, before, after: stateName(ports.b), title };
}

function stateName(code: PortCode): string {
  const gaps: Readonly<Record<number, string>> = {
    [NOT_ASKED]: "not asked",
    [NOT_TOLD]: "not open",
    [UNDECIDED]: "undecided",
  };
  return stateOf(code) ?? gaps[code] ?? "unknown";
}

function serviceText(service: ServiceFacts | undefined): string | undefined {
  if (service === undefined) return undefined;
  return [service.name, service.product, service.version].filter((part) => part !== undefined).join(" ");
}
