// What a row of an option table says. From the rows come the parser, --help and docs/options.md.
// An option's name is how it is typed: "-p", "-sS", "--top-ports".

/** One option. `Draft` is what its value is written into. */
export interface Option<Draft> {
  /** As it is typed, the name that help shows first; the others are aliases. */
  readonly names: readonly [string, ...string[]];
  /** The value's placeholder in help, "PORTS"; `undefined` for an option without a value. */
  readonly value: string | undefined;
  /** True when the value may be left out, and can only be attached: -PS, -PS22. */
  readonly isAttached?: boolean;
  /** One line, no full stop. */
  readonly help: string;
  /** The heading it stands under in help. */
  readonly section: string;
  /** Takes the option into the draft; throws a UsageError that names it when the value cannot be. `value` is "" without one. */
  apply(draft: Draft, value: string): void;
}

/** An option of nmap that people will try and that this version does not have. */
export interface LaterOption {
  readonly name: string;
  /** What it is: "UDP scan". */
  readonly what: string;
  /** Said instead of "is not in this version", for what will never come because it is not needed. */
  readonly instead?: string;
}

/** All that the parser knows. */
export interface OptionGrammar<Draft> {
  readonly options: readonly Option<Draft>[];
  readonly later: readonly LaterOption[];
  /** What several letters may follow, each an option: "-s" makes "-sSV" the same as "-sS -sV". */
  readonly letterPrefixes: readonly string[];
}

/** True for "--top-ports", false for "-p". */
export function isLongName(name: string): boolean {
  return name.startsWith("--");
}

/** How an option is shown: "-Pn, -P0, -PN", "--max-rate PPS", "-PS[PORTS]". */
export function optionTerms({
  names,
  value,
  isAttached,
}: Pick<Option<never>, "names" | "value" | "isAttached">): string[] {
  if (value === undefined) return [...names];
  return names.map((name) => (isAttached === true ? `${name}[${value}]` : `${name} ${value}`));
}
