// `postern policy`: what may be probed and what is intended, as postern.yaml says it. docs/commands/policy.md.
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

const HINT = "postern policy --help lists them";

/** The policy. */
export const policyCommand: Command = {
  name: "policy",
  summary: "write, check and explain postern.yaml, and accept findings in it",
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
  if (name === "") return new UsageError(`postern policy needs one of ${names.join(", ")}`, { hint: HINT });
  const meant = nearest(name, names);
  const guess = meant === undefined ? "" : `; did you mean ${meant}?`;
  return new UsageError(`postern policy has no ${quote(name)}${guess}`, { hint: HINT });
}

function helpText(): string {
  const rows = [...PARTS].map(([name, { summary }]) => `  postern policy ${name.padEnd(7)} ${summary}`);
  return ["Usage:", ...rows, "", "Each has a --help of its own. What the file may say: docs/policy.md", ""].join("\n");
}
