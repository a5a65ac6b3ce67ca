// Rulesets of iptables at random, as text for iptables-restore of either back end.
import { Chance } from "./chance.js";
import { iptablesMatches, type RulePlan } from "./iptables-matches.js";
import type { RulesetText } from "./kernel-answer.js";
import { type AimedRule, aimedPackets, type Trial } from "./nft-ruleset.js";

/** Which of the two back ends loads it. */
export type BackEnd = "nft" | "legacy";

const TABLES = {
  raw: ["PREROUTING", "OUTPUT"],
  mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "INPUT", "FORWARD", "OUTPUT"],
  security: ["INPUT", "FORWARD", "OUTPUT"],
} as const;
type TableName = keyof typeof TABLES;

const HOOKS: Readonly<Record<string, string>> = {
  PREROUTING: "prerouting",
  INPUT: "input",
  FORWARD: "forward",
  OUTPUT: "output",
  POSTROUTING: "postrouting",
};
const REJECTS = {
  4: [
    "",
    "--reject-with icmp-host-prohibited",
    "--reject-with icmp-admin-prohibited",
    "--reject-with icmp-net-unreachable",
    "--reject-with tcp-reset",
    "--reject-with icmp-proto-unreachable",
  ],
  6: [
    "",
    "--reject-with icmp6-adm-prohibited",
    "--reject-with icmp6-no-route",
    "--reject-with icmp6-addr-unreachable",
    "--reject-with tcp-reset",
  ],
} as const;

/** The trial of a seed. */
export function iptablesTrial(seed: number, packetCount: number, backEnd: BackEnd): Trial {
  const chance = new Chance(seed);
  const rules: AimedRule[] = [];
  const texts: RulesetText[] = ([4, 6] as const).map((family) => ({
    program: `${family === 4 ? "iptables" : "ip6tables"}-${backEnd}-restore`,
    text: rulesetText(family, chance, rules),
  }));
  return { seed, texts, packets: aimedPackets(rules, packetCount, chance) };
}

function rulesetText(family: 4 | 6, chance: Chance, rules: AimedRule[]): string {
  const names: readonly TableName[] = [
    "filter",
    ...(["raw", "mangle", "nat", "security"] as const).filter((name) => chance.isIn(name === "security" ? 15 : 45)),
  ];
  return names.map((name) => tableText(name, family, chance, rules)).join("");
}

function tableText(table: TableName, family: 4 | 6, chance: Chance, rules: AimedRule[]): string {
  const builtIn = [...new Set<string>(TABLES[table])];
  // A user's chain belongs to one hook: what stands in it must be allowed there.
  const users = Array.from({ length: chance.below(4) }, (_none, at) => ({
    name: `u${at}`,
    hook: chance.pick<string>(TABLES[table]),
  }));
  const policy = (): string => (table === "filter" && chance.isIn(40) ? "DROP" : "ACCEPT");
  const heads = [
    ...builtIn.map((name) => `:${name} ${policy()} [0:0]`),
    ...users.map(({ name }) => `:${name} - [0:0]`),
  ];
  const chains = [...builtIn.map((name) => ({ name, hook: name })), ...users];
  const lines = chains.flatMap((chain, at) => {
    const targets = users.slice(Math.max(0, at - builtIn.length + 1)).filter(({ hook }) => hook === chain.hook);
    const count = chance.between(0, chain.name === chain.hook ? 7 : 4);
    return Array.from({ length: count }, () => {
      const plan = { family, hook: chain.hook, chance };
      return ruleText(
        table,
        chain.name,
        targets.map(({ name }) => name),
        plan,
        rules,
      );
    });
  });
  return [`*${table}`, ...heads, ...lines, "COMMIT", ""].join("\n");
}

function ruleText(
  table: TableName,
  chain: string,
  targets: readonly string[],
  plan: RulePlan,
  rules: AimedRule[],
): string {
  const { chance } = plan;
  const matches = iptablesMatches(plan, chance.pick([0, 1, 1, 1, 2, 2, 3]));
  const asked = matches.find((match) => match.proto !== undefined)?.proto;
  const target = targetText(table, targets, plan, asked);
  const proto = target.proto ?? asked;
  const text = [
    `-A ${chain}`,
    proto === undefined ? "" : `-p ${proto}`,
    ...matches.map((match) => match.text),
    target.text,
  ];
  const family: AimedRule["aims"] = [
    (draft) => {
      draft.family = plan.family;
    },
  ];
  const line = text.filter((part) => part !== "").join(" ");
  rules.push({ text: line, hook: HOOKS[plan.hook] ?? "input", aims: [...family, ...matches.map(({ aim }) => aim)] });
  return line;
}

