// LAN-SYN, LAN-CONNECT and DARK: all ports of one neighbour, side by side with nmap.
import { darkHost, type HostSpec } from "../lab/hosts.js";
import { NOBODY_UID } from "../lab/machine.js";
import { createLab } from "../lab/network.js";
import { readReport } from "../test/report.js";
import type { Measured } from "./measure.js";
import { costOf, type Pairs, type RowOptions, type RowResult, ratioOf, runPairs } from "./row.js";

/** All ports of a host. */
export const PORT_COUNT = 65_535;
/** Its open ports. */
export const LAN_OPEN: readonly number[] = [22, 80, 443, 8080, 50_000];
const LAN_PAIRS = 7;

/** A neighbour that answers on every port. */
export const LAN_HOST: HostSpec = { name: "lan", summary: "five ports open, all others closed", tcp: LAN_OPEN };

/** Open ports and how many others there are in which state: the whole truth of a host in one line. */
export function statesText(report: string): string {
  const open = readReport(report).hosts.flatMap(({ ports }) =>
    [...ports].map(([port, { state }]) => `${port} ${state}`),
  );
  const hidden = /^Not shown: (.*)$/m.exec(report)?.[1]?.replace(/ \([a-z-]+\)/g, "") ?? "";
  return `${open.join(", ")}; ${hidden}`;
}

function truthText(hiddenState: "closed" | "filtered"): string {
  return `${LAN_OPEN.map((port) => `${port} open`).join(", ")}; ${PORT_COUNT - LAN_OPEN.length} ${hiddenState} tcp ports`;
}

/** What {@link statesText} must say of {@link LAN_HOST}. */
export const LAN_TRUTH: string = truthText("closed");

function rightRuns(runs: readonly Measured[], truth: string): number {
  return runs.filter(({ stdout, status }) => status === 0 && statesText(stdout) === truth).length;
}

function compareStates(pairs: Pairs, truth: string): { text: string; isRight: boolean } {
  const right = rightRuns(pairs.ours, truth);
  const theirs = pairs.theirs.length === 0 ? "" : `, nmap ${rightRuns(pairs.theirs, truth)} of ${pairs.theirs.length}`;
  return { text: `right in ${right} of ${pairs.ours.length}${theirs}`, isRight: right === pairs.ours.length };
}

function result(row: string, work: string, pairs: Pairs, target: number, truth: string): RowResult {
  const ratio = ratioOf(pairs);
  const { text, isRight } = compareStates(pairs, truth);
  return {
    row,
    work,
    ours: costOf(pairs.ours),
    theirs: pairs.theirs.length === 0 ? undefined : costOf(pairs.theirs),
    ratio,
    states: text,
    target: `at most ${target} of nmap, states right`,
    isMet: ratio === undefined ? (isRight ? undefined : false) : isRight && ratio <= target,
  };
}

async function lan(row: string, args: readonly string[], uid: number | undefined, target: number, options: RowOptions) {
  await using lab = await createLab({ topology: "neighbour", hosts: [LAN_HOST] });
  const work = {
    machine: lab.scanner,
    args: [...args, lab.host().ipv4],
    ...(uid === undefined ? {} : { options: { uid } }),
  };
  await runPairs(work, 1, { ...options, say: () => options.say("  warm-up done") });
  const pairs = await runPairs(work, options.pairs ?? LAN_PAIRS, options);
  return result(row, `\`${args.join(" ")}\`, a neighbour, nearly all closed`, pairs, target, LAN_TRUTH);
}

/** 65,535 ports of a neighbour by SYN, as root. */
export function lanSyn(options: RowOptions): Promise<RowResult> {
  return lan("LAN-SYN", ["-n", "-Pn", "-sS", "-p-"], undefined, 0.55, options);
}

/** The same by connect, without privileges. */
export function lanConnect(options: RowOptions): Promise<RowResult> {
  return lan("LAN-CONNECT", ["-n", "-Pn", "-sT", "-p-"], NOBODY_UID, 0.75, options);
}

/** 65,535 ports of which five show: one pair, since nmap takes its time. */
export async function dark(options: RowOptions): Promise<RowResult> {
  await using lab = await createLab({ topology: "neighbour", hosts: [darkHost(LAN_OPEN)] });
  const args = ["-n", "-Pn", "-p-"];
  const pairs = await runPairs({ machine: lab.scanner, args: [...args, lab.host().ipv4] }, options.pairs ?? 1, options);
  return result("DARK", `\`${args.join(" ")}\`, 5 open, the rest dropped`, pairs, 0.03, truthText("filtered"));
}
