// FIREWALL: 1,000 packets through 10,000 rules and a set of 100,000 networks, and all that these rules let in.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Chance } from "../lab/firewall/chance.js";
import { createLab, type Lab } from "../lab/network.js";
import { parseAddress } from "../src/target/address.js";
import { type Measured, measure } from "./measure.js";
import { POSTERN_PROGRAM } from "./programs.js";
import { costOf, type RowOptions, type RowResult } from "./row.js";

const RUNS = 9;
const RULES = 10_000;
const NETWORKS = 100_000;
const PACKETS = 1000;
const TEST_MS_MAX = 500;
const REACH_MS_MAX = 5000;
const OWN = "203.0.113.10";
const LINK = "eth0";

/** Where the set stands: what is let in from it alone, or what is let in by nothing. */
interface Load {
  readonly name: string;
  readonly head: readonly string[];
  readonly rule: (chance: Chance) => string;
  readonly tail: readonly string[];
  /** Where millions of lines would be the answer, the table is asked for. */
  readonly isListed: boolean;
}

function network(chance: Chance): string {
  return `${chance.between(1, 223)}.${chance.between(0, 255)}.${chance.between(0, 255)}.0/24`;
}

function mixedRule(chance: Chance): string {
  const port = chance.between(1, 65_000);
  const source = `ip saddr ${network(chance)}`;
  return chance.pick([
    `${source} tcp dport ${port} accept`,
    `${source} udp dport ${port} accept`,
    `${source} tcp dport ${port} drop`,
    `${source} drop`,
    `${source} tcp dport { 80, ${port}, ${port + 7} } accept`,
  ]);
}

const LOADS: readonly Load[] = [
  {
    name: "a set that is let in to one port",
    head: [],
    rule: mixedRule,
    tail: ["ip saddr @networks tcp dport 22 accept"],
    isListed: true,
  },
  {
    name: "a set that is dropped first",
    head: ["ip saddr @networks drop"],
    rule: mixedRule,
    tail: ["tcp dport { 22, 80, 443 } accept"],
    isListed: true,
  },
  {
    name: "a set that is dropped first, thousands of ports behind it",
    head: ["ip saddr @networks drop"],
    rule: (chance) =>
      chance.pick([
        `tcp dport ${chance.between(1, 65_535)} accept`,
        `ip saddr ${network(chance)} tcp dport ${chance.between(1, 65_535)} accept`,
        `ip saddr ${network(chance)} drop`,
      ]),
    tail: [],
    isListed: false,
  },
];

function rulesetText({ head, rule, tail }: Load): string {
  const chance = new Chance(1);
  const networks = Array.from(
    { length: NETWORKS },
    (_, at) => `${10 + (at >> 16)}.${(at >> 8) & 255}.${at & 255}.${64 * chance.between(0, 3)}/26`,
  );
  const rules = Array.from({ length: RULES - head.length - tail.length }, () => rule(chance));
  return `table inet filter {
    set networks { type ipv4_addr; flags interval; elements = { ${networks.join(", ")} } }
    chain input { type filter hook input priority 0; policy drop;
      ${[...head, ...rules, ...tail].join("\n      ")}
    }
  }\n`;
}

interface Asked {
  readonly src: string;
  readonly dport: number;
}

function packets(): readonly Asked[] {
  const chance = new Chance(2);
  return Array.from({ length: PACKETS }, () => ({
    src: `${chance.between(1, 223)}.${chance.between(0, 255)}.${chance.between(0, 255)}.${chance.between(0, 255)}`,
    dport: chance.pick([22, 80, 443, chance.between(1, 65_535)]),
  }));
}

const HOST = {
  ifaces: [{ name: LINK, addrs: [`${OWN}/24`] }],
  routes: [{ dst: "0.0.0.0/0", dev: LINK }],
};

interface Files {
  readonly ruleset: string;
  readonly packets: string;
  readonly question: string;
  readonly host: string;
}

/** The ruleset as the kernel lists it, and what is asked. */
async function prepare(lab: Lab, folder: string, load: Load, asked: readonly Asked[]): Promise<Files> {
  const at = (name: string): string => path.join(folder, name);
  writeFileSync(at("rules.nft"), rulesetText(load));
  writeFileSync(at("packets.jsonl"), asked.map((one, id) => `${JSON.stringify({ id, dst: OWN, ...one })}\n`).join(""));
  writeFileSync(at("question.json"), JSON.stringify({ iif: LINK, dst: OWN, protos: ["tcp"] }));
  writeFileSync(at("host.json"), JSON.stringify(HOST));
  const script = 'nft flush ruleset && nft -f "$1" && nft -j list ruleset >"$2"';
  const { status, stderr } = await lab.scanner.run("sh", ["-c", script, "sh", at("rules.nft"), at("rules.json")]);
  if (status !== 0) throw new Error(`nft: ${stderr}`);
  return {
    ruleset: at("rules.json"),
    packets: at("packets.jsonl"),
    question: at("question.json"),
    host: at("host.json"),
  };
}

