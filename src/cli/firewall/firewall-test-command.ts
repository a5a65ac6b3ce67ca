// `postern firewall test`: what the firewall does with a packet, or with many.
import { RuleFinder } from "../../firewall/find-rule.js";
import type { QuestionPacket } from "../../firewall/packet-question.js";
import { readPacket, readPackets } from "../../firewall/read-questions.js";
import { PacketWalk } from "../../firewall/walk/packet-walk.js";
import { walkAnswerLine } from "../../report/firewall/walk-json.js";
import { walkText } from "../../report/firewall/walk-text.js";
import type { CommandConsole } from "../command.js";
import {
  type CommandUsage,
  commandHelp,
  commandUsageError,
  type HelpDraft,
  helpOption,
  parseCommandOptions,
} from "../command-options.js";
import { readInputText } from "../input-text.js";
import { flag, type Option } from "../option.js";
import { type RuleSourceDraft, readHost, readRules, ruleSourceOptions } from "./rule-sources.js";

/** The keys of a packet in JSON, as far as options give them. */
type PacketFields = Record<string, unknown>;

interface Draft extends HelpDraft, RuleSourceDraft {
  packet: PacketFields;
  packetsFile: string | undefined;
  isJson: boolean;
}

const PACKET = "The packet";
const RULES = "The rules, and the answer";
const DONE = 0;
/** Answers are written in pieces: a million of them need not be one text. */
const PIECE_CHARACTERS = 1 << 20;

function textOption(name: string, value: string, help: string, key: string): Option<Draft> {
  return {
    names: [name],
    value,
    help,
    section: PACKET,
    apply(draft, text) {
      draft.packet[key] = text;
    },
  };
}

function numberOption(name: string, value: string, help: string, key: string): Option<Draft> {
  return {
    names: [name],
    value,
    help,
    section: PACKET,
    apply(draft, text) {
      if (!/^\d{1,9}$/.test(text))
        throw commandUsageError(USAGE, `${name} takes a number, not ${JSON.stringify(text)}`);
      draft.packet[key] = Number(text);
    },
  };
}

const OPTIONS: readonly Option<Draft>[] = [
  textOption("--from", "ADDRESS", "where it comes from", "src"),
  textOption("--to", "ADDRESS", "where it goes", "dst"),
  textOption("--proto", "PROTO", "protocol of IP by name or number (default: tcp)", "proto"),
  numberOption("--dport", "PORT", "destination port", "dport"),
  numberOption("--sport", "PORT", "source port (default: 40000)", "sport"),
  textOption("--in", "INTERFACE", "the interface that it comes in by (default: eth0)", "iif"),
  {
    names: ["--out"],
    value: "INTERFACE",
    values: "interface",
    help: "it is sent by this host, by that interface",
    section: PACKET,
    apply(draft, text) {
      draft.packet.dir = "out";
      draft.packet.oif = text;
    },
  },
  textOption(
    "--state",
    "STATE",
    "what connection tracking makes of it: new (default), established, related, invalid",
    "ct",
  ),
  {
    names: ["--flags"],
    value: "FLAGS",
    help: "flags of TCP: syn,ack (default: syn)",
    section: PACKET,
    apply(draft, text) {
      draft.packet.flags = text === "none" ? [] : text.toLowerCase().split(",");
    },
  },
  {
    names: ["--icmp-type"],
    value: "TYPE",
    help: "type of ICMP as a number, with its code behind a slash: 3/1 (default: echo request)",
    section: PACKET,
    apply(draft, text) {
      const match = /^(\d{1,3})(?:\/(\d{1,3}))?$/.exec(text);
      if (match === null)
        throw commandUsageError(USAGE, `--icmp-type takes a number such as 8 or 3/1, not ${JSON.stringify(text)}`);
      draft.packet.icmp_type = Number(match[1]);
      if (match[2] !== undefined) draft.packet.icmp_code = Number(match[2]);
    },
  },
  numberOption("--ttl", "N", "time to live, or hop limit (default: 64)", "ttl"),
  numberOption("--dscp", "N", "differentiated services code point (default: 0)", "dscp"),
  {
    names: ["--packets"],
    value: "FILE",
    values: "file",
    help: "many packets instead of one: JSON Lines, - for standard input",
    section: PACKET,
    apply(draft, text) {
      draft.packetsFile = text;
    },
  },
  ...ruleSourceOptions(RULES),
  flag(["--json"], RULES, "answers for programs, one JSON object a line", (draft) => {
    draft.isJson = true;
  }),
  helpOption(RULES),
];

const USAGE: CommandUsage<Draft> = {
  name: "postern firewall test",
  synopsis: "[OPTION...] [RULESET...]",
  about: [
    "Says what the firewall does with a packet: accepted, dropped or rejected, by which rule, and every rule on its way. " +
      "RULESET is the output of nft -j list ruleset, nft list ruleset, iptables-save, ip6tables-save or ipset save; without " +
      "one the rules of this machine are read. Nothing is sent, and nothing is changed.",
  ],
  options: OPTIONS,
  statuses: "0 answered, 2 the command line, a listing or a packet cannot be understood, 3 rules cannot be listed",
};

/** Runs it with the words behind `postern firewall test`. */
export async function runFirewallTest(words: readonly string[], console: CommandConsole): Promise<number> {
  const draft: Draft = {
    packet: {},
    packetsFile: undefined,
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
  const packets = packetsOf(draft);
  const ruleset = await readRules(files, draft, console);
  const walk = new PacketWalk(ruleset, readHost(files, draft));
  const rules = draft.isJson ? undefined : new RuleFinder(ruleset);
  let text = "";
  for (const [at, packet] of packets.entries()) {
    const answer = walk.answer(packet);
    if (rules === undefined) text += walkAnswerLine(answer);
    else text += `${at === 0 ? "" : "\n"}${walkText(packet, answer, rules)}`;
    if (text.length > PIECE_CHARACTERS) {
      console.writeOut(text);
      text = "";
    }
  }
  console.writeOut(text);
  return DONE;
}

function packetsOf({ packet, packetsFile }: Draft): readonly QuestionPacket[] {
  if (packetsFile !== undefined) {
    if (Object.keys(packet).length > 0) {
      throw commandUsageError(USAGE, "--packets has its own packets: leave out the options that describe one");
    }
    return readPackets(readInputText(packetsFile), packetsFile === "-" ? "standard input" : packetsFile);
  }
  for (const [key, name] of [
    ["src", "--from"],
    ["dst", "--to"],
  ] as const) {
    if (packet[key] === undefined)
      throw commandUsageError(USAGE, `a packet needs ${name}, or give many with --packets`);
  }
  return [readPacket(packet, { file: "command line" })];
}
