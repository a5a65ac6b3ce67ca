// OVERVIEW: how long it takes until somebody who typed nothing but the name sees what is open here.
import type { HostSpec } from "../lab/hosts.js";
import { createLab } from "../lab/network.js";
import { costOf, type RowOptions, type RowResult, runPairs } from "./row.js";

const RUNS = 11;
const TARGET_MS = 1000;

/** A usual machine, with services that stay silent among them, and one with very many. */
const HOSTS: readonly { readonly what: string; readonly spec: HostSpec; readonly probeCount: string }[] = [
  {
    what: "20 TCP and 3 UDP ports, 1 of them silent",
    spec: { name: "usual", summary: "a usual machine", tcp: portsFrom(8000, 20), udp: [53, 123], udpSilent: [514] },
    probeCount: "\\d+",
  },
  {
    what: "1,000 TCP ports",
    spec: { name: "busy", summary: "a busy machine", tcp: portsFrom(8000, 1000) },
    probeCount: "2,000",
  },
];

/** `postern` alone. nmap has no such work. */
export async function overview(options: RowOptions): Promise<RowResult[]> {
  const rows: RowResult[] = [];
  for (const { what, spec, probeCount } of HOSTS) {
    await using lab = await createLab({ topology: "neighbour", hosts: [spec] });
    const work = { machine: lab.host(), args: [] };
    const alone = { ...options, hasNmap: false };
    await runPairs(work, 1, { ...alone, say: () => {} });
    const { ours } = await runPairs(work, options.pairs ?? RUNS, alone);
    const cost = costOf(ours);
    const ports = (spec.tcp ?? []).length + (spec.udp ?? []).length + (spec.udpSilent ?? []).length;
    const proof = new RegExp(`^${ports.toLocaleString("en")} ports, [^]*\\(${probeCount} probes by SYN`);
    const right = ours.filter(({ stdout, status }) => status === 0 && proof.test(stdout)).length;
    rows.push({
      row: "OVERVIEW",
      work: `\`postern\`, ${what}`,
      ours: cost,
      theirs: undefined,
      ratio: undefined,
      states: `right in ${right} of ${ours.length}`,
      target: `at most ${TARGET_MS} ms`,
      isMet: right === ours.length && cost.wallMs <= TARGET_MS,
    });
  }
  return rows;
}

function portsFrom(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => first + at);
}
