// Reach against the walk of single packets: at and around every border of every region, for random rulesets.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { numberType } from "../data-type.js";
import type { SetElement } from "../element-set.js";
import type { HostEnvironment, QuestionPacket, ReachQuestion, TrackState } from "../packet-question.js";
import type { Chain, Ruleset } from "../ruleset.js";
import type { Statement } from "../statement.js";
import { PacketWalk } from "../walk/packet-walk.js";
import { plainAddress, walkAddress } from "../walk/walk-address.js";
import type { Value } from "./interval-set.js";
import { OPAQUE, OPEN, type OpenKind } from "./random-condition.test.data.js";
import { HOST, IPV4_PLACES, IPV6_PLACES, OWN_IPV4, OWN_IPV6, PORT_PLACES } from "./random-places.test.data.js";
import { randomRuleset } from "./random-ruleset.test.data.js";
import { findReach, type ReachAnswer, type ReachRegion } from "./reach.js";

const RUNS = Number(process.env.POSTERN_REACH_RUNS ?? 40);
const POINTS_MAX = 60;
const VARIANTS_BITS_MAX = 4;
/** The walk of a packet gives up at more than four, and some chains are met twice. */
const OPAQUE_MAX = 2;

interface Question {
  readonly family: 4 | 6;
  readonly protocol: number;
  readonly track: TrackState;
}

const question: fc.Arbitrary<Question> = fc
  .record({
    family: fc.constantFrom(4 as const, 4 as const, 6 as const),
    protocol: fc.constantFrom(6, 6, 17, 132, 1),
    track: fc.constantFrom<TrackState[]>("new", "new", "new", "new", "established", "invalid", "untracked", "related"),
  })
  .map((one) => (one.family === 6 && one.protocol === 1 ? { ...one, protocol: 58 } : one));

describe.each<OpenKind>(["nothing", "budgets", "opaque"])("reach of rulesets with %s open", (open) => {
  it("says of each packet what its walk says", () => {
    fc.assert(
      fc.property(randomRuleset(open), question, fc.boolean(), fc.integer(), (ruleset, asked, isHostKnown, seed) => {
        fc.pre(open !== "opaque" || countOf(ruleset, OPAQUE) <= OPAQUE_MAX);
        compare(ruleset, asked, isHostKnown || open === "opaque" ? HOST : undefined, seed);
      }),
      { numRuns: RUNS, seed: 20_261_124 },
    );
  }, 600_000);
});

function compare(ruleset: Ruleset, asked: Question, host: HostEnvironment | undefined, seed: number): void {
  const variants = variantsOf(ruleset);
  fc.pre(variants !== undefined);
  const answer = findReach(ruleset, reachQuestion(asked), host);
  // Whether somebody hears of it makes no difference to what gets through.
  const walks = (variants ?? []).map((one) => new PacketWalk(withoutRejects(one), host));
  const own = new PacketWalk(withoutRejects(ruleset), host);
  for (const [source, port] of pointsOf(answer, asked, seed)) {
    const packet = packetOf(asked, source, port);
    const found = foundAt(answer, source, port, packet);
    const expected = isExcused(own, packet, found) ? found : expectedOf(walks, packet);
    expect(`${packet.id} ${found}`, rulesText(ruleset)).toBe(`${packet.id} ${expected}`);
  }
}

function reachQuestion({ family, track, protocol }: Question): ReachQuestion {
  return {
    inputInterface: "eth0",
    destination: plainAddress(family === 4 ? OWN_IPV4 : OWN_IPV6),
    sourcePort: undefined,
    flags: ["syn"],
    track,
    protocols: [protocol],
  };
}

/** The rules in few words, for whoever looks for the mistake. */
function rulesText({ tables }: Ruleset): string {
  const lines = tables.flatMap(({ family, name, chains }) =>
    [...chains.values()]
      .filter(({ rules, base }) => rules.length > 0 || base !== undefined)
      .flatMap((chain) => [
        `${family} ${name} ${chain.name} ${chain.base === undefined ? "" : `${chain.base.hook} ${chain.base.policy}`}`,
        ...chain.rules.map(({ statements }) => `  ${statements.map(shortText).join("; ")}`),
      ]),
  );
  return lines.join("\n");
}

