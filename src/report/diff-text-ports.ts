// The ports of a host in a comparison for people.
import type { Protocol, ServiceFacts } from "../model/scan-event.js";
import type { HostDiff, ServiceDiff, Side } from "./compare-hosts.js";
import { blindSideOf, isPortDoubt, type PortDiff } from "./compare-ports.js";
import {
  foldedGroups,
  isChange,
  openSideOf,
  rangesText,
  type SinglePort,
  serviceAt,
  singlePorts,
} from "./diff-rows.js";
import { portDoubtText } from "./diff-text-summary.js";
import type { DiffContext } from "./diff-writer.js";
import { nounOf } from "./normal-ports.js";
import { NOT_ASKED, NOT_TOLD, type PortCode, stateOf, UNDECIDED } from "./port-table.js";
import { printable } from "./printable.js";
import { groupDigits } from "./quantity.js";
import { textTable } from "./text-table.js";

/** More closed or filtered ports than this are shown as ranges. */
const OTHERS_LISTED_MAX = 3;

/** Ranges longer than this are shown with -v only. */
const RANGES_MAX = 60;

const MARKS: Readonly<Partial<Record<PortDiff["verdict"], string>>> = {
  opened: "+",
  closed: "-",
  changed: "~",
  same: " ",
};

/** Lines for all ports that are to be shown, the most important first. */
export function portLines(diff: HostDiff, context: DiffContext): readonly string[] {
  const groups = diff.ports.filter((group) => context.options.isSameWanted || isChange(group));
  const isOne = diff.a?.status !== "up" || diff.b?.status !== "up";
  const othersMax = isOne ? 0 : OTHERS_LISTED_MAX;
  const services = new Set(diff.services.map(({ protocol, port }) => `${port}/${protocol}`));
  const singles = singlePorts(groups, othersMax).filter(({ diff: { protocol }, port }) => {
    return !services.has(`${port}/${protocol}`);
  });
  const rowsOf = (isWanted: (group: PortDiff) => boolean) =>
    singles.filter((single) => isWanted(single.diff)).map((single) => singleRow(single, diff, context));
  const rows = [
    ...rowsOf(isChange),
    ...diff.services.map((service) => serviceRow(service, context)),
    ...rowsOf((group) => !isChange(group)),
  ];
  const folded = foldedGroups(groups, othersMax).flatMap((group) => foldedLines(group, isOne, context));
  return [...textTable(rows), ...folded].map((line) => `  ${line}`);
}

function singleRow({ diff, port }: SinglePort, host: HostDiff, context: DiffContext): readonly string[] {
  const side = openSideOf(diff);
  const service = side === undefined ? "" : serviceText(host, side, diff.protocol, port, context);
  const doubt = doubtText(diff, context);
  return [
    MARKS[diff.verdict] ?? "?",
    numberText(port, diff.protocol),
    `${changeText(diff)} `,
    [service, doubt].filter((text) => text !== "").join("  "),
  ];
}

function serviceRow({ protocol, port, a, b }: ServiceDiff, context: DiffContext): readonly string[] {
  const [one, other] = [a, b].map((service) => factsText(service, context.serviceName(port, protocol)));
  return ["~", numberText(port, protocol), "open ", `${one} -> ${other}`];
}

function foldedLines(diff: PortDiff, isOne: boolean, context: DiffContext): readonly string[] {
  const ranges = rangesText(diff);
  const isShort = ranges.length <= RANGES_MAX;
  const noun = `${nounOf(diff.protocol)}${diff.portCount === 1 ? "" : "s"}`;
  // What a host that is new or gone has besides open ports has not changed.
  const mark = isOne && diff.verdict === "changed" ? " " : (MARKS[diff.verdict] ?? "?");
  const what = `${mark} ${groupDigits(diff.portCount)} ${diff.protocol} ${noun} ${changeText(diff)}`;
  const doubt = doubtText(diff, context);
  const line = [isShort ? `${what}: ${ranges}` : what, doubt].filter((text) => text !== "").join("  ");
  return isShort || !context.options.isSameWanted ? [line] : [line, `    ${ranges}`];
}

/** "22/tcp"; protocols of IP have numbers alone. */
function numberText(port: number, protocol: Protocol): string {
  return protocol === "ip" ? `protocol ${port}` : `${port}/${protocol}`;
}

function changeText(diff: PortDiff): string {
  const { a, b, verdict } = diff;
  if (verdict === "same") return stateText(b);
  // The ports of a host that is new or gone have one state.
  if (isChange(diff) && a === NOT_ASKED) return stateText(b);
  if (isChange(diff) && b === NOT_ASKED) return stateText(a);
  return `${stateText(a)} -> ${stateText(b)}`;
}

function stateText(code: PortCode): string {
  switch (code) {
    case NOT_ASKED:
      return "not asked";
    case NOT_TOLD:
      return "not listed";
    case UNDECIDED:
      return "undecided";
    default:
      return stateOf(code) ?? "unknown";
  }
}

function doubtText(diff: PortDiff, context: DiffContext): string {
  const { verdict } = diff;
  return isPortDoubt(verdict) ? `[${portDoubtText(verdict, blindSideOf(diff), context)}]` : "";
}

function serviceText(host: HostDiff, side: Side, protocol: Protocol, port: number, context: DiffContext): string {
  return factsText(serviceAt(host[side], protocol, port), context.serviceName(port, protocol));
}

/** "ssl/http nginx 1.24 (Debian)"; the registered name where nothing is known. */
function factsText(service: ServiceFacts | undefined, registered: string | undefined): string {
  if (service === undefined) return registered ?? "unknown";
  const { tunnel, name, product, version, extraInfo } = service;
  const parts = [tunnel === undefined ? name : `${tunnel}/${name}`, product, version];
  const text = parts.filter((part) => part !== undefined && part !== "").join(" ");
  return printable(extraInfo === undefined || extraInfo === "" ? text : `${text} (${extraInfo})`);
}
