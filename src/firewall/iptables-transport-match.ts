// Matches on headers behind IP's: tcp, udp, sctp, dccp, icmp, icmp6, multiport, esp, ah, ipcomp, mh. iptables-extensions(8);
// net/netfilter/xt_tcpudp.c, xt_multiport.c, xt_sctp.c, xt_dccp.c, net/ipv4/netfilter/ip_tables.c (icmp_match).
import { quote } from "../target/fault.js";
import { numberType, PORT } from "./data-type.js";
import type { Expression } from "./expression.js";
import {
  allOf,
  anyOf,
  condition,
  fieldOf,
  isThereAnd,
  NEVER,
  payload,
  rangeSet,
  underMask,
  unknownCondition,
} from "./iptables-condition.js";
import { ICMP_NAMES, ICMPV6_NAMES, type IcmpName } from "./iptables-icmp-names.js";
import {
  type ExtensionReader,
  type GivenOption,
  independent,
  type OptionReader,
  onlyValue,
  together,
} from "./iptables-scope.js";
import { constant, numberOf, portRange, rangeConstant } from "./iptables-values.js";
import { NotUnderstood } from "./not-understood.js";
import type { Statement } from "./statement.js";

const FLAG_BITS: ReadonlyMap<string, number> = new Map([
  ["NONE", 0],
  ["FIN", 0x01],
  ["SYN", 0x02],
  ["RST", 0x04],
  ["PSH", 0x08],
  ["ACK", 0x10],
  ["URG", 0x20],
  ["ALL", 0x3f],
]);
/** --syn: of these, SYN alone. */
const SYN_MASK = 0x17;
const SYN = 0x02;

const TCP_FLAG = numberType("tcp_flag", 8);
const BYTE = numberType("integer", 8);
const SPI = numberType("integer", 32);
const DCCP_TYPE = numberType("dccp_pkttype", 4);
const MH_TYPE = numberType("mh_type", 8);

/** Protocols that begin with two ports, by nft's names of their headers. */
const PORT_PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [6, "tcp"],
  [17, "udp"],
  [33, "dccp"],
  [132, "sctp"],
  [136, "udplite"],
]);

function port(protocol: string, field: "sport" | "dport"): OptionReader {
  const left = payload(protocol, field, PORT);
  return [
    1,
    (option) => {
      const [low, high] = portRange(onlyValue(option));
      return [isThereAnd(left, constant(low, high, PORT), option.isNegated)];
    },
  ];
}

function flags(mask: number, wanted: number, isNegated: boolean): Statement {
  const left = underMask(payload("tcp", "flags", TCP_FLAG), mask, TCP_FLAG);
  return isThereAnd(left, constant(wanted, wanted, TCP_FLAG), isNegated);
}

function flagBits(text: string | undefined): number {
  let bits = 0;
  for (const name of (text ?? "").split(",")) {
    const bit = FLAG_BITS.get(name.toUpperCase());
    if (bit === undefined) throw new NotUnderstood(`the flag ${quote(name)} of TCP`);
    bits |= bit;
  }
  return bits;
}

const tcp = independent({
  "--sport": port("tcp", "sport"),
  "--dport": port("tcp", "dport"),
  "--tcp-flags": [2, ({ values, isNegated }) => [flags(flagBits(values[0]), flagBits(values[1]), isNegated)]],
  "--syn": [0, ({ isNegated }) => [flags(SYN_MASK, SYN, isNegated)]],
  "--tcp-option": [1, (option) => [hasTcpOption(option)]],
});

function hasTcpOption(option: GivenOption): Statement {
  const name = String(numberOf(onlyValue(option), 255));
  return condition(fieldOf({ kind: "tcp-option", name }, BYTE), constant(1, 1, BYTE), option.isNegated);
}

const udp = independent({ "--sport": port("udp", "sport"), "--dport": port("udp", "dport") });

const udplite = independent({ "--sport": port("udplite", "sport"), "--dport": port("udplite", "dport") });

const sctp = independent({
  "--sport": port("sctp", "sport"),
  "--dport": port("sctp", "dport"),
  "--chunk-types": [2, ({ values, isNegated }) => [unknownCondition(textOf("--chunk-types", values, isNegated))]],
});

function textOf(name: string, values: readonly string[], isNegated: boolean): string {
  return [...(isNegated ? ["!"] : []), name, ...values].join(" ");
}

/** In the order of their numbers (RFC 4340 §5.1). */
const DCCP_TYPES = ["REQUEST", "RESPONSE", "DATA", "ACK", "DATAACK", "CLOSEREQ", "CLOSE", "RESET", "SYNC", "SYNCACK"];
const DCCP_INVALID = 10;

const dccp = independent({
  "--sport": port("dccp", "sport"),
  "--dport": port("dccp", "dport"),
  "--dccp-types": [
    1,
    (option) => {
      const types = onlyValue(option).split(",").flatMap(dccpTypes);
      return [isThereAnd(payload("dccp", "type", DCCP_TYPE), rangeSet(types, DCCP_TYPE), option.isNegated)];
    },
  ],
  "--dccp-option": [1, ({ values, isNegated }) => [unknownCondition(textOf("--dccp-option", values, isNegated))]],
});

