// Conditions of nftables at random, each with the packets that it is about.
import type { TrackState } from "../../src/firewall/packet-question.js";
import { addressSpan, apart, mayOverlap, numberSpan, overlap, portSpan, type Span } from "./address-values.js";
import type { Chance } from "./chance.js";
import { type Aim, LINKS } from "./packet-draft.js";

/** A condition as nft reads it, and what it is about. */
export interface NftMatch {
  readonly text: string;
  readonly aim: Aim;
}

/** Where the condition stands. */
export interface MatchPlace {
  /** The table's: 4, 6, or both. */
  readonly family: 4 | 6 | "both";
  readonly hook: string;
  readonly chance: Chance;
  /** Names of the table's sets by what they hold. */
  readonly sets: ReadonlyMap<SetKind, readonly NamedSpan[]>;
}

/** What named sets hold. */
export type SetKind = "ipv4_addr" | "ipv6_addr" | "inet_service" | "ipv4_addr . inet_service" | "mark" | "ifname";

/** A set or map of the table: its name, and packets at its borders. */
export interface NamedSpan {
  readonly name: string;
  readonly isVerdictMap: boolean;
  readonly aim: Aim;
}

type Maker = (place: MatchPlace) => NftMatch | undefined;

const PROTOCOLS = ["tcp", "udp", "sctp"] as const;

function familyOf({ family, chance }: MatchPlace): 4 | 6 {
  return family === "both" ? chance.pick([4, 4, 6] as const) : family;
}

function setText(spans: readonly Span<unknown>[]): string {
  return spans.length === 1 ? (spans[0]?.text ?? "") : `{ ${spans.map(({ text }) => text).join(", ")} }`;
}

function aroundOf<Value>(spans: readonly Span<Value>[], chance: Chance): Value {
  return chance.pick(chance.pick(spans).around);
}

const address: Maker = (place) => {
  const { chance } = place;
  const family = familyOf(place);
  const side = chance.pick(["saddr", "daddr"] as const);
  const spans = apart(() => addressSpan(family, chance), chance.isIn(60) ? 1 : 3, mayOverlap);
  const word = family === 4 ? "ip" : "ip6";
  const operator = chance.isIn(20) ? "!= " : "";
  const aim: Aim = (draft, own) => {
    draft.family = family;
    draft[side === "saddr" ? "src" : "dst"] = aroundOf(spans, own);
  };
  return { text: `${word} ${side} ${operator}${setText(spans)}`, aim };
};

const port: Maker = ({ chance }) => {
  const proto = chance.pick(PROTOCOLS);
  const side = chance.isIn(75) ? "dport" : "sport";
  const spans = apart(() => portSpan(chance), chance.isIn(50) ? 1 : 3, overlap);
  const first = spans[0];
  const isPlain = spans.length === 1 && first !== undefined && !first.text.includes("-");
  const operator = isPlain ? chance.pick(["", "", "!= ", "< ", "> ", "<= ", ">= "]) : chance.isIn(20) ? "!= " : "";
  const isOut = (operator === "< " || operator === "<= ") && first?.text === "0";
  const isOver = (operator === "> " || operator === ">= ") && first?.text === "65535";
  const aim: Aim = (draft, own) => {
    draft.proto = proto;
    draft[side] = aroundOf(spans, own);
  };
  return { text: `${proto} ${side} ${isOut || isOver ? "" : operator}${setText(spans)}`, aim };
};

const transportPort: Maker = ({ chance }) => {
  const span = portSpan(chance);
  const protocols = chance.some(["tcp", "udp"] as const, 2);
  const text = `meta l4proto { ${protocols.join(", ")} } th dport ${chance.isIn(20) ? "!= " : ""}${span.text}`;
  const aim: Aim = (draft, own) => {
    draft.proto = own.pick(protocols);
    draft.dport = own.pick(span.around);
  };
  return { text, aim };
};

const protocol: Maker = (place) => {
  const { chance, family } = place;
  const proto = chance.pick(["tcp", "udp", "icmp", "icmpv6", "sctp", "gre", "47", "esp"]);
  const word = chance.pick(["meta l4proto", "ip protocol", "ip6 nexthdr"]);
  if ((word === "ip protocol" && family === 6) || (word === "ip6 nexthdr" && family === 4)) return undefined;
  const aim: Aim = (draft) => {
    draft.proto = proto === "icmpv6" ? "icmp" : proto === "gre" ? "47" : proto === "esp" ? "50" : proto;
    if (proto === "icmpv6" || word === "ip6 nexthdr") draft.family = 6;
  };
  return { text: `${word} ${chance.isIn(20) ? "!= " : ""}${proto}`, aim };
};

