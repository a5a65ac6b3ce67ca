// PIPE: a gigabyte through `postern connect` in a pipe, side by side with OpenBSD's nc, both ways.
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { hasProgram } from "../lab/availability.js";
import { createLab, type Lab } from "../lab/network.js";
import { type Measured, measure, median } from "./measure.js";
import { POSTERN_PROGRAM } from "./programs.js";
import { costOf, type RowOptions, type RowResult } from "./row.js";

const PAIRS = 7;
const BYTES = 2 ** 30;
/** Of these the hash is compared: so many pass in a moment, and hashing takes longer than passing. */
const PROVEN_BYTES = 2 ** 26;
const PORT = 4000;
/** At least half of nc's speed. */
const RATIO_MAX = 2;

/** Who says what: the client's bytes come from or go to a pipe, the server's as well. */
interface Way {
  readonly name: string;
  /** Of the client: who sends must say where the end is. */
  readonly options: readonly string[];
  /** The server's command line. */
  readonly serve: (bytes: number, source: string, sink: string) => string;
  /** What stands behind the client's command line. */
  readonly pipe: (bytes: number, source: string, sink: string) => string;
}

const WAYS: readonly Way[] = [
  {
    name: "1 GB sent",
    options: ["-N"],
    serve: (_bytes, _source, sink) => `nc -lN ${PORT} </dev/null >${sink}`,
    pipe: (bytes, source) => `< <(head -c ${bytes} ${source})`,
  },
  {
    name: "1 GB received",
    options: [],
    serve: (bytes, source) => `head -c ${bytes} ${source} | nc -lN ${PORT} >/dev/null`,
    pipe: (_bytes, _source, sink) => `</dev/null > >(cat >${sink})`,
  },
];

const CLIENTS = { postern: [POSTERN_PROGRAM, "connect"], nc: ["nc"] } as const;

type ClientName = keyof typeof CLIENTS;

async function transfer(lab: Lab, way: Way, client: ClientName, bytes: number, files: readonly [string, string]) {
  const host = lab.host();
  const server = host.spawn("bash", ["-c", way.serve(bytes, ...files)]);
  await untilListening(lab);
  const words = [...CLIENTS[client], ...way.options, host.ipv4, `${PORT}`];
  const script = `exec "$@" ${way.pipe(bytes, ...files)}`;
  const ended = once(server, "exit");
  const measured = await measure({ machine: lab.scanner, program: "bash", args: ["-c", script, "pipe", ...words] });
  await ended;
  return measured;
}

async function untilListening(lab: Lab): Promise<void> {
  for (let looks = 0; looks < 100; looks++) {
    const { stdout } = await lab.host().run("ss", ["-Hltn", `sport = :${PORT}`]);
    if (stdout.trim() !== "") return;
    await sleep(20);
  }
  throw new Error("nc does not listen");
}

/** Random bytes that arrive whole. */
async function isFaithful(lab: Lab, way: Way, folder: string): Promise<boolean> {
  const [source, sink] = [`${folder}/source`, `${folder}/sink`];
  await lab.scanner.run("sh", ["-c", `head -c ${PROVEN_BYTES} /dev/urandom >${source}`]);
  await transfer(lab, way, "postern", PROVEN_BYTES, [source, sink]);
  await sleep(100); // the cat behind the client may still be writing
  return (await lab.scanner.run("cmp", [source, sink])).status === 0;
}

async function measureWay(lab: Lab, way: Way, options: RowOptions): Promise<RowResult> {
  const runs: Record<ClientName, Measured[]> = { postern: [], nc: [] };
  const { stdout } = await lab.scanner.run("mktemp", ["-d"]);
  const folder = stdout.trim();
  const isRight = await isFaithful(lab, way, folder);
  await lab.scanner.run("rm", ["-r", folder]);
  const pairs = options.pairs ?? PAIRS;
  for (let pair = 0; pair < pairs; pair++) {
    const turns: ClientName[] = pair % 2 === 0 ? ["postern", "nc"] : ["nc", "postern"];
    for (const client of turns) runs[client].push(await transfer(lab, way, client, BYTES, ["/dev/zero", "/dev/null"]));
    options.say(`  pair ${pair + 1} of ${pairs}: postern ${wall(runs.postern)}, nc ${wall(runs.nc)}`);
  }
  const ratio = median(runs.postern.map(({ wallMs }, index) => wallMs / (runs.nc[index]?.wallMs ?? Number.NaN)));
  const ended = runs.postern.filter(({ status }) => status === 0).length;
  return {
    row: "PIPE",
    work: way.name,
    ours: costOf(runs.postern),
    theirs: undefined,
    ratio,
    others: [{ name: "nc", cost: costOf(runs.nc), said: "as many bytes" }],
    states: `64 MB of random bytes ${isRight ? "the same" : "**not the same**"}, status 0 in ${ended} of ${pairs}`,
    target: `at most ${RATIO_MAX} of nc's time`,
    isMet: isRight && ended === pairs && ratio <= RATIO_MAX,
  };
}

function wall(runs: readonly Measured[]): string {
  return `${((runs.at(-1)?.wallMs ?? Number.NaN) / 1000).toFixed(2)} s`;
}

/** Both ways. */
export async function pipe(options: RowOptions): Promise<RowResult[]> {
  if (!hasProgram("nc")) throw new Error("nc (netcat-openbsd) is not installed");
  await using lab = await createLab({ topology: "neighbour" });
  const rows: RowResult[] = [];
  for (const way of WAYS) rows.push(await measureWay(lab, way, options));
  return rows;
}
