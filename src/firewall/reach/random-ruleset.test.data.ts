// Random rulesets as models, of all kinds of conditions and changes, for comparing reach with the walk of single packets.
import fc from "fast-check";
import { IPV4, IPV6, MARK, PORT } from "../data-type.js";
import type { ElementSet, NamedSet } from "../element-set.js";
import type { Expression } from "../expression.js";
import type { BaseChain, Chain, Rule, Ruleset, Table } from "../ruleset.js";
import type { Statement, Verdict } from "../statement.js";
import {
  type Axis,
  axes,
  axis,
  BYTE,
  destinationPort,
  elementsOf,
  fib,
  groupMatch,
  keyOf,
  META_MARK,
  mark,
  OPAQUE,
  OPEN,
  type OpenKind,
  plainMatch,
  port,
  range,
  value,
} from "./random-condition.test.data.js";
import { OWN_IPV4, OWN_IPV6 } from "./random-places.test.data.js";

const mapOf = (own: readonly Axis[], data: fc.Arbitrary<Expression | Verdict>): fc.Arbitrary<ElementSet> =>
  fc
    .tuple(
      elementsOf(own),
      fc.array(data, { minLength: 6, maxLength: 6 }),
      fc.option(data, { nil: undefined, freq: 4 }),
    )
    .map(
      ([elements, values, fallback]): ElementSet => ({
        kind: "element-set",
        types: own.map(({ type }) => type),
        elements: elements.map((element, at) => ({ ...element, data: values[at] ?? OTHERWISE })),
        ...(fallback === undefined ? {} : { fallback }),
      }),
    );
const OTHERWISE: Expression = value(MARK, 7);

const action: fc.Arbitrary<Statement> = fc.oneof(
  mark.map((one): Statement => ({ kind: "set-field", field: { kind: "meta", key: "mark" }, value: value(MARK, one) })),
  mark.map((one): Statement => ({ kind: "set-field", field: { kind: "ct", key: "mark" }, value: value(MARK, one) })),
  fc.constant<Statement>({ kind: "set-field", field: { kind: "ct", key: "mark" }, value: META_MARK }),
  fc.constant<Statement>({
    kind: "set-field",
    field: { kind: "payload", protocol: "ip", field: "ttl" },
    value: value(BYTE, 63),
  }),
  fc.constant<Statement>({
    kind: "set-field",
    field: { kind: "meta", key: "mark" },
    value: { ...fib("type", ["saddr"], BYTE), type: MARK } as Expression,
  }),
  axes.chain((own) =>
    mapOf(
      own,
      mark.map((one) => value(MARK, one)),
    ).map(
      (map): Statement => ({
        kind: "set-field",
        field: { kind: "meta", key: "mark" },
        value: { kind: "map", key: keyOf(own), map, type: MARK },
      }),
    ),
  ),
  fc.constant<Statement>({ kind: "notrack" }),
  fc.constant<Statement>({ kind: "no-effect", text: "counter" }),
  axis.map(({ read }): Statement => ({ kind: "update-set", set: "seen", operation: "add", key: read, inner: [] })),
);

const verdict = (depth: number): fc.Arbitrary<Verdict> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant<Verdict>({ kind: "accept" }) },
    { weight: 3, arbitrary: fc.constant<Verdict>({ kind: "drop" }) },
    fc.constant<Verdict>({ kind: "return" }),
    fc.constant<Verdict>({ kind: "continue" }),
    ...(depth < 2
      ? [
          {
            weight: 3,
            arbitrary: fc
              .tuple(fc.constantFrom("jump" as const, "goto" as const), fc.constantFrom(...CHAINS.slice(depth + 1)))
              .map(([kind, chain]): Verdict => ({ kind, chain })),
          },
        ]
      : []),
  );
const CHAINS: readonly string[] = ["u0", "u1", "u2"];