const family: Maker = (place) => {
  if (place.family !== "both") return undefined;
  const is4 = place.chance.isIn(50);
  const text = place.chance.isIn(50) ? `meta nfproto ${is4 ? "ipv4" : "ipv6"}` : `meta protocol ${is4 ? "ip" : "ip6"}`;
  const aim: Aim = (draft, own) => {
    draft.family = is4 !== own.isIn(30) ? 4 : 6;
  };
  return { text, aim };
};

const INPUT_HOOKS: ReadonlySet<string> = new Set(["ingress", "prerouting", "input", "forward"]);
const OUTPUT_HOOKS: ReadonlySet<string> = new Set(["forward", "output", "postrouting"]);

const link: Maker = ({ chance, hook }) => {
  const isInput = INPUT_HOOKS.has(hook) && (chance.isIn(70) || !OUTPUT_HOOKS.has(hook));
  if (!(isInput || OUTPUT_HOOKS.has(hook))) return undefined;
  const name = chance.pick([...LINKS, "lo", "eth*", "docker*", "wg0"]);
  const word = name.includes("*") || name === "wg0" || chance.isIn(70) ? "name" : "";
  const operator = chance.isIn(20) ? "!= " : "";
  const names = word === "name" && chance.isIn(25) ? `{ "${name.replace("*", "0")}", "eth9" }` : `"${name}"`;
  const aim: Aim = (draft, own) => {
    if (isInput && name !== "wg0") draft.iif = own.isIn(70) && name !== "lo" ? name.replace("*", "0") : own.pick(LINKS);
  };
  return { text: `${isInput ? "iif" : "oif"}${word} ${operator}${names}`, aim };
};

const STATES = ["new", "established", "related", "invalid", "untracked"] as const;

const trackState: Maker = ({ chance, hook }) => {
  if (hook === "ingress") return undefined;
  const states = chance.some(STATES, 3);
  const text = `ct state ${chance.isIn(15) ? "!= " : ""}${states.join(",")}`;
  return { text, aim: stateAim(states) };
};

function stateAim(states: readonly TrackState[]): Aim {
  return (draft, own) => {
    draft.ct = own.isIn(70) ? own.pick(states) : own.pick(["new", "established"] as const);
    if (draft.ct === "untracked") delete draft.ct;
  };
}

const connection: Maker = ({ chance, hook, family: own }) => {
  if (hook === "ingress") return undefined;
  const choices = [
    "ct direction original",
    "ct direction reply",
    "ct status dnat",
    "ct status snat",
    "ct mark 0",
    "ct mark 0x10",
    "ct mark != 5",
    ...(own === 6 ? [] : ["ct original ip daddr 203.0.113.10", "ct original ip saddr 10.0.0.0/8"]),
    "ct original proto-dst 80",
  ];
  return { text: chance.pick(choices), aim: () => {} };
};

const mark: Maker = ({ chance }) => {
  const text = chance.pick([
    "meta mark 0x1",
    "meta mark 0x0",
    "meta mark & 0xff == 0x10",
    "meta mark != 0x1",
    "meta mark 0x1-0x20",
  ]);
  return { text, aim: () => {} };
};

const FLAG_TESTS: readonly (readonly [string, readonly (readonly string[])[]])[] = [
  ["tcp flags & (fin | syn | rst | ack) == syn", [["syn"], ["syn", "ack"], ["ack"]]],
  ["tcp flags syn / fin,syn,rst,ack", [["syn"], ["ack"], ["syn", "urg"]]],
  ["tcp flags & (fin | syn) == fin | syn", [["fin", "syn"], ["syn"]]],
  ["tcp flags syn", [["syn"], ["syn", "psh"], ["ack"]]],
  ["tcp flags != syn / fin,syn,rst,ack", [["syn"], ["ack"]]],
  ["tcp flags & (fin | syn | rst | psh | ack | urg) == 0x0", [[], ["syn"]]],
  ["tcp flags == syn", [["syn"], ["syn", "psh"]]],
  ["tcp flags { syn, syn | ack }", [["syn"], ["syn", "ack"], ["ack"]]],
  ["tcp flags & ack == 0", [["syn"], ["ack"]]],
];

const tcpFlags: Maker = ({ chance }) => {
  const [text, flags] = chance.pick(FLAG_TESTS);
  const aim: Aim = (draft, own) => {
    draft.proto = "tcp";
    draft.flags = own.pick(flags);
  };
  return { text, aim };
};

