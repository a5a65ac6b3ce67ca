// `npm run bench`: measures the rows that must hold, side by side with nmap, and prints them as a Markdown table.
// Options: --rows LAN-SYN,START  --pairs 5  --no-nmap  --write (puts the table into docs/performance.md).
import { spawnSync } from "node:child_process";
import process from "node:process";
import { labAvailability } from "../lab/availability.js";
import { loss } from "./loss.js";
import { memory } from "./memory.js";
import { type RowName, readOptions } from "./options.js";
import { isNmapHere, type RowOptions, type RowResult } from "./row.js";
import { dark, lanConnect, lanSyn } from "./scan-rows.js";
import { start } from "./start.js";
import { machineText, tableText, writeTable } from "./table.js";

const ROWS: Readonly<Record<RowName, (options: RowOptions) => Promise<RowResult | RowResult[]>>> = {
  "LAN-SYN": lanSyn,
  "LAN-CONNECT": lanConnect,
  DARK: dark,
  LOSS: loss,
  START: start,
  MEMORY: memory,
};

function nmapVersion(): string {
  const { stdout } = spawnSync("nmap", ["--version"], { encoding: "utf8" });
  return /^Nmap version [\d.]+/.exec(stdout)?.[0].replace("Nmap version", "nmap") ?? "nmap of an unknown version";
}

async function main(): Promise<number> {
  const availability = labAvailability();
  if (!availability.available) {
    process.stderr.write(`bench: no lab can be built here: ${availability.reason}\n`);
    return 3;
  }
  const asked = readOptions(process.argv.slice(2));
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const hasNmap = asked.isNmapWanted && isNmapHere();
  if (!hasNmap) say(asked.isNmapWanted ? "nmap is not installed: nothing to compare with" : "nmap is left out");
  const results: RowResult[] = [];
  for (const name of asked.rows) {
    say(name);
    const result = await ROWS[name]({ pairs: asked.pairs, hasNmap, say });
    results.push(...(Array.isArray(result) ? result : [result]));
  }
  const text = tableText(results, machineText(hasNmap ? nmapVersion() : undefined));
  process.stdout.write(`${text}\n`);
  if (asked.isWritten) writeTable(text);
  return results.some(({ isMet }) => isMet === false) ? 1 : 0;
}

process.exitCode = await main();
