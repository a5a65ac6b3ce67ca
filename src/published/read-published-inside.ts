// The inside of this machine as it runs, with the ports that lead elsewhere.
import { setTimeout as sleep } from "node:timers/promises";
import type { InsideView } from "../inside/inside-view.js";
import { type InsideWish, readInsideLive } from "../inside/open-inside.js";
import { ProcFiles } from "../linux/proc-files.js";
import { type AskedRulesets, askRulesets, type RulesetText } from "../linux/ruleset-text.js";
import { publishPorts } from "./publish-ports.js";

/** What is wanted of the inside, and how long somebody waits for it. */
export interface PublishedInsideWish extends InsideWish {
  /** So long the programs that tell the firewall's rules are waited for when all else is read; undefined for their own bounds. */
  readonly rulesPatienceMs?: number;
}

/** Reads this machine as it is now. */
export async function readPublishedInside({ rulesPatienceMs, ...wish }: PublishedInsideWish): Promise<InsideView> {
  const asked = askRulesets(); // other programs, which work while this one reads
  const view = await readInsideLive(wish);
  const told = rulesPatienceMs === undefined ? asked : patientFor(rulesPatienceMs, asked);
  return publishPorts(view, new ProcFiles("/proc"), told);
}

/** The rules of somebody who waits no longer. */
function patientFor(patienceMs: number, { nft, saved }: AskedRulesets): AskedRulesets {
  const end = sleep(patienceMs);
  const late: RulesetText = { kind: "fault", why: `they were not told within ${patienceMs} ms` };
  const allLate = { iptables: late, ip6tables: late, iptablesLegacy: late, ip6tablesLegacy: late };
  return {
    nft: Promise.race([nft, end.then(() => late)]),
    saved: Promise.race([saved, end.then(() => allLate)]),
  };
}
