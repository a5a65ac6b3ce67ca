// Another program that runs: started by its absolute path and without a shell, in a process group of its own, with an end in
// time and in bytes. setsid(2), kill(2): a negative number is the whole group.
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";

/** How a program is run. */
export interface ProgramOptions {
  /** What it reads on standard input; undefined for nothing at all. */
  readonly input?: string;
  /** All of its environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where it is started; undefined for /. */
  readonly folder?: string;
  /** After so long it is asked to end (SIGTERM). */
  readonly timeoutMs: number;
  /** And so long after it was asked it is ended, with all that it has started (SIGKILL). */
  readonly graceMs: number;
}

/** How it ended. */
export interface ProgramEnd {
  /** Its status; undefined where a signal ended it, or it could not be started. */
  readonly status: number | undefined;
  /** Why it did not do what it should, in words; undefined where it ended by itself with 0. Text from outside. */
  readonly fault: string | undefined;
}

/** A program that runs. */
export interface RunningProgram {
  /** What it writes to standard output. It waits until this is read. */
  readonly output: Readable;
  readonly ended: Promise<ProgramEnd>;
  /** Asks it to end. Once more does nothing more. */
  stop(): void;
}

/** The end of its complaints tells most: so much of them is kept. */
const ERROR_CHARACTERS_MAX = 4096;
const WHY_CHARACTERS_MAX = 300;
/** What holds its standard output open when it has ended may do so for so long. */
const LINGER_MS = 2000;

/**
 * Starts a program. What it complains of is given to `onError` as it comes, and in short in its end.
 *
 * @param program An absolute path
 */
export function startProgram(
  program: string,
  words: readonly string[],
  options: ProgramOptions,
  onError: (text: string) => void = () => {},
): RunningProgram {
  const child = spawn(program, words, {
    cwd: options.folder ?? "/",
    env: options.environment,
    stdio: ["pipe", "pipe", "pipe"],
    shell: false,
    detached: true, // an interrupt of the terminal is for us to pass on; and what it starts can be ended with it
  });
  const stopper = new Stopper(child, options);
  let complaints = "";
  child.stderr.setEncoding("utf8");
  child.stderr.on("data", (text: string) => {
    complaints = (complaints + text).slice(-ERROR_CHARACTERS_MAX);
    onError(text);
  });
  child.stdin.on("error", () => {}); // it need not read what it is given
  child.stdin.end(options.input ?? "");
  const ended = new Promise<ProgramEnd>((resolve) => {
    child.once("error", (error) => {
      stopper.done();
      child.stdout.destroy();
      resolve({ status: undefined, fault: error.message });
    });
    child.once("exit", () => stopper.linger(LINGER_MS));
    child.once("close", (status, signal) => {
      stopper.done();
      resolve({ status: status ?? undefined, fault: stopper.why ?? faultOf(status, signal, complaints) });
    });
  });
  return { output: child.stdout, ended, stop: () => stopper.stop(undefined) };
}

/** Ends a program in good order, and then by force. */
class Stopper {
  /** Set when its time was up. */
  why: string | undefined;
  readonly #child: ChildProcess;
  readonly #graceMs: number;
  readonly #limit: NodeJS.Timeout;
  #force: NodeJS.Timeout | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(child: ChildProcess, { timeoutMs, graceMs }: ProgramOptions) {
    this.#child = child;
    this.#graceMs = graceMs;
    this.#limit = setTimeout(() => this.stop(`did not end within ${Math.round(timeoutMs / 1000)} s`), timeoutMs);
  }

  stop(why: string | undefined): void {
    if (this.#force !== undefined) return;
    this.why ??= why;
    this.#signal("SIGTERM");
    this.#force = setTimeout(() => {
      this.#signal("SIGKILL");
      this.#close();
    }, this.#graceMs);
  }

  /** It has ended; what it has started may hold the pipes. */
  linger(lingerMs: number): void {
    this.#linger = setTimeout(() => this.#close(), lingerMs);
  }

  done(): void {
    for (const timer of [this.#limit, this.#force, this.#linger]) clearTimeout(timer);
  }

  #close(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  #signal(name: NodeJS.Signals): void {
    const { pid, exitCode, signalCode } = this.#child;
    // The number of a program that has ended may be another's by now.
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid, name);
    } catch {
      this.#child.kill(name); // its group is not there yet, or is another user's by now
    }
  }
}

function faultOf(status: number | null, signal: string | null, complaints: string): string | undefined {
  if (status === 0) return undefined;
  const line = complaints.split("\n").find((one) => one.trim() !== "");
  const how = signal === null ? `ended with status ${status}` : `was ended by ${signal}`;
  return `${how}${line === undefined ? "" : `: ${line.trim()}`}`.slice(0, WHY_CHARACTERS_MAX);
}
