// INSIDE: what listens on a machine with 50,000 sockets and 5,000 processes, side by side with ss; and on a usual one.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { firstWord, hasProgram } from "../lab/availability.js";
import { createLab, type Lab } from "../lab/network.js";
import { type Measured, measure, median } from "./measure.js";
import { POSTERN_PROGRAM } from "./programs.js";
import { costOf, type RowOptions, type RowResult } from "./row.js";

const PAIRS = 9;
const LOAD = fileURLToPath(new URL("many-sockets.pl", import.meta.url));
const LOAD_MS_MAX = 60_000;
const PEAK_MB_MAX = 200;
const SS = ["ss", "-tulnpH"];

/** How much there is, and what must hold. */
interface Load {
  readonly name: string;
  readonly processCount: number;
  readonly socketsEach: number;
  readonly wallMsMax: number;
}

const LARGE: Load = { name: "50,000 sockets, 5,000 processes", processCount: 5000, socketsEach: 10, wallMsMax: 1000 };
const USUAL: Load = { name: "100 sockets, 100 processes", processCount: 100, socketsEach: 1, wallMsMax: 150 };

/** What each socket of the load must be shown with: protocol, address, port and process. */
type Truth = ReadonlySet<string>;

/** Standard output goes to a file, as with `>`: whoever would read a pipe needs a processor, too. */
async function runInto(lab: Lab, file: string, words: readonly string[]): Promise<Measured> {
  const args = ["-c", 'exec "$@" >"$0"', file, ...words];
  return measure({ machine: lab.scanner, program: "bash", args });
}

/** The lines of a table that tell of the load's sockets. */
function shownBy(file: string, line: RegExp): Truth {
  return new Set(Array.from(readFileSync(file, "utf8").matchAll(line), (match) => match.slice(1).join(" ")));
}

const OUR_LINE = /^(tcp|udp) +(127\.[\d.]+:\d+) .*\bperl\[(\d+)\]/gm;
const SS_LINE = /^(tcp|udp) .* (127\.[\d.]+:\d+) .*\("perl",pid=(\d+),/gm;
const JSON_LINE =
  /^\{"protocol":"(tcp|udp)".*"local":"(127\.[\d.]+)","localPort":(\d+),.*\{"pid":(\d+),"name":"perl"/gm;

/** JSON tells address and port apart. */
function shownByJson(file: string): Truth {
  const text = readFileSync(file, "utf8");
  const shown = Array.from(text.matchAll(JSON_LINE), ([, protocol, local, port, pid]) =>
    [protocol, `${local}:${port}`, pid].join(" "),
  );
  return new Set(shown);
}

function isSame(one: Truth, other: Truth): boolean {
  return one.size === other.size && [...one].every((line) => other.has(line));
}

interface Runs {
  readonly ours: Measured[];
  readonly theirs: Measured[];
  rightCount: number;
}

/** Runs by turns; what ours shows of the load is compared with what ss shows, each time. */
async function runBoth(lab: Lab, load: Load, args: readonly string[], options: RowOptions): Promise<Runs> {
  const folder = mkdtempSync(path.join(tmpdir(), "postern-bench-"));
  const [ourFile, theirFile] = [path.join(folder, "ours"), path.join(folder, "theirs")];
  const runs: Runs = { ours: [], theirs: [], rightCount: 0 };
  const ours = async () => runs.ours.push(await runInto(lab, ourFile, [POSTERN_PROGRAM, ...args]));
  const theirs = async () => runs.theirs.push(await runInto(lab, theirFile, SS));
  const pairs = options.pairs ?? PAIRS;
  await runInto(lab, ourFile, [POSTERN_PROGRAM, ...args]);
  for (let pair = 0; pair < pairs; pair++) {
    for (const turn of pair % 2 === 0 ? [ours, theirs] : [theirs, ours]) await turn();
    const shown = args.includes("--json") ? shownByJson(ourFile) : shownBy(ourFile, OUR_LINE);
    const isWhole = shown.size === load.processCount * load.socketsEach;
    if (isWhole && isSame(shown, shownBy(theirFile, SS_LINE)) && runs.ours.at(-1)?.status === 0) runs.rightCount++;
    options.say(`  pair ${pair + 1} of ${pairs}: postern ${wall(runs.ours)}, ss ${wall(runs.theirs)}`);
  }
  rmSync(folder, { recursive: true });
  return runs;
}

function wall(runs: readonly Measured[]): string {
  return `${((runs.at(-1)?.wallMs ?? Number.NaN) / 1000).toFixed(2)} s`;
}

async function measureLoad(lab: Lab, load: Load, args: readonly string[], options: RowOptions): Promise<RowResult> {
  const { ours, theirs, rightCount } = await runBoth(lab, load, args, options);
  const cost = costOf(ours);
  const isInTime = args.includes("--json") || cost.wallMs <= load.wallMsMax;
  const time = args.includes("--json") ? "" : `at most ${load.wallMsMax} ms and `;
  return {
    row: "INSIDE",
    work: `\`${args.join(" ")}\`, ${load.name}`,
    ours: cost,
    theirs: undefined,
    ratio: median(ours.map(({ wallMs }, index) => wallMs / (theirs[index]?.wallMs ?? Number.NaN))),
    others: [{ name: `\`${SS.join(" ")}\``, cost: costOf(theirs), said: "the same sockets and processes" }],
    states: `every socket with its process as ss shows it in ${rightCount} of ${ours.length}`,
    target: `${time}${PEAK_MB_MAX} MB, every socket and process right`,
    isMet: rightCount === ours.length && isInTime && cost.peakMb <= PEAK_MB_MAX,
  };
}

async function withLoad(load: Load, commands: readonly (readonly string[])[], options: RowOptions) {
  await using lab = await createLab({ topology: "neighbour" });
  const words = [LOAD, String(load.processCount), String(load.socketsEach)];
  await firstWord(lab.scanner.spawn("perl", words), "the load", LOAD_MS_MAX); // it ends with the lab
  const rows: RowResult[] = [];
  for (const args of commands) rows.push(await measureLoad(lab, load, args, options));
  return rows;
}

/** The large machine as a table and as JSON, and the usual one. */
export async function inside(options: RowOptions): Promise<RowResult[]> {
  for (const program of ["perl", "ss"]) if (!hasProgram(program)) throw new Error(`${program} is not installed`);
  const large = await withLoad(LARGE, [["sockets"], ["sockets", "--json"]], options);
  return [...large, ...(await withLoad(USUAL, [["sockets"]], options))];
}