function shortText(value: unknown): string {
  if (typeof value === "bigint") return value.toString(16);
  if (Array.isArray(value)) return `[${value.map(shortText).join(" ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const parts = Object.entries(value).filter(([key]) => !["type", "types", "kind", "bits", "form"].includes(key));
  return `${String(Reflect.get(value, "kind") ?? "")}(${parts.map(([key, one]) => `${key}=${shortText(one)}`).join(" ")})`;
}

/** All ways in which what is not told may be. */
function variantsOf(ruleset: Ruleset): readonly Ruleset[] | undefined {
  const count = countOf(ruleset, OPEN);
  if (count > VARIANTS_BITS_MAX) return undefined;
  return Array.from({ length: 1 << count }, (_one, bits) => {
    let at = 0;
    return mapStatements(ruleset, (statement) =>
      statement.kind === "budget" && statement.first === undefined
        ? { ...statement, first: ((bits >> at++) & 1) === 1 }
        : statement,
    );
  });
}

function countOf(ruleset: Ruleset, wanted: Statement): number {
  let count = 0;
  mapStatements(ruleset, (statement) => {
    if (statement === wanted) count++;
    return statement;
  });
  return count;
}

/** Drops what has this value in a field of meta. */
function dropWhere(key: string, value: number): Statement {
  const type = numberType(key, 8);
  const elements: readonly SetElement[] = [
    { key: [{ kind: "range", low: value, high: value }], data: { kind: "drop" } },
  ];
  return {
    kind: "verdict-map",
    key: { kind: "field", field: { kind: "meta", key }, type },
    map: { kind: "element-set", types: [type], elements },
  };
}

function withoutRejects(ruleset: Ruleset): Ruleset {
  return mapStatements(ruleset, (statement) => {
    if (statement.kind !== "reject") return statement;
    return statement.ipv6 === undefined ? dropWhere("nfproto", 2) : dropWhere("l4proto", 6);
  });
}

function mapStatements(ruleset: Ruleset, change: (statement: Statement) => Statement): Ruleset {
  const chainOf = (chain: Chain): Chain => ({
    ...chain,
    rules: chain.rules.map((rule) => ({ ...rule, statements: rule.statements.map(change) })),
  });
  return {
    ...ruleset,
    tables: ruleset.tables.map((table) => ({
      ...table,
      chains: new Map([...table.chains].map(([name, chain]) => [name, chainOf(chain)])),
    })),
  };
}

function packetOf({ family, protocol, track }: Question, source: Value, port: number): QuestionPacket {
  const hasPorts = protocol !== 1 && protocol !== 58;
  return {
    id: `${source}:${port}/${protocol}`,
    direction: "in",
    inputInterface: "eth0",
    source: plainAddress(source),
    destination: plainAddress(family === 4 ? OWN_IPV4 : OWN_IPV6),
    protocol,
    sourcePort: 40_000,
    destinationPort: hasPorts ? port : 0,
    flags: protocol === 6 ? ["syn"] : [],
    icmpType: protocol === 1 ? 8 : protocol === 58 ? 128 : 0,
    icmpCode: 0,
    track,
    trackDirection: "original",
    ttl: 64,
    dscp: 0,
  };
}

/** What becomes of a packet, as far as reach tells it. */
function endOf(walk: PacketWalk, packet: QuestionPacket): string {
  const { verdict, where, destination, destinationPort, outputInterface } = walk.answer(packet);
  if (verdict === "unknown") return "unknown";
  if (verdict !== "accept") return "stopped";
  const to = walkAddress(destination);
  const port = packet.protocol === 1 || packet.protocol === 58 ? "" : destinationPort;
  return `${where ?? ""} ${to} ${port} ${outputInterface ?? ""}`.trim();
}

/** A chain that is met twice may answer either way each time, and a walk gives up at many open questions, which reach need not. */
function isExcused(walk: PacketWalk, packet: QuestionPacket, found: string): boolean {
  const { verdict, why = "" } = walk.answer(packet);
  return verdict === "unknown" && (found === "unknown" || why.split("; ").length >= VARIANTS_BITS_MAX);
}

function expectedOf(walks: readonly PacketWalk[], packet: QuestionPacket): string {
  const ends = new Set(walks.map((walk) => endOf(walk, packet)));
  const [only = "unknown"] = ends;
  return ends.size === 1 ? only : "unknown";
}

function foundAt(
  { local, published, unknown }: ReachAnswer,
  source: Value,
  port: number,
  packet: QuestionPacket,
): string {
  const holds = ({ sources, ports }: ReachRegion): boolean => sources.has(source) && ports?.has(port) !== false;
  const isUnknown = unknown.some(holds);
  const places = [
    ...local.filter(holds).map((region) => placeOf("local", region, packet)),
    ...published.filter(holds).map((region) => placeOf("forward", region, packet)),
  ];
  if (places.length > 1 || (places.length === 1 && isUnknown)) return `twice: ${places.join(", ")}`;
  return places[0] ?? (isUnknown ? "unknown" : "stopped");
}

function placeOf(where: string, { to, ports }: ReachRegion, packet: QuestionPacket): string {
  const address = to?.address ?? walkAddress(packet.destination);
  const port = ports === undefined ? "" : (to?.port ?? packet.destinationPort);
  return `${where} ${address} ${port} ${to?.outputInterface ?? ""}`.trim();
}

/** At each border and just beyond, in both directions, and some places besides. */
function pointsOf(answer: ReachAnswer, { family }: Question, seed: number): readonly (readonly [Value, number])[] {
  const regions = [...answer.local, ...answer.published, ...answer.unknown];
  const last = family === 4 ? 0xffff_ffff : (1n << 128n) - 1n;
  const near = (value: Value): readonly Value[] =>
    typeof value === "bigint" ? [value - 1n, value, value + 1n] : [value - 1, value, value + 1];
  const sources = unique([
    ...(family === 4 ? IPV4_PLACES : IPV6_PLACES).flatMap(near),
    ...regions.flatMap((region) => region.sources.intervals().flat().flatMap(near)),
  ]).filter((one) => one >= 0 && one <= last);
  const ports = unique([
    ...PORT_PLACES.flatMap(near).map(Number),
    ...regions.flatMap(({ ports: own }) => (own?.intervals().flat() ?? []).flatMap(near).map(Number)),
  ]).filter((one) => one >= 0 && one <= 65_535);
  const pairs = sources.flatMap((source) => ports.map((port) => [source, port] as const));
  let state = seed >>> 0;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return pairs.length <= POINTS_MAX
    ? pairs
    : Array.from({ length: POINTS_MAX }, () => pairs[Math.floor(random() * pairs.length)] ?? [sources[0] ?? 0, 0]);
}

function unique<One>(values: readonly One[]): readonly One[] {
  return [...new Set(values)];
}
