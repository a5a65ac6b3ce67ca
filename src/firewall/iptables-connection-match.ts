// Matches on what connection tracking knows: conntrack, state, connmark, helper, connlabel. iptables-extensions(8);
// net/netfilter/xt_conntrack.c, xt_state.c, xt_connmark.c, xt_helper.c.
import { quote } from "../target/fault.js";
import { type DataType, MARK, numberType, PORT, PROTOCOL } from "./data-type.js";
import type { Expression } from "./expression.js";
import {
  allOf,
  anyOf,
  condition,
  fieldOf,
  inNetwork,
  isThereAnd,
  maskedMatch,
  underMask,
} from "./iptables-condition.js";
import {
  type ExtensionReader,
  type GivenOption,
  type IptablesScope,
  independent,
  onlyValue,
  together,
} from "./iptables-scope.js";
import { addressType, constant, maskedOf, networkOf, protocolOf, rangeConstant, rangeOf } from "./iptables-values.js";
import { NotUnderstood } from "./not-understood.js";
import type { Statement } from "./statement.js";

const CT_STATE = numberType("ct_state", 32);
const CT_STATUS = numberType("ct_status", 32);
const CT_DIRECTION = numberType("ct_dir", 8);
const TIME = numberType("time", 32);
const LABEL: DataType = numberType("ct_label", 128);
const HELPER: DataType = { name: "string", bits: 0, form: "text" };

const STATES: ReadonlyMap<string, number> = new Map([
  ["INVALID", 1],
  ["ESTABLISHED", 2],
  ["RELATED", 4],
  ["NEW", 8],
  ["UNTRACKED", 64],
]);
/** States of --ctstate that are kept in the status. */
const NAT_STATES: ReadonlyMap<string, number> = new Map([
  ["SNAT", 16],
  ["DNAT", 32],
]);
const STATUSES: ReadonlyMap<string, number> = new Map([
  ["NONE", 0],
  ["EXPECTED", 1],
  ["SEEN_REPLY", 2],
  ["ASSURED", 4],
  ["CONFIRMED", 8],
]);
const EXPECTED = 1;
/** What the state is where there is no connection. */
const NO_CONNECTION = 1 | 64;

function connection(key: string, type: DataType): Expression {
  return fieldOf({ kind: "ct", key }, type);
}

function tuple(direction: "original" | "reply", key: string, family: 4 | 6, type: DataType): Expression {
  const isAddress = key === "saddr" || key === "daddr";
  const ofFamily = isAddress ? { family: family === 4 ? ("ip" as const) : ("ip6" as const) } : {};
  return fieldOf({ kind: "ct", key, direction, ...ofFamily }, type);
}

function hasAny(key: string, bits: number, type: DataType): Statement {
  return { kind: "match", left: connection(key, type), comparison: "in", right: constant(bits, bits, type) };
}

/** One of the states. */
function stateMatch(option: GivenOption): Statement {
  let states = 0;
  let status = 0;
  for (const name of onlyValue(option).split(",")) {
    const state = STATES.get(name);
    const natState = NAT_STATES.get(name);
    if (state === undefined && natState === undefined) throw new NotUnderstood(`the state ${quote(name)}`);
    states |= state ?? 0;
    status |= natState ?? 0;
  }
  if (status === 0 && !option.isNegated) return hasAny("state", states, CT_STATE);
  const ofStatus = status === 0 ? [] : [hasAny("status", status, CT_STATUS)];
  return anyOf([hasAny("state", states, CT_STATE), ...ofStatus], option.isNegated);
}

type ConnectionReader = (option: GivenOption, scope: IptablesScope) => Statement;

function address(direction: "original" | "reply", key: "saddr" | "daddr"): ConnectionReader {
  return (option, { family }) => {
    const network = networkOf(onlyValue(option), family);
    const left = tuple(direction, key, family, addressType(family));
    return inNetwork(left, network, family, option.isNegated);
  };
}

function port(direction: "original" | "reply", key: "proto-src" | "proto-dst"): ConnectionReader {
  return (option, { family }) =>
    isThereAnd(tuple(direction, key, family, PORT), rangeConstant(onlyValue(option), PORT), option.isNegated);
}