const end = (depth: number, isPlain: boolean): fc.Arbitrary<Statement> =>
  fc.oneof(
    { weight: 4, arbitrary: verdict(depth).map((one): Statement => ({ kind: "verdict", verdict: one })) },
    {
      weight: 2,
      arbitrary: axes.chain((own) =>
        mapOf(own, verdict(depth)).map((map): Statement => ({ kind: "verdict-map", key: keyOf(own), map })),
      ),
    },
    ...(isPlain
      ? []
      : [
          fc.constantFrom<Statement[]>(
            { kind: "reject", ipv4: "tcp-reset", ipv6: "tcp-reset" },
            { kind: "reject", ipv4: "icmp-port-unreachable", ipv6: undefined },
          ),
        ]),
  );

const TARGETS4: readonly number[] = [OWN_IPV4, 0xac11_0002, 0x0a00_0005];
const TARGETS6: readonly bigint[] = [OWN_IPV6, (0xfd00n << 112n) | 2n];

const natPort: fc.Arbitrary<Expression | undefined> = fc.oneof(
  fc.constant(undefined),
  port.map((one) => value(PORT, one)),
  range(fc.constantFrom(22, 80, 443)).map(
    ([low, high]): Expression => ({ kind: "range", low: value(PORT, low), high: value(PORT, high) }),
  ),
);

const nat: fc.Arbitrary<Statement> = fc.oneof(
  fc.tuple(fc.constantFrom(...TARGETS4), natPort).map(
    ([address, own]): Statement => ({
      kind: "nat",
      direction: "dnat",
      family: "ip",
      address: value(IPV4, address),
      isPrefix: false,
      ...(own === undefined ? {} : { port: own }),
    }),
  ),
  fc.tuple(fc.constantFrom(...TARGETS6), natPort).map(
    ([address, own]): Statement => ({
      kind: "nat",
      direction: "dnat",
      family: "ip6",
      address: value(IPV6, address),
      isPrefix: false,
      ...(own === undefined ? {} : { port: own }),
    }),
  ),
  natPort.map(
    (own): Statement => ({
      kind: "nat",
      direction: "redirect",
      isPrefix: false,
      ...(own === undefined ? {} : { port: own }),
    }),
  ),
  // A map of addresses, and one of addresses with ports.
  axes.chain((own) =>
    mapOf(
      own,
      fc.constantFrom(...TARGETS4).map((one) => value(IPV4, one)),
    ).map(
      (map): Statement => ({
        kind: "nat",
        direction: "dnat",
        family: "ip",
        address: { kind: "map", key: keyOf(own), map, type: IPV4 },
        isPrefix: false,
      }),
    ),
  ),
  axes.chain((own) =>
    mapOf(
      own,
      fc
        .tuple(fc.constantFrom(...TARGETS4), port)
        .map(([address, one]): Expression => ({ kind: "concat", parts: [value(IPV4, address), value(PORT, one)] })),
    ).map(
      (map): Statement => ({
        kind: "nat",
        direction: "dnat",
        family: "ip",
        address: { kind: "map", key: keyOf(own), map, type: IPV4 },
        isPrefix: false,
      }),
    ),
  ),
  destinationPort.chain((own) =>
    mapOf(
      [own],
      port.map((one) => value(PORT, one)),
    ).map(
      (map): Statement => ({
        kind: "nat",
        direction: "redirect",
        port: { kind: "map", key: own.read, map, type: PORT },
        isPrefix: false,
      }),
    ),
  ),
);

interface Draft {
  readonly conditions: readonly Statement[];
  readonly actions: readonly Statement[];
  readonly more: readonly Statement[];
  readonly end: Statement | undefined;
}

const statementsOf = ({ conditions, actions, more, end: last }: Draft): readonly Statement[] => [
  ...conditions,
  ...actions,
  ...more,
  ...(last === undefined ? [] : [last]),
];

