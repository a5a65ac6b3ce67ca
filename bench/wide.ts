// WIDE: many hosts that answer at once, side by side with masscan at the rate that suits it best.
import { wideHost } from "../lab/hosts.js";
import { createLab, type Lab } from "../lab/network.js";
import { readReport, statesOf } from "../test/report.js";
import { type Measured, measure } from "./measure.js";
import { isHere, macOf, masscan, type Other, type OtherRun, other } from "./peers.js";
import { POSTERN_PROGRAM } from "./programs.js";
import { costOf, type RowOptions, type RowResult } from "./row.js";

const RUNS = 3;
const TARGET = "10.77.0.0/20";
const ADDRESS_COUNT = 4096;
const PORT_COUNT = 100;
const OPEN = [22, 25, 53, 80, 99];
const OPEN_COUNT = ADDRESS_COUNT * OPEN.length;
const RATES_PPS = [100_000, 200_000, 300_000, 500_000, 1_000_000];
/** A rate at which less is found than at the best one less this is too fast for it. */
const FOUND_SLACK = 0.005;
const TIMEOUT_MS = 120_000;

interface Outcome {
  readonly foundCount: number;
  /** Hosts whose paragraph says anything else than the truth. */
  readonly wrongHostCount: number;
}

function judge({ stdout }: Measured): Outcome {
  const hosts = readReport(stdout).hosts;
  let [foundCount, wrongHostCount] = [0, ADDRESS_COUNT - hosts.length];
  for (const host of hosts) {
    const open = Object.entries(statesOf(host)).filter(([, state]) => state === "open");
    foundCount += open.length;
    const isRest = host.lines.some((line) =>
      line.startsWith(`Not shown: ${PORT_COUNT - OPEN.length} closed tcp ports`),
    );
    if (!isRest || open.map(([port]) => port).join() !== OPEN.join()) wrongHostCount++;
  }
  return { foundCount, wrongHostCount };
}

/** Probes a second of masscan, without the time that it takes for a single probe: to start and to listen. */
function ratePps({ measured }: OtherRun, idleMs: number): number {
  return ((ADDRESS_COUNT * PORT_COUNT) / (measured.wallMs - idleMs)) * 1000;
}

const percent = (count: number) => `${((count / OPEN_COUNT) * 100).toFixed(2)} %`;
const thousands = (pps: number) => `${(pps / 1000).toFixed(0)}k/s`;

/** Of the rates at which masscan finds most, the one that really is the fastest. */
async function bestMasscan(lab: Lab, options: RowOptions): Promise<{ readonly run: OtherRun; readonly pps: number }> {
  const gateway = { ipv4: lab.host().ipv4, mac: await macOf(lab.host()) };
  const idle = await masscan(lab.scanner, "10.77.0.1", "80", gateway, 1000);
  const runs: { readonly run: OtherRun; readonly pps: number }[] = [];
  for (const rate of RATES_PPS) {
    const run = await masscan(lab.scanner, TARGET, `1-${PORT_COUNT}`, gateway, rate);
    const pps = ratePps(run, idle.measured.wallMs);
    runs.push({ run, pps });
    options.say(`  masscan --rate ${rate}: ${thousands(pps)}, ${percent(run.open.size)} found`);
  }
  const most = Math.max(...runs.map(({ run }) => run.open.size));
  const good = runs.filter(({ run }) => run.open.size >= most * (1 - FOUND_SLACK));
  return good.reduce((best, one) => (one.pps > best.pps ? one : best));
}

/** 4,096 addresses with 100 ports each. */
export async function wide(options: RowOptions): Promise<RowResult> {
  await using lab = await createLab({ topology: "neighbour", hosts: [wideHost("10.77.0.0/16", OPEN)] });
  const args = ["-n", "-Pn", "-p", `1-${PORT_COUNT}`, TARGET];
  const ours: Measured[] = [];
  for (let run = 0; run < (options.pairs ?? RUNS); run++) {
    const one = await measure({ machine: lab.scanner, program: POSTERN_PROGRAM, args, timeoutMs: TIMEOUT_MS });
    const { foundCount, wrongHostCount } = judge(one);
    options.say(
      `  postern: ${(one.wallMs / 1000).toFixed(2)} s, ${percent(foundCount)}, ${wrongHostCount} hosts wrong`,
    );
    ours.push(one);
  }
  const cost = costOf(ours);
  const outcomes = ours.map(judge);
  const oursPps = ((ADDRESS_COUNT * PORT_COUNT) / cost.wallMs) * 1000;
  const others: Other[] = [];
  let theirPps: number | undefined;
  if (isHere("masscan")) {
    const { run, pps } = await bestMasscan(lab, options);
    theirPps = pps;
    others.push(
      other("masscan at its best rate", run, `${thousands(pps)}, ${percent(run.open.size)} of the open ports`),
    );
  }
  const isRight = outcomes.every(({ foundCount, wrongHostCount }) => foundCount === OPEN_COUNT && wrongHostCount === 0);
  const worst = Math.min(...outcomes.map(({ foundCount }) => foundCount));
  return {
    row: "WIDE",
    work: `\`${args.join(" ")}\`, every port answers, ${OPEN.length} of ${PORT_COUNT} are open`,
    ours: cost,
    theirs: undefined,
    ratio: undefined,
    others,
    states: `${thousands(oursPps)}, ${percent(worst)} of the open ports in the worst of ${ours.length}`,
    target: "masscan's probes a second, all states right",
    isMet: isRight && (theirPps === undefined ? undefined : oursPps >= theirPps),
  };
}
