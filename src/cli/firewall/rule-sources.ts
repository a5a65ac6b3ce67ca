// Where `postern firewall` takes its rules and its host from: files that were named, or this machine.
import { readLiveEnvironment } from "../../firewall/live-environment.js";
import { readLiveRuleset } from "../../firewall/live-ruleset.js";
import type { HostEnvironment } from "../../firewall/packet-question.js";
import { readEnvironment } from "../../firewall/read-questions.js";
import { type NamedForm, readRuleset } from "../../firewall/read-ruleset.js";
import type { Ruleset } from "../../firewall/ruleset.js";
import { UsageError } from "../../model/errors.js";
import { printable } from "../../report/printable.js";
import { quote } from "../../target/fault.js";
import type { CommandConsole } from "../command.js";
import { readInputText } from "../input-text.js";
import type { Option } from "../option.js";

/** What says where rules come from. */
export interface RuleSourceDraft {
  form: NamedForm | undefined;
  environmentFile: string | undefined;
}

/** How notes about a listing begin. */
const NOTE = "Note: ";

/** The rows of --format and --env. */
export function ruleSourceOptions(section: string): readonly Option<RuleSourceDraft>[] {
  return [
    {
      names: ["--format"],
      value: "FORM",
      values: ["json", "text", "save"],
      help: "how the listings are written: json (nft -j), text (nft) or save (iptables-save); default: as each begins",
      section,
      apply(draft, value) {
        const form = (["json", "text", "save"] as const).find((one) => one === value);
        if (form === undefined) throw new UsageError(`--format takes json, text or save, not ${quote(value)}`);
        draft.form = form;
      },
    },
    {
      names: ["--env"],
      value: "FILE",
      values: "file",
      help: "the host that the rules stand on, as JSON; default: this machine, where its own rules are asked",
      section,
      apply(draft, value) {
        draft.environmentFile = value;
      },
    },
  ];
}

/** The rules that were named, or this machine's; what must be known of them goes to standard error. */
export async function readRules(
  files: readonly string[],
  { form }: RuleSourceDraft,
  console: CommandConsole,
): Promise<Ruleset> {
  const ruleset =
    files.length === 0
      ? await readLiveRuleset()
      : readRuleset(
          files.map((file) => ({ text: readInputText(file), file: file === "-" ? "standard input" : file })),
          form,
        );
  for (const { text, file, line } of ruleset.notes) {
    const place = file === undefined ? "" : `${file}${line === undefined ? "" : `:${line}`}: `;
    console.writeError(`${NOTE}${printable(`${place}${text}`)}\n`);
  }
  return ruleset;
}

/** The host: a file's, or this machine where its own rules are asked; undefined where nothing is known of it. */
export function readHost(files: readonly string[], { environmentFile }: RuleSourceDraft): HostEnvironment | undefined {
  if (environmentFile !== undefined) return readEnvironment(readInputText(environmentFile), environmentFile);
  return files.length === 0 ? readLiveEnvironment() : undefined;
}
