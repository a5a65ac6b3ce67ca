// What `postern firewall reach` says against the kernel: packets at and just outside the borders of regions of rulesets at
// random, sent for real. At length: scripts/try-reach.ts.
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadTrial } from "../../lab/firewall/load-trial.js";
import { nftTrial } from "../../lab/firewall/nft-ruleset.js";
import { newReachTally, tryReach } from "../../lab/firewall/reach-trial.js";
import { createFirewallLab, type FirewallLab } from "../../lab/firewall-lab.js";
import { describeLab } from "../../lab/vitest.js";
import { readRuleset } from "../../src/firewall/read-ruleset.js";

const RULESETS = 20;
const PACKETS = 200;

describeLab("the regions of reach against the kernel", () => {
  let lab: FirewallLab;

  beforeAll(async () => {
    lab = await createFirewallLab();
  });
  afterAll(() => lab?.dispose());

  test("no border is elsewhere", async () => {
    const tally = newReachTally();
    for (let seed = 1; tally.rulesets < RULESETS && seed <= 2 * RULESETS; seed++) {
      const loaded = await loadTrial(lab, nftTrial(seed, 0).texts);
      if ("fault" in loaded || loaded.listing.jsonFault !== undefined) continue;
      const ruleset = readRuleset([{ text: loaded.listing.text, file: "the listing" }], "text");
      await tryReach(lab, `seed ${seed}`, ruleset, PACKETS, seed, tally);
    }
    expect(tally.wrong).toEqual([]);
    expect(tally.rulesets).toBe(RULESETS);
    expect(tally.packets).toBeGreaterThan(500);
    expect(tally.unknown / tally.packets).toBeLessThan(0.02);
    expect([...tally.ends.keys()].sort()).toEqual(["forward", "local", "stopped"]);
  });
});
