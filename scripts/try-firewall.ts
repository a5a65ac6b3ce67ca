// Compares the firewall's answers with the kernel's at length: `npx tsx scripts/try-firewall.ts [RULESETS] [PACKETS] [SEED]`
// (500, 100, 1). Half of the rulesets are of nftables, read as JSON and as text by turns, a quarter each of iptables' two back
// ends. Needs root or user namespaces, as the lab does; the test of every run is test/firewall/differential.test.ts.
import process from "node:process";
import { newTally, type Tally, tryRuleset } from "../lab/firewall/differential.js";
import { iptablesTrial } from "../lab/firewall/iptables-ruleset.js";
import { nftTrial } from "../lab/firewall/nft-ruleset.js";
import { createFirewallLab } from "../lab/firewall-lab.js";

const [rulesets = 500, packets = 100, firstSeed = 1] = process.argv.slice(2).map(Number);

function say(tally: Tally, name: string): void {
  const { rulesets: count, refused, packets: sent, unknown, skipped, differences, examples, ends } = tally;
  const percent = ((unknown / Math.max(1, sent)) * 100).toFixed(2);
  process.stdout.write(`${name}: ${count} rulesets, ${sent} packets, unknown ${unknown} (${percent} %), `);
  process.stdout.write(`not loaded or listed ${refused}, not tried ${skipped}\n`);
  process.stdout.write(`  different: ${JSON.stringify(differences)}\n`);
  const rows = [...ends].sort(([, a], [, b]) => b - a).map(([end, times]) => `${end} ${times}`);
  process.stdout.write(`  the kernel: ${rows.join(", ")}\n`);
  for (const example of examples) process.stdout.write(`${example}\n`);
}

const tallies = { nftables: newTally(), "iptables-nft": newTally(), "iptables-legacy": newTally() };
await using lab = await createFirewallLab();
for (let at = 0; at < rulesets; at++) {
  const seed = firstSeed + at;
  const form = at % 4 === 0 ? "json" : "text";
  if (at % 2 === 0) {
    const { texts, packets: sent } = nftTrial(seed, packets);
    await tryRuleset(lab, `nftables, seed ${seed}`, texts, sent, form, tallies.nftables);
  } else {
    const backEnd = at % 4 === 1 ? "nft" : "legacy";
    const { texts, packets: sent } = iptablesTrial(seed, packets, backEnd);
    await tryRuleset(lab, `iptables-${backEnd}, seed ${seed}`, texts, sent, form, tallies[`iptables-${backEnd}`]);
  }
}
for (const [name, tally] of Object.entries(tallies)) say(tally, name);
const isSame = Object.values(tallies).every(({ differences: { by: _by, path: _path, ...ends } }) =>
  Object.values(ends).every((count) => count === 0),
);
process.exitCode = isSame ? 0 : 1;
