// SUBNET: a /24 on Ethernet, half of it up, most ports of most hosts hidden in one way or another.
import { createLab, type Lab } from "../lab/network.js";
import { readReport, type SeenHost } from "../test/report.js";
import type { Measured } from "./measure.js";
import { costOf, type RowOptions, type RowResult, ratioOf, runPairs } from "./row.js";

const TARGET = "10.9.1.0/24";
const PORT_COUNT = 1000;
const OPEN = [22, 80, 443];
const REST_COUNT = PORT_COUNT - OPEN.length;
/** Of the mixed hosts: up to here everything is dropped but what is open. */
const DROPPED_UP_TO = 500;
const RATIO_MAX = 0.1;
const TIMEOUT_MS = 300_000;

/** What hosts do with ports that are not open: the rule, and what the line `Not shown` must say. */
const KINDS: readonly { readonly nft: string | undefined; readonly hidden: readonly string[] }[] = [
  { nft: undefined, hidden: [`${REST_COUNT} closed tcp ports`] },
  { nft: `tcp dport != { ${OPEN.join(", ")} } drop`, hidden: [`${REST_COUNT} filtered tcp ports`] },
  {
    nft: `tcp dport != { ${OPEN.join(", ")} } reject with icmp type admin-prohibited`,
    hidden: [`${REST_COUNT} filtered tcp ports`],
  },
  {
    nft: `tcp dport != { ${OPEN.join(", ")} } tcp dport <= ${DROPPED_UP_TO} drop`,
    hidden: [`${DROPPED_UP_TO - OPEN.length} filtered tcp ports`, `${PORT_COUNT - DROPPED_UP_TO} closed tcp ports`],
  },
];

/** Every second address. The kinds take turns. */
const HOSTS = Array.from({ length: 127 }, (_, index) => ({
  address: `10.9.1.${2 * (index + 1)}`,
  kind: index % KINDS.length,
}));

async function furnish(lab: Lab): Promise<void> {
  const rules = KINDS.flatMap(({ nft }, kind) => {
    const addresses = HOSTS.filter((host) => host.kind === kind).map(({ address }) => address);
    return nft === undefined ? [] : [`ip daddr { ${addresses.join(", ")} } ${nft}`];
  });
  const chain = `table inet subnet { chain input { type filter hook input priority 0;\n${rules.join("\n")}\n}\n}`;
  const addresses = HOSTS.map(({ address }) => `addr add ${address}/32 dev eth0`).join("\n");
  for (const [command, args, input] of [
    ["ip", ["-batch", "-"], `${addresses}\n`],
    ["nft", ["-f", "-"], `${chain}\n`],
  ] as const) {
    const { status, stderr } = await lab.host().run(command, args, { input });
    if (status !== 0) throw new Error(`bench: ${command} failed: ${stderr}`);
  }
}

/** What a report says of a host besides its open ports, without reasons and in any order. */
function hiddenOf({ lines }: SeenHost): string[] {
  const text = lines.find((line) => line.startsWith("Not shown: "))?.slice("Not shown: ".length) ?? "";
  return text.replaceAll(/ \([a-z-]+\)/g, "").split(", ");
}

function isRight(host: SeenHost): boolean {
  const truth = HOSTS.find(({ address }) => address === host.title);
  const hidden = KINDS[truth?.kind ?? -1]?.hidden ?? [];
  const open = [...host.ports].filter(([, { state }]) => state === "open").map(([port]) => port);
  return open.join() === OPEN.join() && host.ports.size === OPEN.length && sorted(hiddenOf(host)) === sorted(hidden);
}

const sorted = (texts: readonly string[]) => [...texts].sort().join();

function wrongCount({ stdout }: Measured): number {
  const hosts = readReport(stdout).hosts;
  return hosts.filter((host) => !isRight(host)).length + Math.max(0, HOSTS.length - hosts.length);
}

function statesText(name: string, runs: readonly Measured[]): string {
  const wrong = Math.max(...runs.map(wrongCount));
  return `${name}: ${wrong === 0 ? "all hosts right" : `${wrong} of ${HOSTS.length} hosts wrong`}`;
}

/** 256 addresses, 127 hosts, 1,000 ports each: one pair, since nmap takes its time. */
export async function subnet(options: RowOptions): Promise<RowResult> {
  await using lab = await createLab({
    topology: "neighbour",
    hosts: [{ name: "many", summary: "127 hosts", tcp: OPEN }],
  });
  await furnish(lab);
  const args = ["-n", "-p", `1-${PORT_COUNT}`, TARGET];
  const work = { machine: lab.scanner, args, timeoutMs: TIMEOUT_MS };
  const pairs = await runPairs(work, options.pairs ?? 1, options);
  const ratio = ratioOf(pairs);
  const right = pairs.ours.every((run) => run.status === 0 && wrongCount(run) === 0);
  const states = [statesText("postern", pairs.ours)];
  if (pairs.theirs.length > 0) states.push(statesText("nmap", pairs.theirs));
  return {
    row: "SUBNET",
    work: `\`${args.join(" ")}\`, ${HOSTS.length} hosts on the link, three of four drop or reject most ports`,
    ours: costOf(pairs.ours),
    theirs: pairs.theirs.length === 0 ? undefined : costOf(pairs.theirs),
    ratio,
    states: states.join(", "),
    target: `at most ${RATIO_MAX} of nmap, states right`,
    isMet: ratio === undefined ? (right ? undefined : false) : right && ratio <= RATIO_MAX,
  };
}
