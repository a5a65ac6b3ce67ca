// What a row of an option table says. From the rows come the parser, --help, the man page, what shells complete, and
// docs/options.md. An option's name is how it is typed: "-p", "-sS", "--top-ports".

/** What may stand in a value, for shells that complete it: names in the file system, of interfaces, or one of these words. */
export type ValueKind = "file" | "directory" | "interface" | readonly string[];

/** One option. `Draft` is what its value is written into. */
export interface Option<Draft> {
  /** As it is typed, the name that help shows first; the others are aliases. */
  readonly names: readonly [string, ...string[]];
  /** Aliases of former times, which nmap knows, too; --help leaves them out. */
  readonly oldNames?: readonly string[];
  /** The value's placeholder in help, "PORTS"; `undefined` for an option without a value. */
  readonly value: string | undefined;
  /** True when the value may be left out, and can only be attached: -PS, -PS22. */
  readonly isAttached?: boolean;
  /** What can be attached where not everything can: "-v4" has a value, "-vn" is two options. */
  readonly attachable?: RegExp;
  readonly values?: ValueKind;
  /** One line, no full stop. Of a refused option, what it does in nmap. */
  readonly help: string;
  /** The heading it stands under in help. */
  readonly section: string;
  /** "accepted" has no effect, "refused" is an error; `undefined` for what works. */
  readonly state?: "accepted" | "refused";
  /** Why it has no effect or is refused, and what to use instead: a clause that the option is the subject of. */
  readonly why?: string;
  /** Takes the option into the draft; throws a UsageError that names it when the value cannot be. `value` is "" without one. */
  apply(draft: Draft, value: string): void;
}

/** All that the parser knows. */
export interface OptionGrammar<Draft> {
  readonly options: readonly Option<Draft>[];
  /** What several letters may follow, each an option: "-s" makes "-sSV" the same as "-sS -sV". */
  readonly letterPrefixes: readonly string[];
}

/** True for "--top-ports", false for "-p". */
export function isLongName(name: string): boolean {
  return name.startsWith("--");
}

/** Everything that the option may be called. */
export function allNames({ names, oldNames = [] }: Pick<Option<never>, "names" | "oldNames">): readonly string[] {
  return [...names, ...oldNames];
}

/** How one name is shown with the value: "--max-rate PPS", "-PS[PORTS]", "--verbose". */
export function optionTerm(name: string, { value, isAttached }: Pick<Option<never>, "value" | "isAttached">): string {
  if (value === undefined || (isAttached === true && isLongName(name))) return name;
  return isAttached === true ? `${name}[${value}]` : `${name} ${value}`;
}

/** A row for what nmap has and postern does not. */
export function refused(
  names: Option<unknown>["names"],
  section: string,
  [help, why]: readonly [help: string, why: string],
  value?: string,
): Option<unknown> {
  return { names, value, help, section, state: "refused", why, apply() {} };
}

/** A row for what has no effect here, so that command lines for nmap work as they are. */
export function accepted(
  names: Option<unknown>["names"],
  section: string,
  [help, why]: readonly [help: string, why: string],
  value?: string,
): Option<unknown> {
  return { names, value, help, section, state: "accepted", why, apply() {} };
}

/** A row without a value. */
export function flag<Draft>(
  names: Option<Draft>["names"],
  section: string,
  help: string,
  apply: (draft: Draft) => void,
): Option<Draft> {
  return { names, value: undefined, help, section, apply };
}
