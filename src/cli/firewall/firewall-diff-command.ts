// `postern firewall diff`: what became open and what closed from one ruleset to another.
import { findReach, type ReachRegion } from "../../firewall/reach/reach.js";
import { diffReach } from "../../firewall/reach/reach-diff.js";
import { reachChangeLines } from "../../report/firewall/reach-json.js";
import { reachDiffText } from "../../report/firewall/reach-text.js";
import type { CommandConsole } from "../command.js";
import {
  type CommandUsage,
  commandHelp,
  commandUsageError,
  type HelpDraft,
  helpOption,
  parseCommandOptions,
} from "../command-options.js";
import { flag } from "../option.js";
import { QUESTION_OPTIONS, type QuestionDraft, questionOf, serviceNames } from "./firewall-reach-command.js";
import { type RuleSourceDraft, readHost, readRules, ruleSourceOptions } from "./rule-sources.js";

interface Draft extends HelpDraft, RuleSourceDraft, QuestionDraft {
  isJson: boolean;
}

const RULES = "The rules, and the answer";
const SAME = 0;
const DIFFERENT = 1;

const USAGE: CommandUsage<Draft> = {
  name: "postern firewall diff",
  synopsis: "[OPTION...] A [B]",
  about: [
    "Says which sources reach ports under ruleset B that they did not under A, and which no longer do. Without B it is this " +
      "machine's rules. Each is one listing, as for postern firewall test.",
  ],
  options: [
    ...QUESTION_OPTIONS,
    ...ruleSourceOptions(RULES),
    flag(["--json"], RULES, "one region a line, for programs", (draft: Draft) => {
      draft.isJson = true;
    }),
    helpOption(RULES),
  ],
  statuses:
    "0 nothing became open or closed, 1 something did, 2 the command line or a listing cannot be understood, 3 rules cannot be listed",
};

/** Runs it with the words behind `postern firewall diff`. */
export async function runFirewallDiff(words: readonly string[], console: CommandConsole): Promise<number> {
  const draft: Draft = {
    question: {},
    questionFile: undefined,
    isJson: false,
    isHelp: false,
    form: undefined,
    environmentFile: undefined,
  };
  const [a, b, ...more] = parseCommandOptions(USAGE, words, draft);
  if (draft.isHelp) {
    console.writeOut(commandHelp(USAGE, console.columns ?? 80));
    return SAME;
  }
  if (a === undefined || more.length > 0) throw commandUsageError(USAGE, "postern firewall diff compares two listings");
  const question = questionOf(draft);
  const second = b === undefined ? [] : [b];
  const host = readHost(second, draft);
  const before = findReach(await readRules([a], draft, console), question, host);
  const after = findReach(await readRules(second, draft, console), question, host);
  const { opened, closed } = diffReach(before, after);
  if (draft.isJson) for (const piece of reachChangeLines(opened, closed)) console.writeOut(piece);
  else console.writeOut(reachDiffText(opened, closed, serviceNames(), console.columns));
  if (hasDoubts(before.unknown) || hasDoubts(after.unknown)) {
    console.writeError("Note: what hangs on more than rules was not compared; postern firewall reach names it\n");
  }
  return opened.length + closed.length === 0 ? SAME : DIFFERENT;
}

function hasDoubts(regions: readonly ReachRegion[]): boolean {
  return regions.length > 0;
}
