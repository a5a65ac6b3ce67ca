// `postern policy`: what may be probed and what is intended, as postern.yaml says it. docs/commands/policy.md.
import type { Command } from "../command.js";
import { type CommandPart, commandOfParts } from "../command-of-parts.js";

const PARTS: ReadonlyMap<string, CommandPart> = new Map<string, CommandPart>([
  [
    "init",
    {
      summary: "write what is open now into a new postern.yaml",
      run: async (words, console) => (await import("./policy-init-command.js")).runPolicyInit(words, console),
    },
  ],
  [
    "check",
    {
      summary: "what postern.yaml says, or all that is wrong with it",
      run: async (words, console) => (await import("./policy-check-command.js")).runPolicyCheck(words, console),
    },
  ],
  [
    "accept",
    {
      summary: "put a finding into postern.yaml as one that is accepted, with a reason",
      run: async (words, console) => (await import("./policy-accept-command.js")).runPolicyAccept(words, console),
    },
  ],
]);

/** The policy. */
export const policyCommand: Command = commandOfParts({
  name: "policy",
  summary: "write, check and explain postern.yaml, and accept findings in it",
  parts: PARTS,
  about: ["Each has a --help of its own. What the file may say: docs/policy.md"],
});
