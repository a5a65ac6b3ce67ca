// The ports of a host in Ndiff's form of XML.
import type { PortState } from "../model/port-state.js";
import type { Protocol, ServiceFacts } from "../model/scan-event.js";
import { PROTOCOLS } from "../target/port-set.js";
import type { HostDiff, ServiceDiff } from "./compare-hosts.js";
import type { PortDiff } from "./compare-ports.js";
import { foldedGroups, isChange, listedMax, serviceAt, singlePorts } from "./diff-rows.js";
import { type PortCode, stateOf } from "./port-table.js";
import type { HostSnapshot } from "./snapshot.js";
import { element } from "./xml-text.js";

/** What differs, and what is the same if it is there. */
export function pairPorts(diff: HostDiff): string {
  const groups = diff.ports.filter((ports) => isChange(ports) || ports.verdict === "same");
  const singles = singlePorts(groups).map(({ diff: group, port }): Row => {
    const { protocol } = group;
    const changed = diff.services.some((service) => service.port === port && service.protocol === protocol);
    return { protocol, port, markup: changed ? "" : singleMarkup(group, port, diff) };
  });
  const services = diff.services.map(({ protocol, port, ...sides }): Row => {
    return { protocol, port, markup: serviceDiff({ protocol, port, ...sides }) };
  });
  const rows = [...singles, ...services].sort((one, other) => {
    return PROTOCOLS.indexOf(one.protocol) - PROTOCOLS.indexOf(other.protocol) || one.port - other.port;
  });
  return [...extraPorts(foldedGroups(groups)), ...rows.map(({ markup }) => markup)].join("");
}

interface Row {
  readonly protocol: Protocol;
  readonly port: number;
  readonly markup: string;
}

/** All ports of a host that only one report has. */
export function soloPorts(host: HostSnapshot): string {
  const folded = new Map<PortState, number>();
  const listed: string[] = [];
  for (const [protocol, table] of host.ports) {
    const counts = new Map<PortState, number>();
    const runs = table.runs();
    for (const [state, first, last] of statesOf(runs)) add(counts, state, last - first + 1);
    for (const [state, first, last] of statesOf(runs)) {
      if ((counts.get(state) ?? 0) > listedMax(isOpenState(state))) add(folded, state, last - first + 1);
      else for (let port = first; port <= last; port++) listed.push(soloPort(host, protocol, port, state));
    }
  }
  return [...extraRows(folded), ...listed].join("");
}

function add(counts: Map<PortState, number>, state: PortState, count: number): void {
  counts.set(state, (counts.get(state) ?? 0) + count);
}

function soloPort(host: HostSnapshot, protocol: Protocol, port: number, state: PortState): string {
  return portMarkup(protocol, port, state, serviceAt(host, protocol, port));
}

function isOpenState(state: PortState): boolean {
  return state === "open" || state === "open|filtered";
}

function* statesOf(runs: readonly number[]): Generator<readonly [state: PortState, first: number, last: number]> {
  for (let at = 0; at < runs.length; at += 3) {
    const state = stateOf(runs[at + 2] ?? 0);
    if (state !== undefined) yield [state, runs[at] ?? 0, runs[at + 1] ?? 0];
  }
}

function singleMarkup({ protocol, a, b, verdict }: PortDiff, port: number, host: HostDiff): string {
  const one = portMarkup(protocol, port, stateOf(a), serviceAt(host.a, protocol, port));
  const other = portMarkup(protocol, port, stateOf(b), serviceAt(host.b, protocol, port));
  return verdict === "same" ? other : element("portdiff", {}, element("a", {}, one) + element("b", {}, other));
}

/** A port that stayed open. */
function serviceDiff({ protocol, port, a, b }: ServiceDiff): string {
  const sides = [
    a === undefined ? "" : element("a", {}, serviceMarkup(a)),
    b === undefined ? "" : element("b", {}, serviceMarkup(b)),
  ];
  const content = element("state", { state: "open" }) + sides.join("");
  return element("portdiff", {}, element("port", { portid: port, protocol }, content));
}

/** A port without a state is one of which the report says nothing. */
function portMarkup(
  protocol: Protocol,
  port: number,
  state: PortState | undefined,
  service: ServiceFacts | undefined,
): string {
  const attributes = { portid: port, protocol };
  if (state === undefined) return element("port", attributes);
  return element(
    "port",
    attributes,
    element("state", { state }) + (service === undefined ? "" : serviceMarkup(service)),
  );
}

function serviceMarkup({ name, product, version, extraInfo, tunnel }: ServiceFacts): string {
  return element("service", { name, product, version, extrainfo: extraInfo, tunnel });
}

/** What is only counted: in both reports alike, in the first, in the second. */
function extraPorts(groups: readonly PortDiff[]): readonly string[] {
  const same = groups.filter(({ verdict }) => verdict === "same");
  const changed = groups.filter((group) => isChange(group));
  const rows = (side: "a" | "b") => {
    const markup = extraRows(countStates(changed, (group) => group[side])).join("");
    return markup === "" ? [] : [element(side, {}, markup)];
  };
  return [...extraRows(countStates(same, ({ b }) => b)), ...rows("a"), ...rows("b")];
}

function countStates(
  groups: readonly PortDiff[],
  codeOf: (group: PortDiff) => PortCode,
): ReadonlyMap<PortState, number> {
  const counts = new Map<PortState, number>();
  for (const group of groups) {
    const state = stateOf(codeOf(group));
    if (state !== undefined) add(counts, state, group.portCount);
  }
  return counts;
}

function extraRows(counts: ReadonlyMap<PortState, number>): readonly string[] {
  return [...counts].map(([state, count]) => element("extraports", { state, count }));
}
