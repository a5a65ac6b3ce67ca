// What is let in, for people: regions as tables, what leads elsewhere apart.
import { protocolName } from "../../firewall/protocol-names.js";
import type { Interval } from "../../firewall/reach/interval-set.js";
import type { ReachAnswer, ReachRegion } from "../../firewall/reach/reach.js";
import { plainAddress } from "../../firewall/walk/walk-address.js";
import { formatAddress } from "../../target/address.js";
import { type Column, fittedTable } from "../fitted-table.js";
import { printable } from "../printable.js";
import { groupDigits } from "../quantity.js";
import { portTexts, sourceText } from "./source-text.js";

const PIECES_MAX = 6;

/** Names of services by port; undefined where there is none. */
export type ServiceName = (port: number, protocol: string) => string | undefined;

const LOCAL: readonly Column[] = [
  { head: "PROTO", weight: 9 },
  { head: "PORTS", weight: 8, widthMin: 16 },
  { head: "FROM", weight: 7, widthMin: 16 },
  { head: "PERHAPS, IF", weight: 1, widthMin: 20 },
];

const ELSEWHERE: readonly Column[] = [
  { head: "PROTO", weight: 9 },
  { head: "PORTS", weight: 8, widthMin: 16 },
  { head: "FROM", weight: 7, widthMin: 16 },
  { head: "LEADS TO", weight: 6 },
];

/** The three parts as tables, with a line feed at the end. */
export function reachText(
  { local, published, unknown }: ReachAnswer,
  serviceName: ServiceName,
  width: number | undefined,
): string {
  const blocks = [
    local.length === 0
      ? ["Nothing reaches a socket of this host."]
      : ["What reaches a socket of this host:", ...table(LOCAL, local, serviceName, width)],
    ...(published.length === 0
      ? []
      : [["What is led to other hosts:", ...table(ELSEWHERE, published, serviceName, width)]]),
    ...(unknown.length === 0
      ? []
      : [["What cannot be told from rules alone:", ...table(LOCAL, unknown, serviceName, width)]]),
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** What became open and what closed, as tables. */
export function reachDiffText(
  opened: readonly ReachRegion[],
  closed: readonly ReachRegion[],
  serviceName: ServiceName,
  width: number | undefined,
): string {
  if (opened.length + closed.length === 0) return "Nothing became open, and nothing closed.\n";
  const block = (title: string, none: string, regions: readonly ReachRegion[]) =>
    regions.length === 0 ? [none] : [title, ...table(ELSEWHERE, regions, serviceName, width)];
  const blocks = [block("Became open:", "Nothing became open.", opened), block("Closed:", "Nothing closed.", closed)];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function table(
  columns: readonly Column[],
  regions: readonly ReachRegion[],
  serviceName: ServiceName,
  width: number | undefined,
) {
  const rows = [...regions].sort(byPort).map((region) => {
    const ports = region.ports === undefined ? "" : portsCell(region, serviceName);
    const last = columns === ELSEWHERE ? targetCell(region) : printable(region.doubt ?? "");
    return [protocolCell(region), ports, sourcesCell(region), last];
  });
  return fittedTable(columns, rows, width);
}

function byPort(a: ReachRegion, b: ReachRegion): number {
  return a.protocol - b.protocol || a.family - b.family || Number(a.ports?.lowest ?? 0) - Number(b.ports?.lowest ?? 0);
}

/** The family is told where the protocol has both. */
function protocolCell({ protocol, family }: ReachRegion): string {
  const name = protocolName(protocol);
  return protocol === 1 || protocol === 58 ? `${name} echo` : `${name}/IPv${family}`;
}

function portsCell({ ports, protocol }: ReachRegion, serviceName: ServiceName): string {
  if (ports === undefined) return "";
  const texts = portTexts(ports).map((text) => {
    if (text === undefined) return "all";
    const name = text.includes("-") ? undefined : serviceName(Number(text), protocolName(protocol));
    return name === undefined ? text : `${text} (${printable(name)})`;
  });
  return fewOf(texts, texts.length);
}

/** What is missing, where that is the shorter list. */
function sourcesCell({ sources, everywhere, family }: ReachRegion): string {
  const others = sources.gapsIn(everywhere, PIECES_MAX);
  if (others.count === 0) return "everywhere";
  const listed = (intervals: readonly Interval[], count: number): string =>
    fewOf(
      intervals.map((interval) => sourceText(interval, family) ?? "everywhere"),
      count,
    );
  if (others.count < sources.count) return `everywhere but ${listed(others.first, others.count)}`;
  return listed(sources.intervals(PIECES_MAX), sources.count);
}

function fewOf(texts: readonly string[], count: number): string {
  const shown = texts.slice(0, PIECES_MAX).join(", ");
  return count <= PIECES_MAX ? shown : `${shown} and ${groupDigits(count - PIECES_MAX)} more`;
}

function targetCell({ to }: ReachRegion): string {
  if (to === undefined) return "";
  const address = formatAddress(plainAddress(to.address));
  const port = to.port === undefined ? "" : `:${to.port}`;
  const by = to.outputInterface === undefined ? "" : ` by ${printable(to.outputInterface)}`;
  return address.includes(":") && port !== "" ? `[${address}]${port}${by}` : `${address}${port}${by}`;
}
