// The match set and the target SET: which parts of a packet make the key of an ipset. ipset(8); net/netfilter/xt_set.c,
// net/netfilter/ipset/ip_set_core.c (ip_set_test), ip_set_getport.c, pfxlen.c.
import { quote } from "../target/fault.js";
import { type DataType, INTERFACE_NAME, MARK, PORT, PROTOCOL } from "./data-type.js";
import type { ElementSet, NamedSet } from "./element-set.js";
import type { Expression } from "./expression.js";
import { LIST_MEMBER } from "./ipset-types.js";
import { allOf, anyOf, condition, meta, NEVER, payload, unknownCondition } from "./iptables-condition.js";
import { type ExtensionReader, type GivenOption, type IptablesScope, optionNamed, together } from "./iptables-scope.js";
import { constant } from "./iptables-values.js";
import { NotUnderstood } from "./not-understood.js";
import type { Statement } from "./statement.js";

type Side = "src" | "dst";

/** Members of a list are looked into one after another; lists cannot hold lists. */
const MEMBERS_MAX = 65_536;

function sidesOf(text: string): readonly Side[] {
  return text.split(",").map((side) => {
    if (side !== "src" && side !== "dst") throw new NotUnderstood(`the side ${quote(side)} of a set`);
    return side;
  });
}

/** One dimension may have two parts: a port always comes with its protocol. */
function partOf(type: DataType, side: Side, family: 4 | 6): Expression {
  const isSource = side === "src";
  switch (type.name) {
    case "ipv4_addr":
    case "ipv6_addr":
      return payload(family === 4 ? "ip" : "ip6", isSource ? "saddr" : "daddr", type);
    case PROTOCOL.name:
      return meta("l4proto", PROTOCOL);
    case PORT.name:
      return meta(isSource ? "ipset-sport" : "ipset-dport", PORT);
    case INTERFACE_NAME.name:
      return meta(isSource ? "iifname" : "oifname", INTERFACE_NAME);
    case MARK.name:
      return meta("mark", MARK);
    case "ether_addr":
      return payload("ether", isSource ? "saddr" : "daddr", type);
    default:
      throw new NotUnderstood(`a set of ${quote(type.name)}`);
  }
}

/** The parts of the key, or undefined when the rule names fewer dimensions than the set has: then nothing is in it. */
function keyParts(
  types: readonly DataType[],
  sides: readonly Side[],
  family: 4 | 6,
): readonly Expression[] | undefined {
  const parts: Expression[] = [];
  let dimension = 0;
  for (const type of types) {
    const side = sides[dimension];
    if (side === undefined) return undefined;
    parts.push(partOf(type, side, family));
    if (type.name !== PROTOCOL.name) dimension++;
  }
  return parts;
}

function keyOf(parts: readonly Expression[]): Expression {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind: "concat", parts };
}

/** A set of the other family holds nothing of this one. */
function isOfOtherFamily(types: readonly DataType[], family: 4 | 6): boolean {
  return types.some(({ name }) => name === (family === 4 ? "ipv6_addr" : "ipv4_addr"));
}

/** bitmap:port takes ports of these alone (ip_set_get_ip_port()). */
const PORT_ONLY_PROTOCOLS = [6, 17];

function isIn(set: NamedSet, sides: readonly Side[], scope: IptablesScope, inverts: boolean): Statement {
  const { name, types, unknown } = set;
  if (unknown !== undefined) {
    return condition(
      { kind: "unknown", text: `what is looked for in ${name}` },
      { kind: "set-reference", name },
      false,
    );
  }
  if (types[0] === LIST_MEMBER) return isInList(set, sides, scope, inverts);
  if (isOfOtherFamily(types, scope.family)) return NEVER;
  const parts = keyParts(types, sides, scope.family);
  if (parts === undefined) return NEVER;
  const right = inverts ? inverted(set) : ({ kind: "set-reference", name } as const);
  const isMember = condition(keyOf(parts), right, false);
  if (types[0] !== PORT) return isMember;
  const protocols = PORT_ONLY_PROTOCOLS.map((number) =>
    condition(meta("l4proto", PROTOCOL), constant(number, number, PROTOCOL), false),
  );
  return allOf([anyOf(protocols), isMember]);
}