function dccpTypes(name: string): readonly (readonly [number, number])[] {
  if (name === "INVALID") return [[DCCP_INVALID, 15]];
  const type = DCCP_TYPES.indexOf(name);
  if (type < 0) throw new NotUnderstood(`the type ${quote(name)} of DCCP`);
  return [[type, type]];
}

/** Without a code all of its codes; "any" for every message at all. */
function icmpMatch(
  protocol: "icmp" | "icmpv6",
  names: ReadonlyMap<string, IcmpName>,
  option: GivenOption,
): readonly Statement[] {
  const text = onlyValue(option);
  const { isNegated } = option;
  if (text === "any" || text === "255") return isNegated ? [NEVER] : [];
  const [type, low, high] = icmpType(text, names);
  const isOfType = isThereAnd(payload(protocol, "type", BYTE), constant(type, type, BYTE), false);
  if (low === 0 && high === 255) return [allOf([isOfType], isNegated)];
  const hasCode = isThereAnd(payload(protocol, "code", BYTE), constant(low, high, BYTE), false);
  return [allOf([isOfType, hasCode], isNegated)];
}

function icmpType(
  text: string,
  names: ReadonlyMap<string, IcmpName>,
): readonly [type: number, low: number, high: number] {
  const named = names.get(text);
  if (named !== undefined) return [named[0], named[1] ?? 0, named[1] ?? 255];
  const [type = "", code] = text.split("/");
  if (code === undefined) return [numberOf(type, 255), 0, 255];
  const number = numberOf(code, 255);
  return [numberOf(type, 255), number, number];
}

const icmp = independent({ "--icmp-type": [1, (option) => icmpMatch("icmp", ICMP_NAMES, option)] });
const icmp6 = independent({ "--icmpv6-type": [1, (option) => icmpMatch("icmpv6", ICMPV6_NAMES, option)] });

function portList(fields: readonly ("sport" | "dport")[]): OptionReader {
  return [
    1,
    (option, { protocol }) => {
      const header = PORT_PROTOCOLS.get(protocol ?? -1);
      if (header === undefined) throw new NotUnderstood("multiport without a protocol that has ports");
      const set = rangeSet(onlyValue(option).split(",").map(portRange), PORT);
      const [only] = fields;
      if (only !== undefined && fields.length === 1) {
        return [isThereAnd(payload(header, only, PORT), set, option.isNegated)];
      }
      return [
        anyOf(
          fields.map((field) => isThereAnd(payload(header, field, PORT), set, false)),
          option.isNegated,
        ),
      ];
    },
  ];
}

const multiport = independent({
  "--sports": portList(["sport"]),
  "--dports": portList(["dport"]),
  "--ports": portList(["sport", "dport"]),
});

function spiMatch(left: Expression): OptionReader {
  return [1, (option) => [isThereAnd(left, rangeConstant(onlyValue(option), SPI), option.isNegated)]];
}

const esp = independent({ "--espspi": spiMatch(payload("esp", "spi", SPI)) });

/** Of IPv6, AH is one of the extension headers, and the match asks whether it is there. */
const ah = together({ "--ahspi": 1, "--ahlen": 1, "--ahres": 0 }, (given, { family }) => {
  const isOfAh =
    family === 6
      ? [isThereAnd(fieldOf({ kind: "extension-header", name: "ah" }, BYTE), constant(1, 1, BYTE), false)]
      : [];
  return [...isOfAh, ...given.flatMap(ahCondition)];
});

function ahCondition(option: GivenOption): readonly Statement[] {
  if (option.name === "--ahspi") {
    return [isThereAnd(payload("ah", "spi", SPI), rangeConstant(onlyValue(option), SPI), option.isNegated)];
  }
  return [unknownCondition(textOf(option.name, option.values, option.isNegated))];
}

const ipcomp = independent({
  "--ipcompspi": spiMatch(payload("comp", "cpi", SPI)),
  "--compres": [0, ({ values, isNegated }) => [unknownCondition(textOf("--compres", values, isNegated))]],
});

const mh = independent({
  "--mh-type": [
    1,
    (option) => {
      const left = fieldOf({ kind: "extension-header", name: "mh", field: "type" }, MH_TYPE);
      return [isThereAnd(left, rangeConstant(onlyValue(option), MH_TYPE), option.isNegated)];
    },
  ],
});

/** By their names. */
export const TRANSPORT_MATCHES: ReadonlyMap<string, ExtensionReader> = new Map([
  ["tcp", tcp],
  ["udp", udp],
  ["udplite", udplite],
  ["sctp", sctp],
  ["dccp", dccp],
  ["icmp", icmp],
  ["icmp6", icmp6],
  ["icmpv6", icmp6],
  ["multiport", multiport],
  ["esp", esp],
  ["ah", ah],
  ["ipcomp", ipcomp],
  ["mh", mh],
]);
