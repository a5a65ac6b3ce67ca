// Rulesets of nftables at random, as text for nft itself, with packets aimed at the borders of their rules.
import { addressSpan, apart, mayOverlap, overlap, portSpan } from "./address-values.js";
import { Chance } from "./chance.js";
import type { PacketJson, RulesetText } from "./kernel-answer.js";
import { type MatchPlace, type NamedSpan, type NftMatch, nftMatch, type SetKind } from "./nft-matches.js";
import { natStatement, verdictMap } from "./nft-verdicts.js";
import { type Aim, finishDraft, LINKS, type PacketDraft } from "./packet-draft.js";

/** A ruleset and the packets to try it with. */
export interface Trial {
  readonly seed: number;
  readonly texts: readonly RulesetText[];
  readonly packets: readonly PacketJson[];
}

/** A rule as text, and where its packets go. */
export interface AimedRule {
  readonly text: string;
  readonly hook: string;
  readonly aims: readonly Aim[];
}

type TableFamily = "inet" | "ip" | "ip6" | "netdev";

interface ChainPlan {
  readonly name: string;
  readonly hook: string;
  readonly type: "filter" | "nat" | "route" | "regular";
  readonly head: string;
}

const HOOKS = ["prerouting", "input", "input", "input", "forward", "forward", "output", "postrouting"] as const;
const PRIORITIES = [-300, -250, -150, -10, 0, 0, 0, 10, 50, 225] as const;
const REJECTS = {
  inet: [
    "reject",
    "reject with icmpx admin-prohibited",
    "reject with icmpx port-unreachable",
    "reject with icmpx no-route",
    "reject with icmpx host-unreachable",
    "reject with tcp reset",
    "reject with icmp host-prohibited",
    "reject with icmpv6 admin-prohibited",
  ],
  ip: [
    "reject",
    "reject with icmp host-unreachable",
    "reject with icmp admin-prohibited",
    "reject with icmp net-prohibited",
    "reject with tcp reset",
    "reject with icmp prot-unreachable",
  ],
  ip6: [
    "reject",
    "reject with icmpv6 no-route",
    "reject with icmpv6 addr-unreachable",
    "reject with icmpv6 admin-prohibited",
    "reject with tcp reset",
  ],
  netdev: ["drop"],
} as const;
const REJECT_HOOKS: ReadonlySet<string> = new Set(["prerouting", "input", "forward", "output"]);

/** The trial of a seed. */
export function nftTrial(seed: number, packetCount: number): Trial {
  const chance = new Chance(seed);
  const tables = chance.between(1, 3);
  const rules: AimedRule[] = [];
  const texts: string[] = [];
  for (let at = 0; at < tables; at++) {
    const family = chance.pick(["inet", "inet", "inet", "ip", "ip6"] as const);
    texts.push(new TableMaker(family, `t${at}`, chance, rules).text());
  }
  if (chance.isIn(15)) texts.push(new TableMaker("netdev", "nd", chance, rules).text());
  return {
    seed,
    texts: [{ program: "nft", text: texts.join("\n") }],
    packets: aimedPackets(rules, packetCount, chance),
  };
}

/** Packets that go for one rule after another, and some that go for nothing. */
export function aimedPackets(rules: readonly AimedRule[], count: number, chance: Chance): readonly PacketJson[] {
  const packets: PacketJson[] = [];
  for (let id = 1; id <= count; id++) {
    const draft: PacketDraft = { family: chance.pick([4, 4, 6] as const), dir: "in" };
    const rule = rules.length > 0 && chance.isIn(90) ? chance.pick(rules) : undefined;
    if (rule !== undefined) aimAt(rule, draft, chance);
    packets.push(finishDraft(draft, chance, id));
  }
  return packets;
}

function aimAt(rule: AimedRule, draft: PacketDraft, chance: Chance): void {
  const isOut = rule.hook === "output" || (rule.hook === "postrouting" && chance.isIn(50));
  if (isOut) draft.dir = "out";
  if (rule.hook === "forward")
    draft.dst = chance.pick(
      draft.family === 4 ? ["9.9.9.9", "10.1.2.3", "172.17.0.5"] : ["2001:db8:9::1", "2001:db8:2::77"],
    );
  // A draft that is left alone here and there tells whether the rule looks at all that it says.
  for (const aim of rule.aims) if (chance.isIn(92)) aim(draft, chance);
}

class TableMaker {
  readonly #family: TableFamily;
  readonly #name: string;
  readonly #chance: Chance;
  readonly #rules: AimedRule[];
  readonly #sets = new Map<SetKind, NamedSpan[]>();
  readonly #setTexts: string[] = [];

  constructor(family: TableFamily, name: string, chance: Chance, rules: AimedRule[]) {
    this.#family = family;
    this.#name = name;
    this.#chance = chance;
    this.#rules = rules;
  }