interface Target {
  readonly text: string;
  readonly proto?: string;
}

function targetText(table: TableName, targets: readonly string[], plan: RulePlan, proto: string | undefined): Target {
  const { chance, family } = plan;
  const isIn = (percent: number): boolean => chance.isIn(percent);
  if (targets.length > 0 && isIn(35)) return { text: `${chance.pick(["-j", "-j", "-g"])} ${chance.pick(targets)}` };
  switch (table) {
    case "nat":
      return isIn(75) ? natTarget(plan, proto) : { text: chance.pick(["-j ACCEPT", "-j RETURN", ""]) };
    case "raw":
      return isIn(40) ? { text: "-j CT --notrack" } : plainTarget(chance);
    case "mangle":
      return isIn(60) ? { text: chance.pick(mangleTargets(family)) } : plainTarget(chance);
    default:
      return table === "filter" && isIn(25) ? rejectTarget(family, proto, chance) : plainTarget(chance);
  }
}

function plainTarget(chance: Chance): Target {
  return { text: chance.pick(["-j ACCEPT", "-j ACCEPT", "-j ACCEPT", "-j DROP", "-j DROP", "-j RETURN", ""]) };
}

/** A reset is for TCP alone. */
function rejectTarget(family: 4 | 6, proto: string | undefined, chance: Chance): Target {
  const reject = chance.pick<string>(REJECTS[family]);
  if (!reject.includes("tcp-reset")) return { text: `-j REJECT ${reject}`.trim() };
  return proto === undefined || proto === "tcp" ? { text: `-j REJECT ${reject}`, proto: "tcp" } : { text: "-j REJECT" };
}

function mangleTargets(family: 4 | 6): readonly string[] {
  return [
    "-j MARK --set-xmark 0x10/0xffffffff",
    "-j MARK --set-xmark 0x1/0x1",
    "-j CONNMARK --save-mark",
    "-j CONNMARK --restore-mark",
    "-j CONNMARK --set-mark 0x10",
    "-j DSCP --set-dscp 0x0a",
    family === 4 ? "-j TTL --ttl-set 64" : "-j HL --hl-set 64",
  ];
}

function natTarget({ family, hook, chance }: RulePlan, proto: string | undefined): Target {
  switch (hook) {
    case "PREROUTING":
    case "OUTPUT":
      return chance.pick(destinationTargets(family, proto, chance));
    case "INPUT":
      return { text: `-j SNAT --to-source ${family === 4 ? "10.9.9.9" : "2001:db8:9::9"}` };
    default: {
      const source = family === 4 ? "203.0.113.10" : "2001:db8:1::10";
      return { text: chance.pick(["-j MASQUERADE", "-j MASQUERADE", `-j SNAT --to-source ${source}`]) };
    }
  }
}

/** New ports are for protocols that have some. */
function destinationTargets(family: 4 | 6, proto: string | undefined, chance: Chance): readonly Target[] {
  const address = chance.pick(
    family === 4 ? ["10.1.2.3", "172.17.0.5", "203.0.113.11"] : ["2001:db8:2::77", "2001:db8:9::1"],
  );
  const plain: readonly Target[] = [
    { text: `-j DNAT --to-destination ${address}` },
    { text: "-j REDIRECT" },
    { text: `-j NETMAP --to ${family === 4 ? "10.7.7.0/24" : "2001:db8:7::/112"}` },
  ];
  if (proto !== undefined && proto !== "tcp" && proto !== "udp") return plain;
  const withPort = family === 4 ? `${address}:8081` : `[${address}]:8081`;
  const ported = { proto: proto ?? "tcp" };
  return [
    ...plain,
    { text: `-j DNAT --to-destination ${withPort}`, ...ported },
    { text: "-j REDIRECT --to-ports 3128", ...ported },
  ];
}
