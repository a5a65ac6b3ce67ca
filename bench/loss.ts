// LOSS: every state right although 5 % of all packets are lost, each way.
import { createLab } from "../lab/network.js";
import { readReport, statesOf } from "../test/report.js";
import { LOSS_ARGUMENTS, LOSS_FILTERED_COUNT, LOSS_HOST, LOSS_LISTED, LOSS_PER_MILLE } from "./loss-row.js";
import { type Measured, measure } from "./measure.js";
import { POSTERN_PROGRAM } from "./programs.js";
import { costOf, type RowOptions, type RowResult } from "./row.js";

const RUNS = 20;
/** nmap's are for comparison of time and states only. */
const NMAP_RUNS = 3;

/** How many of the 1,000 ports a report has wrong. */
export function wrongCount({ stdout }: Measured): number {
  const [host] = readReport(stdout).hosts;
  const found: Record<number, string> = host === undefined ? {} : statesOf(host);
  const missed = Object.entries(LOSS_LISTED).filter(([port, state]) => found[Number(port)] !== state).length;
  const hidden = Number(/^Not shown: (\d+) filtered tcp ports/m.exec(stdout)?.[1] ?? 0);
  return missed + Math.max(0, LOSS_FILTERED_COUNT - hidden);
}

/** In how many runs a program was right. */
export function lossStatesText(name: string, runs: readonly Measured[]): string {
  const wrong = runs.map(wrongCount).reduce((sum, count) => sum + count, 0);
  const right = runs.filter((run) => wrongCount(run) === 0).length;
  return `${name} right in ${right} of ${runs.length}${wrong === 0 ? "" : ` (${wrong} states wrong)`}`;
}

/** 1,000 ports on a lossy path. */
export async function loss(options: RowOptions): Promise<RowResult> {
  await using lab = await createLab({ topology: "neighbour", hosts: [LOSS_HOST], lossPerMille: LOSS_PER_MILLE });
  const args = [...LOSS_ARGUMENTS, lab.host().ipv4];
  const ours: Measured[] = [];
  const theirs: Measured[] = [];
  const count = options.pairs ?? RUNS;
  for (let run = 0; run < count; run++) {
    const one = await measure({ machine: lab.scanner, program: POSTERN_PROGRAM, args });
    ours.push(one);
    options.say(`  run ${run + 1} of ${count}: ${(one.wallMs / 1000).toFixed(2)} s, ${wrongCount(one)} states wrong`);
  }
  for (let run = 0; options.hasNmap && run < Math.min(NMAP_RUNS, count); run++) {
    const one = await measure({ machine: lab.scanner, program: "nmap", args });
    theirs.push(one);
    options.say(`  nmap ${run + 1}: ${(one.wallMs / 1000).toFixed(2)} s, ${wrongCount(one)} states wrong`);
  }
  const cost = theirs.length === 0 ? undefined : costOf(theirs);
  return {
    row: "LOSS",
    work: `\`${LOSS_ARGUMENTS.join(" ")}\`, 10 open, 50 closed, 940 dropped, 5 % loss each way`,
    ours: costOf(ours),
    theirs: cost,
    ratio: cost === undefined ? undefined : costOf(ours).wallMs / cost.wallMs,
    states: [lossStatesText("postern", ours), ...(theirs.length === 0 ? [] : [lossStatesText("nmap", theirs)])].join(
      ", ",
    ),
    target: `every state right in ${RUNS} of ${RUNS} runs`,
    isMet: ours.every((run) => run.status === 0 && wrongCount(run) === 0) && (count >= RUNS || undefined),
  };
}
