// `postern firewall reach`: what is let in at all.
import type { ReachQuestion } from "../../firewall/packet-question.js";
import { findReach } from "../../firewall/reach/reach.js";
import { readReachQuestion } from "../../firewall/read-questions.js";
import { reachLines } from "../../report/firewall/reach-json.js";
import { reachText, type ServiceName } from "../../report/firewall/reach-text.js";
import type { CommandConsole } from "../command.js";
import {
  type CommandUsage,
  commandHelp,
  commandUsageError,
  type HelpDraft,
  helpOption,
  parseCommandOptions,
} from "../command-options.js";
import { readServiceTable } from "../data-files.js";
import { readInputText } from "../input-text.js";
import { flag, type Option } from "../option.js";
import { type RuleSourceDraft, readHost, readRules, ruleSourceOptions } from "./rule-sources.js";

/** What the question's options say. */
export interface QuestionDraft {
  question: Record<string, unknown>;
  questionFile: string | undefined;
}

interface Draft extends HelpDraft, RuleSourceDraft, QuestionDraft {
  isJson: boolean;
}

const QUESTION = "The question";
const RULES = "The rules, and the answer";
const DONE = 0;

function field(
  name: string,
  value: string,
  help: string,
  key: string,
  read: (text: string) => unknown,
): Option<QuestionDraft> {
  return {
    names: [name],
    value,
    help,
    section: QUESTION,
    apply(draft, text) {
      draft.question[key] = read(text);
    },
  };
}

const asText = (text: string): unknown => text;
const asNumber = (text: string): unknown => (/^\d{1,9}$/.test(text) ? Number(text) : text);
const asList = (text: string): unknown => text.split(",");

/** The rows that ask. */
export const QUESTION_OPTIONS: readonly Option<QuestionDraft>[] = [
  field("--in", "INTERFACE", "the interface that packets come in by (default: eth0)", "iif", asText),
  field("--dst", "ADDRESS", "the own address that they go to (default: the interface's first)", "dst", asText),
  field("--sport", "PORT", "their source port (default: 40000)", "sport", asNumber),
  field("--flags", "FLAGS", "flags of TCP (default: syn)", "flags", asList),
  field("--state", "STATE", "what connection tracking makes of them (default: new)", "ct", asText),
  field("--proto", "PROTOS", "protocols: tcp,udp (default), icmp, icmpv6, sctp …", "protos", asList),
  {
    names: ["--question"],
    value: "FILE",
    values: "file",
    help: "the question as one JSON object instead",
    section: QUESTION,
    apply(draft, text) {
      draft.questionFile = text;
    },
  },
];

const USAGE: CommandUsage<Draft> = {
  name: "postern firewall reach",
  synopsis: "[OPTION...] [RULESET...]",
  about: [
    "Says which sources reach which ports of this host for a new connection: exactly, for all packets at once. What NAT leads " +
      "to other hosts or containers stands apart. RULESET as for postern firewall test; without one this machine's rules.",
  ],
  options: [
    ...QUESTION_OPTIONS,
    ...ruleSourceOptions(RULES),
    flag(
      ["--json"],
      RULES,
      "one region a line, for programs: their union is what reaches a local socket",
      (draft: Draft) => {
        draft.isJson = true;
      },
    ),
    helpOption(RULES),
  ],
  statuses: "0 answered, 2 the command line, a listing or the question cannot be understood, 3 rules cannot be listed",
};

/** Runs it with the words behind `postern firewall reach`. */
export async function runFirewallReach(words: readonly string[], console: CommandConsole): Promise<number> {
  const draft: Draft = {
    question: {},
    questionFile: undefined,
    isJson: false,
    isHelp: false,
    form: undefined,
    environmentFile: undefined,
  };
  const files = parseCommandOptions(USAGE, words, draft);
  if (draft.isHelp) {
    console.writeOut(commandHelp(USAGE, console.columns ?? 80));
    return DONE;
  }
  const question = questionOf(draft);
  const ruleset = await readRules(files, draft, console);
  const answer = findReach(ruleset, question, readHost(files, draft));
  if (draft.isJson) {
    for (const piece of reachLines(answer)) console.writeOut(piece);
    if (answer.unknown.length > 0)
      console.writeError("Note: some regions hang on what rules alone do not tell; they are left out\n");
    return DONE;
  }
  console.writeOut(reachText(answer, serviceNames(), console.columns));
  return DONE;
}

/** The names of services, for tables. */
export function serviceNames(): ServiceName {
  const services = readServiceTable();
  return (port, protocol) =>
    protocol === "tcp" || protocol === "udp" || protocol === "sctp" ? services.nameOf(port, protocol) : undefined;
}

/** The question that the options ask, or that a file has. */
export function questionOf({ question, questionFile }: QuestionDraft): ReachQuestion {
  if (questionFile === undefined)
    return readReachQuestion(JSON.stringify({ iif: "eth0", ...question }), "command line");
  if (Object.keys(question).length > 0) {
    throw commandUsageError(USAGE, "--question has its own question: leave out the options that ask");
  }
  return readReachQuestion(readInputText(questionFile), questionFile);
}
