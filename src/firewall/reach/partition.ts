// Cuts all packets into parts within which a statement that changes or sends them does the same for each: by the elements of
// its maps, mostly.
import type { ElementSet, SetElement } from "../element-set.js";
import type { Expression, SetReference } from "../expression.js";
import type { Statement } from "../statement.js";
import { resolveSet, type SetFinder, valueReader } from "../walk/evaluate.js";
import type { Reading } from "../walk/reading.js";
import { type Flow, stateAt } from "./flow.js";
import { type Interval, IntervalSet } from "./interval-set.js";
import { NO_PORT, Region } from "./region.js";
import { sourcePieces } from "./source-pieces.js";
import { freshSplit, readKey } from "./split-set.js";
import { symbolOf } from "./symbol.js";

/** A part, and whether what the statement reads is the same within it. */
export interface Part {
  readonly region: Region;
  readonly isAlike: boolean;
}

type Acting = Statement & { readonly kind: "verdict-map" | "nat" | "set-field" };

/** Values of a port that rules may make this many flows of; more of them are not told apart. */
const PARTS_MAX = 256;
const PORT_COUNT = 65_536;

/** The parts of a flow for a statement. */
export function partsOf(statement: Acting, flow: Flow, sets: SetFinder): readonly Part[] {
  switch (statement.kind) {
    case "verdict-map":
      return mapParts(statement.key, statement.map, flow, sets);
    case "set-field":
      return expressionParts(statement.value, flow, sets);
    case "nat":
      return natParts(statement, flow, sets);
  }
}

function natParts(nat: Statement & { readonly kind: "nat" }, flow: Flow, sets: SetFinder): readonly Part[] {
  // Of the other family it does nothing, whatever its maps have.
  if (nat.family !== undefined && (nat.family === "ip") !== (flow.state.family === 4)) return [wholePart(flow)];
  const address = nat.address === undefined ? [wholePart(flow)] : expressionParts(nat.address, flow, sets);
  const port = nat.port === undefined ? [wholePart(flow)] : portParts(nat.port, flow, sets);
  return product(address, port);
}

/** A port within the range stays as it is, any other one is changed. */
function portParts(port: Expression, flow: Flow, sets: SetFinder): readonly Part[] {
  if (port.kind !== "range" || flow.isPortSet) return expressionParts(port, flow, sets);
  const [low, high] = [port.low, port.high].map((end) => valueReader(end, sets)(flow.state));
  if (typeof low !== "number" || typeof high !== "number" || low < 0 || low >= high) return [wholePart(flow)];
  const inside = Region.ofPorts(IntervalSet.of([[low, high]]), flow.state.family);
  return [
    { region: inside, isAlike: true },
    { region: wholeOf(flow).subtract(inside), isAlike: true },
  ];
}

function expressionParts(expression: Expression, flow: Flow, sets: SetFinder): readonly Part[] {
  const symbol = symbolOf(expression, flow);
  if (symbol === "none") return [wholePart(flow)];
  switch (expression.kind) {
    case "map":
      return mapParts(expression.key, expression.map, flow, sets);
    case "concat":
      return expression.parts.map((part) => expressionParts(part, flow, sets)).reduce(product);
    case "range":
      return product(expressionParts(expression.low, flow, sets), expressionParts(expression.high, flow, sets));
    default:
      return symbol === "port" ? eachPort(expression, flow, sets) : eachPiece(expression, flow, sets);
  }
}

function mapParts(key: Expression, map: ElementSet | SetReference, flow: Flow, sets: SetFinder): readonly Part[] {
  const set = resolveSet(map, sets);
  const parts = key.kind === "concat" ? key.parts : [key];
  if (set === undefined || set.unknown !== undefined || parts.every((part) => symbolOf(part, flow) === "none"))
    return [wholePart(flow)];
  const reading = readKey(parts, flow, sets);
  if (reading === undefined) return [wholePart(flow)]; // it breaks, for all of them
  let rest = wholeOf(flow);
  const found: Part[] = [];
  for (const elements of byData(set.elements)) {
    const { yes, maybe } = freshSplit(reading, elements);
    found.push({ region: yes.intersect(rest), isAlike: true }, { region: maybe.intersect(rest), isAlike: false });
    rest = rest.subtract(yes).subtract(maybe);
  }
  return [...found, { region: rest, isAlike: true }].filter(({ region }) => !region.isEmpty);
}

/** Elements that have the same data do the same. */
function byData(elements: readonly SetElement[]): Iterable<readonly SetElement[]> {
  const groups = new Map<string, SetElement[]>();
  for (const element of elements) {
    const key = JSON.stringify(element.data, (_key, value: unknown) =>
      typeof value === "bigint" ? `${value}n` : value,
    );
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [element]);
    else known.push(element);
  }
  return groups.values();
}

function eachPort(expression: Expression, flow: Flow, sets: SetFinder): readonly Part[] {
  const read = valueReader(expression, sets);
  const state = stateAt(flow, flow.state.source, NO_PORT);
  const byReading = new Map<Reading, Interval[]>();
  for (let port = 0; port < PORT_COUNT; port++) {
    if (!flow.isPortSet) state.destinationPort = port;
    Object.assign(state.packet, { destinationPort: port });
    gather(byReading, read(state), [port, port]);
    if (byReading.size > PARTS_MAX) return [{ region: wholeOf(flow), isAlike: false }];
  }
  return [...byReading.values()].map((ports) => ({
    region: Region.ofPorts(IntervalSet.of(ports), flow.state.family),
    isAlike: true,
  }));
}

function eachPiece(expression: Expression, flow: Flow, sets: SetFinder): readonly Part[] {
  const pieces = sourcePieces([expression], flow);
  if (pieces === undefined) return [{ region: wholeOf(flow), isAlike: false }];
  const read = valueReader(expression, sets);
  const byReading = new Map<Reading, Interval[]>();
  for (const piece of pieces) gather(byReading, read(stateAt(flow, piece[0], NO_PORT)), piece);
  return [...byReading.values()].map((sources) => ({
    region: Region.ofSources(IntervalSet.of(sources), flow.state.family),
    isAlike: true,
  }));
}

function gather(found: Map<Reading, Interval[]>, reading: Reading, interval: Interval): void {
  const known = found.get(reading);
  if (known === undefined) found.set(reading, [interval]);
  else known.push(interval);
}

function product(a: readonly Part[], b: readonly Part[]): readonly Part[] {
  if (a.length === 1 && a[0]?.isAlike === true) return b;
  if (b.length === 1 && b[0]?.isAlike === true) return a;
  return a.flatMap((one) =>
    b.map((other) => ({ region: one.region.intersect(other.region), isAlike: one.isAlike && other.isAlike })),
  );
}

function wholeOf({ state }: Flow): Region {
  return Region.whole(state.family);
}

function wholePart(flow: Flow): Part {
  return { region: wholeOf(flow), isAlike: true };
}