  text(): string {
    const bases = this.#baseChains();
    const regulars = this.#family === "netdev" ? [] : this.#regularChains(bases);
    for (let count = this.#chance.below(5); count > 0; count--) this.#addSet();
    const chains = [...bases, ...regulars].map((chain) => this.#chainText(chain, regulars));
    return [`table ${this.#family} ${this.#name} {`, ...this.#setTexts, ...chains, "}"].join("\n");
  }

  #baseChains(): readonly ChainPlan[] {
    const chance = this.#chance;
    if (this.#family === "netdev") {
      const devices = chance.some(LINKS, 2).map((name) => `"${name}"`);
      const head = `type filter hook ingress devices = { ${devices.join(", ")} } priority ${chance.pick([0, -500])}; policy accept;`;
      return [{ name: "nd0", hook: "ingress", type: "filter", head }];
    }
    return Array.from({ length: chance.between(1, 5) }, (_none, at) => this.#baseChain(at));
  }

  #baseChain(at: number): ChainPlan {
    const chance = this.#chance;
    if (chance.isIn(25)) return this.#natChain(at);
    const hook = chance.pick(HOOKS);
    const type = hook === "output" && chance.isIn(15) ? "route" : "filter";
    const policy = chance.isIn(35) ? "drop" : "accept";
    const head = `type ${type} hook ${hook} priority ${chance.pick(PRIORITIES)}; policy ${policy};`;
    return { name: `b${at}`, hook, type, head };
  }

  #natChain(at: number): ChainPlan {
    const hook = this.#chance.pick(["prerouting", "prerouting", "postrouting", "output", "input"]);
    const priority = hook === "prerouting" || hook === "output" ? -100 : 100;
    const head = `type nat hook ${hook} priority ${priority + this.#chance.pick([0, 0, 5])}; policy accept;`;
    return { name: `b${at}`, hook, type: "nat", head };
  }

  /** Chains to jump to belong to one base chain's hook and type, so that what stands in them is allowed there. */
  #regularChains(bases: readonly ChainPlan[]): readonly ChainPlan[] {
    return Array.from({ length: this.#chance.below(4) }, (_none, at) => {
      const base = this.#chance.pick(bases);
      return { name: `r${at}`, hook: base.hook, type: base.type === "filter" ? "regular" : base.type, head: "" };
    });
  }

