// Matches on the packet and what the kernel knows of it: addresses, marks, lengths, times to live, types of addresses, owners
// and others. iptables-extensions(8); net/netfilter/xt_*.c of their names, net/ipv4/netfilter/ipt_rpfilter.c.
import { quote } from "../target/fault.js";
import { BOOLEAN, type DataType, MARK, numberType } from "./data-type.js";
import type { Expression } from "./expression.js";
import {
  allOf,
  condition,
  fieldOf,
  isThereAnd,
  maskedMatch,
  meta,
  payload,
  unknownCondition,
} from "./iptables-condition.js";
import { DSCP_CLASSES, TOS_NAMES } from "./iptables-dscp-names.js";
import {
  type ExtensionReader,
  type GivenOption,
  independent,
  type OptionReader,
  onlyValue,
  optionNamed,
  together,
} from "./iptables-scope.js";
import { addressOf, addressType, constant, maskedOf, numberOf, rangeConstant, rangeOf } from "./iptables-values.js";
import { NotUnderstood } from "./not-understood.js";
import type { Comparison, Statement } from "./statement.js";

const BYTE = numberType("integer", 8);
const LENGTH = numberType("integer", 32);
const DSCP = numberType("dscp", 6);
const ECN = numberType("ecn", 2);
const TCP_FLAG = numberType("tcp_flag", 8);
const ETHER = numberType("ether_addr", 48);
const PACKET_TYPE = numberType("pkt_type", 8);
const GROUP = numberType("devgroup", 32);
const USER = numberType("uid", 32);
const SEGMENT = numberType("integer", 16);

const LENGTH_MAX = 0xffff;
const ID_MAX = 0xffff_fffe;

function ipHeader(family: 4 | 6): "ip" | "ip6" {
  return family === 4 ? "ip" : "ip6";
}

const mark = independent({
  "--mark": [1, (option) => [maskedMatch(meta("mark", MARK), maskedOf(onlyValue(option)), MARK, option.isNegated)]],
});

function addressRange(field: "saddr" | "daddr"): OptionReader {
  return [
    1,
    (option, { family }) => {
      const [low = "", high = low] = onlyValue(option).split("-");
      const type = addressType(family);
      const right = constant(addressOf(low, family), addressOf(high, family), type);
      return [isThereAnd(payload(ipHeader(family), field, type), right, option.isNegated)];
    },
  ];
}

const iprange = independent({ "--src-range": addressRange("saddr"), "--dst-range": addressRange("daddr") });

const length = independent({
  "--length": [
    1,
    (option) => [
      isThereAnd(meta("length", LENGTH), rangeConstant(onlyValue(option), LENGTH, LENGTH_MAX), option.isNegated),
    ],
  ],
});

function hops(protocol: "ip" | "ip6", field: string, comparison: Comparison): OptionReader {
  const left = payload(protocol, field, BYTE);
  return [
    1,
    (option) => {
      const value = numberOf(onlyValue(option), 255);
      return [condition(left, constant(value, value, BYTE), option.isNegated, comparison)];
    },
  ];
}

const ttl = independent({
  "--ttl-eq": hops("ip", "ttl", "=="),
  "--ttl-lt": hops("ip", "ttl", "<"),
  "--ttl-gt": hops("ip", "ttl", ">"),
});

const hl = independent({
  "--hl-eq": hops("ip6", "hoplimit", "=="),
  "--hl-lt": hops("ip6", "hoplimit", "<"),
  "--hl-gt": hops("ip6", "hoplimit", ">"),
});

function dscpIs(value: number, family: 4 | 6, isNegated: boolean): Statement {
  return isThereAnd(payload(ipHeader(family), "dscp", DSCP), constant(value, value, DSCP), isNegated);
}

const dscp = independent({
  "--dscp": [1, (option, { family }) => [dscpIs(numberOf(onlyValue(option), 63), family, option.isNegated)]],
  "--dscp-class": [
    1,
    (option, { family }) => {
      const value = DSCP_CLASSES.get(onlyValue(option).toUpperCase());
      if (value === undefined) throw new NotUnderstood(`the class ${quote(onlyValue(option))}`);
      return [dscpIs(value, family, option.isNegated)];
    },
  ],
});

const tos = independent({
  "--tos": [
    1,
    (option, { family }) => {
      const text = onlyValue(option);
      const named = TOS_NAMES.get(text.toLowerCase());
      // A name leaves the precedence and the lowest bit out.
      const masked = named === undefined ? maskedOf(text, 255) : { value: named, mask: 0x3f };
      return [maskedMatch(payload(ipHeader(family), "tos", BYTE), masked, BYTE, option.isNegated)];
    },
  ],
});

function tcpFlag(bit: number): OptionReader {
  return [
    0,
    ({ isNegated }) => [
      maskedMatch(payload("tcp", "flags", TCP_FLAG), { value: isNegated ? 0 : bit, mask: bit }, TCP_FLAG, false),
    ],
  ];
}

const ecn = independent({
  "--ecn-ip-ect": [
    1,
    (option, { family }) => {
      const value = numberOf(onlyValue(option), 3);
      return [isThereAnd(payload(ipHeader(family), "ecn", ECN), constant(value, value, ECN), option.isNegated)];
    },
  ],
  "--ecn-tcp-ece": tcpFlag(0x40),
  "--ecn-tcp-cwr": tcpFlag(0x80),
});

const PACKET_TYPES: ReadonlyMap<string, number> = new Map([
  ["unicast", 0],
  ["host", 0],
  ["broadcast", 1],
  ["bcast", 1],
  ["multicast", 2],
  ["mcast", 2],
  ["otherhost", 3],
]);