const icmp: Maker = (place) => {
  const { chance } = place;
  const is4 = familyOf(place) === 4;
  const span = numberSpan(is4 ? [0, 3, 8, 13] : [1, 128, 129, 135], 255, chance);
  const types = is4
    ? ["echo-request", "echo-reply", "destination-unreachable"]
    : ["echo-request", "nd-neighbor-solicit"];
  const isNamed = chance.isIn(50);
  const text = isNamed
    ? `${is4 ? "icmp" : "icmpv6"} type { ${chance.some(types, 2).join(", ")} }`
    : `${is4 ? "icmp" : "icmpv6"} ${chance.isIn(70) ? `type ${span.text}` : "code 1-3"}`;
  const aim: Aim = (draft, own) => {
    draft.family = is4 ? 4 : 6;
    draft.proto = "icmp";
    draft.icmpType = isNamed ? own.pick(is4 ? [8, 0, 3] : [128, 135]) : own.pick(span.around);
    draft.icmpCode = own.pick([0, 1, 3, 4]);
  };
  return { text, aim };
};

const headerNumber: Maker = (place) => {
  const { chance } = place;
  const is4 = familyOf(place) === 4;
  const word = is4 ? "ip" : "ip6";
  if (chance.isIn(50)) {
    const span = numberSpan([1, 2, 64, 255], 255, chance);
    const aim: Aim = (draft, own) => {
      draft.family = is4 ? 4 : 6;
      draft.ttl = Math.max(1, own.pick(span.around));
    };
    return { text: `${word} ${is4 ? "ttl" : "hoplimit"} ${chance.isIn(20) ? "!= " : ""}${span.text}`, aim };
  }
  const [name, value] = chance.pick([
    ["cs1", 8],
    ["ef", 46],
    ["af11", 10],
    ["cs0", 0],
  ] as const);
  const aim: Aim = (draft, own) => {
    draft.family = is4 ? 4 : 6;
    draft.dscp = own.pick([value, value, value + 1]);
  };
  return { text: `${word} dscp ${chance.isIn(20) ? "!= " : ""}${name}`, aim };
};

const fib: Maker = ({ chance, hook }) => {
  const early = ["fib saddr . iif oif missing", "fib saddr . iif oif exists", "fib daddr . iif type local"];
  const anywhere = [
    "fib daddr type local",
    "fib daddr type != local",
    "fib saddr type unicast",
    "fib daddr type { local, broadcast, multicast }",
  ];
  const canEarly = hook === "prerouting" || hook === "input";
  if (hook === "ingress") return undefined;
  return { text: chance.pick(canEarly ? [...early, ...anywhere] : anywhere), aim: () => {} };
};

const rest: Maker = ({ chance, hook, family: own }) => {
  const choices = [
    ...(hook === "output" || hook === "postrouting"
      ? []
      : ["meta pkttype host", "meta pkttype { broadcast, multicast }"]),
    "@th,16,16 0x50",
    ...(own === 6 ? [] : ["@nh,64,8 64", "ip version 4", "ip protocol { tcp, udp } "]),
    "limit rate 100000/second burst 60000 packets",
    "limit rate over 100000/second burst 60000 packets",
    "quota 900 mbytes",
    "quota over 900 mbytes",
  ];
  return { text: chance.pick(choices), aim: () => {} };
};

const inSet: Maker = (place) => {
  const kinds: readonly [SetKind, string][] = [
    ["ipv4_addr", "ip saddr"],
    ["ipv4_addr", "ip daddr"],
    ["ipv6_addr", "ip6 saddr"],
    ["inet_service", "tcp dport"],
    ["inet_service", "udp dport"],
    ["ipv4_addr . inet_service", "ip saddr . tcp dport"],
    ["mark", "meta mark"],
    ["ifname", "iifname"],
  ];
  const { chance, sets, hook } = place;
  const usable = kinds.flatMap(([kind, key]) =>
    (sets.get(kind) ?? []).filter(({ isVerdictMap }) => !isVerdictMap).map((span) => ({ span, key })),
  );
  const fitting = usable.filter(({ key }) => key !== "iifname" || INPUT_HOOKS.has(hook));
  if (fitting.length === 0) return undefined;
  const { span, key } = chance.pick(fitting);
  const aim: Aim = (draft, own) => {
    span.aim(draft, own);
    if (key.includes("udp")) draft.proto = "udp";
    if (key === "ip daddr" && draft.src !== undefined) draft.dst = draft.src;
  };
  return { text: `${key} ${chance.isIn(15) ? "!= " : ""}@${span.name}`, aim };
};

const MAKERS: readonly Maker[] = [
  address,
  address,
  address,
  port,
  port,
  port,
  port,
  transportPort,
  protocol,
  family,
  link,
  link,
  trackState,
  trackState,
  connection,
  mark,
  tcpFlags,
  icmp,
  headerNumber,
  fib,
  rest,
  inSet,
  inSet,
  inSet,
];

/** A condition for that place. */
export function nftMatch(place: MatchPlace): NftMatch {
  for (;;) {
    const made = place.chance.pick(MAKERS)(place);
    if (made !== undefined) return made;
  }
}
