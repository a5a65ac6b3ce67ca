// `postern policy accept FINDING`: puts an exception into the policy's file, which else stays as it is.
import { InputError, UsageError } from "../../model/errors.js";
import { addException } from "../../policy/add-exception.js";
import { hasEnded, parseEndDate } from "../../policy/end-date.js";
import { formatFindingName, parseFindingName } from "../../policy/finding-name.js";
import { placeText } from "../../policy/place-text.js";
import type { Policy } from "../../policy/policy.js";
import { readPolicy } from "../../policy/read-policy.js";
import { TimeZone } from "../../policy/time-zone.js";
import { printable } from "../../report/printable.js";
import { isFault } from "../../target/fault.js";
import type { CommandConsole } from "../command.js";
import {
  type CommandUsage,
  commandHelp,
  commandUsageError,
  helpOption,
  parseCommandOptions,
} from "../command-options.js";
import { needed, oneFile } from "../option-value.js";
import { findSettings, localZone } from "../settings-file.js";
import { openForChange } from "./replace-file.js";

const DONE = 0;
const SECTION = "Options";

interface Draft {
  reason: string | undefined;
  until: string | undefined;
  file: string | undefined;
  isHelp: boolean;
}

const USAGE: CommandUsage<Draft> = {
  name: "postern policy accept",
  synopsis: "FINDING --reason TEXT [OPTION...]",
  about: [
    "Puts a finding into postern.yaml as one that is accepted. FINDING is its name as reports show it, such as " +
      "open-not-intended@192.0.2.1/tcp/22; a network and a range of ports may stand there, too. Everything else in the file stays as it is.",
  ],
  options: [
    {
      names: ["--reason"],
      value: "TEXT",
      help: "why it is accepted; for those who read it later",
      section: SECTION,
      apply(draft, value) {
        draft.reason = needed("--reason", value);
      },
    },
    {
      names: ["--until"],
      value: "DATE",
      help: "the last day on which it is, as in 2027-03-31; without it there is no end",
      section: SECTION,
      apply(draft, value) {
        draft.until = needed("--until", value);
      },
    },
    {
      names: ["--file"],
      value: "FILE",
      values: "file",
      help: "the file; without it the one that a scan would take",
      section: SECTION,
      apply(draft, value) {
        draft.file = oneFile("--file", draft.file, value);
      },
    },
    helpOption(SECTION),
  ],
  statuses: "0 it was put there, 2 it cannot be understood or the file cannot be changed",
};

/** Accepts. Returns the exit status. */
export async function runPolicyAccept(words: readonly string[], console: CommandConsole): Promise<number> {
  const draft: Draft = { reason: undefined, until: undefined, file: undefined, isHelp: false };
  const [findingText, ...more] = parseCommandOptions(USAGE, words, draft);
  if (draft.isHelp) {
    console.writeOut(commandHelp(USAGE, console.columns ?? 80));
    return DONE;
  }
  const { reason } = draft;
  if (findingText === undefined || more.length > 0)
    throw commandUsageError(USAGE, "postern policy accept takes one finding");
  if (reason === undefined) throw commandUsageError(USAGE, "postern policy accept needs a --reason");
  const finding = parseFindingName(findingText);
  if (isFault(finding)) throw commandUsageError(USAGE, finding.fault);
  const found = findSettings({ named: draft.file, workingFolder: ".", environment: console.environment });
  if (found === undefined) {
    throw new InputError(
      "there is none in any of its places",
      { file: "postern.yaml" },
      { hint: "make one, or name it: --file FILE" },
    );
  }
  const change = openForChange(found.path);
  const policy = readPolicy(found.text, found.path, localZone());
  const name = formatFindingName(finding);
  refuseAccepted(policy, name, Date.now());
  refuseDate(policy, draft.until, Date.now());
  const text = addException(found.text, { finding: name, reason, until: draft.until });
  readPolicy(text, found.path, localZone()); // a reason that is too long, before it is written
  change.replace(found.text, text);
  console.writeOut(`${printable(`Accepted in ${found.path}: ${name}`)}\n`);
  return DONE;
}

/** Twice the same would leave open which of the two holds. */
function refuseAccepted({ accepted }: Policy, name: string, nowMs: number): void {
  const same = accepted.find(({ finding, until }) => formatFindingName(finding) === name && !hasEnded(until, nowMs));
  if (same === undefined) return;
  throw new UsageError(`${name} is accepted already: ${placeText(same.at)}`, { hint: "change it there" });
}

function refuseDate({ zoneName }: Policy, text: string | undefined, nowMs: number): void {
  const zone = TimeZone.of(zoneName);
  if (text === undefined || isFault(zone)) return;
  const until = parseEndDate(text, zone);
  if (isFault(until)) throw commandUsageError(USAGE, `--until: ${until.fault}`);
  if (hasEnded(until, nowMs)) throw commandUsageError(USAGE, `--until: ${text} is over`);
}
