// Which packets have a key in a set: for each element the sources and ports that it stands for.
import type { ElementSet, KeyPart, SetElement } from "../element-set.js";
import type { Expression } from "../expression.js";
import { holds } from "../walk/element-index.js";
import { type SetFinder, valueReader } from "../walk/evaluate.js";
import { BREAK, isValue, type Reading } from "../walk/reading.js";
import { type Axis, axisOf } from "./axis.js";
import { type Flow, stateAt } from "./flow.js";
import { type Interval, IntervalSet } from "./interval-set.js";
import { NO_PORT, Region } from "./region.js";
import { sourcePieces } from "./source-pieces.js";
import { symbolOf } from "./symbol.js";

/** Where a condition holds, and where that is not known. */
export interface Split {
  readonly yes: Region;
  readonly maybe: Region;
}

/** What a part of the key is for the packets of a flow. */
type PartReading =
  | { readonly kind: "value"; readonly value: Reading }
  | { readonly kind: "unknown" }
  | { readonly kind: "axis"; readonly axis: Axis }
  /** Sources in pieces of which each reads the same. */
  | { readonly kind: "pieces"; readonly pieces: readonly { readonly sources: Interval; readonly value: Reading }[] };

/** The parts of a key, read for all packets of a flow. */
export interface KeyReading {
  readonly parts: readonly PartReading[];
  readonly flow: Flow;
}

/** Reads the parts of a key; undefined where the packets lack what is asked for, so that the rule breaks. */
export function readKey(parts: readonly Expression[], flow: Flow, sets: SetFinder): KeyReading | undefined {
  const readings = parts.map((part) => valueReader(part, sets)(flow.state));
  if (readings.includes(BREAK)) return undefined;
  return { parts: parts.map((part, at) => partReading(part, readings[at] ?? BREAK, flow, sets)), flow };
}

function partReading(part: Expression, reading: Reading, flow: Flow, sets: SetFinder): PartReading {
  if (!isValue(reading)) return { kind: "unknown" };
  if (symbolOf(part, flow) === "none") return { kind: "value", value: reading };
  const axis = axisOf(part, flow);
  if (axis !== undefined) return { kind: "axis", axis };
  const pieces = sourcePieces([part], flow);
  if (pieces === undefined) return { kind: "unknown" };
  const read = valueReader(part, sets);
  return {
    kind: "pieces",
    pieces: pieces.map((sources) => ({ sources, value: read(stateAt(flow, sources[0], NO_PORT)) })),
  };
}

/** The packets whose key is in a set. */
export function splitBySet(key: KeyReading, set: ElementSet): Split {
  const cache = cacheOf(key);
  const known = cache === undefined ? undefined : KNOWN.get(set)?.get(cache);
  if (known !== undefined) return known;
  const split = freshSplit(key, set.elements);
  if (cache !== undefined) {
    const own = KNOWN.get(set) ?? new Map<string, Split>();
    KNOWN.set(set, own);
    own.set(cache, split);
  }
  return split;
}

/** What was made of a set once: many rules ask for the same one. */
const KNOWN = new WeakMap<ElementSet, Map<string, Split>>();

/** What a set's answer hangs on; undefined where that is more than a few words say. */
function cacheOf({ parts, flow }: KeyReading): string | undefined {
  const words = parts.map((part) => {
    if (part.kind === "value") return `=${String(part.value)}`;
    if (part.kind === "axis") return part.axis.isPlain ? part.axis.on : undefined;
    return part.kind === "unknown" ? "?" : undefined;
  });
  return words.includes(undefined) ? undefined : [flow.state.family, ...words].join("\0");
}

/** The packets whose key is in one of these elements. */
export function freshSplit(key: KeyReading, elements: readonly SetElement[]): Split {
  const { family } = key.flow.state;
  const { empty } = Region;
  const whole = Region.whole(family);
  if (key.parts.some(({ kind }) => kind === "unknown"))
    return { yes: empty, maybe: regionOfElements(key, elements, family) ?? whole };
  const maybe = elements.filter(({ condition }) => condition !== undefined);
  const certain = maybe.length === 0 ? elements : elements.filter(({ condition }) => condition === undefined);
  const yes = certain.some(({ isExcluded }) => isExcluded === true)
    ? withoutExcluded(key, certain, family)
    : regionOfElements(key, certain, family);
  const open = maybe.length === 0 ? empty : regionOfElements(key, maybe, family);
  return yes === undefined || open === undefined ? { yes: empty, maybe: whole } : { yes, maybe: open.subtract(yes) };
}

