// `npx tsx bench/report-writers.ts [--open] [--hosts=256] [FORM…]`: each form of report writes a scan of 65,535 hosts with 1,000
// ports each, made up as it goes, into the void. Says how long that takes, how large it is, and what the process needs at most;
// "none" is the same without a report. --hosts: so many are under way at once. --open: all ports are open, so that nothing can
// be only counted. Not a row of `npm run bench`: it needs no lab.
import { spawnSync } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  type CompactScanEvent,
  type HostEvent,
  NO_RTT_US,
  type PortRunEvent,
  type StartEvent,
} from "../src/model/scan-event.js";
import { REPORT_WRITERS } from "../src/report/forms.js";
import type { ReportOptions, ReportWriter } from "../src/report/report-writer.js";

const HOSTS = 65_535;
const PORTS = 1000;
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

const START: StartEvent = {
  type: "start",
  version: "0.0.0",
  startedAt: "2026-11-23T15:10:07Z",
  targets: ["10.0.0.0/16"],
  addressCount: HOSTS,
  portCount: PORTS,
  portScans: [{ technique: "tcp-syn", protocol: "tcp", portCount: PORTS, ports: `1-${PORTS}` }],
  seed: 1,
};

/** Open, filtered and closed ports of a host as the engine tells them; or all of them open. */
function runsOf(hostId: number, isAllOpen: boolean): readonly PortRunEvent[] {
  const shared = { protocol: "tcp", technique: "tcp-syn", ttl: 64, tries: 1, responder: undefined } as const;
  const run = (result: Pick<PortRunEvent["result"], "state" | "reason">, from: number, to: number): PortRunEvent => {
    const ports = Uint16Array.from({ length: to - from }, (_, at) => from + at);
    const rttsUs = new Uint32Array(ports.length).fill(result.reason === "no-response" ? NO_RTT_US : 400);
    return { type: "port-run", hostId, result: { ...shared, ...result }, ports, rttsUs };
  };
  const open = { state: "open", reason: "syn-ack" } as const;
  if (isAllOpen) return [run(open, 1, PORTS + 1)];
  return [
    run({ state: "closed", reason: "reset" }, 11, 501),
    run(open, 1, 7),
    run({ state: "closed", reason: "reset" }, 501, PORTS + 1),
    run({ state: "filtered", reason: "no-response" }, 7, 11),
  ];
}

function hostEvent(id: number): HostEvent {
  const address = `10.0.${id >> 8}.${id & 255}`;
  const facts = { name: undefined, otherAddresses: [], mac: undefined, ttl: 64, rttMs: 0.4 } as const;
  const at = "2026-11-23T15:10:08Z";
  return { type: "host", at, host: { id, address, family: 4, status: "up", reason: "echo-reply", ...facts } };
}

function* events(isAllOpen: boolean, underWay: number): Generator<CompactScanEvent> {
  yield START;
  for (let first = 0; first < HOSTS; first += underWay) {
    const ids = Array.from({ length: Math.min(underWay, HOSTS - first) }, (_, at) => first + at);
    for (const id of ids) yield hostEvent(id);
    for (const id of ids) yield* runsOf(id, isAllOpen);
    for (const hostId of ids) {
      const loss = { lossShare: 0, missedEstimate: 0 };
      yield { type: "host-done", hostId, rttMs: 0.4, loss, end: "done", undecided: [], marks: [] };
    }
  }
  yield {
    type: "done",
    finishedAt: "2026-11-23T16:10:08Z",
    elapsedMs: 3_600_000,
    counts: {
      hosts: HOSTS,
      unreachable: 0,
      hostsUp: HOSTS,
      ports: HOSTS * PORTS,
      sent: HOSTS * PORTS,
      answered: HOSTS * PORTS,
      resent: 0,
      late: 0,
      kernelDrops: 0,
      ignored: 0,
    },
    loss: { lossShare: 0, missedEstimate: 0 },
    isAborted: false,
  };
}

/** One form in this process. */
function measure({ name, open }: Pick<ReportWriter, "name" | "open">, isAllOpen: boolean, underWay: number): void {
  const startedAtMs = performance.now();
  const sink = open(OPTIONS);
  const file = openSync("/dev/null", "w");
  let bytes = 0;
  for (const event of events(isAllOpen, underWay)) {
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
