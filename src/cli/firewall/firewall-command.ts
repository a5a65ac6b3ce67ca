// `postern firewall`: what would happen to a packet, and what is let in at all. docs/firewall.md.
import { UsageError } from "../../model/errors.js";
import { quote } from "../../target/fault.js";
import { nearest } from "../../target/nearest.js";
import type { Command, CommandConsole } from "../command.js";

/** One part of it. */
interface Part {
  readonly summary: string;
  run(words: readonly string[], console: CommandConsole): Promise<number>;
}

const PARTS: ReadonlyMap<string, Part> = new Map<string, Part>([
  [
    "test",
    {
      summary: "what happens to a packet, rule by rule",
      run: async (words, console) => (await import("./firewall-test-command.js")).runFirewallTest(words, console),
    },
  ],
  [
    "reach",
    {
      summary: "which sources reach which ports",
      run: async (words, console) => (await import("./firewall-reach-command.js")).runFirewallReach(words, console),
    },
  ],
  [
    "show",
    {
      summary: "all chains in the order in which a packet meets them, and rules that do nothing",
      run: async (words, console) => (await import("./firewall-show-command.js")).runFirewallShow(words, console),
    },
  ],
  [
    "diff",
    {
      summary: "what became open and what closed from one ruleset to another",
      run: async (words, console) => (await import("./firewall-diff-command.js")).runFirewallDiff(words, console),
    },
  ],
]);

/** Asks the firewall. */
export const firewallCommand: Command = {
  name: "firewall",
  summary: "say what the firewall does with a packet, and what it lets in at all",
  async run(words, console) {
    const [name = "", ...rest] = words;
    const part = PARTS.get(name);
    if (part !== undefined) return part.run(rest, console);
    if (name === "-h" || name === "--help") {
      console.writeOut(helpText());
      return 0;
    }
    throw unknownPart(name);
  },
};

function unknownPart(name: string): UsageError {
  const names = [...PARTS.keys()];
  if (name === "") return new UsageError(`postern firewall needs one of ${names.join(", ")}`, { hint: HINT });
  const meant = nearest(name, names);
  const guess = meant === undefined ? "" : `; did you mean ${meant}?`;
  return new UsageError(`postern firewall has no ${quote(name)}${guess}`, { hint: HINT });
}

const HINT = "postern firewall --help lists them";

function helpText(): string {
  const rows = [...PARTS].map(([name, { summary }]) => `  postern firewall ${name.padEnd(6)} ${summary}`);
  return ["Usage:", ...rows, "", "Each has its own --help. Nothing is ever changed, and no packet is sent.", ""].join(
    "\n",
  );
}
