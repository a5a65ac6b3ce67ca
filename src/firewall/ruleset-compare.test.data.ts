// A ruleset without what depends on the form of its listing: lines, files, handles, devices.
import type { Ruleset } from "./ruleset.js";

/** What two listings of one ruleset must have in common. */
export function comparable({ tables }: Ruleset): unknown {
  return tables.map((table) => ({
    ...table,
    sets: [...table.sets.values()],
    chains: [...table.chains.values()].map(({ name, base, rules }) => ({
      name,
      base: base === undefined ? undefined : { ...base, devices: undefined },
      rules: rules.map(({ place, statements, comment, counter }) => ({
        index: place.index,
        statements,
        comment,
        counter,
      })),
    })),
  }));
}
