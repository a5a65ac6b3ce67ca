// Compares `postern firewall reach` with the kernel at length: `npx tsx scripts/try-reach.ts [RULESETS] [PACKETS] [SEED]` (200,
// 200, 1). Needs root or user namespaces, as the lab does; the test of every run is test/firewall/reach.test.ts.
import process from "node:process";
import { loadTrial } from "../lab/firewall/load-trial.js";
import { nftTrial } from "../lab/firewall/nft-ruleset.js";
import { newReachTally, tryReach } from "../lab/firewall/reach-trial.js";
import { createFirewallLab } from "../lab/firewall-lab.js";
import { readRuleset } from "../src/firewall/read-ruleset.js";

const [rulesets = 200, packets = 200, firstSeed = 1] = process.argv.slice(2).map(Number);
const tally = newReachTally();
await using lab = await createFirewallLab();
for (let seed = firstSeed; tally.rulesets < rulesets && seed < firstSeed + 2 * rulesets; seed++) {
  const loaded = await loadTrial(lab, nftTrial(seed, 0).texts);
  if ("fault" in loaded || loaded.listing.jsonFault !== undefined) continue; // nft itself cannot list some
  const ruleset = readRuleset([{ text: loaded.listing.text, file: "the listing" }], "text");
  await tryReach(lab, `seed ${seed}`, ruleset, packets, seed, tally);
}
const { wrong, ends, ...counts } = tally;
process.stdout.write(`${JSON.stringify({ ...counts, ends: Object.fromEntries(ends), wrong: wrong.length })}\n`);
for (const text of wrong.slice(0, 20)) process.stdout.write(`${text}\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;
