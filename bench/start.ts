// START: how long it takes until anything at all is said.
import { createLab } from "../lab/network.js";
import { costOf, type RowOptions, type RowResult, ratioOf, runPairs } from "./row.js";

const RUNS = 11;

/** `--version`, and one port of loopback. */
export async function start(options: RowOptions): Promise<RowResult[]> {
  await using lab = await createLab({ topology: "neighbour" });
  const rows: RowResult[] = [];
  const works = [
    { args: ["--version"], targetMs: 150, proof: /^(?:postern|Nmap version) \d/m },
    { args: ["-n", "-p", "80", "127.0.0.1"], targetMs: 300, proof: /^80\/tcp +open +http$/m },
  ];
  for (const { args, targetMs, proof } of works) {
    const work = { machine: lab.host(), args }; // the plain host has a listener on port 80
    await runPairs(work, 1, { ...options, say: () => {} });
    const pairs = await runPairs(work, options.pairs ?? RUNS, options);
    const cost = costOf(pairs.ours);
    const right = pairs.ours.filter(({ stdout, status }) => status === 0 && proof.test(stdout)).length;
    rows.push({
      row: "START",
      work: `\`${args.join(" ")}\``,
      ours: cost,
      theirs: pairs.theirs.length === 0 ? undefined : costOf(pairs.theirs),
      ratio: ratioOf(pairs),
      states: `right in ${right} of ${pairs.ours.length}`,
      target: `at most ${targetMs} ms`,
      isMet: right === pairs.ours.length && cost.wallMs <= targetMs,
    });
  }
  return rows;
}
