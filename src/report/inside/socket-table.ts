// The tables of `postern sockets`: one for what has addresses, one for Unix sockets, for each network namespace.
import type { InsideSocket, InsideView, NetworkNamespace } from "../../inside/inside-view.js";
import type { PublishedPort } from "../../inside/published-ports.js";
import { formatRanges } from "../../target/port-set.js";
import { type Column, fittedTable } from "../fitted-table.js";
import { printable } from "../printable.js";
import { countOf } from "../quantity.js";
import {
  type CellContext,
  containerText,
  localCell,
  processCell,
  protocolCell,
  publishedText,
  reachCell,
  remoteCell,
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
  cell(one: InsideSocket, context: CellContext): string;
}

const PROTOCOL: CellColumn = { head: "PROTO", weight: 9, cell: protocolCell };
const STATE: CellColumn = {
  head: "STATE",
  weight: 6,
  cell: ({ socket }) => (socket.kind === "packet" ? "" : socket.state),
};
const LOCAL: CellColumn = { head: "LOCAL", weight: 10, cell: localCell };
const REMOTE: CellColumn = { head: "REMOTE", weight: 7, cell: remoteCell };
const SERVICE: CellColumn = {
  head: "SERVICE",
  weight: 1,
  widthMin: 8,
  cell: ({ socket }, context) =>
    socket.kind === "inet" ? (context.serviceName(socket.localPort, socket.protocol) ?? "") : "",
};
const REACH: CellColumn = { head: "REACHED FROM", weight: 8, widthMin: 12, cell: reachCell };
const PROCESS: CellColumn = { head: "PROCESS", weight: 8, widthMin: 12, cell: processCell };
const USER: CellColumn = { head: "USER", weight: 5, widthMin: 4, cell: userCell };
const UNIT: CellColumn = { head: "UNIT", weight: 4, widthMin: 10, cell: unitCell };
const SINCE: CellColumn = { head: "SINCE", weight: 3, cell: sinceCell };
const TYPE: CellColumn = { head: "TYPE", weight: 9, cell: protocolCell };
const PATH: CellColumn = { head: "PATH", weight: 10, widthMin: 20, cell: localCell };

const LISTENING = [PROTOCOL, LOCAL, SERVICE, REACH, PROCESS, USER, UNIT, SINCE];
const ALL = [PROTOCOL, STATE, LOCAL, REMOTE, SERVICE, REACH, PROCESS, USER, UNIT, SINCE];
const UNIX = [TYPE, PATH, PROCESS, USER, UNIT, SINCE];
const UNIX_ALL = [TYPE, STATE, PATH, PROCESS, USER, UNIT, SINCE];

/** All tables as text, with what could not be read at the end. */
export function socketTables(view: InsideView, context: CellContext, style: TableStyle): string {
  const groups = new Map<NetworkNamespace, InsideSocket[]>(view.namespaces.map((namespace) => [namespace, []]));
  for (const one of view.sockets) groups.get(one.namespace)?.push(one);
  const blocks = [...groups]
    .map(([namespace, sockets]) => namespaceBlock(namespace, sortSockets(sockets), context, style))
    .filter((lines) => lines.length > 0);
  const published = publishedBlock(view, style.width);
  const lines = [...blocks, ...(published.length === 0 ? [] : [published])].flatMap((block, at) =>
    at === 0 ? block : ["", ...block],
  );
  const gaps = view.gaps.map(({ what, why }) => `Not known: ${printable(what)}: ${printable(why)}`);
  if (lines.length === 0) lines.push("No such socket.");
  if (gaps.length > 0) lines.push("", ...gaps);
  return `${lines.join("\n")}\n`;
}

/** One socket as one line, with what a table would show of it. */
export function socketLine(one: InsideSocket, context: CellContext): string {
  const columns = one.socket.kind === "unix" ? UNIX_ALL : ALL;
  const cells = columns.map(({ cell }) => cell(one, context)).filter((text) => text !== "");
  return cells.join("  ");
}

function namespaceBlock(
  namespace: NetworkNamespace,
  own: readonly InsideSocket[],
  context: CellContext,
  style: TableStyle,
): readonly string[] {
  if (own.length === 0) return [];
  const inet = own.filter(({ socket }) => socket.kind !== "unix");
  const unix = own.filter(({ socket }) => socket.kind === "unix");
  const tables = [
    table(style.hasConnections ? ALL : LISTENING, inet, context, style.width),
    table(style.hasConnections ? UNIX_ALL : UNIX, unix, context, style.width),
  ].filter((lines) => lines.length > 0);
  const lines = tables.flatMap((block, at) => (at === 0 ? block : ["", ...block]));
  return namespace.isOwn ? lines : [namespaceTitle(namespace, context.view), ...lines];
}

function table(
  columns: readonly CellColumn[],
  sockets: readonly InsideSocket[],
  context: CellContext,
  width: number | undefined,
): readonly string[] {
  if (sockets.length === 0) return [];
  const rows = sockets.map((one) => columns.map(({ cell }) => cell(one, context)));
  return fittedTable(columns, rows, width);
}

const PUBLISHED: readonly Column[] = [
  { head: "PROTO", weight: 3 },
  { head: "LOCAL", weight: 4 },
  { head: "LEADS TO", weight: 5 },
  { head: "BY", weight: 1, widthMin: 16 },
];

/** Ports of this machine that lead elsewhere; empty where there is none. */
function publishedBlock({ published }: InsideView, width: number | undefined): readonly string[] {
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
function namespaceTitle(namespace: NetworkNamespace, { containerOfNamespace }: InsideView): string {
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
