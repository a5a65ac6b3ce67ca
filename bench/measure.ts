// Measures a program from start to end: wall and CPU time by bash's `time` (wait4(2)), peak memory by VmHWM of
// /proc/PID/status, which only grows: looked at every few milliseconds, it is missed by little.
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { LabMachine, StartOptions } from "../lab/machine.js";

/** What one run cost, and what it said. */
export interface Measured {
  readonly wallMs: number;
  /** User and system time of all threads. */
  readonly cpuMs: number;
  readonly peakMb: number;
  /** Null when it was ended because it took too long. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What is measured. */
export interface Command {
  readonly machine: LabMachine;
  readonly program: string;
  readonly args: readonly string[];
  readonly options?: StartOptions;
  /** Hears what the program says on its standard output, and when since its start. */
  readonly onOutput?: (text: string, atMs: number) => void;
  /** Default: five minutes. */
  readonly timeoutMs?: number;
}

const TIMED = "TIMEFORMAT='times %3R %3U %3S'; time \"$@\"";
const TIMES = /times (\d+\.\d+) (\d+\.\d+) (\d+\.\d+)\n$/;
const LOOK_EVERY_MS = 10;
const KB_PER_MB = 1024;

/** A number of kilobytes from /proc/PID/status as MB; undefined when the process is gone. */
export function memoryMb(pid: number, field: "VmHWM" | "VmRSS"): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, "latin1");
    const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / KB_PER_MB;
  } catch {
    return undefined; // it has ended
  }
}

/** The only child of a process; undefined when there is none (proc(5), /proc/PID/task/TID/children). */
function childOf(pid: number): number | undefined {
  try {
    const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").split(" ");
    return first === undefined || first === "" ? undefined : Number(first);
  } catch {
    return undefined;
  }
}

/** All that a child says, when it has ended. */
function gather(child: ChildProcess): { stdout: () => string; stderr: () => string } {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
  return { stdout: () => Buffer.concat(out).toString(), stderr: () => Buffer.concat(err).toString() };
}

async function watchPeak(child: ChildProcess, isOver: () => boolean): Promise<number> {
  let peakMb = 0;
  while (!isOver()) {
    const pid = child.pid === undefined ? undefined : childOf(child.pid);
    if (pid !== undefined) peakMb = Math.max(peakMb, memoryMb(pid, "VmHWM") ?? 0);
    await sleep(LOOK_EVERY_MS);
  }
  return peakMb;
}

/** Runs the program to its end and says what it cost. */
export async function measure(command: Command): Promise<Measured> {
  const { machine, program, args, options, onOutput, timeoutMs = 300_000 } = command;
  const startedAtMs = performance.now();
  const child = machine.spawn("bash", ["-c", TIMED, "bench", program, ...args], options);
  const { stdout, stderr } = gather(child);
  if (onOutput !== undefined) {
    child.stdout?.on("data", (chunk: Buffer) => onOutput(chunk.toString(), performance.now() - startedAtMs));
  }
  child.stdin?.end();
  let isOver = false;
  const timer = setTimeout(() => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL"); // it leads a group of its own
  }, timeoutMs);
  const closed = once(child, "close").finally(() => {
    clearTimeout(timer);
    isOver = true;
  });
  const peakMb = await watchPeak(child, () => isOver);
  await closed;
  const [, wall = timeoutMs / 1000, user = 0, system = 0] = TIMES.exec(stderr()) ?? [];
  return {
    wallMs: Number(wall) * 1000,
    cpuMs: (Number(user) + Number(system)) * 1000,
    peakMb,
    status: child.exitCode,
    stdout: stdout(),
    stderr: stderr().replace(TIMES, ""),
  };
}

/** The middle of the numbers; NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((first, second) => first - second);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}
