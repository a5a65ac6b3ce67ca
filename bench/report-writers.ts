// `npx tsx bench/report-writers.ts [--open] [--hosts=256] [FORM…]`: each form of report writes a scan of 65,535 hosts with 1,000
// ports each, made up as it goes, into the void. Says how long that takes, how large it is, and what the process needs at most;
// "none" is the same without a report. --hosts: so many are under way at once. --open: all ports are open, so that nothing can
// be only counted. Not a row of `npm run bench`: it needs no lab.
import { spawnSync } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { REPORT_WRITERS } from "../src/report/forms.js";
import type { ReportOptions, ReportWriter } from "../src/report/report-writer.js";
import { largeScan } from "./large-scan.js";

const UNDER_WAY = 256;
const PEAK_MAX_MB = 200;

/** What the measurement itself needs: events are made, and thrown away. */
const NONE: Pick<ReportWriter, "name" | "open"> = { name: "none", open: () => () => "" };
const FORMS: readonly Pick<ReportWriter, "name" | "open">[] = [NONE, ...REPORT_WRITERS];

const OPTIONS: ReportOptions = {
  showReason: false,
  onlyOpen: false,
  verbosity: 1,
  showNotices: true,
  words: ["postern", "10.0.0.0/16"],
  serviceName: (port) => (port % 3 === 0 ? undefined : `service-${port}`),
};

/** One form in this process. */
function measure({ name, open }: Pick<ReportWriter, "name" | "open">, isAllOpen: boolean, underWay: number): void {
  const startedAtMs = performance.now();
  const sink = open(OPTIONS);
  const file = openSync("/dev/null", "w");
  let bytes = 0;
  for (const event of largeScan(isAllOpen, underWay)) {
    const text = sink(event);
    if (text !== "") bytes += writeSync(file, text);
  }
  closeSync(file);
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(0);
  const peakMb = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(`${name}: ${seconds} s, ${(bytes / 1e6).toFixed(0)} MB, peak ${peakMb.toFixed(0)} MB\n`);
  process.exitCode = peakMb <= PEAK_MAX_MB ? 0 : 1;
}

/** Each form in a process of its own: the kernel counts the highest memory of a process for all its life. */
function main(words: readonly string[]): number {
  const forms = words.filter((word) => !word.startsWith("--"));
  const flags = words.filter((word) => word.startsWith("--"));
  const script = fileURLToPath(import.meta.url);
  const statuses = FORMS.filter(({ name }) => forms.length === 0 || forms.includes(name)).map(({ name }) => {
    const child = [...process.execArgv, script, "--one", ...flags, name];
    return spawnSync(process.execPath, child, { stdio: "inherit" }).status ?? 1;
  });
  return Math.max(0, ...statuses);
}

const words = process.argv.slice(2);
const one = words.includes("--one") ? FORMS.find(({ name }) => words.includes(name)) : undefined;
const hosts = words.find((word) => word.startsWith("--hosts="));
if (one === undefined) process.exitCode = main(words);
else measure(one, words.includes("--open"), hosts === undefined ? UNDER_WAY : Number(hosts.slice("--hosts=".length)));
