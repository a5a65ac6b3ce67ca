// Another host as a place to look from, by ssh: with postern where it is installed, else with what is there. Nothing is
// installed, and nothing is written over there. What it answers are its claims; it can name no port that was not asked for.
import { lastLine, remoteError, SshConnection, type SshEnd, type SshOptions } from "../linux/ssh-connection.js";
import type { SshHost } from "../linux/ssh-host.js";
import { troubleText } from "../linux/ssh-trouble.js";
import { type Address, formatAddress } from "../target/address.js";
import { quote } from "../target/fault.js";
import type { UdpPayloads } from "../technique/udp-payloads.js";
import { AskedBook, onlyHere } from "./asked-book.js";
import { answerOf, parseProbeLine } from "./probe-line.js";
import { longestPythonSec, type ProbePlan, pythonProgram } from "./python-prober.js";
import { findMeans, type Means, type RemoteMeans } from "./remote-means.js";
import { longestPosternSec, posternProgram, readReportLine } from "./remote-postern.js";
import { newTag } from "./script-tag.js";
import { longestShellSec, shellProgram } from "./shell-prober.js";
import type { AskedPort, AskingOptions, Vantage, VantageEvent } from "./vantage.js";

/** What is wanted of the vantage point. */
export interface SshVantageOptions extends SshOptions {
  /** What will be asked for: the addresses that it asks from are found out towards these. */
  readonly targets: readonly Address[];
  /** What UDP services are asked. */
  readonly payloads?: UdpPayloads | undefined;
  /** Only these means; undefined for all that are there. */
  readonly only?: readonly Means["kind"][] | undefined;
}

/** More have no source of their own. */
const TARGETS_MAX = 64;
const RETRIES = 1;
/** Everything over there says something every few seconds. */
const IDLE_MS = 30_000;
/** A line of a report with ranges of ports has some kB, and a port has a line at most. */
const BYTES_A_PORT = 4096;
const BYTES_MIN = 4 << 20;

/**
 * Logs in, and looks what there is to ask with.
 *
 * @throws RemoteError when the host cannot be used without a question
 */
export async function openSshVantage(host: SshHost, options: SshVantageOptions): Promise<Vantage> {
  const connection = await SshConnection.open(host, options);
  try {
    const targets = options.targets.filter((address) => onlyHere(address) === undefined).slice(0, TARGETS_MAX);
    const found = await findMeans(connection, targets, newTag(), options.signal);
    if (found.end.kind === "fault") throw remoteError(connection.name, found.end.trouble, found.end.errors);
    return new SshVantage(connection, found, options);
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    throw error;
  }
}

class SshVantage implements Vantage {
  readonly name: string;
  readonly means: string;
  readonly sources: readonly Address[];
  readonly arrivesBy = undefined;
  readonly limits: readonly string[];
  readonly #connection: SshConnection;
  readonly #found: RemoteMeans;
  readonly #payloads: UdpPayloads | undefined;
  readonly #usable: readonly Means[];

