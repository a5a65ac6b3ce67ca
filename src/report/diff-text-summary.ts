// The end of a comparison for people: what it comes to, and what could not be told, with the reason.
import type { HostDoubt, Side } from "./compare-hosts.js";
import type { PortDoubt } from "./compare-ports.js";
import { type DiffSummary, type DoubtCount, isEqual } from "./compare-reports.js";
import type { DiffContext } from "./diff-writer.js";
import { printable } from "./printable.js";
import { countOf, groupDigits, percentAbout } from "./quantity.js";

/** All lines of the end. */
export function summaryLines(summary: DiffSummary, context: DiffContext): readonly string[] {
  const doubts = [...summary.doubts.map((doubt) => doubtLine(doubt, context)), ...untoldLines(context)];
  const hint = summary.doubts.length > 0 && !context.options.isSameWanted ? ["  (-v shows them)"] : [];
  return [...(isEqual(summary) ? [equalLine(summary)] : changeLines(summary)), ...doubts, ...hint];
}

/** Why a host is no change, as a clause. */
export function hostDoubtText(doubt: HostDoubt, blind: Side | undefined, context: DiffContext): string {
  const name = nameOf(blind, context);
  switch (doubt) {
    case "not-scanned":
      return `not among the targets of ${name}`;
    case "stopped":
      return `${name} was stopped before it came to that`;
    case "only-listed":
      return `${name} lists it without having asked`;
    case "lossy":
      return `silent in ${name}, which lost ${lossText(blind, context)} of what was sent`;
    case "unseen":
      return `taken as up by ${name} (-Pn), and silent`;
  }
}

/** Why a port is no change, as a clause. */
export function portDoubtText(doubt: PortDoubt, blind: Side | undefined, context: DiffContext): string {
  const name = nameOf(blind, context);
  switch (doubt) {
    case "not-asked":
      return `not asked by ${name}`;
    case "undecided":
      return `not decided when ${name} left the host`;
    case "not-told":
      return `${name} tells open ports only`;
    case "lossy":
      return `silent in ${name}, which lost packets on the way`;
    case "imprecise":
      return `${name} could not tell closed from filtered`;
    case "other-technique":
      return "asked by another technique";
  }
}

function nameOf(side: Side | undefined, context: DiffContext): string {
  return side === undefined ? "both" : printable(context[side].name);
}

function lossText(side: Side | undefined, context: DiffContext): string {
  return side === undefined ? "some" : percentAbout(context[side].snapshot.loss.lossShare);
}

function equalLine({ hostsCompared, portsCompared }: DiffSummary): string {
  return `No changes: ${countOf(hostsCompared, "host")} and ${countOf(portsCompared, "port")} compared.`;
}

function changeLines(summary: DiffSummary): readonly string[] {
  const hosts = [
    ...part(summary.hostsNew, "host new", "hosts new"),
    ...part(summary.hostsGone, "host gone", "hosts gone"),
    ...(summary.hostsChanged > 0
      ? [`${groupDigits(summary.hostsChanged)} of ${countOf(summary.hostsCompared, "host")} changed`]
      : []),
  ];
  const changes = [
    ...part(summary.portsOpened, "port opened", "ports opened"),
    ...part(summary.portsClosed, "port closed", "ports closed"),
    ...part(summary.portsChanged, "port changed otherwise", "ports changed otherwise"),
    ...part(summary.servicesChanged, "service"),
    ...part(summary.systemsChanged, "system"),
    ...part(summary.macsChanged, "MAC address", "MAC addresses"),
    ...part(summary.addressesChanged, "address", "addresses"),
    ...part(summary.namesChanged, "host with other names", "hosts with other names"),
  ];
  return [hosts, changes].filter((parts) => parts.length > 0).map((parts) => `${parts.join(", ")}.`);
}

function part(count: number, one: string, many?: string): readonly string[] {
  return count === 0 ? [] : [countOf(count, one, many)];
}

function doubtLine({ kind, blind, count, openCount }: DoubtCount, context: DiffContext): string {
  if (kind.of === "hosts") {
    const open = openCount === 0 ? "" : ` with ${countOf(openCount, "open port")}`;
    return `? ${countOf(count, "host")}${open}: ${hostDoubtText(kind.doubt, blind, context)}`;
  }
  const isAllOpen = openCount === count;
  const open = openCount === 0 || isAllOpen ? "" : `, ${groupDigits(openCount)} of them open`;
  const ports = countOf(count, isAllOpen ? "open port" : "port");
  return `? ${ports}${open}: ${portDoubtText(kind.doubt, blind, context)}`;
}

/** What only one of two reports with hosts speaks of at all. */
function untoldLines({ a, b, options }: DiffContext): readonly string[] {
  if (a.snapshot.hosts.size === 0 || b.snapshot.hosts.size === 0) return [];
  const isOnly = (kind: "services" | "systems" | "names") => a.snapshot.told[kind] !== b.snapshot.told[kind];
  const line = (kind: "services" | "systems" | "names", words: string) => {
    return isOnly(kind) ? [`? ${words} are in ${printable(a.snapshot.told[kind] ? a.name : b.name)} only`] : [];
  };
  const services = line("services", "versions of services");
  if (options.onlyOpen) return services;
  // Names come and go with -n, and are seldom the question.
  return [...services, ...line("systems", "systems"), ...(options.isSameWanted ? line("names", "names") : [])];
}
