// Tries rulesets in the kernel and in the walk, and counts where the two differ.

import { readPacket } from "../../src/firewall/read-questions.js";
import { readRuleset } from "../../src/firewall/read-ruleset.js";
import type { Ruleset } from "../../src/firewall/ruleset.js";
import { PacketWalk } from "../../src/firewall/walk/packet-walk.js";
import type { FirewallLab } from "../firewall-lab.js";
import { type Comparison, compareAnswer, type Difference } from "./compare.js";
import { FIREWALL_ENVIRONMENT } from "./environment.js";
import type { KernelAnswer, PacketJson, RulesetListing, RulesetText } from "./kernel-answer.js";
import { ListingPlaces } from "./listing-places.js";
import { loadTrial } from "./load-trial.js";

/** What came of some rulesets. */
export interface Tally {
  rulesets: number;
  /** Rulesets that no program loads, or that nft itself cannot list. */
  refused: number;
  packets: number;
  unknown: number;
  /** Packets for which the kernel did not do what they need (no connection could be made). */
  skipped: number;
  /** Of the kernel, so that it is seen whether all kinds come up. */
  readonly ends: Map<string, number>;
  readonly differences: Record<Difference, number>;
  /** The first differences, for people. */
  readonly examples: string[];
}

/** An empty tally. */
export function newTally(): Tally {
  const differences = { verdict: 0, with: 0, where: 0, oif: 0, nat: 0, by: 0, path: 0 };
  return { rulesets: 0, refused: 0, packets: 0, unknown: 0, skipped: 0, ends: new Map(), differences, examples: [] };
}

const EXAMPLES_MAX = 10;

/** In which form nft's listing is read; netdev chains have their devices in the text alone. */
export type NftForm = "json" | "text";

/** Tries one ruleset with packets, and adds to the tally what came of it. */
export async function tryRuleset(
  lab: FirewallLab,
  name: string,
  texts: readonly RulesetText[],
  packets: readonly PacketJson[],
  form: NftForm,
  tally: Tally,
  isConversation = false,
): Promise<void> {
  const loaded = await loadTrial(lab, texts);
  if ("fault" in loaded || loaded.listing.jsonFault !== undefined) {
    tally.refused++;
    return;
  }
  const { listing } = loaded;
  const walk = new PacketWalk(readListing(listing, form), FIREWALL_ENVIRONMENT);
  const places = new ListingPlaces(listing);
  const compare = async (asked: readonly PacketJson[]): Promise<readonly Outcome[]> => {
    const answers = await (isConversation ? lab.converse(asked) : lab.ask(asked));
    return asked.map((packet, at) => outcomeOf(packet, answers[at], walk, places, name));
  };
  let outcomes = await compare(packets);
  const odd = outcomes.filter(({ compared }) => compared.differences.length > 0).map(({ packet }) => packet);
  if (odd.length > 0 && !isConversation) {
    // Where the machine is busy a message may come too late: what differs is asked once more.
    const again = new Map((await compare(odd)).map((outcome) => [outcome.packet, outcome]));
    outcomes = outcomes.map((outcome) => again.get(outcome.packet) ?? outcome);
  }
  tally.rulesets++;
  for (const outcome of outcomes) count(tally, name, outcome);
}

interface Outcome {
  readonly packet: PacketJson;
  readonly kernel: KernelAnswer;
  readonly compared: Comparison;
}

function outcomeOf(
  packet: PacketJson,
  kernel: KernelAnswer | undefined,
  walk: PacketWalk,
  places: ListingPlaces,
  name: string,
): Outcome {
  if (kernel === undefined) throw new Error("the kernel gave too few answers");
  const answer = walk.answer(readPacket(packet, { file: name }));
  return { packet, kernel, compared: compareAnswer(packet, kernel, answer, places) };
}

function count(tally: Tally, name: string, { packet, kernel, compared }: Outcome): void {
  const { differences, isUnknown, isSkipped } = compared;
  tally.packets++;
  if (isUnknown) tally.unknown++;
  if (isSkipped) tally.skipped++;
  const end = [kernel.verdict, kernel.with ?? kernel.where ?? ""].join(" ").trim();
  tally.ends.set(end, (tally.ends.get(end) ?? 0) + 1);
  for (const difference of differences) tally.differences[difference]++;
  if (differences.length === 0 || tally.examples.length === EXAMPLES_MAX) return;
  const what = `${name}: ${differences.join(", ")}: ${JSON.stringify(packet)}`;
  tally.examples.push(`${what}\n  kernel ${compared.kernel}\n  walk   ${compared.walk}`);
}

/** The ruleset as a user would give it: iptables-save where iptables has made it, or else nft's listing. */
function readListing({ json, text, saves }: RulesetListing, form: NftForm): Ruleset {
  if (saves.length > 0)
    return readRuleset(
      saves.map((save) => ({ text: save.text, file: save.program })),
      undefined,
    );
  const isText = form === "text" || text.includes("hook ingress");
  return readRuleset([{ text: isText ? text : json, file: "the listing" }], isText ? "text" : "json");
}