  constructor(connection: SshConnection, found: RemoteMeans, { only, payloads }: SshVantageOptions) {
    this.#connection = connection;
    this.#found = found;
    this.#payloads = payloads;
    this.#usable = found.means.filter(({ kind }) => only?.includes(kind) ?? true);
    this.name = `ssh:${connection.name}`;
    this.means = meansText(this.#usable);
    this.sources = sourcesOf(found);
    this.limits = [...ownTargets(found), ...new Set(this.#inUse().map(({ kind }) => LIMITS[kind]))];
  }

  async *ask(ports: readonly AskedPort[], options: AskingOptions): AsyncGenerator<VantageEvent, void, void> {
    const book = new AskedBook(ports, options.scope);
    yield* book.refused;
    yield* book.giveUp(this.#withoutRoute(book), "the vantage point has no route to it");
    for (const means of new Set(this.#inUse())) {
      const numbers = book.open().filter((number) => this.#meansFor(book.asked[number]) === means);
      if (numbers.length > 0) yield* this.#askBy(means, numbers, book, options);
    }
    yield* book.giveUp(book.open(), "nothing at the vantage point can ask for it");
    yield* book.strays();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  #inUse(): readonly Means[] {
    const first = (protocol: "tcp" | "udp") => this.#usable.find((means) => canAsk(means, protocol, 4));
    return [first("tcp"), first("udp"), ...this.#usable].filter((means) => means !== undefined).slice(0, 2);
  }

  #meansFor(asked: AskedPort | undefined): Means | undefined {
    if (asked === undefined) return undefined;
    return this.#usable.find((means) => canAsk(means, asked.protocol, asked.address.family));
  }

  #withoutRoute(book: AskedBook): readonly number[] {
    return book.open().filter((number) => {
      const address = book.asked[number]?.address;
      return address !== undefined && this.#found.sources.get(formatAddress(address)) === null;
    });
  }

  async *#askBy(
    means: Means,
    numbers: readonly number[],
    book: AskedBook,
    { maxRate, maxRetries, signal }: AskingOptions,
  ): AsyncGenerator<VantageEvent, void, void> {
    const tag = newTag();
    const ports = numbers.flatMap((number) => {
      const port = book.asked[number];
      return port === undefined ? [] : [[number, port] as const];
    });
    const plan = { tag, ports, payloads: this.#payloads, maxRate, retries: Math.min(maxRetries ?? RETRIES, 10) };
    const { interpreter, script, longestSec } = programOf(means, plan);
    const bounds = {
      timeoutMs: longestSec * 1000,
      idleMs: IDLE_MS + (maxRate === undefined ? 0 : 16_000 / maxRate),
      outputBytesMax: BYTES_MIN + ports.length * BYTES_A_PORT,
      signal,
    };
    const run = this.#connection.run(script, bounds, interpreter);
    let failure: string | undefined;
    for await (const line of run.lines) {
      const own = line.startsWith(`${tag} `) ? line.slice(tag.length + 1) : undefined;
      if (own !== undefined) failure = failureIn(own) ?? failure;
      yield* means.kind === "postern" ? readReportLine(line, book) : probeEvents(own, book);
    }
    yield* book.giveUp(numbers, whyUnanswered(await run.end, failure));
  }
}

function canAsk(means: Means, protocol: "tcp" | "udp", family: 4 | 6): boolean {
  switch (means.kind) {
    case "postern":
      return protocol === "tcp" || means.isRoot;
    case "nc":
      return protocol === "tcp" && (family === 4 || means.flavour !== "traditional");
    default:
      return true;
  }
}

interface RemoteProgram {
  readonly interpreter: string;
  readonly script: string;
  readonly longestSec: number;
}

function programOf(means: Means, plan: ProbePlan): RemoteProgram {
  switch (means.kind) {
    case "postern":
      return { interpreter: "sh", script: posternProgram(plan, means.isRoot), longestSec: longestPosternSec(plan) };
    case "python3":
      // -I and -S: nothing of the user's or the site's is loaded; -B: nothing is written.
      return {
        interpreter: `${means.program} -I -S -B -`,
        script: pythonProgram(plan),
        longestSec: longestPythonSec(plan),
      };
    case "bash":
      return { interpreter: "sh", script: shellProgram(plan, "bash"), longestSec: longestShellSec(plan) };
    case "nc":
      return { interpreter: "sh", script: shellProgram(plan, means.flavour), longestSec: longestShellSec(plan) };
  }
}

function probeEvents(text: string | undefined, book: AskedBook): readonly VantageEvent[] {
  const line = text === undefined ? undefined : parseProbeLine(text);
  if (line === undefined) return [];
  const asked = book.take(line.number);
  if (asked === undefined) return [];
  const answer = answerOf(asked, line);
  if (typeof answer !== "string") return [{ kind: "answer", answer }];
  return [{ kind: "gap", what: `${asked.protocol} ${asked.port} of ${formatAddress(asked.address)}`, why: answer }];
}

function failureIn(line: string): string | undefined {
  const status = /^failed (\d{1,3})$/.exec(line)?.[1];
  return status === undefined ? undefined : `postern ended there with ${status}`;
}

function whyUnanswered(end: SshEnd, failure: string | undefined): string {
  const said = lastLine(end.errors);
  const words = said === "" ? "" : `, and said ${quote(said)}`;
  if (end.kind === "fault") return `${troubleText(end.trouble)}${end.trouble === "other" ? words : ""}`;
  if (failure !== undefined) return `${failure}${words}`;
  return end.status === 0 ? "the vantage point did not say" : `the vantage point ended with ${end.status}${words}`;
}

function nameOf(means: Means): string {
  switch (means.kind) {
    case "postern":
    case "python3":
      return `${means.kind} ${means.version}`;
    case "bash":
      return "bash /dev/tcp";
    case "nc":
      return `nc (${means.flavour})`;
  }
}

function meansText(usable: readonly Means[]): string {
  const [tcp, udp] = (["tcp", "udp"] as const).map((one) => usable.find((means) => canAsk(means, one, 4)));
  if (tcp === undefined) return "nothing";
  if (udp === undefined) return `${nameOf(tcp)}, TCP only`;
  return tcp === udp ? nameOf(tcp) : `${nameOf(tcp)}, UDP by ${nameOf(udp)}`;
}

const LIMITS: Readonly<Record<Means["kind"], string>> = {
  postern: "What it says is read from the report of the postern that is installed there.",
  python3: "It connects as programs do, so a RST of a firewall in the host's name looks like the host's own.",
  bash: "Who refused a connection, and by which ICMP error, is not known; round trips are not measured.",
  nc: "UDP is not asked for; who refused a connection, and by which ICMP error, is not known.",
};

function sourcesOf({ sources, sshAddress }: RemoteMeans): readonly Address[] {
  const found = new Map<string, Address>();
  for (const source of sources.values()) if (source !== null) found.set(formatAddress(source), source);
  if (sources.size === 0 && sshAddress !== undefined) return [sshAddress];
  return [...found.values()];
}

/** Who asks itself never leaves itself. */
function ownTargets({ sources }: RemoteMeans): readonly string[] {
  return [...sources].flatMap(([target, source]) => {
    const isOwn = source !== null && formatAddress(source) === target;
    return isOwn ? [`${target} is its own address: it asks itself, which says nothing of what others see.`] : [];
  });
}
