// SWEEP: one port of a /16 behind a lossy link, side by side with zmap; the network itself counts the probes.

import { ROUTER_MAC_TEXT } from "../lab/topology.js";
import type { WanDescription } from "../lab/wan/description.js";
import { createWanLab, type WanLab } from "../lab/wan-lab.js";
import { readReport, statesOf } from "../test/report.js";
import { type Measured, measure } from "./measure.js";
import { isHere, type Other, other, zmap } from "./peers.js";
import { POSTERN_PROGRAM } from "./programs.js";
import { costOf, type RowOptions, type RowResult } from "./row.js";

const RUNS = 3;
const TARGET = "10.80.0.0/16";
const PORT = 80;
const ADDRESS_COUNT = 65_536;
const LOSS_EACH_WAY = 0.01;
const ZMAP_PPS = 100_000;
const PROBES_MAX = 2;
const TIMES_ZMAP_MAX = 2;
const TIMEOUT_MS = 300_000;

const NETWORK: WanDescription = {
  link: { delayMs: 10, lossThere: LOSS_EACH_WAY, lossBack: LOSS_EACH_WAY },
  hosts: [{ prefix: TARGET, upShare: 0.12, tcp: { open: [PORT] } }],
};

/** The addresses of all hosts. */
function upAddresses(lab: WanLab): ReadonlySet<string> {
  const all = Array.from({ length: ADDRESS_COUNT }, (_, index) => `10.80.${index >> 8}.${index & 255}`);
  return new Set(all.filter((address) => lab.truthOf(address, PORT).isUp));
}

/** So many hosts at most two lost probes each hide, with a chance of about one in a thousand for more. */
function missedMax(upCount: number): number {
  const expected = upCount * (1 - (1 - LOSS_EACH_WAY) ** 2) ** PROBES_MAX;
  return Math.ceil(expected + 3 * Math.sqrt(expected));
}

interface Outcome {
  readonly missedCount: number;
  readonly wrongCount: number;
  readonly probesPerSilent: number;
}

function compare(open: Iterable<string>, up: ReadonlySet<string>): Pick<Outcome, "missedCount" | "wrongCount"> {
  const found = new Set(open);
  const wrongCount = [...found].filter((address) => !up.has(address)).length;
  return { missedCount: up.size - (found.size - wrongCount), wrongCount };
}

function openAddresses({ stdout }: Measured): string[] {
  return readReport(stdout)
    .hosts.filter((host) => statesOf(host)[PORT] === "open")
    .map(({ title }) => title);
}

/** What the network saw of a scan for each address that belongs to nobody; NaN where the lab was too slow. */
async function probesPerSilent(lab: WanLab, up: ReadonlySet<string>, options: RowOptions): Promise<number> {
  const { silent, missedCount } = await lab.counts();
  if (missedCount > 0) options.say(`  ${missedCount} packets were too fast for the lab`);
  return (silent.packetCount + missedCount) / (ADDRESS_COUNT - up.size);
}

async function compareZmap(lab: WanLab, up: ReadonlySet<string>, options: RowOptions): Promise<Other[]> {
  const others: Other[] = [];
  if (!isHere("zmap")) return others;
  for (const probeCount of [1, 2]) {
    const run = await zmap(lab.scanner, TARGET, PORT, ROUTER_MAC_TEXT, ZMAP_PPS, probeCount);
    const { missedCount, wrongCount } = compare(
      [...run.open].map((text) => text.split(" ")[0] ?? ""),
      up,
    );
    const said = `${missedCount} of ${up.size} missed, ${wrongCount} wrong, ${(await probesPerSilent(lab, up, options)).toFixed(2)} probes a silent address`;
    others.push(other(`zmap -r ${ZMAP_PPS} -P ${probeCount} -c 1`, run, said));
    options.say(`  zmap -P ${probeCount}: ${(run.measured.wallMs / 1000).toFixed(2)} s, ${said}`);
  }
  return others;
}

/** A /16, one port, 12 % up, 2 % loss. */
export async function sweep(options: RowOptions): Promise<RowResult> {
  await using lab = await createWanLab(NETWORK);
  const up = upAddresses(lab);
  const args = ["-n", "-Pn", "--open", "-p", `${PORT}`, "--max-retries", "1", TARGET];
  const ours: Measured[] = [];
  const outcomes: Outcome[] = [];
  for (let run = 0; run < (options.pairs ?? RUNS); run++) {
    const one = await measure({ machine: lab.scanner, program: POSTERN_PROGRAM, args, timeoutMs: TIMEOUT_MS });
    const outcome = { ...compare(openAddresses(one), up), probesPerSilent: await probesPerSilent(lab, up, options) };
    ours.push(one);
    outcomes.push(outcome);
    options.say(
      `  postern: ${(one.wallMs / 1000).toFixed(2)} s, ${outcome.missedCount} missed, ${outcome.wrongCount} wrong, ` +
        `${outcome.probesPerSilent.toFixed(2)} probes a silent address`,
    );
  }
  const others = await compareZmap(lab, up, options);
  const cost = costOf(ours);
  const most = (key: keyof Outcome) => Math.max(...outcomes.map((outcome) => outcome[key]));
  const isRight = most("wrongCount") === 0 && most("missedCount") <= missedMax(up.size);
  const isThrifty = most("probesPerSilent") <= PROBES_MAX;
  const isFast = others.every((peer) => cost.wallMs <= TIMES_ZMAP_MAX * peer.cost.wallMs);
  return {
    row: "SWEEP",
    work: `\`${args.join(" ")}\`, ${up.size} up, 20 ms round trip, 1 % loss each way`,
    ours: cost,
    theirs: undefined,
    ratio: undefined,
    others,
    states:
      `at most ${most("missedCount")} of ${up.size} missed and ${most("wrongCount")} wrong, ` +
      `${most("probesPerSilent").toFixed(2)} probes a silent address`,
    target: `within ${TIMES_ZMAP_MAX} of zmap, ${PROBES_MAX} probes a silent address, at most ${missedMax(up.size)} missed`,
    isMet: isRight && isThrifty && isFast && (others.length > 0 || undefined),
  };
}
