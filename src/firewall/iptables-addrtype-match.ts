// The match addrtype. iptables-extensions(8); net/netfilter/xt_addrtype.c: of IPv4, one of the types of the route; of IPv6, all
// of the named properties of the address and its route.
import { quote } from "../target/fault.js";
import { IPV6, numberType } from "./data-type.js";
import type { Expression } from "./expression.js";
import { allOf, fieldOf, isThereAnd, payload, rangeSet } from "./iptables-condition.js";
import { type ExtensionReader, type GivenOption, onlyValue, optionNamed, together } from "./iptables-scope.js";
import { constant } from "./iptables-values.js";
import { NotUnderstood } from "./not-understood.js";
import type { Statement } from "./statement.js";

const ADDRESS_TYPE = numberType("fib_addrtype", 32);

/** include/uapi/linux/rtnetlink.h, enum rtn_type. */
const TYPES = [
  "UNSPEC",
  "UNICAST",
  "LOCAL",
  "BROADCAST",
  "ANYCAST",
  "MULTICAST",
  "BLACKHOLE",
  "UNREACHABLE",
  "PROHIBIT",
  "THROW",
  "NAT",
  "XRESOLVE",
];

function typeNumbers(option: GivenOption): readonly number[] {
  return onlyValue(option)
    .split(",")
    .map((name) => {
      const number = TYPES.indexOf(name.toUpperCase());
      if (number < 0) throw new NotUnderstood(`the type ${quote(name)} of an address`);
      return number;
    });
}

function ofRoute(types: readonly number[], flags: readonly string[], isNegated: boolean): Statement {
  const left = fieldOf({ kind: "fib", result: "type", flags }, ADDRESS_TYPE);
  const [only] = types;
  if (types.length === 1 && only !== undefined) {
    return isThereAnd(left, constant(only, only, ADDRESS_TYPE), isNegated);
  }
  const set = rangeSet(
    types.map((type) => [type, type] as const),
    ADDRESS_TYPE,
  );
  return isThereAnd(left, set, isNegated);
}

const MULTICAST = constant(0xffn << 120n, (1n << 128n) - 1n, IPV6);
const NONE = constant(0n, 0n, IPV6);

/** What one name asks of an address of IPv6; undefined for what hangs on the route. */
function propertyOf(type: number, address: Expression): Statement | undefined {
  switch (TYPES[type]) {
    case "UNSPEC":
      return isThereAnd(address, NONE, false);
    case "UNICAST":
      return allOf([isThereAnd(address, MULTICAST, true), isThereAnd(address, NONE, true)]);
    case "MULTICAST":
      return isThereAnd(address, MULTICAST, false);
    default:
      return undefined;
  }
}

function ofAddress6(types: readonly number[], side: "saddr" | "daddr", flags: readonly string[], isNegated: boolean) {
  const address = payload("ip6", side, IPV6);
  const properties = types.flatMap((type) => propertyOf(type, address) ?? []);
  const routed = types.filter((type) => propertyOf(type, address) === undefined);
  const ofRoutes = routed.length === 0 ? [] : [ofRoute(routed, flags, false)];
  return allOf([...properties, ...ofRoutes], isNegated);
}

/** The match. */
export const addrtype: ExtensionReader = together(
  { "--src-type": 1, "--dst-type": 1, "--limit-iface-in": 0, "--limit-iface-out": 0 },
  (given, { family }) => {
    const devices = [
      ...(optionNamed(given, "--limit-iface-in") === undefined ? [] : ["iif"]),
      ...(optionNamed(given, "--limit-iface-out") === undefined ? [] : ["oif"]),
    ];
    return given.flatMap((option): readonly Statement[] => {
      if (option.name !== "--src-type" && option.name !== "--dst-type") return [];
      const side = option.name === "--src-type" ? "saddr" : "daddr";
      const flags = [side, ...devices];
      const types = typeNumbers(option);
      if (family === 6) return [ofAddress6(types, side, flags, option.isNegated)];
      return [ofRoute(types, flags, option.isNegated)];
    });
  },
);
