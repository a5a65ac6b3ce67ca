// The firewall's answers against the kernel's: rulesets at random and as administrators have them, packets at the borders of
// their rules, sent for real. At length: scripts/try-firewall.ts.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hasProgram } from "../../lab/availability.js";
import { newTally, type Tally, tryRuleset } from "../../lab/firewall/differential.js";
import { iptablesTrial } from "../../lab/firewall/iptables-ruleset.js";
import type { RulesetText } from "../../lab/firewall/kernel-answer.js";
import { nftTrial } from "../../lab/firewall/nft-ruleset.js";
import { textPackets } from "../../lab/firewall/text-packets.js";
import { createFirewallLab, type FirewallLab } from "../../lab/firewall-lab.js";
import { describeLab } from "../../lab/vitest.js";

const FOLDER = path.join(import.meta.dirname, "rulesets");
const PACKETS = 60;
const HAS_IPTABLES = hasProgram("iptables-nft-restore") && hasProgram("iptables-legacy-restore");
/** What rules depend on that a question does not tell, as marks of connections: the rule that decided may be another. */
const BY_DIFFERENT_MAX = 0.001;
const UNKNOWN_MAX = 0.02;

/** Rulesets as they are in use; those of single matches and statements have tests of their own. */
const IN_USE = [
  ...["docker.nft", "firewalld.nft", "helpers.nft", "mail-host.nft", "meters.nft", "nat-maps.nft", "refusals.nft"],
  ...["router.nft", "several-hooks.nft", "verdict-maps.nft", "vpn-gateway.nft", "ingress.nft"],
  ...["ufw.v4", "ufw.v6", "docker.v4", "kube-proxy.v4", "fail2ban.v4", "mail-host.v4", "router.v4", "vpn-gateway.v4"],
];

/** The links of those who made them, as the lab's host calls its own. */
const LINK_NAMES = [
  [/\b(?:wan|ppp)0?\b/g, "eth0"],
  [/\b(?:lan|wlan)0?\b/g, "eth1"],
  [/\b(?:br-4f2a|guest0|wg0|wg1)\b/g, "docker0"],
] as const;

function expectSame(tally: Tally): void {
  const { verdict, with: answer, where, oif, nat, by } = tally.differences;
  const examples = tally.examples.join("\n");
  expect({ verdict, answer, where, oif, nat }, examples).toEqual({ verdict: 0, answer: 0, where: 0, oif: 0, nat: 0 });
  expect(by / tally.packets, examples).toBeLessThanOrEqual(BY_DIFFERENT_MAX);
}

describeLab("the firewall against the kernel", () => {
  let lab: FirewallLab;

  beforeAll(async () => {
    lab = await createFirewallLab();
  });
  afterAll(() => lab?.dispose());

  test("rulesets of nftables at random", async () => {
    const tally = newTally();
    for (let seed = 1; seed <= 30; seed++) {
      const { texts, packets } = nftTrial(seed, PACKETS);
      await tryRuleset(lab, `seed ${seed}`, texts, packets, seed % 2 === 0 ? "json" : "text", tally);
    }
    expectSame(tally);
    expect(tally.unknown / tally.packets).toBeLessThan(UNKNOWN_MAX);
    expect(tally.refused).toBeLessThan(3);
    expect(tally.ends.size).toBeGreaterThan(10);
  });

  test.skipIf(!HAS_IPTABLES).each(["nft", "legacy"] as const)("rulesets of iptables-%s at random", async (backEnd) => {
    const tally = newTally();
    for (let seed = 1; seed <= 15; seed++) {
      const { texts, packets } = iptablesTrial(seed, PACKETS, backEnd);
      await tryRuleset(lab, `seed ${seed}`, texts, packets, "text", tally);
    }
    expectSame(tally);
    expect(tally.unknown / tally.packets).toBeLessThan(UNKNOWN_MAX);
    expect(tally.refused).toBe(0);
  });

  test.each(IN_USE.filter((name) => HAS_IPTABLES || name.endsWith(".nft")))("%s", async (name) => {
    const text = LINK_NAMES.reduce(
      (all, [from, to]) => all.replaceAll(from, to),
      readFileSync(path.join(FOLDER, name), "utf8"),
    );
    const tally = newTally();
    await tryRuleset(lab, name, [{ program: programOf(name), text }], textPackets(text, PACKETS, 7), "text", tally);
    expect(tally.rulesets).toBe(1);
    expectSame(tally);
  });

  test("there is a list of all rulesets that are in use", () => {
    expect(readdirSync(FOLDER)).toEqual(expect.arrayContaining(IN_USE));
  });

  test("connections that packets themselves have made", async () => {
    const text = `table inet f {
      chain input { type filter hook input priority 0; policy drop; ct state established,related accept
      }
      chain forward { type filter hook forward priority 0; policy drop; ct state established ct direction reply accept
        iifname "eth1" ct state new accept
      }
      chain post { type nat hook postrouting priority 100; oifname "eth0" ip saddr 10.0.0.0/8 ip daddr 8.8.8.8 masquerade
      }
    }`;
    const own = { src: "203.0.113.10", dst: "9.9.9.9", proto: "tcp" };
    const back = { iif: "eth0", src: "9.9.9.9", dst: "203.0.113.10", proto: "tcp", ct: "established", ctdir: "reply" };
    const packets = [
      { id: "syn", dir: "out", ...own, sport: 40_001, dport: 80 },
      { id: "syn-ack", ...back, sport: 80, dport: 40_001, flags: ["syn", "ack"] },
      { id: "another port", iif: "eth0", src: "9.9.9.9", dst: "203.0.113.10", proto: "tcp", sport: 80, dport: 40_002 },
      { id: "question", dir: "out", ...own, proto: "udp", sport: 40_003, dport: 53 },
      { id: "answer", ...back, proto: "udp", sport: 53, dport: 40_003 },
      { id: "through", iif: "eth1", src: "10.1.2.3", dst: "9.9.9.9", proto: "tcp", sport: 40_004, dport: 443 },
      { id: "and back", ...back, dst: "10.1.2.3", sport: 443, dport: 40_004, flags: ["syn", "ack"] },
    ];
    const tally = newTally();
    await tryRuleset(lab, "conversation", [{ program: "nft", text }], packets, "text", tally, true);
    expectSame(tally);
    expect(Object.fromEntries(tally.ends)).toEqual({ "accept out": 4, "accept local": 2, drop: 1 });
  });
});

function programOf(name: string): RulesetText["program"] {
  if (name.endsWith(".nft")) return "nft";
  return name.endsWith(".v6") ? "ip6tables-nft-restore" : "iptables-nft-restore";
}
