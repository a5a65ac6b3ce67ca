// `npm run bench`: measures the rows that must hold, side by side with nmap, and prints them as a Markdown table.
// Options: --rows LAN-SYN,START  --pairs 5  --no-nmap  --write (puts the table into docs/performance.md).
import { spawnSync } from "node:child_process";
import process from "node:process";
import { labAvailability } from "../lab/availability.js";
import { firewall } from "./firewall.js";
import { inside } from "./inside.js";
import { loss } from "./loss.js";
import { memory } from "./memory.js";
import { type RowName, readOptions } from "./options.js";
import { overview } from "./overview.js";
import { pipe } from "./pipe.js";
import { isNmapHere, type RowOptions, type RowResult } from "./row.js";
import { dark, lanConnect, lanSyn } from "./scan-rows.js";
import { start } from "./start.js";
import { subnet } from "./subnet.js";
import { sweep } from "./sweep.js";
import { machineText, tableText, writeTable } from "./table.js";
import { trace } from "./trace.js";
import { udp, udpAll } from "./udp.js";
import { congested, lossyWan } from "./wan-rows.js";
import { wide } from "./wide.js";

const ROWS: Readonly<Record<RowName, (options: RowOptions) => Promise<RowResult | RowResult[]>>> = {
  "LAN-SYN": lanSyn,
  "LAN-CONNECT": lanConnect,
  DARK: dark,
  LOSS: loss,
  START: start,
  OVERVIEW: overview,
  MEMORY: memory,
  WIDE: wide,
  SWEEP: sweep,
  SUBNET: subnet,
  "LOSSY-WAN": lossyWan,
  CONGESTED: congested,
  UDP: udp,
  "UDP-ALL": udpAll,
  TRACE: trace,
  PIPE: pipe,
  INSIDE: inside,
  FIREWALL: firewall,
};

function nmapVersion(): string {
  const { stdout } = spawnSync("nmap", ["--version"], { encoding: "utf8" });
  return /^Nmap version [\d.]+/.exec(stdout)?.[0].replace("Nmap version", "nmap") ?? "nmap of an unknown version";
}

/** The lines of a row; undefined, with the reason told, when it broke: the other rows have taken their time. */
async function measureRow(name: RowName, options: RowOptions): Promise<RowResult[] | undefined> {
  try {
    const result = await ROWS[name](options);
    return Array.isArray(result) ? result : [result];
  } catch (error) {
    options.say(`  ${name} could not be measured: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
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
  const broken: RowName[] = [];
  for (const name of asked.rows) {
    say(name);
    const measured = await measureRow(name, { pairs: asked.pairs, hasNmap, say });
    if (measured === undefined) broken.push(name);
    else results.push(...measured);
  }
  const text = tableText(results, machineText(hasNmap ? nmapVersion() : undefined));
  process.stdout.write(`${text}\n`);
  if (asked.isWritten) writeTable(text);
  return broken.length > 0 || results.some(({ isMet }) => isMet === false) ? 1 : 0;
}

process.exitCode = await main();