/** ipset's nomatch: of the elements that hold a key, the narrowest decides. */
function withoutExcluded(key: KeyReading, elements: readonly SetElement[], family: 4 | 6): Region | undefined {
  const byWidth = [...elements].sort((a, b) => compareWidths(b, a));
  let region: Region = Region.empty;
  for (const element of byWidth) {
    const own = regionOfElements(key, [element], family);
    if (own === undefined) return undefined;
    region = element.isExcluded === true ? region.subtract(own) : region.unite(own);
  }
  return region;
}

function compareWidths(a: SetElement, b: SetElement): number {
  for (const [at, part] of a.key.entries()) {
    const other = b.key[at];
    if (part.kind !== "range" || other?.kind !== "range") continue;
    const difference = BigInt(part.high) - BigInt(part.low) - (BigInt(other.high) - BigInt(other.low));
    if (difference !== 0n) return difference < 0n ? -1 : 1;
  }
  return 0;
}

/** Undefined where a mask scatters the sources too much. */
function regionOfElements(key: KeyReading, elements: readonly SetElement[], family: 4 | 6): Region | undefined {
  const [only] = key.parts;
  if (key.parts.length === 1 && only?.kind === "axis" && only.axis.isPlain)
    return plainRegion(only.axis, elements, family);
  return boxRegion(key, elements, family);
}

/** The commonest by far: a set of addresses, or of ports. */
function plainRegion({ on }: Axis, elements: readonly SetElement[], family: 4 | 6): Region {
  const intervals: Interval[] = [];
  for (const { key } of elements) {
    const [part] = key;
    if (part?.kind === "range") intervals.push([part.low, part.high]);
  }
  const values = IntervalSet.of(intervals);
  return on === "source" ? Region.ofSources(values, family) : Region.ofPorts(values, family);
}

/** Elements of the same ports are gathered first, so that a hundred thousand of them make few sets. */
function boxRegion(key: KeyReading, elements: readonly SetElement[], family: 4 | 6): Region | undefined {
  const all = Region.whole(family).mask;
  const byPorts = new Map<string, { readonly ports: IntervalSet; readonly sources: Interval[] }>();
  for (const element of elements) {
    const box = boxOf(key, element, all);
    if (box === undefined) return undefined;
    const { ports, sources } = box;
    if (ports.isEmpty || sources.isEmpty) continue;
    const name = `${ports.hash} ${ports.lowest ?? ""} ${ports.highest ?? ""}`;
    const known = byPorts.get(name) ?? { ports, sources: [] };
    byPorts.set(name, known);
    for (const interval of sources.intervals()) known.sources.push(interval);
  }
  const boxes = [...byPorts.values()].flatMap(({ ports, sources }) => {
    const set = IntervalSet.of(sources);
    return ports.intervals().map((interval) => ({ ports: interval, sources: set }));
  });
  return Region.ofBoxes(boxes, family);
}

interface Box {
  readonly ports: IntervalSet;
  readonly sources: IntervalSet;
}

const ALL_PORTS: IntervalSet = IntervalSet.of([[0, 65_535]]);
const NOTHING: Box = { ports: IntervalSet.empty, sources: IntervalSet.empty };

/** The sources and ports of one element; undefined where they are too scattered. */
function boxOf({ parts }: KeyReading, element: SetElement, all: IntervalSet): Box | undefined {
  let box: Box | undefined = { ports: ALL_PORTS, sources: all };
  for (const [at, part] of parts.entries()) {
    const wanted = element.key[at];
    if (wanted !== undefined && box !== undefined && !box.sources.isEmpty) box = narrowed(box, part, wanted);
  }
  return box;
}

/** What is left of a box by one part of the key. */
function narrowed(box: Box, part: PartReading, wanted: KeyPart): Box | undefined {
  switch (part.kind) {
    case "unknown":
      return box;
    case "value":
      return holds(wanted, part.value) ? box : NOTHING;
    case "pieces":
      return { ...box, sources: box.sources.intersect(piecesFor(part, wanted)) };
    case "axis": {
      const values = axisValues(part.axis, wanted);
      if (values === undefined) return undefined;
      return part.axis.on === "port"
        ? { ...box, ports: box.ports.intersect(values) }
        : { ...box, sources: box.sources.intersect(values) };
    }
  }
}

function axisValues(axis: Axis, part: KeyPart): IntervalSet | undefined {
  return part.kind === "text" ? IntervalSet.empty : axis.preimage(IntervalSet.of([[part.low, part.high]]));
}

function piecesFor({ pieces }: PartReading & { readonly kind: "pieces" }, wanted: KeyPart): IntervalSet {
  return IntervalSet.of(pieces.filter(({ value }) => holds(wanted, value)).map(({ sources }) => sources));
}
