// Matches of iptables at random, each with the packets that it is about.
import { addressSpan, numberSpan, portSpan } from "./address-values.js";
import type { Chance } from "./chance.js";
import { type Aim, LINKS } from "./packet-draft.js";

/** A match as iptables-save writes it. `proto` is the protocol that it asks of the rule's -p. */
export interface IptablesMatch {
  readonly text: string;
  readonly proto?: string;
  readonly aim: Aim;
}

/** Where the rule stands. */
export interface RulePlan {
  readonly family: 4 | 6;
  /** "PREROUTING", or the built-in chain that a user's chain is jumped to from. */
  readonly hook: string;
  readonly chance: Chance;
}

type Maker = (plan: RulePlan) => IptablesMatch | undefined;

const NOTHING: Aim = () => {};
const not = (chance: Chance): string => (chance.isIn(20) ? "! " : "");

const address: Maker = ({ family, chance }) => {
  const side = chance.pick(["-s", "-d"] as const);
  const span = addressSpan(family, chance);
  const aim: Aim = (draft, own) => {
    draft.family = family;
    draft[side === "-s" ? "src" : "dst"] = own.pick(span.around);
  };
  if (!span.text.includes("-")) return { text: `${not(chance)}${side} ${span.text}`, aim };
  return { text: `-m iprange ${not(chance)}--${side === "-s" ? "src" : "dst"}-range ${span.text}`, aim };
};

const port: Maker = ({ chance }) => {
  const proto = chance.pick(["tcp", "udp", "sctp"] as const);
  const side = chance.isIn(75) ? "dport" : "sport";
  const span = portSpan(chance);
  const aim: Aim = (draft, own) => {
    draft.proto = proto;
    draft[side] = own.pick(span.around);
  };
  return { text: `-m ${proto} ${not(chance)}--${side} ${span.text.replace("-", ":")}`, proto, aim };
};

const multiport: Maker = ({ chance }) => {
  const proto = chance.pick(["tcp", "udp"] as const);
  const spans = [portSpan(chance), portSpan(chance), portSpan(chance)];
  const word = chance.pick(["dports", "sports", "ports"]);
  const aim: Aim = (draft, own) => {
    draft.proto = proto;
    const value = own.pick(own.pick(spans).around);
    if (word === "sports" || (word === "ports" && own.isIn(50))) draft.sport = value;
    else draft.dport = value;
  };
  const ports = spans.map(({ text }) => text.replace("-", ":")).join(",");
  return { text: `-m multiport ${not(chance)}--${word} ${ports}`, proto, aim };
};

const protocol: Maker = ({ family, chance }) => {
  const proto = chance.pick(["tcp", "udp", family === 4 ? "icmp" : "ipv6-icmp", "gre", "esp", "sctp"]);
  const aim: Aim = (draft) => {
    draft.proto = { icmp: "icmp", "ipv6-icmp": "icmp", gre: "47", esp: "50" }[proto] ?? proto;
  };
  return { text: "", proto, aim };
};

const INPUTS: ReadonlySet<string> = new Set(["PREROUTING", "INPUT", "FORWARD"]);
const OUTPUTS: ReadonlySet<string> = new Set(["FORWARD", "OUTPUT", "POSTROUTING"]);

const link: Maker = ({ chance, hook }) => {
  const isInput = INPUTS.has(hook) && (chance.isIn(70) || !OUTPUTS.has(hook));
  const name = chance.pick([...LINKS, "lo", "eth+", "docker+", "wg0"]);
  const aim: Aim = (draft, own) => {
    if (isInput) draft.iif = own.isIn(70) && name !== "wg0" && name !== "lo" ? name.replace("+", "0") : own.pick(LINKS);
  };
  return { text: `${not(chance)}${isInput ? "-i" : "-o"} ${name}`, aim };
};

const state: Maker = ({ chance }) => {
  const states = chance.some(["NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"], 3);
  const aim: Aim = (draft, own) => {
    const wanted = own.pick(states).toLowerCase();
    if (wanted !== "untracked") draft.ct = wanted as "new" | "established" | "related" | "invalid";
  };
  return { text: `-m conntrack ${not(chance)}--ctstate ${states.join(",")}`, aim };
};

