// MEMORY: a while of a /8 in which nothing answers, once behind a silent router and once on the scanner's own link.
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { sinkHost } from "../lab/hosts.js";
import { createLab, type Lab } from "../lab/network.js";
import { memoryMb } from "./measure.js";
import { POSTERN_PROGRAM } from "./programs.js";
import type { RowOptions, RowResult } from "./row.js";

/** V8 collects its old garbage every 20 s or so, and until then memory grows: less would take a saw tooth for a leak. */
const RUN_MS = 42_000;
/** Before this the program and its compiled code are still growing up. */
const SETTLED_MS = 2000;
const SAMPLE_EVERY_MS = 100;
const PEAK_MB = 150;
/** More than this much growth a second is no longer flat. */
const SLOPE_MB_PER_SEC = 0.5;

interface Sample {
  readonly atSec: number;
  readonly mb: number;
}

/** Growth in MB a second of what is left after each collection: the lowest of the second half against the first's. */
function slopeOf(samples: readonly Sample[]): number {
  const half = Math.floor(samples.length / 2);
  const lowest = (part: readonly Sample[]) => Math.min(...part.map(({ mb }) => mb));
  const halfSec = ((samples.at(-1)?.atSec ?? Number.NaN) - (samples[0]?.atSec ?? Number.NaN)) / 2;
  return (lowest(samples.slice(half)) - lowest(samples.slice(0, half))) / halfSec;
}

/** Scans, samples its memory, and interrupts it. */
async function run(lab: Lab, args: readonly string[]) {
  const child = lab.scanner.spawn(POSTERN_PROGRAM, args);
  let stdout = "";
  child.stdout?.on("data", (chunk) => {
    stdout += String(chunk);
  });
  const closed = once(child, "close");
  const startedAtMs = performance.now();
  const samples: Sample[] = [];
  let elapsedMs = 0;
  while (elapsedMs < RUN_MS && child.exitCode === null) {
    await sleep(SAMPLE_EVERY_MS);
    elapsedMs = performance.now() - startedAtMs;
    const mb = child.pid === undefined ? undefined : memoryMb(child.pid, "VmRSS");
    if (mb !== undefined && elapsedMs >= SETTLED_MS) samples.push({ atSec: elapsedMs / 1000, mb });
  }
  child.kill("SIGINT");
  await closed;
  return { samples, stdout, status: child.exitCode };
}

async function memoryRow(lab: Lab, where: string, options: RowOptions): Promise<RowResult> {
  const args = ["-n", "-p", "80", "10.0.0.0/8"];
  const { samples, stdout, status } = await run(lab, args);
  const peakMb = Math.max(...samples.map(({ mb }) => mb));
  const slope = slopeOf(samples);
  const sent = /^Probes: ([\d,]+) sent/m.exec(stdout)?.[1] ?? "?";
  options.say(`  ${where}: at most ${peakMb.toFixed(0)} MB, ${slope.toFixed(2)} MB/s, ${sent} probes sent`);
  const isFlat = Math.abs(slope) <= SLOPE_MB_PER_SEC;
  return {
    row: "MEMORY",
    work: `\`${args.join(" ")}\`, ${where}, ${RUN_MS / 1000} s`,
    ours: { wallMs: RUN_MS, cpuMs: Number.NaN, peakMb },
    theirs: undefined,
    ratio: undefined,
    states: `${slope.toFixed(2)} MB/s, ${sent} probes sent`,
    target: `at most ${PEAK_MB} MB, and flat (${SLOPE_MB_PER_SEC} MB/s)`,
    isMet: status === 1 && sent !== "?" && peakMb <= PEAK_MB && isFlat, // 1: interrupted, with a partial report
  };
}

/** Both ways in which nothing answers. */
export async function memory(options: RowOptions): Promise<RowResult[]> {
  const rows: RowResult[] = [];
  {
    await using lab = await createLab({ topology: "neighbour", hosts: [sinkHost()] });
    rows.push(await memoryRow(lab, "behind a silent router", options));
  }
  {
    await using lab = await createLab({ topology: "void" });
    rows.push(await memoryRow(lab, "on the link", options));
  }
  return rows;
}
