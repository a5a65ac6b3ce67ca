// A comparison for programs: one JSON document, written a host at a time. docs/diff.md describes its keys.
import type { ServiceFacts } from "../model/scan-event.js";
import type { HostDiff } from "./compare-hosts.js";
import { blindSideOf, isPerhapsOpen, type PortDiff } from "./compare-ports.js";
import { type DiffSummary, isEqual } from "./compare-reports.js";
import { isListed, rangesText, serviceAt, shownHost, singlePorts } from "./diff-rows.js";
import type { DiffContext, DiffSink, DiffWriter, NamedReport } from "./diff-writer.js";
import { NOT_ASKED, NOT_TOLD, type PortCode, stateOf, UNDECIDED } from "./port-table.js";
import type { HostSnapshot } from "./snapshot.js";

/** One JSON document. */
export const diffJson: DiffWriter = {
  name: "json",
  summary: "one JSON document, for programs",
  sources: ["RFC 8259"],
  option: "--json",
  open(context: DiffContext): DiffSink {
    let isFirst = true;
    return {
      begin: () => `${asciiJson(headOf(context)).slice(0, -1)},"hosts":[`,
      host(diff) {
        if (!isTold(diff, context)) return "";
        const glue = isFirst ? "\n" : ",\n";
        isFirst = false;
        return glue + asciiJson(hostOf(diff));
      },
      end: (summary) => `\n],"summary":${asciiJson(summaryOf(summary))}}\n`,
    };
  },
};

/** Nothing but ASCII, so that no character steers a terminal or is lost on the way. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\x7f-\uffff]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function headOf({ a, b, options }: DiffContext) {
  return {
    format: "postern-diff",
    formatVersion: 1,
    by: options.by,
    onlyOpen: options.onlyOpen,
    a: reportOf(a),
    b: reportOf(b),
  };
}

function reportOf({ name, snapshot }: NamedReport) {
  const { startedAt, finishedAt, targets, isAborted, loss } = snapshot;
  return { name, startedAt, finishedAt, targets, isAborted, loss };
}

function isTold({ verdict }: HostDiff, { options }: DiffContext): boolean {
  return options.isSameWanted || verdict === "new" || verdict === "gone" || verdict === "changed";
}

function hostOf(diff: HostDiff) {
  const { a, b, verdict, blind, isMacChanged, isAddressChanged, isSystemChanged, areNamesChanged } = diff;
  const changes = Object.entries({
    mac: isMacChanged,
    address: isAddressChanged,
    system: isSystemChanged,
    names: areNamesChanged,
  });
  return {
    address: shownHost(diff)?.address,
    verdict,
    blind,
    changes: changes.filter(([, isChanged]) => isChanged).map(([name]) => name),
    a: factsOf(a),
    b: factsOf(b),
    ports: diff.ports.map((ports) => portsOf(ports, a?.status === "up", b?.status === "up")),
    services: servicesOf(diff),
  };
}

function factsOf(host: HostSnapshot | undefined) {
  if (host === undefined) return null;
  const { address, status, reason, name, names, mac, vendor, systems, end } = host;
  return { address, status, reason, name, names, mac, vendor, systems, end };
}

/** A report that does not have the host as up has no states. */
function portsOf(diff: PortDiff, isInA: boolean, isInB: boolean) {
  const { protocol, portCount, verdict } = diff;
  const states = { a: isInA ? stateName(diff.a) : null, b: isInB ? stateName(diff.b) : null };
  return { protocol, ports: rangesText(diff), portCount, verdict, blind: blindSideOf(diff), ...states };
}

function stateName(code: PortCode): string | undefined {
  const gaps: Readonly<Record<number, string>> = {
    [NOT_ASKED]: "not-asked",
    [NOT_TOLD]: "not-told",
    [UNDECIDED]: "undecided",
  };
  return stateOf(code) ?? gaps[code];
}

/** What is behind the ports that are shown, and what has changed behind those that stayed open. */
function servicesOf({ ports, services, a, b }: HostDiff) {
  const changed = services.map(({ protocol, port, ...sides }) => {
    return { protocol, port, isChanged: true, a: serviceOf(sides.a), b: serviceOf(sides.b) };
  });
  const open = ports.filter((diff) => isListed(diff) && (isPerhapsOpen(diff.a) || isPerhapsOpen(diff.b)));
  const shown = singlePorts(open).flatMap(({ diff: { protocol }, port }) => {
    if (services.some((one) => one.port === port && one.protocol === protocol)) return [];
    const sides = { a: serviceOf(serviceAt(a, protocol, port)), b: serviceOf(serviceAt(b, protocol, port)) };
    return sides.a === null && sides.b === null ? [] : [{ protocol, port, isChanged: false, ...sides }];
  });
  return [...changed, ...shown];
}

function serviceOf(service: ServiceFacts | undefined) {
  if (service === undefined) return null;
  const { name, method, tunnel, product, version, extraInfo, hostname, osType, deviceType, cpes } = service;
  return { name, method, tunnel, product, version, extraInfo, hostname, osType, deviceType, cpes };
}

function summaryOf(summary: DiffSummary) {
  const { doubts, ...counts } = summary;
  const told = doubts.map(({ kind, blind, count, openCount }) => ({ ...kind, blind, count, openCount }));
  return { isEqual: isEqual(summary), ...counts, doubts: told };
}