/** --return-nomatch: what the set takes out of itself, and nothing else. */
function inverted({ types, elements }: NamedSet): ElementSet {
  return {
    kind: "element-set",
    types,
    elements: elements.map((element) => ({ ...element, isExcluded: element.isExcluded !== true })),
  };
}

function isInList(list: NamedSet, sides: readonly Side[], scope: IptablesScope, inverts: boolean): Statement {
  const members = list.elements.slice(0, MEMBERS_MAX).map(({ key: [part], condition: why }) => {
    const member = part?.kind === "text" ? scope.setNamed(part.text) : undefined;
    if (member === undefined || member.types[0] === LIST_MEMBER || why !== undefined) {
      return unknownCondition(`a member of the list ${list.name}`);
    }
    return isIn(member, sides, scope, inverts);
  });
  return members.length === 0 ? NEVER : anyOf(members);
}

const COUNTERS = ["--packets-eq", "--packets-lt", "--packets-gt", "--bytes-eq", "--bytes-lt", "--bytes-gt"] as const;

/** The match. */
export const setMatch: ExtensionReader = together(
  {
    "--match-set": 2,
    "--return-nomatch": 0,
    "--update-counters": 0,
    "--update-subcounters": 0,
    ...Object.fromEntries(COUNTERS.map((name) => [name, 1])),
  },
  (given, scope) => {
    const option = optionNamed(given, "--match-set");
    const [name, flags] = option?.values ?? [];
    if (option === undefined || name === undefined || flags === undefined) throw new NotUnderstood("a match of no set");
    const set = scope.setNamed(name);
    if (set === undefined) throw new NotUnderstood(`the set ${quote(name)}`);
    const isMember = isIn(set, sidesOf(flags), scope, optionNamed(given, "--return-nomatch") !== undefined);
    const counters = given.flatMap((one) => counterBudget(one, name));
    return [allOf([isMember, ...counters], option.isNegated)];
  },
);

function counterBudget({ name, values, isNegated }: GivenOption, set: string): readonly Statement[] {
  if (!COUNTERS.some((known) => known === name)) return [];
  const text = [...(isNegated ? ["!"] : []), name, ...values].join(" ");
  return [{ kind: "budget", text, first: undefined, why: `the counters of the set ${set}` }];
}

/** The target. */
export const setTarget: ExtensionReader = together(
  {
    "--add-set": 2,
    "--del-set": 2,
    "--map-set": 2,
    "--exist": 0,
    "--timeout": 1,
    "--map-mark": 0,
    "--map-prio": 0,
    "--map-queue": 0,
  },
  (given, scope) => given.flatMap((option) => updateOf(option, given, scope)),
);

function updateOf(option: GivenOption, given: readonly GivenOption[], scope: IptablesScope): readonly Statement[] {
  const [name, flags] = option.values;
  if (name === undefined || flags === undefined) return [];
  if (option.name === "--map-set") {
    if (optionNamed(given, "--map-mark") === undefined) return [{ kind: "no-effect", text: `--map-set ${name}` }];
    const text = `the mark that the set ${name} has for it`;
    return [{ kind: "set-field", field: { kind: "meta", key: "mark" }, value: { kind: "unknown", text } }];
  }
  scope.onUpdate(name);
  const set = scope.setNamed(name);
  const parts = set === undefined ? undefined : keyParts(set.types, sidesOf(flags), scope.family);
  if (parts === undefined || parts.length === 0) return [{ kind: "no-effect", text: `${option.name} ${name}` }];
  const operation = option.name === "--del-set" ? "delete" : "add";
  return [{ kind: "update-set", set: name, operation, key: keyOf(parts), inner: [] }];
}