async function run(lab: Lab, args: readonly string[], options: RowOptions): Promise<readonly Measured[]> {
  const runs: Measured[] = [];
  for (let turn = 0; turn < (options.pairs ?? RUNS); turn++) {
    runs.push(await measure({ machine: lab.scanner, program: POSTERN_PROGRAM, args }));
    options.say(`  ${args[1]} ${turn + 1}: ${((runs.at(-1)?.wallMs ?? Number.NaN) / 1000).toFixed(2)} s`);
  }
  return runs;
}

/** True where the walk lets a packet in, by number of the packet. */
function letInByTest(text: string): readonly boolean[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => (JSON.parse(line) as { readonly verdict: string }).verdict === "accept");
}

/** The same by regions, which are computed in another way. */
function letInByReach(text: string, asked: readonly Asked[]): readonly boolean[] {
  const isIn = asked.map(() => false);
  const rows = asked.map(({ src, dport }, at) => ({ at, value: numberOf(src), dport }));
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const { src, dport } = JSON.parse(line) as { readonly src: string; readonly dport: number | string | null };
    const [low, high] = endsOf(src);
    const [first, last] = dport === null ? [0, 65_535] : String(dport).split("-").map(Number);
    for (const row of rows) {
      const isPort = row.dport >= (first ?? 0) && row.dport <= (last ?? first ?? 0);
      if (isPort && row.value >= low && row.value <= high) isIn[row.at] = true;
    }
  }
  return isIn;
}

function numberOf(text: string): number {
  const address = parseAddress(text);
  return address?.family === 4 ? address.value : Number.NaN;
}

function endsOf(text: string): readonly [number, number] {
  const [first = "", last] = text.split("-");
  if (last !== undefined) return [numberOf(first), numberOf(last)];
  const [address = "", prefix = "32"] = first.split("/");
  return [numberOf(address), numberOf(address) + 2 ** (32 - Number(prefix)) - 1];
}

async function measureLoad(lab: Lab, load: Load, options: RowOptions): Promise<RowResult[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "postern-bench-"));
  const asked = packets();
  const files = await prepare(lab, folder, load, asked);
  const around = ["--env", files.host];
  const tests = await run(
    lab,
    ["firewall", "test", "--packets", files.packets, ...around, "--json", files.ruleset],
    options,
  );
  const form = load.isListed ? ["--json"] : [];
  const reaches = await run(
    lab,
    ["firewall", "reach", "--question", files.question, ...around, ...form, files.ruleset],
    options,
  );
  rmSync(folder, { recursive: true });
  const walked = letInByTest(tests[0]?.stdout ?? "");
  const isWalked = walked.length === PACKETS && tests.every(({ stdout }) => stdout === tests[0]?.stdout);
  const regions = load.isListed ? letInByReach(reaches[0]?.stdout ?? "", asked) : walked;
  const same = regions.filter((isIn, at) => isIn === walked[at]).length;
  const isRight = isWalked && same === PACKETS;
  const states = load.isListed ? `${same} of ${PACKETS} packets let in by \`test\` as by \`reach\`` : "";
  const isDone = (runs: readonly Measured[]) => runs.every(({ status }) => status === 0);
  return [
    row(`\`test\`, ${PACKETS} packets, ${load.name}`, tests, states, TEST_MS_MAX, isRight && isDone(tests)),
    row(
      `\`reach${load.isListed ? " --json" : ""}\`, ${load.name}`,
      reaches,
      states,
      REACH_MS_MAX,
      isRight && isDone(reaches),
    ),
  ];
}

function row(work: string, runs: readonly Measured[], states: string, wallMsMax: number, isRight: boolean): RowResult {
  const ours = costOf(runs);
  return {
    row: "FIREWALL",
    work,
    ours,
    theirs: undefined,
    ratio: undefined,
    states,
    target: `at most ${wallMsMax} ms`,
    isMet: isRight && ours.wallMs <= wallMsMax,
  };
}

/** Three rulesets of 10,000 rules, each with a set of 100,000 networks. */
export async function firewall(options: RowOptions): Promise<RowResult[]> {
  await using lab = await createLab({ topology: "neighbour" });
  const rows: RowResult[] = [];
  for (const load of LOADS) rows.push(...(await measureLoad(lab, load, options)));
  return rows;
}
