// The command line as nmap takes it: postern's options, and those of nmap that only ask to be told more, which are taken
// without effect. Options that would change what is sent are refused as ever. nmap reference guide, options summary.
import { type PosternError, UsageError } from "../model/errors.js";
import { refuseContradictions } from "./contradictions.js";
import type { Option, OptionGrammar } from "./option.js";
import { parseOptions } from "./option-parser.js";
import { SCAN_OPTIONS } from "./scan-options.js";
import { defaultScanSettings, type ScanSettings, type ScanSettingsDraft } from "./scan-settings.js";

/** A command line in nmap's name. */
export interface NmapArguments {
  readonly settings: ScanSettings;
  /** Options that ask what postern cannot tell, as they are spelt in nmap's guide, each once. */
  readonly unheeded: readonly string[];
  /** -O was given: nmap refuses it where raw packets may not be sent. */
  readonly isOsAsked: boolean;
}

/** What is wrong with a word is no option's matter: nmap ends with another status then. */
export class UnknownOptionError extends UsageError {}

interface NmapDraft extends ScanSettingsDraft {
  readonly unheeded: Set<string>;
}

/** Headings of options that only ask to be told more of what was found: a scan is worth its while without that. */
const UNHEEDED_SECTIONS: readonly string[] = ["Services", "Scripts", "Operating systems"];

/** Under these headings, what asks for something else than a scan. */
const REFUSED: readonly string[] = ["--script-help", "--script-updatedb"];

/**
 * Reads the words behind `nmap`.
 *
 * @param canSendRaw Whether raw packets may be sent: without them nmap's -A traces no ways
 * @throws UnknownOptionError for a word that is no option, and a UsageError for a value that cannot be
 */
export function parseNmapArguments(words: readonly string[], canSendRaw: boolean): NmapArguments {
  const draft: NmapDraft = { ...defaultScanSettings(), unheeded: new Set() };
  const { unheeded } = draft;
  draft.targetTexts = readWords(words, draft);
  if (draft.action === "scan") {
    if (unheeded.has("-A") && canSendRaw && draft.pingMode !== "list") draft.isTraced = true;
    refuseContradictions(draft);
  }
  return { settings: draft, unheeded: [...unheeded], isOsAsked: unheeded.has("-O") };
}

/** Errors about values are kept apart from those about words: an option's own are the former. */
function readWords(words: readonly string[], draft: NmapDraft): string[] {
  const faults: UsageError[] = [];
  const grammar: OptionGrammar<NmapDraft> = {
    options: SCAN_OPTIONS.map(asNmapHasIt).map((option) => ({
      ...option,
      apply: (into, value) => noting(faults, () => option.apply(into, value)),
    })),
    letterPrefixes: ["-s"],
  };
  try {
    return parseOptions(grammar, words, draft, ({ action }) => action !== "scan");
  } catch (error) {
    if (!(error instanceof UsageError) || faults.includes(error)) throw error;
    throw new UnknownOptionError(error.message, { ...hintOf(error), cause: error });
  }
}

/** A refused option is one all the same: nmap would not call it unknown. */
function asNmapHasIt(option: Option<ScanSettingsDraft>): Option<NmapDraft> {
  const { state, section, names, help, why } = option;
  const [name] = names;
  if (state !== "refused") return option;
  const isHeeded = !UNHEEDED_SECTIONS.includes(section) || REFUSED.includes(name);
  return {
    ...option,
    state: "accepted",
    apply: ({ unheeded }) => {
      if (isHeeded) throw new UsageError(`${name} (${help}) ${why}`);
      unheeded.add(name);
    },
  };
}

function noting(faults: UsageError[], apply: () => void): void {
  try {
    apply();
  } catch (error) {
    if (error instanceof UsageError) faults.push(error);
    throw error;
  }
}

function hintOf({ hint }: PosternError): { readonly hint?: string } {
  return hint === undefined ? {} : { hint };
}
