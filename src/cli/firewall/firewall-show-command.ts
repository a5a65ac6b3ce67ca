// `postern firewall show`: the chains as a packet meets them, and rules that never do anything.
import { findDeadRules } from "../../firewall/dead-rules.js";
import { deadRulesText } from "../../report/firewall/dead-rules-text.js";
import { rulesetPicture } from "../../report/firewall/ruleset-picture.js";
import type { CommandConsole } from "../command.js";
import { type CommandUsage, commandHelp, type HelpDraft, helpOption, parseCommandOptions } from "../command-options.js";
import { type RuleSourceDraft, readRules, ruleSourceOptions } from "./rule-sources.js";

type Draft = HelpDraft & RuleSourceDraft;

const SECTION = "Options";
const DONE = 0;

const USAGE: CommandUsage<Draft> = {
  name: "postern firewall show",
  synopsis: "[OPTION...] [RULESET...]",
  about: [
    "Shows all chains in the order in which a packet meets them, with their counters, and names rules that are never " +
      "reached or that another rule shadows. RULESET as for postern firewall test; without one this machine's rules.",
  ],
  options: [...ruleSourceOptions(SECTION).filter(({ names }) => names[0] !== "--env"), helpOption(SECTION)],
  statuses: "0 shown, 2 the command line or a listing cannot be understood, 3 rules cannot be listed",
};

/** Runs it with the words behind `postern firewall show`. */
export async function runFirewallShow(words: readonly string[], console: CommandConsole): Promise<number> {
  const draft: Draft = { isHelp: false, form: undefined, environmentFile: undefined };
  const files = parseCommandOptions(USAGE, words, draft);
  if (draft.isHelp) {
    console.writeOut(commandHelp(USAGE, console.columns ?? 80));
    return DONE;
  }
  const ruleset = await readRules(files, draft, console);
  console.writeOut(rulesetPicture({ ...ruleset, notes: [] }));
  console.writeOut(deadRulesText(findDeadRules(ruleset)));
  return DONE;
}
