// The tables of `postern sockets`: one for what has addresses, one for Unix sockets, for each network namespace.
import type { InsideSocket, InsideView, NetworkNamespace } from "../../inside/inside-view.js";
import type { PublishedPort } from "../../inside/published-port.js";
import { formatRanges } from "../../target/port-set.js";
import { type Column, fittedColumns, fittedTable } from "../fitted-table.js";
import { printable } from "../printable.js";
import { countOf } from "../quantity.js";
import {
  type CellContext,
  containerText,
  firstTexts,
  localCell,
  type ProcessTexts,
  processCell,
  protocolCell,
  publishedText,
  reachCell,
  remoteCell,
  shortenProcess,
  sinceCell,
  unitCell,
  userCell,
} from "./socket-cells.js";
import { sortSockets } from "./socket-order.js";

/** How the tables are shown. */
export interface TableStyle {
  /** Characters of a line; undefined for no limit. */
  readonly width: number | undefined;
  /** Connections are among them: with states and other ends. */
  readonly hasConnections: boolean;
}

interface CellColumn extends Column {
  /** @param first What is shown of the first process that holds it; undefined without one */
  cell(one: InsideSocket, first: ProcessTexts | undefined, context: CellContext): string;
}

const PROTOCOL: CellColumn = { head: "PROTO", weight: 9, cell: protocolCell };
const STATE: CellColumn = {
  head: "STATE",
  weight: 8,
  cell: ({ socket }) => (socket.kind === "packet" ? "" : socket.state),
};
const LOCAL: CellColumn = { head: "LOCAL", weight: 10, cell: localCell };
const REMOTE: CellColumn = { head: "REMOTE", weight: 9, cell: remoteCell };
const SERVICE: CellColumn = {
  head: "SERVICE",
  weight: 1,
  cell: ({ socket }, _first, context) =>
    socket.kind === "inet" ? (context.serviceName(socket.localPort, socket.protocol) ?? "") : "",
};
const REACH: CellColumn = { head: "REACHED FROM", weight: 7, widthMin: 12, cell: reachCell };
const PROCESS: CellColumn = { head: "PROCESS", weight: 7, widthMin: 12, shorten: shortenProcess, cell: processCell };
const USER: CellColumn = { head: "USER", weight: 5, widthMin: 8, cell: userCell };
const UNIT: CellColumn = { head: "UNIT", weight: 4, widthMin: 10, cell: unitCell };
const SINCE: CellColumn = { head: "SINCE", weight: 3, cell: sinceCell };
const TYPE: CellColumn = { head: "TYPE", weight: 9, cell: protocolCell };
const PATH: CellColumn = { head: "PATH", weight: 10, widthMin: 20, cell: localCell };

const LISTENING = [PROTOCOL, LOCAL, SERVICE, REACH, PROCESS, USER, UNIT, SINCE];
const ALL = [PROTOCOL, STATE, LOCAL, REMOTE, SERVICE, REACH, PROCESS, USER, UNIT, SINCE];
const UNIX = [TYPE, PATH, PROCESS, USER, UNIT, SINCE];
const UNIX_ALL = [TYPE, STATE, PATH, PROCESS, USER, UNIT, SINCE];

/** All tables, with what could not be read at the end, as pieces of text. */
export function* socketTables(view: InsideView, context: CellContext, style: TableStyle): Generator<string, void> {
  const groups = new Map<NetworkNamespace, InsideSocket[]>(view.namespaces.map((namespace) => [namespace, []]));
  for (const one of view.sockets) groups.get(one.namespace)?.push(one);
  let isFirst = true;
  for (const [namespace, sockets] of groups) {
    if (sockets.length === 0) continue;
    if (!isFirst) yield "\n";
    yield* namespaceBlock(namespace, sortSockets(sockets), context, style);
    isFirst = false;
  }
  if (view.published.length > 0) {
    if (!isFirst) yield "\n";
    yield `${publishedLines(view.published, style.width).join("\n")}\n`;
    isFirst = false;
  }
  if (isFirst) yield "No such socket.\n";
  if (view.gaps.length > 0) yield "\n";
  for (const { what, why } of view.gaps) yield `Not known: ${printable(what)}: ${printable(why)}\n`;
}

/** One socket as one line, with what a table would show of it. */
export function socketLine(one: InsideSocket, context: CellContext): string {
  const columns = one.socket.kind === "unix" ? UNIX_ALL : ALL;
  const first = firstTexts(one, context);
  const cells = columns.map(({ cell }) => cell(one, first, context)).filter((text) => text !== "");
  return cells.join("  ");
}

function* namespaceBlock(
  namespace: NetworkNamespace,
  own: readonly InsideSocket[],
  context: CellContext,
  { hasConnections, width }: TableStyle,
): Generator<string, void> {
  if (!namespace.isOwn) yield `${namespaceTitle(namespace, context.view)}\n`;
  const inet = own.filter(({ socket }) => socket.kind !== "unix");
  const unix = own.filter(({ socket }) => socket.kind === "unix");
  if (inet.length > 0) yield* table(hasConnections ? ALL : LISTENING, inet, context, width);
  if (inet.length > 0 && unix.length > 0) yield "\n";
  if (unix.length > 0) yield* table(hasConnections ? UNIX_ALL : UNIX, unix, context, width);
}

function table(
  columns: readonly CellColumn[],
  sockets: readonly InsideSocket[],
  context: CellContext,
  width: number | undefined,
): Iterable<string> {
  const firsts = sockets.map((one) => firstTexts(one, context));
  const filled = columns.map(({ head, weight, widthMin, shorten, cell }) => {
    const cells = sockets.map((one, at) => cell(one, firsts[at], context));
    return { head, weight, widthMin, shorten, cells };
  });
  return fittedColumns(filled, width);
}

const PUBLISHED: readonly Column[] = [
  { head: "PROTO", weight: 3 },
  { head: "LOCAL", weight: 4 },
  { head: "LEADS TO", weight: 5 },
  { head: "BY", weight: 1, widthMin: 16 },
];

/** Ports of this machine that lead elsewhere, as lines; none where there is no such port. */
export function publishedLines(published: readonly PublishedPort[], width: number | undefined): readonly string[] {
  if (published.length === 0) return [];
  const rows = published.map((port) => [
    port.protocol === undefined ? "any" : printable(port.protocol),
    publishedText(port),
    `${targetText(port)}${port.isCertain ? "" : ", perhaps"}`,
    printable(port.by),
  ]);
  return ["Ports that lead elsewhere:", ...fittedTable(PUBLISHED, rows, width)];
}

function targetText({ target, toAddress, toPorts }: PublishedPort): string {
  const port = toPorts === undefined ? "" : `:${formatRanges([toPorts])}`;
  switch (target) {
    case "address": {
      const address = printable(toAddress ?? "?");
      return address.includes(":") && port !== "" ? `[${address}]${port}` : `${address}${port}`;
    }
    case "own":
      return `this machine${port}`;
    case "same":
      return `the same address${port}`;
    case "unknown":
      return "unknown";
  }
}

/** "Network namespace web (docker web, net:[4026532281], 3 processes):". */
export function namespaceTitle(namespace: NetworkNamespace, { containerOfNamespace }: InsideView): string {
  const { number, name, pids } = namespace;
  const container = containerOfNamespace.get(namespace);
  const known = name === undefined ? "" : ` ${printable(name)}`;
  const facts = [
    ...(container === undefined ? [] : [containerText(container)]),
    `net:[${number ?? "?"}]`,
    countOf(pids.length, "process", "processes"),
  ];
  return `Network namespace${known} (${facts.join(", ")}):`;
}
