// Random conditions of rules, of all kinds that reach takes apart and of those that it does not.
import fc from "fast-check";
import { type DataType, INTERFACE_NAME, IPV4, IPV6, MARK, numberType, PORT, PROTOCOL } from "../data-type.js";
import type { KeyPart, SetElement } from "../element-set.js";
import type { Expression, Field } from "../expression.js";
import type { Statement } from "../statement.js";
import { IPV4_PLACES, IPV6_PLACES, PORT_PLACES } from "./random-places.test.data.js";

export const BYTE: DataType = numberType("byte", 8);
export const WORD: DataType = numberType("state", 32);

export const ipv4: fc.Arbitrary<number> = fc.constantFrom(...IPV4_PLACES);
export const ipv6: fc.Arbitrary<bigint> = fc.constantFrom(...IPV6_PLACES);
export const port: fc.Arbitrary<number> = fc.constantFrom(...PORT_PLACES);
export const mark: fc.Arbitrary<number> = fc.constantFrom(0, 1, 2, 3, 0x10);

export const value = (type: DataType, one: number | bigint | string): Expression => ({
  kind: "value",
  value: one,
  type,
});
export const field = (own: Field, type: DataType): Expression => ({ kind: "field", field: own, type });
export const payload = (protocol: string, name: string, type: DataType): Expression =>
  field({ kind: "payload", protocol, field: name }, type);
export const meta = (key: string, type: DataType): Expression => field({ kind: "meta", key }, type);
export const ct = (key: string, type: DataType, more: Partial<Field & { kind: "ct" }> = {}): Expression =>
  field({ kind: "ct", key, ...more }, type);

const SADDR4 = payload("ip", "saddr", IPV4);
const SADDR6 = payload("ip6", "saddr", IPV6);
const IIFNAME = meta("iifname", INTERFACE_NAME);
const L4PROTO = meta("l4proto", PROTOCOL);
export const META_MARK: Expression = meta("mark", MARK);
const STATE = ct("state", WORD);

export interface Axis {
  readonly read: Expression;
  readonly type: DataType;
  readonly place: fc.Arbitrary<number | bigint>;
}

const source: fc.Arbitrary<Axis> = fc.constantFrom<Axis[]>(
  { read: SADDR4, type: IPV4, place: ipv4 },
  { read: SADDR6, type: IPV6, place: ipv6 },
  { read: ct("saddr", IPV4, { direction: "original", family: "ip" }), type: IPV4, place: ipv4 },
);
export const destinationPort: fc.Arbitrary<Axis> = fc.constantFrom<Axis[]>(
  ...["tcp", "udp", "sctp", "th"].map((protocol) => ({
    read: payload(protocol, "dport", PORT),
    type: PORT,
    place: port,
  })),
  { read: ct("proto-dst", PORT, { direction: "original" }), type: PORT, place: port },
  { read: field({ kind: "raw-payload", base: "th", offsetBits: 16, lengthBits: 16 }, PORT), type: PORT, place: port },
);
const constant: fc.Arbitrary<Axis> = fc.constantFrom<Axis[]>(
  { read: L4PROTO, type: PROTOCOL, place: fc.constantFrom(1, 6, 17, 58, 132) },
  { read: META_MARK, type: MARK, place: mark },
  { read: payload("tcp", "flags", BYTE), type: BYTE, place: fc.constantFrom(2, 18) },
  { read: payload("ip", "ttl", BYTE), type: BYTE, place: fc.constantFrom(63, 64) },
  { read: payload("icmp", "type", BYTE), type: BYTE, place: fc.constantFrom(8, 0) },
  { read: payload("ip", "daddr", IPV4), type: IPV4, place: ipv4 },
  { read: ct("mark", MARK), type: MARK, place: mark },
);
export const axis: fc.Arbitrary<Axis> = fc.oneof(
  { weight: 4, arbitrary: source },
  { weight: 4, arbitrary: destinationPort },
  constant,
);

export const range = (
  place: fc.Arbitrary<number | bigint>,
): fc.Arbitrary<readonly [number | bigint, number | bigint]> =>
  fc.tuple(place, place).map(([a, b]) => (a <= b ? [a, b] : [b, a]));

const rangePart = (place: fc.Arbitrary<number | bigint>): fc.Arbitrary<KeyPart> =>
  fc.oneof(
    place.map((low): KeyPart => ({ kind: "range", low, high: low })),
    range(place).map(([low, high]): KeyPart => ({ kind: "range", low, high })),
  );

/** Elements as nftables has them: they do not overlap. */
function disjoint(elements: readonly SetElement[]): readonly SetElement[] {
  const kept: SetElement[] = [];
  for (const element of elements) {
    const hits = kept.some((one) => one.key.every((part, at) => overlaps(part, element.key[at])));
    if (!hits) kept.push(element);
  }
  return kept;
}

function overlaps(a: KeyPart, b: KeyPart | undefined): boolean {
  if (a.kind === "text" || b?.kind !== "range") {
    return a.kind === "text" && b?.kind === "text" && (a.text.startsWith(b.text) || b.text.startsWith(a.text));
  }
  return a.low <= b.high && b.low <= a.high;
}