const pkttype = independent({
  "--pkt-type": [
    1,
    (option) => {
      const value = PACKET_TYPES.get(onlyValue(option).toLowerCase());
      if (value === undefined) throw new NotUnderstood(`the type of packet ${quote(onlyValue(option))}`);
      return [isThereAnd(meta("pkttype", PACKET_TYPE), constant(value, value, PACKET_TYPE), option.isNegated)];
    },
  ],
});

const MAC = /^[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}$/;

const mac = independent({
  "--mac-source": [
    1,
    (option) => {
      const text = onlyValue(option);
      if (!MAC.test(text)) throw new NotUnderstood(`the address ${quote(text)}`);
      const value = text.split(":").reduce((sum, octet) => sum * 256 + Number.parseInt(octet, 16), 0);
      return [isThereAnd(payload("ether", "saddr", ETHER), constant(value, value, ETHER), option.isNegated)];
    },
  ],
});

/** A packet without a socket has no owner: then what is negated holds (owner_mt()). */
function owner(key: "skuid" | "skgid"): OptionReader {
  return [
    1,
    (option) => {
      const [low, high] = rangeOf(onlyValue(option), ID_MAX, "-");
      return [condition(meta(key, USER), constant(low, high, USER), option.isNegated)];
    },
  ];
}

const ownerMatch = independent({
  "--uid-owner": owner("skuid"),
  "--gid-owner": owner("skgid"),
  "--socket-exists": [0, ({ isNegated }) => [condition(meta("skuid", USER), constant(0, ID_MAX, USER), isNegated)]],
  "--suppl-groups": [0, () => [unknownCondition("--suppl-groups")]],
});

function deviceGroup(key: "iifgroup" | "oifgroup"): OptionReader {
  return [1, (option) => [maskedMatch(meta(key, GROUP), maskedOf(onlyValue(option)), GROUP, option.isNegated)]];
}

const devgroup = independent({ "--src-group": deviceGroup("iifgroup"), "--dst-group": deviceGroup("oifgroup") });

function metaNumber(key: string): OptionReader {
  return [
    1,
    (option) => {
      const value = numberOf(onlyValue(option), 0xffff_ffff);
      return [isThereAnd(meta(key, LENGTH), constant(value, value, LENGTH), option.isNegated)];
    },
  ];
}

const cpu = independent({ "--cpu": metaNumber("cpu") });

const cgroup = independent({
  "--cgroup": metaNumber("cgroup"),
  "--path": [1, (option) => [unknownCondition(`--path ${onlyValue(option)}`)]],
});

const tcpmss = independent({
  "--mss": [
    1,
    (option) => {
      const left = fieldOf({ kind: "tcp-option", name: "maxseg", field: "size" }, SEGMENT);
      return [condition(left, rangeConstant(onlyValue(option), SEGMENT), option.isNegated)];
    },
  ],
});

/** The way back: whether there is a route to the source, and by the interface that it came in by. */
const rpfilter = together(
  { "--loose": 0, "--validmark": 0, "--accept-local": 0, "--invert": 0 },
  (given): readonly Statement[] => {
    const flags = optionNamed(given, "--loose") === undefined ? ["saddr", "iif"] : ["saddr"];
    const left = fieldOf({ kind: "fib", result: "check", flags }, BOOLEAN);
    return [isThereAnd(left, constant(1, 1, BOOLEAN), optionNamed(given, "--invert") !== undefined)];
  },
);

function other(text: string, type: DataType): Expression {
  return fieldOf({ kind: "other", text }, type);
}

/** Whether IPsec has unwrapped the packet, or will wrap it; elements of its policy are not followed. */
const policy = together(
  {
    "--dir": 1,
    "--pol": 1,
    "--strict": 0,
    "--next": 0,
    "--reqid": 1,
    "--spi": 1,
    "--proto": 1,
    "--mode": 1,
    "--tunnel-src": 1,
    "--tunnel-dst": 1,
  },
  (given) => {
    const left = optionNamed(given, "--dir")?.values[0] === "out" ? other("rt ipsec", BOOLEAN) : meta("ipsec", BOOLEAN);
    const isIpsec = optionNamed(given, "--pol")?.values[0] !== "none";
    const elements = given.filter(({ name }) => !["--dir", "--pol", "--strict"].includes(name));
    return [
      isThereAnd(left, constant(Number(isIpsec), Number(isIpsec), BOOLEAN), false),
      ...(elements.length === 0 ? [] : [unknownCondition(elements.map(optionText).join(" "))]),
    ];
  },
);

function optionText({ name, isNegated, values }: GivenOption): string {
  return [...(isNegated ? ["!"] : []), name, ...values].join(" ");
}

const realm = independent({
  "--realm": [
    1,
    (option) => [maskedMatch(other("rt classid", MARK), maskedOf(onlyValue(option)), MARK, option.isNegated)],
  ],
});

const socket = together(
  { "--transparent": 0, "--nowildcard": 0, "--restore-skmark": 0 },
  (given): readonly Statement[] => [allOf([unknownCondition(["-m socket", ...given.map(optionText)].join(" "))])],
);

/** By their names. */
export const PACKET_MATCHES: ReadonlyMap<string, ExtensionReader> = new Map([
  ["mark", mark],
  ["iprange", iprange],
  ["length", length],
  ["ttl", ttl],
  ["hl", hl],
  ["dscp", dscp],
  ["tos", tos],
  ["ecn", ecn],
  ["pkttype", pkttype],
  ["mac", mac],
  ["owner", ownerMatch],
  ["devgroup", devgroup],
  ["cpu", cpu],
  ["cgroup", cgroup],
  ["tcpmss", tcpmss],
  ["rpfilter", rpfilter],
  ["policy", policy],
  ["realm", realm],
  ["socket", socket],
]);
