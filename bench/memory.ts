// MEMORY: a while of a /8 in which nothing answers, once behind a silent router and once on the scanner's own link.
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { sinkHost } from "../lab/hosts.js";
import { createLab, type Lab } from "../lab/network.js";
import { memoryMb } from "./measure.js";
import { POSTERN_PROGRAM } from "./programs.js";
import type { RowOptions, RowResult } from "./row.js";

/** V8 collects its old garbage every 20 to 30 s, and until then memory grows: less would take a saw tooth for a leak. */
const RUN_MS = 60_000;
/** Before this the program and its compiled code are still growing up. */
const SETTLED_MS = 2000;
const SAMPLE_EVERY_MS = 100;
const PEAK_MB = 150;
/** The teeth of the second half may be so much higher than those of the first: more is no longer flat. */
const GROWTH_MAX = 0.05;

interface Sample {
  readonly atSec: number;
  readonly mb: number;
}

/** How much higher the highest value of the second half is than that of the first, as a share. */
function growthOf(samples: readonly Sample[]): number {
  const half = Math.floor(samples.length / 2);
  const highest = (part: readonly Sample[]) => Math.max(...part.map(({ mb }) => mb));
  return highest(samples.slice(half)) / highest(samples.slice(0, half)) - 1;
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
  const growth = growthOf(samples);
  const growthText = `second half ${(growth * 100).toFixed(0)} % above the first`;
  const sent = /^Probes: ([\d,]+) sent/m.exec(stdout)?.[1] ?? "?";
  options.say(`  ${where}: at most ${peakMb.toFixed(0)} MB, ${growthText}, ${sent} probes sent`);
  const isFlat = growth <= GROWTH_MAX;
  return {
    row: "MEMORY",
    work: `\`${args.join(" ")}\`, ${where}, ${RUN_MS / 1000} s`,
    ours: { wallMs: RUN_MS, cpuMs: Number.NaN, peakMb },
    theirs: undefined,
    ratio: undefined,
    states: `${growthText}, ${sent} probes sent`,
    target: `at most ${PEAK_MB} MB, and flat (${GROWTH_MAX * 100} %)`,
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