export const keyOf = (axes: readonly Axis[]): Expression => {
  const [only] = axes;
  return axes.length === 1 && only !== undefined ? only.read : { kind: "concat", parts: axes.map(({ read }) => read) };
};

export const elementsOf = (axes: readonly Axis[]): fc.Arbitrary<readonly SetElement[]> =>
  fc
    .array(fc.tuple(...axes.map(({ place }) => rangePart(place))), { minLength: 1, maxLength: 6 })
    .map((keys) => disjoint(keys.map((key): SetElement => ({ key }))));

export const axes: fc.Arbitrary<readonly Axis[]> = fc.oneof(
  { weight: 3, arbitrary: axis.map((one) => [one]) },
  { weight: 2, arbitrary: fc.tuple(source, destinationPort) },
  fc.tuple(destinationPort, source, constant),
  fc.tuple(constant, destinationPort),
);

/** Some of ipset's kind: networks with exceptions. */
const excludedSet: fc.Arbitrary<Statement> = fc
  .array(fc.tuple(fc.constantFrom(8, 16, 24, 28, 32), ipv4, fc.boolean()), { minLength: 1, maxLength: 5 })
  .map((rows): Statement => {
    const seen = new Set<string>();
    const elements = rows.flatMap(([bits, address, isExcluded]): SetElement[] => {
      const size = 2 ** (32 - bits);
      const low = Math.floor(address / size) * size;
      const name = `${low}/${bits}`;
      if (seen.has(name)) return [];
      seen.add(name);
      return [{ key: [{ kind: "range", low, high: low + size - 1 }], isExcluded }];
    });
    return {
      kind: "match",
      left: SADDR4,
      comparison: "==",
      right: { kind: "element-set", types: [IPV4], elements },
    };
  });

const setMatch: fc.Arbitrary<Statement> = axes.chain((own) =>
  fc.record({ elements: elementsOf(own), isNegated: fc.boolean() }).map(
    ({ elements, isNegated }): Statement => ({
      kind: "match",
      left: keyOf(own),
      comparison: isNegated ? "!=" : "==",
      right: { kind: "element-set", types: own.map(({ type }) => type), elements },
    }),
  ),
);

const orderMatch: fc.Arbitrary<Statement> = axis.chain(({ read, type, place }) =>
  fc.oneof(
    fc
      .tuple(
        fc.constantFrom("==" as const, "!=" as const, "<" as const, "<=" as const, ">" as const, ">=" as const),
        place,
      )
      .map(([comparison, one]): Statement => ({ kind: "match", left: read, comparison, right: value(type, one) })),
    fc.tuple(fc.constantFrom("==" as const, "!=" as const), range(place)).map(
      ([comparison, [low, high]]): Statement => ({
        kind: "match",
        left: read,
        comparison,
        right: { kind: "range", low: value(type, low), high: value(type, high) },
      }),
    ),
  ),
);

const bits = (read: Expression, operator: "&" | ">>", mask: number | bigint, type: DataType): Expression => ({
  kind: "binary",
  operator,
  left: read,
  right: value(type, mask),
  type,
});

const MASKED: readonly {
  readonly read: Expression;
  readonly type: DataType;
  readonly wanted: readonly (number | bigint)[];
}[] = [
  { read: bits(SADDR4, "&", 0xffff_ff00, IPV4), type: IPV4, wanted: [0x0a00_0000, 0xc0a8_0000, 0x0a00_0001] },
  { read: bits(SADDR4, "&", 0xff00_00ff, IPV4), type: IPV4, wanted: [0x0a00_0002, 0xc000_0001, 0x0a00_0100] },
  { read: bits(SADDR4, ">>", 24, IPV4), type: IPV4, wanted: [10, 192] },
  { read: bits(SADDR6, "&", ((1n << 64n) - 1n) << 64n, IPV6), type: IPV6, wanted: [0x2001_0db8n << 96n] },
  { read: bits(payload("tcp", "dport", PORT), "&", 0xff, PORT), type: PORT, wanted: [22, 80, 0] },
  { read: bits(payload("th", "dport", PORT), "&", 0xff00, PORT), type: PORT, wanted: [0, 0x1f00] },
  { read: bits(META_MARK, "&", 3, MARK), type: MARK, wanted: [0, 1, 3] },
];

const maskMatch: fc.Arbitrary<Statement> = fc
  .tuple(
    fc.constantFrom(...MASKED),
    fc.nat(),
    fc.constantFrom("==" as const, "!=" as const, "<" as const, "in" as const),
  )
  .map(
    ([{ read, type, wanted }, at, comparison]): Statement => ({
      kind: "match",
      left: read,
      // Of a mask with holes, an order is scattered over more intervals than anybody lists.
      comparison: comparison !== "!=" && type === IPV4 ? "==" : comparison === "in" && type === IPV6 ? "<" : comparison,
      right: value(type, wanted[at % wanted.length] ?? 0),
    }),
  );