/** All but --ctstate; where there is no connection, none of them holds, negated or not. */
const OF_CONNECTION: ReadonlyMap<string, ConnectionReader> = new Map<string, ConnectionReader>([
  ["--ctproto", protocol],
  ["--ctorigsrc", address("original", "saddr")],
  ["--ctorigdst", address("original", "daddr")],
  ["--ctreplsrc", address("reply", "saddr")],
  ["--ctrepldst", address("reply", "daddr")],
  ["--ctorigsrcport", port("original", "proto-src")],
  ["--ctorigdstport", port("original", "proto-dst")],
  ["--ctreplsrcport", port("reply", "proto-src")],
  ["--ctrepldstport", port("reply", "proto-dst")],
  ["--ctstatus", status],
  ["--ctexpire", expiration],
  ["--ctdir", direction],
]);

function protocol(option: GivenOption): Statement {
  const number = protocolOf(onlyValue(option));
  return isThereAnd(connection("protocol", PROTOCOL), constant(number, number, PROTOCOL), option.isNegated);
}

function status(option: GivenOption): Statement {
  let bits = 0;
  for (const name of onlyValue(option).split(",")) {
    const bit = STATUSES.get(name);
    if (bit === undefined) throw new NotUnderstood(`the status ${quote(name)} of a connection`);
    bits |= bit;
  }
  if (!option.isNegated) return hasAny("status", bits, CT_STATUS);
  const left = underMask(connection("status", CT_STATUS), bits, CT_STATUS);
  return isThereAnd(left, constant(0, 0, CT_STATUS), false);
}

function expiration(option: GivenOption): Statement {
  const [low, high] = rangeOf(onlyValue(option), 4_294_967);
  return isThereAnd(connection("expiration", TIME), constant(low * 1000, high * 1000 + 999, TIME), option.isNegated);
}

function direction(option: GivenOption): Statement {
  const name = onlyValue(option).toUpperCase();
  if (name !== "ORIGINAL" && name !== "REPLY") throw new NotUnderstood(`the direction ${quote(name)}`);
  const value = name === "REPLY" ? 1 : 0;
  return isThereAnd(connection("direction", CT_DIRECTION), constant(value, value, CT_DIRECTION), option.isNegated);
}

/** Without a connection the kernel looks at nothing but the state (conntrack_mt()). */
const conntrack: ExtensionReader = together(
  { "--ctstate": 1, ...Object.fromEntries([...OF_CONNECTION.keys()].map((name) => [name, 1])) },
  (given, scope) => {
    const states = given.filter(({ name }) => name === "--ctstate").map(stateMatch);
    const others = given.flatMap((option) => {
      const read = OF_CONNECTION.get(option.name);
      return read === undefined ? [] : [read(option, scope)];
    });
    if (states.length === 0 || others.length === 0) return [...states, ...others];
    return [...states, anyOf([hasAny("state", NO_CONNECTION, CT_STATE), allOf(others)])];
  },
);

const state = independent({ "--state": [1, (option) => [stateMatch(option)]] });

const connmark = independent({
  "--mark": [
    1,
    (option) => [maskedMatch(connection("mark", MARK), maskedOf(onlyValue(option)), MARK, option.isNegated)],
  ],
});

/** A helper counts only for connections that another one has announced. */
const helper = independent({
  "--helper": [
    1,
    (option) => {
      const name = onlyValue(option);
      const left = connection("helper", HELPER);
      const named = name === "" ? [] : [condition(left, { kind: "value", value: name, type: HELPER }, false)];
      return [allOf([hasAny("status", EXPECTED, CT_STATUS), ...named], option.isNegated)];
    },
  ],
});

const connlabel = independent({
  "--label": [
    1,
    (option) => {
      const { isNegated } = option;
      const label: Expression = { kind: "unknown", text: `--label ${onlyValue(option)}` };
      return [isThereAnd(connection("label", LABEL), label, isNegated)];
    },
  ],
  "--set": [0, () => []],
});

/** By their names. */
export const CONNECTION_MATCHES: ReadonlyMap<string, ExtensionReader> = new Map([
  ["conntrack", conntrack],
  ["state", state],
  ["connmark", connmark],
  ["helper", helper],
  ["connlabel", connlabel],
]);
