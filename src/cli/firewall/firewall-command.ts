// `postern firewall`: what would happen to a packet, and what is let in at all. docs/firewall.md.
import type { Command } from "../command.js";
import { type CommandPart, commandOfParts } from "../command-of-parts.js";

const PARTS: ReadonlyMap<string, CommandPart> = new Map<string, CommandPart>([
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
export const firewallCommand: Command = commandOfParts({
  name: "firewall",
  summary: "say what the firewall does with a packet, and what it lets in at all",
  parts: PARTS,
  about: ["Each has its own --help. Nothing is ever changed, and no packet is sent."],
});