export const fib = (result: "type" | "oifname" | "check", flags: readonly string[], type: DataType): Expression =>
  field({ kind: "fib", result, flags }, type);

const otherMatch: fc.Arbitrary<Statement> = fc.constantFrom<Statement[]>(
  { kind: "match", left: STATE, comparison: "in", right: value(WORD, 8) },
  { kind: "match", left: STATE, comparison: "in", right: value(WORD, 2 | 4) },
  { kind: "match", left: STATE, comparison: "in", right: value(WORD, 64) },
  { kind: "match", left: STATE, comparison: "==", right: value(WORD, 1) },
  { kind: "match", left: ct("status", WORD), comparison: "in", right: value(WORD, 32) },
  { kind: "match", left: IIFNAME, comparison: "==", right: value(INTERFACE_NAME, "eth*") },
  { kind: "match", left: IIFNAME, comparison: "!=", right: value(INTERFACE_NAME, "eth0") },
  { kind: "match", left: fib("type", ["saddr"], BYTE), comparison: "==", right: value(BYTE, 2) },
  { kind: "match", left: fib("type", ["saddr"], BYTE), comparison: "!=", right: value(BYTE, 1) },
  { kind: "match", left: fib("type", ["daddr"], BYTE), comparison: "==", right: value(BYTE, 2) },
  { kind: "match", left: fib("check", ["saddr", "iif"], BYTE), comparison: "==", right: value(BYTE, 0) },
  {
    kind: "match",
    left: fib("oifname", ["saddr", "iif"], INTERFACE_NAME),
    comparison: "!=",
    right: value(INTERFACE_NAME, ""),
  },
  { kind: "match", left: SADDR4, comparison: "==", right: payload("ip", "daddr", IPV4) },
  { kind: "match", left: payload("ip", "daddr", IPV4), comparison: "!=", right: SADDR4 },
  {
    kind: "match",
    left: { kind: "concat", parts: [fib("type", ["saddr"], BYTE), payload("th", "dport", PORT)] },
    comparison: "==",
    right: {
      kind: "element-set",
      types: [BYTE, PORT],
      elements: [
        {
          key: [
            { kind: "range", low: 1, high: 1 },
            { kind: "range", low: 22, high: 443 },
          ],
        },
      ],
    },
  },
  {
    kind: "match",
    left: { kind: "concat", parts: [IIFNAME, payload("tcp", "dport", PORT)] },
    comparison: "==",
    right: {
      kind: "element-set",
      types: [INTERFACE_NAME, PORT],
      elements: [
        {
          key: [
            { kind: "text", text: "eth", isPrefix: true },
            { kind: "range", low: 22, high: 22 },
          ],
        },
        {
          key: [
            { kind: "text", text: "docker0", isPrefix: false },
            { kind: "range", low: 80, high: 80 },
          ],
        },
      ],
    },
  },
);

/** The source by its place, of IPv4 alone: of IPv6 other bits stand there. */
const rawMatch: fc.Arbitrary<Statement> = fc.tuple(fc.constantFrom(8, 16, 32), ipv4).map(
  ([lengthBits, address]): Statement => ({
    kind: "all",
    isNegated: false,
    conditions: [
      { kind: "match", left: meta("nfproto", BYTE), comparison: "==", right: value(BYTE, 2) },
      {
        kind: "match",
        left: field({ kind: "raw-payload", base: "nh", offsetBits: 96, lengthBits }, IPV4),
        comparison: "==",
        right: value(IPV4, Math.floor(address / 2 ** (32 - lengthBits))),
      },
    ],
  }),
);

export const plainMatch: fc.Arbitrary<Statement> = fc.oneof(
  { weight: 5, arbitrary: setMatch },
  { weight: 5, arbitrary: orderMatch },
  { weight: 1, arbitrary: maskMatch },
  { weight: 1, arbitrary: excludedSet },
  { weight: 1, arbitrary: rawMatch },
  { weight: 2, arbitrary: otherMatch },
  {
    weight: 1,
    arbitrary: fc.boolean().map((first): Statement => ({ kind: "budget", text: "limit", first, why: "a limit" })),
  },
);

export const groupMatch: fc.Arbitrary<Statement> = fc
  .tuple(
    fc.constantFrom("all" as const, "any" as const),
    fc.array(plainMatch, { minLength: 1, maxLength: 3 }),
    fc.boolean(),
  )
  .map(([kind, conditions, isNegated]): Statement => ({ kind, conditions, isNegated }));

/** Whether the rule goes on is not told. */
export const OPEN: Statement = { kind: "budget", text: "limit", first: undefined, why: "how many came before" };
/** A condition that nobody can tell. */
export const OPAQUE: Statement = {
  kind: "match",
  left: field({ kind: "other", text: "numgen random mod 2" }, WORD),
  comparison: "==",
  right: value(WORD, 0),
};

/** What a ruleset may have that a question does not tell. */
export type OpenKind = "nothing" | "budgets" | "opaque";