const rule = (open: OpenKind, last: fc.Arbitrary<Statement>): fc.Arbitrary<readonly Statement[]> => {
  const unknown = open === "budgets" ? OPEN : open === "opaque" ? OPAQUE : undefined;
  const condition = fc.oneof(
    { weight: 6, arbitrary: plainMatch },
    { weight: 1, arbitrary: groupMatch },
    ...(unknown === undefined ? [] : [{ weight: 1, arbitrary: fc.constant(unknown) }]),
  );
  return fc
    .record({
      conditions: fc.array(condition, { maxLength: 3 }),
      actions: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.array(action, { maxLength: 2 })),
      more: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.array(condition, { maxLength: 1 })),
      end: fc.option(last, { nil: undefined, freq: 6 }),
    })
    .map(statementsOf);
};

const HOOKS: readonly (BaseChain & { readonly name: string })[] = [
  { name: "raw", type: "filter", hook: "prerouting", priority: -300, policy: "accept" },
  { name: "mangle", type: "filter", hook: "prerouting", priority: -150, policy: "accept" },
  { name: "dnat", type: "nat", hook: "prerouting", priority: -100, policy: "accept" },
  { name: "in", type: "filter", hook: "input", priority: 0, policy: "drop" },
  { name: "in-late", type: "filter", hook: "input", priority: 10, policy: "accept" },
  { name: "fwd", type: "filter", hook: "forward", priority: 0, policy: "accept" },
  { name: "post", type: "filter", hook: "postrouting", priority: 0, policy: "accept" },
];

/** A random ruleset of two tables. */
export function randomRuleset(open: OpenKind): fc.Arbitrary<Ruleset> {
  const table = (family: "inet" | "ip", name: string): fc.Arbitrary<Table> =>
    fc
      .record({
        bases: fc.subarray([...HOOKS], { minLength: 1, maxLength: 4 }),
        rules: fc.array(fc.array(rule(open, end(-1, open === "opaque")), { maxLength: 4 }), {
          minLength: 4,
          maxLength: 4,
        }),
        nats: fc.array(rule(open, open === "opaque" ? end(-1, true) : nat), { maxLength: 3 }),
        own: fc.tuple(
          ...CHAINS.map((_name, depth) => fc.array(rule(open, end(depth, open === "opaque")), { maxLength: 3 })),
        ),
        policies: fc.array(fc.constantFrom("accept" as const, "drop" as const), { minLength: 4, maxLength: 4 }),
      })
      .map(({ bases, rules, nats, own, policies }) => {
        const chains: Chain[] = [
          ...bases.map(({ name: chain, ...base }, at) =>
            chainOf(family, name, chain, base.type === "nat" ? nats : (rules[at] ?? []), {
              ...base,
              policy: base.type === "nat" ? "accept" : (policies[at] ?? "accept"),
            }),
          ),
          ...CHAINS.map((chain, at) => chainOf(family, name, chain, own[at] ?? [])),
        ];
        return tableOf(family, name, chains);
      });
  return fc.tuple(table("inet", "one"), table("ip", "two")).map((tables) => ({ tables, notes: [] }));
}

function tableOf(family: "inet" | "ip", name: string, chains: readonly Chain[]): Table {
  const seen: NamedSet = { kind: "element-set", name: "seen", types: [IPV4], elements: [], isDynamic: true };
  return {
    family,
    name,
    origin: "nft",
    isDormant: false,
    chains: new Map(chains.map((chain) => [chain.name, chain])),
    sets: new Map([["seen", seen]]),
  };
}

function chainOf(
  family: "inet" | "ip",
  table: string,
  name: string,
  rules: readonly (readonly Statement[])[],
  base?: BaseChain,
): Chain {
  return {
    name,
    ...(base === undefined ? {} : { base }),
    rules: rules.map(
      (statements, index): Rule => ({
        place: { family, table, chain: name, index },
        statements,
        text: `${table} ${name} ${index}`,
      }),
    ),
  };
}
