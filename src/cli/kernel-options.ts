// The options of `postern kernel`, and its help.
import {
  type CommandUsage,
  commandHelp,
  commandUsageError,
  type HelpDraft,
  helpOption,
  parseCommandOptions,
} from "./command-options.js";
import { flag, type Option } from "./option.js";

/** What the command line of `postern kernel` asks for. */
export interface KernelOptions {
  /** Careful settings, too, and those that are not there. */
  readonly isAll: boolean;
  readonly isJson: boolean;
  readonly isHelp: boolean;
  /** The only interface to look at; undefined for all but loopback. */
  readonly interfaceName: string | undefined;
  /** Where /proc is, or a copy of it. */
  readonly procRoot: string;
}

type Draft = { -readonly [Key in keyof KernelOptions]: KernelOptions[Key] } & HelpDraft;

const SECTION = "Options";

const KERNEL_OPTIONS: readonly Option<Draft>[] = [
  flag(["--all"], SECTION, "careful settings, too, and those that are not there", (draft) => {
    draft.isAll = true;
  }),
  {
    names: ["--interface"],
    value: "NAME",
    values: "interface",
    help: "of the settings of interfaces only those of this one; default: all but loopback",
    section: SECTION,
    apply(draft, value) {
      draft.interfaceName = value;
    },
  },
  flag(["--json"], SECTION, "one JSON document with all settings, for programs", (draft) => {
    draft.isJson = true;
  }),
  {
    names: ["--proc"],
    value: "DIR",
    values: "directory",
    help: "read the settings below DIR instead of /proc; they are those of the network namespace that it shows",
    section: SECTION,
    apply(draft, value) {
      draft.procRoot = value;
    },
  },
  helpOption(SECTION),
];

const USAGE: CommandUsage<Draft> = {
  name: "postern kernel",
  synopsis: "[OPTION...]",
  about: [
    "Shows the kernel's network settings that matter to an attacker, those that are not careful first: each with its value, " +
      "the careful value, why, and what to set. What an interface gets is what the kernel makes of its own value and that " +
      "of all interfaces.",
    "It looks at the network namespace that it runs in, and changes nothing.",
  ],
  options: KERNEL_OPTIONS,
  statuses:
    "0 the settings were read, whatever they are, 2 the command line cannot be understood, 3 there are none to be read",
};

/**
 * Reads the words behind `postern kernel`.
 *
 * @throws UsageError when they cannot be understood
 */
export function parseKernelArguments(words: readonly string[]): KernelOptions {
  const draft: Draft = { isAll: false, isJson: false, isHelp: false, interfaceName: undefined, procRoot: "/proc" };
  const rest = parseCommandOptions(USAGE, words, draft);
  if (rest.length > 0 && !draft.isHelp) {
    throw commandUsageError(USAGE, `postern kernel takes options only, and was given ${rest.length} more`);
  }
  return draft;
}

/** The text of `postern kernel --help`. */
export function kernelHelp(columns: number): string {
  return commandHelp(USAGE, columns);
}
