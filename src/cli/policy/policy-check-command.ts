// `postern policy check [FILE]`: what the policy says, or all that is wrong with it.
import { ownAddresses } from "../../linux/own-addresses.js";
import { InputError } from "../../model/errors.js";
import { policyWarnings } from "../../policy/contradictions.js";
import { placeText } from "../../policy/place-text.js";
import { checkPolicy } from "../../policy/read-policy.js";
import { printable } from "../../report/printable.js";
import { countOf } from "../../report/quantity.js";
import type { CommandConsole } from "../command.js";
import {
  type CommandUsage,
  commandHelp,
  commandUsageError,
  helpOption,
  parseCommandOptions,
} from "../command-options.js";
import { findSettings, localZone } from "../settings-file.js";
import { policyText } from "./policy-text.js";

const IN_ORDER = 0;
const WORTH_A_LOOK = 1;
const WRONG = 2;
/** Nobody reads more at once, and what is mended often mends others. */
const FAULTS_SHOWN_MAX = 100;

interface Draft {
  isHelp: boolean;
}

const USAGE: CommandUsage<Draft> = {
  name: "postern policy check",
  synopsis: "[FILE]",
  about: [
    "Says what postern.yaml means, or all that is wrong with it. Without FILE it is the one that a scan would take.",
  ],
  options: [helpOption("Options")],
  statuses: "0 it is in order, 1 something in it has ended or may be a mistake, 2 something is wrong",
};

/** Checks. Returns the exit status. */
export async function runPolicyCheck(words: readonly string[], console: CommandConsole): Promise<number> {
  const draft: Draft = { isHelp: false };
  const [named, ...more] = parseCommandOptions(USAGE, words, draft);
  if (draft.isHelp) {
    console.writeOut(commandHelp(USAGE, console.columns ?? 80));
    return IN_ORDER;
  }
  if (more.length > 0) throw commandUsageError(USAGE, "postern policy check takes one file");
  const found = findSettings({ named, workingFolder: ".", environment: console.environment });
  if (found === undefined) {
    throw new InputError(
      "there is none in any of its places",
      { file: "postern.yaml" },
      { hint: "name one: postern policy check FILE" },
    );
  }
  const { policy, faults } = checkPolicy(found.text, found.path, localZone());
  if (policy === undefined) return tellFaults(faults, console);
  const nowMs = Date.now();
  const warnings = policyWarnings(policy, { nowMs, own: ownAddresses() });
  console.writeOut(policyText(policy, nowMs));
  for (const { message, at } of warnings) {
    console.writeError(`${printable(`Warning: ${placeText(at)}: ${message}`)}\n`);
  }
  return warnings.length > 0 ? WORTH_A_LOOK : IN_ORDER;
}

function tellFaults(faults: readonly InputError[], console: CommandConsole): number {
  for (const { message, hint } of faults.slice(0, FAULTS_SHOWN_MAX)) {
    console.writeError(`${printable(message)}\n`);
    if (hint !== undefined) console.writeError(`  ${printable(hint)}\n`);
  }
  const left = faults.length - FAULTS_SHOWN_MAX;
  if (left > 0) console.writeError(`and ${countOf(left, "more fault")}\n`);
  return WRONG;
}
