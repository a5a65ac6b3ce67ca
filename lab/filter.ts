// Firewall rules of the lab and the truth that they create: one table makes the nft text and the expected port state.
// Sources: nft(8) "REJECT STATEMENT"; RFC 792, RFC 4443 §3.1; nmap reference guide, "Port Scanning Basics".
import type { PortState } from "../src/model/port-state.js";

/** The protocols that the lab's rules and listeners know. */
export type Protocol = "tcp" | "udp";

/** IP version. */
export type Family = 4 | 6;

/** One port, or the first and the last of a range. */
export type PortRange = number | readonly [first: number, last: number];

interface VerdictFacts {
  /** nft's words for IPv4 and for IPv6. */
  readonly nft: string;
  readonly nft6: string;
  /** What a SYN scan, a UDP scan and a connect() can say at most about such a port. */
  readonly synState: PortState;
  readonly udpState: PortState;
  readonly connectState: PortState;
  /** The evidence that comes back over IPv4 and over IPv6, in nmap's words. */
  readonly reason: string;
  readonly reason6: string;
}

/** What a rule does with a packet, named after the answer that it causes. */
export type Verdict =
  | "drop"
  | "reset"
  | "port-unreach"
  | "host-unreach"
  | "net-unreach"
  | "proto-unreach"
  | "admin-prohibited"
  | "host-prohibited"
  | "net-prohibited";

/** An ICMP error by nft's names for it; all but port-unreach mean the same to every scan. */
function icmpVerdict(type: string, type6: string, reason: string, reason6: string): VerdictFacts {
  return {
    nft: `reject with icmp type ${type}`,
    nft6: `reject with icmpv6 type ${type6}`,
    synState: "filtered",
    udpState: "filtered",
    connectState: "filtered",
    reason,
    reason6,
  };
}

/** Everything that a rule can do with a packet. ICMPv6 has fewer codes: there the nearest one is sent. */
const VERDICTS: Readonly<Record<Verdict, VerdictFacts>> = {
  drop: {
    nft: "drop",
    nft6: "drop",
    synState: "filtered",
    udpState: "open|filtered",
    connectState: "filtered",
    reason: "no-response",
    reason6: "no-response",
  },
  reset: {
    nft: "reject with tcp reset",
    nft6: "reject with tcp reset",
    synState: "closed",
    udpState: "open|filtered", // never asked for: UDP has no reset
    connectState: "closed",
    reason: "reset",
    reason6: "reset-by-other", // it has no flow label, and those of Linux's own TCP have one: a SYN scan sees that
  },
  "port-unreach": {
    ...icmpVerdict("port-unreachable", "port-unreachable", "port-unreach", "port-unreach"),
    udpState: "closed", // RFC 1122 §4.1.3.1: that is how a closed UDP port answers
    connectState: "closed", // Linux gives ECONNREFUSED, as for a RST (net/ipv4/icmp.c, icmp_err_convert)
  },
  "host-unreach": icmpVerdict("host-unreachable", "addr-unreachable", "host-unreach", "host-unreach"),
  "net-unreach": icmpVerdict("net-unreachable", "no-route", "net-unreach", "no-route"),
  "proto-unreach": icmpVerdict("prot-unreachable", "addr-unreachable", "proto-unreach", "host-unreach"),
  "admin-prohibited": icmpVerdict("admin-prohibited", "admin-prohibited", "admin-prohibited", "admin-prohibited"),
  "host-prohibited": icmpVerdict("host-prohibited", "admin-prohibited", "host-prohibited", "admin-prohibited"),
  "net-prohibited": icmpVerdict("net-prohibited", "admin-prohibited", "net-prohibited", "admin-prohibited"),
};

/** All verdicts: the lab gives each a port of its own. */
export const VERDICT_NAMES: readonly Verdict[] = Object.keys(VERDICTS) as Verdict[];

/** One firewall rule: what happens to packets for these ports. The first rule that matches decides. */
export interface PortRule {
  /** Default "tcp". */
  readonly protocol?: Protocol;
  readonly ports: readonly PortRange[];
  /** True turns the rule around: it is about all ports but these. */
  readonly isAllBut?: boolean;
  readonly verdict: Verdict;
}

/** What is true of one port, as a scanner can see it. */
export interface PortTruth {
  /** As a SYN scan (or a UDP scan) must report it. */
  readonly state: PortState;
  /** As connect() without privileges must report it: the same, except for port-unreach. */
  readonly connectState: PortState;
  /** nmap's word for the evidence. */
  readonly reason: string;
  /** Who answers, or stays silent. */
  readonly decidedBy: "host" | "router";
}

function hasPort(ports: readonly PortRange[], port: number): boolean {
  return ports.some((range) => (typeof range === "number" ? range === port : range[0] <= port && port <= range[1]));
}

/** What the first matching rule makes of the port; undefined when no rule is about it. */
export function judgeByRules(
  rules: readonly PortRule[],
  port: number,
  protocol: Protocol,
  family: Family,
): Omit<PortTruth, "decidedBy"> | undefined {
  const rule = rules.find(
    (each) => (each.protocol ?? "tcp") === protocol && hasPort(each.ports, port) !== (each.isAllBut ?? false),
  );
  if (rule === undefined) return undefined;
  const facts = VERDICTS[rule.verdict];
  return {
    state: protocol === "tcp" ? facts.synState : facts.udpState,
    connectState: facts.connectState,
    reason: family === 4 ? facts.reason : facts.reason6,
  };
}

function matchText(rule: PortRule): string {
  const protocol = rule.protocol ?? "tcp";
  if (rule.ports.length === 0) return `meta l4proto ${protocol}`; // nft knows no empty set
  const list = rule.ports.map((range) => (typeof range === "number" ? `${range}` : `${range[0]}-${range[1]}`));
  return `${protocol} dport ${rule.isAllBut ? "!= " : ""}{ ${list.join(", ")} }`;
}

/** The nft lines of these rules; `to` keeps them to one destination, as a router's forward chain needs it. */
export function ruleLines(rules: readonly PortRule[], to?: { readonly ipv4: string; readonly ipv6: string }): string[] {
  const from4 = to === undefined ? "meta nfproto ipv4" : `ip daddr ${to.ipv4}`;
  const from6 = to === undefined ? "meta nfproto ipv6" : `ip6 daddr ${to.ipv6}`;
  const effective = rules.filter((rule) => rule.ports.length > 0 || rule.isAllBut);
  return effective.flatMap((rule) => {
    const facts = VERDICTS[rule.verdict];
    const match = matchText(rule);
    return [`${from4} ${match} ${facts.nft}`, `${from6} ${match} ${facts.nft6}`];
  });
}

/** A chain of the table `inet lab`, hooked into the packet's way with policy accept. */
export function chainText(name: string, hook: string, priority: number, lines: readonly string[]): string {
  const head = `type filter hook ${hook} priority ${priority}; policy accept;`;
  return [`  chain ${name} {`, `    ${head}`, ...lines.map((line) => `    ${line}`), "  }"].join("\n");
}

/** The lines that lose this many packets of a thousand at random; neighbour discovery is spared, as ARP is. */
export function lossLines(perMille: number, match: string): string[] {
  if (perMille <= 0) return [];
  return [
    `${match} icmpv6 type != { 135, 136 } numgen random mod 1000 < ${perMille} drop`.trim(),
    `${match} meta l4proto != ipv6-icmp numgen random mod 1000 < ${perMille} drop`.trim(),
  ];
}
