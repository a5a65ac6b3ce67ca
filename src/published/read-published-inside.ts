// The inside of this machine as it runs, with the ports that lead elsewhere.
import { setTimeout as sleep } from "node:timers/promises";
import type { InsideView } from "../inside/inside-view.js";
import { type InsideWish, readInsideLive } from "../inside/open-inside.js";
import { ProcFiles } from "../linux/proc-files.js";
import { type RulesetTexts, readRulesets } from "../linux/ruleset-text.js";
import { publishPorts } from "./publish-ports.js";

/** What is wanted of the inside, and how long somebody waits for it. */
export interface PublishedInsideWish extends InsideWish {
  /** So long the programs that tell the firewall's rules are waited for when all else is read; undefined for their own bounds. */
  readonly rulesPatienceMs?: number;
}

/** Reads this machine as it is now. */
export async function readPublishedInside({ rulesPatienceMs, ...wish }: PublishedInsideWish): Promise<InsideView> {
  const rulesets = readRulesets(); // other programs, which work while this one reads
  const view = await readInsideLive(wish);
  const texts = rulesPatienceMs === undefined ? rulesets : Promise.race([rulesets, lateRules(rulesPatienceMs)]);
  return publishPorts(view, new ProcFiles("/proc"), await texts);
}

/** The rules of somebody who waits no longer. */
async function lateRules(patienceMs: number): Promise<RulesetTexts> {
  await sleep(patienceMs);
  const absent = { kind: "absent" } as const;
  const nft = { kind: "fault", why: `they were not told within ${patienceMs} ms` } as const;
  return { nft, iptables: absent, ip6tables: absent, iptablesLegacy: absent, ip6tablesLegacy: absent };
}