  #chainText(chain: ChainPlan, regulars: readonly ChainPlan[]): string {
    const count = this.#chance.between(chain.head === "" ? 1 : 0, 8);
    const lines = Array.from({ length: count }, () => `    ${this.#rule(chain, regulars)}`);
    return [`  chain ${chain.name} {`, ...(chain.head === "" ? [] : [`    ${chain.head}`]), ...lines, "  }"].join("\n");
  }

  #rule(chain: ChainPlan, regulars: readonly ChainPlan[]): string {
    const chance = this.#chance;
    const place = this.#place(chain);
    const matches = withoutMislisted(Array.from({ length: chance.pick([0, 1, 1, 1, 2, 2, 3]) }, () => nftMatch(place)));
    const planned = this.#ending(chain, regulars, matches.length === 0);
    // nft 1.0.6 lists these without the condition on the family, or with the other one: nobody can tell from its listing.
    const isMislisted =
      /with (icmp|icmpv6|tcp) /.test(planned.text) && matches.some(({ text }) => /nfproto|protocol/.test(text));
    const end = isMislisted ? { text: "drop", aims: [] } : planned;
    const text = [...matches.map((match) => match.text), chance.isIn(20) ? "counter" : "", end.text]
      .filter((part) => part !== "")
      .join(" ");
    this.#rules.push({ text, hook: chain.hook, aims: [...matches.map(({ aim }) => aim), ...end.aims] });
    return text || "counter";
  }

  #place({ hook }: ChainPlan): MatchPlace {
    const family = this.#family === "ip" ? 4 : this.#family === "ip6" ? 6 : "both";
    return { family, hook, chance: this.#chance, sets: this.#sets };
  }

  #ending(chain: ChainPlan, regulars: readonly ChainPlan[], isBare: boolean): { text: string; aims: readonly Aim[] } {
    const chance = this.#chance;
    if (chain.type === "nat" && chance.isIn(65)) {
      const nat = natStatement(this.#place(chain), this.#family === "inet");
      if (nat !== undefined) return { text: nat, aims: [] };
    }
    if (chance.isIn(12)) {
      const targets = this.#later(chain, regulars).map(({ name }) => name);
      const map = verdictMap(this.#place(chain), targets, chain.type === "nat");
      return { text: map.text, aims: [map.aim] };
    }
    return { text: this.#verdict(chain, regulars, isBare), aims: [] };
  }

  #verdict(chain: ChainPlan, regulars: readonly ChainPlan[], isBare: boolean): string {
    const chance = this.#chance;
    const [target] = this.#later(chain, regulars);
    if (target !== undefined && chance.isIn(45)) return `${chance.pick(["jump", "jump", "goto"])} ${target.name}`;
    if (chain.type !== "nat" && chance.isIn(22) && REJECT_HOOKS.has(chain.hook))
      return chance.pick(REJECTS[this.#family]);
    const isRaw = chain.hook === "prerouting" || chain.hook === "output";
    const change = [
      "meta mark set 0x10",
      "meta mark set meta mark | 0x1",
      "ct mark set 0x10",
      "ct mark set meta mark",
      ...(isRaw ? ["notrack"] : []),
    ];
    if (chain.hook !== "ingress" && chance.isIn(20)) return chance.pick(change);
    return chance.pick(
      isBare ? ["", "", "return", "accept"] : ["accept", "accept", "accept", "drop", "drop", "return", "", "continue"],
    );
  }

  /** Chains to go to: of the same hook, and later ones only, so that none jumps in a circle. */
  #later(chain: ChainPlan, regulars: readonly ChainPlan[]): readonly ChainPlan[] {
    const at = regulars.indexOf(chain);
    const type = chain.type === "filter" ? "regular" : chain.type;
    const fitting = regulars.filter((one, index) => index > at && one.hook === chain.hook && one.type === type);
    return fitting.length === 0 ? [] : [this.#chance.pick(fitting)];
  }

  #addSet(): void {
    const chance = this.#chance;
    const name = `s${this.#setTexts.length}`;
    const kind = chance.pick(this.#setKinds());
    const { text, aim } = setElements(kind, chance);
    const isInterval = kind !== "mark" && kind !== "ifname";
    this.#setTexts.push(
      `  set ${name} { type ${kind}; ${isInterval ? "flags interval; " : ""}elements = { ${text} }\n  }`,
    );
    this.#sets.set(kind, [...(this.#sets.get(kind) ?? []), { name, isVerdictMap: false, aim }]);
  }

  #setKinds(): readonly SetKind[] {
    const own4: readonly SetKind[] = ["ipv4_addr", "ipv4_addr", "ipv4_addr . inet_service"];
    const both: readonly SetKind[] = ["inet_service", "inet_service", "mark", "ifname"];
    if (this.#family === "ip") return [...own4, ...both];
    return this.#family === "ip6" ? ["ipv6_addr", ...both] : [...own4, "ipv6_addr", ...both];
  }
}

/**
 * What nft 1.0.6 lists otherwise than it was loaded: a rule that asks for both families, which matches nothing, as if it asked
 * for one; and two fields of a header side by side with "!=", which it loads as one comparison of both.
 */
function withoutMislisted(matches: readonly NftMatch[]): readonly NftMatch[] {
  const isOfFamily = matches.some(({ text }) => /^(ip6?|icmp|icmpv6) /.test(text));
  const fitting = isOfFamily ? matches.filter(({ text }) => !/^meta (nfproto|protocol) /.test(text)) : matches;
  const firstNegated = fitting.find(({ text }) => NEGATED_FIELD.test(text));
  return fitting.filter((match) => match === firstNegated || !NEGATED_FIELD.test(match.text));
}

const NEGATED_FIELD = /^(ip6?|tcp|udp|sctp|icmp|icmpv6) \w+ !=/;

function setElements(kind: SetKind, chance: Chance): { text: string; aim: Aim } {
  switch (kind) {
    case "ipv4_addr":
    case "ipv6_addr": {
      const family = kind === "ipv4_addr" ? 4 : 6;
      const spans = apart(() => addressSpan(family, chance), 4, mayOverlap);
      const aim: Aim = (draft, own) => {
        draft.family = family;
        draft.src = own.pick(own.pick(spans).around);
      };
      return { text: spans.map(({ text }) => text).join(", "), aim };
    }
    case "inet_service": {
      const spans = apart(() => portSpan(chance), 4, overlap);
      const aim: Aim = (draft, own) => {
        draft.proto = "tcp";
        draft.dport = own.pick(own.pick(spans).around);
      };
      return { text: spans.map(({ text }) => text).join(", "), aim };
    }
    case "ipv4_addr . inet_service": {
      const addresses = apart(() => addressSpan(4, chance), 3, mayOverlap);
      const pairs = addresses.map((address) => ({ address, port: portSpan(chance) }));
      const aim: Aim = (draft, own) => {
        const pair = own.pick(pairs);
        Object.assign(draft, {
          family: 4,
          proto: "tcp",
          src: own.pick(pair.address.around),
          dport: own.pick(pair.port.around),
        });
      };
      return { text: pairs.map(({ address, port }) => `${address.text} . ${port.text}`).join(", "), aim };
    }
    case "mark":
      return { text: chance.some(["0x0", "0x1", "0x10"], 2).join(", "), aim: () => {} };
    case "ifname":
      return { text: chance.some(['"eth0"', '"eth1"', '"docker0"', '"lo"'], 2).join(", "), aim: () => {} };
  }
}
