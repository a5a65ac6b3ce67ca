// What reading the parts of an iptables rule needs to know of the rule, and the shapes of what reads them: one object for
// each match and target, all found by their names.
import type { NamedSet } from "./element-set.js";
import { NotUnderstood } from "./not-understood.js";
import type { Statement } from "./statement.js";

/** An option as it stands in a rule. */
export interface GivenOption {
  readonly name: string;
  /** True behind "!". */
  readonly isNegated: boolean;
  readonly values: readonly string[];
}

/** The rule that is read, and the table around it. */
export interface IptablesScope {
  readonly family: 4 | 6;
  /** What -p says, unless that is negated or missing. */
  readonly protocol: number | undefined;
  readonly hasChain: (name: string) => boolean;
  /** Which end of the packet NETMAP changes here; undefined when chains of both kinds come by the rule. */
  readonly mapsDestination: () => boolean | undefined;
  /** A set of ipset's; `undefined` when it is not known. */
  readonly setNamed: (name: string) => NamedSet | undefined;
  /** Tells that the rule adds to a set or takes from it. */
  readonly onUpdate: (set: string) => void;
}

/** Reads a match or target (an "extension" of iptables). */
export interface ExtensionReader {
  /** Its options, and how many values each has. */
  readonly options: ReadonlyMap<string, number>;
  /** @throws NotUnderstood */
  readonly read: (given: readonly GivenOption[], scope: IptablesScope) => readonly Statement[];
}

/** An option of a match that has options independent of one another: how many values, and the condition. */
export type OptionReader = readonly [
  valueCount: number,
  read: (option: GivenOption, scope: IptablesScope) => readonly Statement[],
];

/** A match of which each option is a condition of its own, all of which must hold. */
export function independent(options: Readonly<Record<string, OptionReader>>): ExtensionReader {
  const rows = new Map(Object.entries(options));
  return {
    options: new Map(Object.entries(options).map(([name, [count]]) => [name, count])),
    read: (given, scope) => given.flatMap((option) => rows.get(option.name)?.[1](option, scope) ?? []),
  };
}

/** A match or target whose options are read together. */
export function together(options: Readonly<Record<string, number>>, read: ExtensionReader["read"]): ExtensionReader {
  return { options: new Map(Object.entries(options)), read };
}

/** The option of that name. */
export function optionNamed(given: readonly GivenOption[], name: string): GivenOption | undefined {
  return given.find((option) => option.name === name);
}

/** The only value of an option. @throws NotUnderstood where there is none */
export function onlyValue({ name, values }: GivenOption): string {
  const [value] = values;
  if (value === undefined) throw new NotUnderstood(`${name} without a value`);
  return value;
}