const FLAG_TESTS = [
  ["--tcp-flags FIN,SYN,RST,ACK SYN", [["syn"], ["syn", "ack"], ["ack"], ["syn", "urg"]]],
  ["--tcp-flags ALL NONE", [[], ["syn"]]],
  ["--tcp-flags SYN,FIN SYN,FIN", [["syn", "fin"], ["syn"]]],
  ["--tcp-flags SYN,RST SYN,RST", [["syn", "rst"], ["rst"]]],
  [
    "--tcp-flags ACK,PSH PSH",
    [
      ["psh", "syn"],
      ["ack", "psh"],
    ],
  ],
] as const;

const tcpFlags: Maker = ({ chance }) => {
  const [text, flags] = chance.pick(FLAG_TESTS);
  const aim: Aim = (draft, own) => {
    draft.proto = "tcp";
    draft.flags = own.pick<readonly string[]>(flags);
  };
  return { text: `-m tcp ${not(chance)}${text}`, proto: "tcp", aim };
};

const icmp: Maker = ({ family, chance }) => {
  const types = family === 4 ? ["8", "0", "3", "3/1", "13"] : ["128", "129", "1", "1/4", "135"];
  const type = chance.pick(types);
  const aim: Aim = (draft, own) => {
    draft.proto = "icmp";
    draft.icmpType = Number(own.pick([type, type, ...types]).split("/")[0]);
    draft.icmpCode = own.pick([Number(type.split("/")[1] ?? 0), 0, 1, 3]);
  };
  const word = family === 4 ? "-m icmp" : "-m icmp6";
  const option = family === 4 ? "--icmp-type" : "--icmpv6-type";
  return { text: `${word} ${not(chance)}${option} ${type}`, proto: family === 4 ? "icmp" : "ipv6-icmp", aim };
};

const addressType: Maker = ({ chance, hook, family }) => {
  const side = chance.pick(["--src-type", "--dst-type", "--dst-type"]);
  const type = chance.pick(
    family === 4 ? ["LOCAL", "LOCAL", "UNICAST", "BROADCAST", "MULTICAST"] : ["LOCAL", "UNICAST", "MULTICAST"],
  );
  const limit = chance.isIn(15) && (hook === "PREROUTING" || hook === "INPUT") ? " --limit-iface-in" : "";
  return { text: `-m addrtype ${not(chance)}${side} ${type}${limit}`, aim: NOTHING };
};

const headerNumber: Maker = ({ family, chance }) => {
  const span = numberSpan([1, 2, 64, 255], 255, chance);
  const [value = 0] = span.around;
  const word = family === 4 ? "ttl --ttl" : "hl --hl";
  const aim: Aim = (draft, own) => {
    draft.ttl = Math.max(1, own.pick(span.around));
  };
  return { text: `-m ${word}-${chance.pick(["eq", "lt", "gt"])} ${value}`, aim };
};

const dscp: Maker = ({ chance }) => {
  const value = chance.pick([0, 10, 46]);
  const aim: Aim = (draft, own) => {
    draft.dscp = own.pick([value, value, value + 1]);
  };
  return { text: `-m dscp ${not(chance)}--dscp 0x${value.toString(16)}`, aim };
};

const rest: Maker = ({ chance }) => {
  const choices = [
    "-m mark --mark 0x10",
    "-m mark ! --mark 0x1/0xff",
    "-m mark --mark 0x0",
    "-m connmark --mark 0x10",
    "-m limit --limit 10000/sec --limit-burst 10000",
    "-m pkttype --pkt-type unicast",
    '-m comment --comment "a word"',
    "-m conntrack --ctdir ORIGINAL",
    "-m conntrack --ctstatus NONE",
  ];
  return { text: chance.pick(choices), aim: NOTHING };
};

const MAKERS: readonly Maker[] = [
  ...[address, address, address, port, port, port, multiport, multiport, protocol, link, link, state, state],
  ...[tcpFlags, icmp, addressType, headerNumber, dscp, rest],
];

/** Matches for one rule that go together: of one protocol, and none twice. */
export function iptablesMatches(plan: RulePlan, count: number): readonly IptablesMatch[] {
  const found: IptablesMatch[] = [];
  for (let tries = 0; tries < 20 && found.length < count; tries++) {
    const made = plan.chance.pick(MAKERS)(plan);
    const proto = found.find((one) => one.proto !== undefined)?.proto;
    const isOther = made?.proto !== undefined && proto !== undefined && made.proto !== proto;
    const isTwice = found.some((one) => one.text.split(" ").find(isOption) === made?.text.split(" ").find(isOption));
    if (made !== undefined && !isOther && !isTwice) found.push(made);
  }
  return found;
}

function isOption(word: string): boolean {
  return word.startsWith("-");
}
