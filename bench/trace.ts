// TRACE: how many probes are sent for each port that is decided where nothing is lost.
import { createLab } from "../lab/network.js";
import { probeCounts } from "../test/report.js";
import { type Measured, measure } from "./measure.js";
import { POSTERN_PROGRAM } from "./programs.js";
import { costOf, type RowOptions, type RowResult } from "./row.js";
import { LAN_HOST, LAN_TRUTH, PORT_COUNT, statesText } from "./scan-rows.js";

const RUNS = 5;
const PROBES_PER_PORT_MAX = 1.02;

/** All ports of a neighbour that answers each. */
export async function trace(options: RowOptions): Promise<RowResult> {
  await using lab = await createLab({ topology: "neighbour", hosts: [LAN_HOST] });
  const args = ["-n", "-Pn", "-sS", "-p-"];
  const runs: Measured[] = [];
  for (let run = 0; run < (options.pairs ?? RUNS); run++) {
    runs.push(await measure({ machine: lab.scanner, program: POSTERN_PROGRAM, args: [...args, lab.host().ipv4] }));
  }
  const shares = runs.map(({ stdout }) => probeCounts(stdout).sent / PORT_COUNT);
  const worst = Math.max(...shares);
  const right = runs.filter(({ stdout }) => statesText(stdout) === LAN_TRUTH).length;
  options.say(`  ${shares.map((share) => share.toFixed(3)).join(", ")} probes a port`);
  return {
    row: "TRACE",
    work: `\`${args.join(" ")}\`, a neighbour, every port answers`,
    ours: costOf(runs),
    theirs: undefined,
    ratio: undefined,
    states: `at most ${worst.toFixed(3)} probes a port, right in ${right} of ${runs.length}`,
    target: `at most ${PROBES_PER_PORT_MAX} probes a port`,
    isMet: right === runs.length && worst <= PROBES_PER_PORT_MAX,
  };
}
