// Makes data/port-ranking.tsv from data/port-ranking-curated.tsv, data/services-additions.tsv and data/services.tsv.
// Run: npx tsx scripts/make-port-ranking.ts
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The texts of the files that the ranking is made from. */
export interface RankingInputs {
  readonly curated: string;
  readonly additions: string;
  readonly services: string;
}

interface RankedPort {
  readonly port: number;
  readonly weight: number;
  readonly origin: string;
}

const PROTOCOLS: readonly string[] = ["tcp", "udp", "sctp"];

/** Rows for each protocol: some more than the default of 1000 ports needs. */
const ROWS_MAX = 1500;

/**
 * What each origin weighs. Curated tiers come first; then services that we named ourselves; then ports that people
 * choose when the first one is taken; then what the registry names among the system ports (RFC 6335 §6), and last among
 * the user ports. Equal weights keep the order of their file.
 */
const WEIGHTS: Readonly<Record<string, number>> = {
  "curated-1": 1000,
  "curated-2": 800,
  addition: 600,
  alternate: 400,
  system: 200,
  registered: 100,
};

/** Well-known alternates, as first and last port, for TCP and UDP alike. */
const ALTERNATES: readonly (readonly [first: number, last: number])[] = [
  [8000, 8100],
  [9000, 9100],
  [10000, 10010],
  [20000, 20005],
  [30000, 30005],
  [49152, 49175],
  [32768, 32785],
  [5900, 5910],
  [6000, 6010],
  [7000, 7010],
  [1024, 1050],
];

/** Makes the text of data/port-ranking.tsv. The same inputs give the same text. */
export function makePortRanking(inputs: RankingInputs): string {
  const lines = PROTOCOLS.flatMap((protocol) =>
    rank(protocol, inputs).map(({ port, weight, origin }) => `${protocol}\t${port}\t${weight}\t${origin}`),
  );
  return [
    "# Ports by how likely they are open, the likeliest first: protocol, port, weight, origin.",
    "# Our own ranking (Apache-2.0) of data/port-ranking-curated.tsv, data/services-additions.tsv and data/services.tsv,",
    "# made by scripts/make-port-ranking.ts, which states the weights: do not edit.",
    ...lines,
    "",
  ].join("\n");
}

function rank(protocol: string, inputs: RankingInputs): RankedPort[] {
  const best = new Map<number, RankedPort>();
  for (const candidate of candidates(protocol, inputs)) {
    const known = best.get(candidate.port);
    if (candidate.port > 0 && (known === undefined || known.weight < candidate.weight)) {
      best.set(candidate.port, candidate);
    }
  }
  // Sorting is stable, so equal weights stay in the order in which they were added.
  return [...best.values()].sort((one, other) => other.weight - one.weight).slice(0, ROWS_MAX);
}

function* candidates(protocol: string, inputs: RankingInputs): Generator<RankedPort> {
  for (const [tier, own, port] of rows(inputs.curated)) {
    if (own === protocol) yield weighed(Number(port), `curated-${tier}`);
  }
  for (const [, port, own] of rows(inputs.additions)) {
    if (own === protocol) yield weighed(Number(port), "addition");
  }
  for (const [first, last] of protocol === "sctp" ? [] : ALTERNATES) {
    for (let port = first; port <= last; port++) yield weighed(port, "alternate");
  }
  const registered = rows(inputs.services).filter(([, , own]) => own === protocol);
  for (const port of registered.map((row) => Number(row[1])).sort((one, other) => one - other)) {
    yield weighed(port, port < 1024 ? "system" : "registered");
  }
}

function rows(text: string): string[][] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split("\t"));
}

function weighed(port: number, origin: string): RankedPort {
  const weight = WEIGHTS[origin];
  if (weight === undefined || !Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`not a port of a known origin: ${port}, ${origin}`);
  }
  return { port, weight, origin };
}

function main(): void {
  const data = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "data");
  const read = (name: string): string => readFileSync(path.join(data, name), "utf8");
  const inputs = {
    curated: read("port-ranking-curated.tsv"),
    additions: read("services-additions.tsv"),
    services: read("services.tsv"),
  };
  writeFileSync(path.join(data, "port-ranking.tsv"), makePortRanking(inputs));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
