// LOSSY-WAN and CONGESTED: one host behind a link that loses packets, or that carries only so many.

import { ROUTER_ADDRESSES, ROUTER_MAC_TEXT } from "../lab/topology.js";
import type { WanDescription } from "../lab/wan/description.js";
import { createWanLab, type WanLab } from "../lab/wan-lab.js";
import { lossStatesText, wrongCount } from "./loss.js";
import { LOSS_ARGUMENTS, LOSS_CLOSED, LOSS_OPEN } from "./loss-row.js";
import { type Measured, measure } from "./measure.js";
import { isHere, masscan, type Other, other } from "./peers.js";
import { POSTERN_PROGRAM } from "./programs.js";
import { costOf, type RowOptions, type RowResult, ratioOf } from "./row.js";
import { LAN_OPEN, LAN_TRUTH, PORT_COUNT, statesText } from "./scan-rows.js";

const ADDRESS = "10.80.0.1";
const GATEWAY = { ipv4: ROUTER_ADDRESSES.outside.ipv4, mac: ROUTER_MAC_TEXT };
const LOSSY_RUNS = 5;
const CONGESTED_RUNS = 3;
const TIMEOUT_MS = 600_000;

const LOSSY: WanDescription = {
  link: { delayMs: 25, lossThere: 0.025, lossBack: 0.025 },
  hosts: [{ prefix: ADDRESS, tcp: { open: LOSS_OPEN, closed: LOSS_CLOSED, others: "dropped" } }],
};

const LINK_PPS = 20_000;
/** What a link needs for all ports, and as much again as half of that. */
const TIMES_LINK_MAX = 1.5;
const CONGESTED: WanDescription = {
  link: { delayMs: 5, ratePps: LINK_PPS, queueFrames: 100 },
  hosts: [{ prefix: ADDRESS, tcp: { open: LAN_OPEN } }],
};

async function runOurs(lab: WanLab, args: readonly string[], count: number, tell: (run: Measured) => Promise<void>) {
  const runs: Measured[] = [];
  for (let run = 0; run < count; run++) {
    const one = await measure({ machine: lab.scanner, program: POSTERN_PROGRAM, args, timeoutMs: TIMEOUT_MS });
    runs.push(one);
    await tell(one);
  }
  return runs;
}

const seconds = ({ wallMs }: Measured) => `${(wallMs / 1000).toFixed(2)} s`;

/** 1,000 ports, 50 ms round trip, 2.5 % of all packets lost each way. */
export async function lossyWan(options: RowOptions): Promise<RowResult> {
  await using lab = await createWanLab(LOSSY);
  const args = [...LOSS_ARGUMENTS, ADDRESS];
  const ours: Measured[] = [];
  const theirs: Measured[] = [];
  for (let run = 0; run < (options.pairs ?? LOSSY_RUNS); run++) {
    const [one] = await runOurs(lab, args, 1, async () => {});
    if (one !== undefined) ours.push(one);
    options.say(
      `  postern ${run + 1}: ${one === undefined ? "-" : `${seconds(one)}, ${wrongCount(one)} states wrong`}`,
    );
    if (!options.hasNmap) continue;
    const their = await measure({
      machine: lab.scanner,
      program: "nmap",
      args: ["-T4", ...args],
      timeoutMs: TIMEOUT_MS,
    });
    theirs.push(their);
    options.say(`  nmap -T4 ${run + 1}: ${seconds(their)}, ${wrongCount(their)} states wrong`);
  }
  const ratio = ratioOf({ ours, theirs });
  const isRight = ours.every((run) => run.status === 0 && wrongCount(run) === 0);
  return {
    row: "LOSSY-WAN",
    work: `\`${LOSS_ARGUMENTS.join(" ")}\`, 50 ms round trip, 2.5 % loss each way, 10 open, 50 closed, 940 dropped`,
    ours: costOf(ours),
    theirs: theirs.length === 0 ? undefined : costOf(theirs),
    ratio,
    states: [
      lossStatesText("postern", ours),
      ...(theirs.length === 0 ? [] : [lossStatesText("nmap -T4", theirs)]),
    ].join(", "),
    target: "all states right, no slower than nmap -T4",
    isMet: ratio === undefined ? (isRight ? undefined : false) : isRight && ratio <= 1,
  };
}

async function compareMasscan(lab: WanLab, options: RowOptions): Promise<Other[]> {
  const others: Other[] = [];
  if (!isHere("masscan")) return others;
  for (const rate of [LINK_PPS, 5 * LINK_PPS]) {
    const run = await masscan(lab.scanner, ADDRESS, `1-${PORT_COUNT}`, GATEWAY, rate);
    const { link } = await lab.counts();
    const said = `${run.open.size} of ${LAN_OPEN.length} open ports, ${link.droppedByRate} probes dropped`;
    options.say(`  masscan --rate ${rate}: ${seconds(run.measured)}, ${said}`);
    others.push(other(`masscan --rate ${rate}`, run, said));
  }
  return others;
}

/** All ports behind a link that drops what comes faster than 20,000 packets a second. */
export async function congested(options: RowOptions): Promise<RowResult> {
  await using lab = await createWanLab(CONGESTED);
  const args = ["-n", "-Pn", "-p-", ADDRESS];
  const dropped: number[] = [];
  const isRight = (run: Measured) => run.status === 0 && statesText(run.stdout) === LAN_TRUTH;
  const tell = async (run: Measured) => {
    const { link, received } = await lab.counts();
    dropped.push(link.droppedByRate);
    options.say(
      `  ${seconds(run)}, ${isRight(run) ? "right" : "WRONG"}, ${received.syn} probes, ${link.droppedByRate} dropped`,
    );
  };
  const ours = await runOurs(lab, args, options.pairs ?? CONGESTED_RUNS, tell);
  const theirs: Measured[] = [];
  if (options.hasNmap) {
    const one = await measure({ machine: lab.scanner, program: "nmap", args, timeoutMs: TIMEOUT_MS });
    const { link } = await lab.counts();
    options.say(`  nmap ${seconds(one)}, ${isRight(one) ? "right" : "WRONG"}, ${link.droppedByRate} dropped`);
    theirs.push(one);
  }
  const others = await compareMasscan(lab, options);
  const cost = costOf(ours);
  const targetMs = (PORT_COUNT / LINK_PPS) * 1000 * TIMES_LINK_MAX;
  const right = ours.filter(isRight).length;
  return {
    row: "CONGESTED",
    work: `\`${args.slice(0, -1).join(" ")}\`, 5 open, the rest closed, a link of 20,000 packets a second, 10 ms round trip`,
    ours: cost,
    theirs: theirs.length === 0 ? undefined : costOf(theirs),
    ratio: ratioOf({ ours, theirs }),
    others,
    states:
      `right in ${right} of ${ours.length}, at most ${Math.max(...dropped)} probes dropped` +
      (theirs.length === 0 ? "" : `, nmap right in ${theirs.filter(isRight).length} of ${theirs.length}`),
    target: `all states right, at most ${(targetMs / 1000).toFixed(2)} s (${TIMES_LINK_MAX} of what the link needs)`,
    isMet: right === ours.length && cost.wallMs <= targetMs,
  };
}
