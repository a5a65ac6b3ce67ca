// How programs are started inside a namespace of the lab, with or without privileges, and always with an end.
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { type Ground, labEnvironment } from "./availability.js";

/** The user "nobody" on every Linux: who runs with it has no capability at all. */
export const NOBODY_UID = 65_534;

/** Output beyond this is read and thrown away, so that a runaway program cannot eat the memory. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** How a program is started. */
export interface StartOptions {
  /** Added to the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Default: where this process is. */
  readonly cwd?: string;
  /** Run as this user and group without any capability ({@link NOBODY_UID}); default: root of the lab. */
  readonly uid?: number;
}

/** How a program is run to its end. */
export interface RunOptions extends StartOptions {
  /** After this it is killed, with all that it started; default 60 s. */
  readonly timeoutMs?: number;
  /** Standard input; default: none. */
  readonly input?: string;
}

/** What came of a program. */
export interface RunResult {
  /** Exit status, null when a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From start to end; about 10 ms of it is the way into the namespace. */
  readonly elapsedMs: number;
  readonly isTimedOut: boolean;
}

/** One namespace of the lab. */
export interface LabMachine {
  /** Full name of the namespace, as `ip netns` knows it. */
  readonly namespace: string;
  run(command: string, args?: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Starts a program with pipes; what still runs when the lab is disposed of is killed. */
  spawn(command: string, args?: readonly string[], options?: StartOptions): ChildProcess;
  /** Starts a program on this terminal. */
  spawnHere(command: string, args?: readonly string[], options?: StartOptions): ChildProcess;
}

/** The words that end in the program itself: each of them replaces itself with the next, so the pid stays one. */
function wordsInto(ground: Ground, namespace: string, options: StartOptions): string[] {
  const { cwd = process.cwd(), uid } = options;
  const words = [...ground.prefix, "ip", "netns", "exec", namespace];
  if (ground.kind === "user") {
    words.push("sh", "-c", 'cd "$0" && exec "$@"', cwd); // setns(2) into a mount namespace goes to its root
    if (uid !== undefined) words.push("unshare", "--user", `--map-user=${uid}`, `--map-group=${uid}`);
  }
  words.push("setpriv", "--pdeathsig", "KILL");
  if (uid === undefined) return words;
  words.push("--no-new-privs");
  if (ground.kind === "user") return words;
  return [...words, `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"];
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** Ends the child and what it started in its process group, and waits until it is gone. */
async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  killGroup(child);
  await gone;
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL"); // not the leader of a group: it shares our terminal
  }
}

function gather(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream?.on("data", (chunk: Buffer) => {
    if (bytes < OUTPUT_BYTES_MAX) chunks.push(chunk);
    bytes += chunk.length;
  });
  return () => Buffer.concat(chunks).toString("utf8");
}

function runToEnd(child: ChildProcess, timeoutMs: number, input: string | undefined): Promise<RunResult> {
  const startedAtMs = performance.now();
  const stdout = gather(child.stdout);
  const stderr = gather(child.stderr);
  child.stdin?.on("error", () => {}); // it may end without reading: its status tells
  child.stdin?.end(input);
  return new Promise((resolve, reject) => {
    let isTimedOut = false;
    const timer = setTimeout(() => {
      isTimedOut = true;
      killGroup(child);
    }, timeoutMs);
    child.once("error", reject);
    child.once("close", (status, signal) => {
      clearTimeout(timer);
      const elapsedMs = performance.now() - startedAtMs;
      resolve({ status, signal, stdout: stdout(), stderr: stderr(), elapsedMs, isTimedOut });
    });
  });
}

/** A crew starts programs in the namespaces of one lab, and ends what is left of them. */
export interface Crew {
  machine(namespace: string): LabMachine;
  endAll(): Promise<void>;
}

/** The crew of a lab on this ground. */
export function createCrew(ground: Ground): Crew {
  const children = new Set<ChildProcess>();

  function start(namespace: string, words: readonly string[], options: StartOptions, how: SpawnOptions): ChildProcess {
    const [command = "", ...args] = [...wordsInto(ground, namespace, options), ...words];
    const child = spawn(command, args, {
      ...how,
      env: { ...labEnvironment(), ...options.env },
      cwd: options.cwd ?? process.cwd(),
    });
    children.add(child);
    child.once("exit", () => children.delete(child));
    return child;
  }

  function machine(namespace: string): LabMachine {
    return {
      namespace,
      run(command, args = [], options = {}) {
        const child = start(namespace, [command, ...args], options, { stdio: "pipe", detached: true });
        return runToEnd(child, options.timeoutMs ?? 60_000, options.input);
      },
      spawn(command, args = [], options = {}) {
        return start(namespace, [command, ...args], options, { stdio: "pipe", detached: true });
      },
      spawnHere(command, args = [], options = {}) {
        return start(namespace, [command, ...args], options, { stdio: "inherit", detached: false });
      },
    };
  }

  return {
    machine,
    endAll: async () => {
      await Promise.all([...children].map(end));
    },
  };
}
