// The bench's command line: npm run bench -- --rows LAN-SYN,START --pairs 5 --no-nmap --write
import { parseArgs } from "node:util";

/** All rows, in the order of the table. */
export const ROW_NAMES = [
  "LAN-SYN",
  "LAN-CONNECT",
  "DARK",
  "LOSS",
  "START",
  "OVERVIEW",
  "MEMORY",
  "WIDE",
  "SWEEP",
  "SUBNET",
  "LOSSY-WAN",
  "CONGESTED",
  "UDP",
  "UDP-ALL",
  "TRACE",
  "PIPE",
  "INSIDE",
  "FIREWALL",
] as const;

/** One row. */
export type RowName = (typeof ROW_NAMES)[number];

/** What was asked for. */
export interface BenchOptions {
  readonly rows: readonly RowName[];
  /** Pairs of runs for the LAN rows; the other rows keep their own numbers unless this is given. */
  readonly pairs: number | undefined;
  /** False: nothing is compared with nmap. */
  readonly isNmapWanted: boolean;
  /** Replace the table in docs/performance.md. */
  readonly isWritten: boolean;
}

/** Reads the words; throws an error that names what is wrong. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: "string" },
      pairs: { type: "string" },
      nmap: { type: "boolean", default: true },
      write: { type: "boolean", default: false },
    },
    allowNegative: true,
  });
  const rows = values.rows?.toUpperCase().split(",") ?? ROW_NAMES;
  const chosen = rows.map((row) => {
    const name = ROW_NAMES.find((each) => each === row);
    if (name === undefined) throw new Error(`no row is called ${row}: there are ${ROW_NAMES.join(", ")}`);
    return name;
  });
  const pairs = values.pairs === undefined ? undefined : Number(values.pairs);
  if (pairs !== undefined && !(Number.isInteger(pairs) && pairs > 0)) throw new Error("--pairs needs a whole number");
  return { rows: chosen, pairs, isNmapWanted: values.nmap, isWritten: values.write };
}
