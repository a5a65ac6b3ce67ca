// A program that is given an input and read line by line, within bounds of time and bytes. It leads a process group of its own,
// without a terminal that it could ask on, and the whole group ends with it.
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import process from "node:process";
import type { Readable } from "node:stream";

/** What holds for a run. */
export interface RunBounds {
  readonly timeoutMs: number;
  /** So long it may say nothing. */
  readonly idleMs: number;
  readonly outputBytesMax: number;
  readonly signal: AbortSignal;
}

/** Why a run was ended from here. */
export type RunStop = "hangs" | "timed-out" | "too-much" | "stopped";

/** How a run has ended. */
export type RunEnd =
  | { readonly kind: "ended"; readonly status: number }
  | { readonly kind: "stopped"; readonly stop: RunStop }
  | { readonly kind: "not-started"; readonly why: string };

/** A run that is under way. */
export interface LineRun {
  /**
   * What it writes, to be read once: each line that is whole, a character a byte (Latin-1), without its end. Who stops reading
   * ends the program.
   */
  readonly lines: AsyncIterable<string>;
  /** When it has ended; only if the lines are read to their end, or no more. */
  readonly end: Promise<RunEnd>;
  /** The last that it has complained of. Text from outside. */
  readonly errors: () => string;
}

const ERROR_CHARACTERS = 8192;
/** More complaints than this are an attack, or will not end. */
const ERROR_BYTES_MAX = 16 << 20;
/** So long something that it has started may hold its output when itself has ended. */
export const LINGER_MS = 500;

/** Starts a program; nothing is thrown. */
export function startLines(program: string, words: readonly string[], input: string, bounds: RunBounds): LineRun {
  const child = startGroup(program, words, ["pipe", "pipe", "pipe"]);
  const errors = lastWords(child.stderr, () => stop("too-much"));
  let stopped: RunStop | undefined;
  const stop = (why: RunStop): void => {
    stopped ??= why;
    endGroup(child);
  };
  const onAbort = (): void => stop("stopped");
  if (bounds.signal.aborted) onAbort();
  bounds.signal.addEventListener("abort", onAbort, { once: true });
  const whole = setTimeout(() => stop("timed-out"), bounds.timeoutMs);
  const idle = setTimeout(() => stop("hangs"), bounds.idleMs);
  child.stdin?.on("error", () => {}); // it may end without reading: its status tells
  child.stdin?.end(input);
  const end = endOf(child, () => stopped).finally(() => {
    clearTimeout(whole);
    clearTimeout(idle);
    bounds.signal.removeEventListener("abort", onAbort);
  });
  async function* read(): AsyncGenerator<string, void, void> {
    if (child.stdout === null) return;
    let isAbandoned = true;
    try {
      let bytes = 0;
      const onChunk = (chunkBytes: number): void => {
        idle.refresh();
        bytes += chunkBytes;
        if (bytes > bounds.outputBytesMax) stop("too-much");
      };
      yield* linesOf(child.stdout, onChunk);
      isAbandoned = false;
    } catch (error) {
      if (!isPrematureEnd(error)) throw error; // the stream was destroyed from here
    } finally {
      if (isAbandoned) stop("stopped");
    }
  }
  return { lines: read(), end, errors };
}

/** Starts a program that leads a group of its own. */
export function startGroup(program: string, words: readonly string[], stdio: StdioOptions): ChildProcess {
  return spawn(program, words, { stdio, detached: true, shell: false });
}

/** Ends a program with all that it has started, unless it has ended and left nothing. */
export function endGroup(child: ChildProcess): void {
  if (child.pid !== undefined) {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // ESRCH: nobody is left of the group
    }
  }
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
}

/** The last that it says on a stream. */
export function lastWords(stream: Readable | null, onTooMuch: () => void): () => string {
  let text = "";
  let bytes = 0;
  stream?.on("error", () => {}); // destroyed from here
  stream?.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    text = (text + chunk.toString("latin1")).slice(-ERROR_CHARACTERS);
    if (bytes > ERROR_BYTES_MAX) onTooMuch();
  });
  return () => text;
}

function endOf(child: ChildProcess, stopped: () => RunStop | undefined): Promise<RunEnd> {
  return new Promise((resolve) => {
    child.once("error", (error) => {
      endGroup(child);
      resolve({ kind: "not-started", why: error.message });
    });
    child.once("exit", () => setTimeout(() => endGroup(child), LINGER_MS).unref());
    child.once("close", (status) => {
      const stop = stopped();
      resolve(
        stop !== undefined && status !== 0 ? { kind: "stopped", stop } : { kind: "ended", status: status ?? 255 },
      );
    });
  });
}

async function* linesOf(stream: Readable, onChunk: (bytes: number) => void): AsyncGenerator<string, void, void> {
  let begun: string[] = [];
  for await (const chunk of stream) {
    const bytes: Buffer = chunk;
    onChunk(bytes.length);
    const [first = "", ...others] = bytes.toString("latin1").split("\n");
    begun.push(first);
    for (const next of others) {
      yield begun.join("");
      begun = [next];
    }
  }
}

function isPrematureEnd(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
}
