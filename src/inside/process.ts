// What is known of a process: /proc/PID/{stat,status,cmdline,exe,cgroup} (proc(5)).
import { isReadFault, type ProcFiles } from "../linux/proc-files.js";
import { type ControlGroup, readControlGroup } from "./cgroup.js";

/** The kernel counts in hundredths of a second towards user space on every architecture of Linux that Node runs on. */
const TICKS_PER_SEC = 100;
const COMMAND_BYTES = 256 << 10;
/** Longer texts of control groups are not of this world; a tree of somebody else's could fill the memory with them. */
const REMEMBERED_CHARACTERS_MAX = 4096;
const DELETED = " (deleted)";
/** Of field 3 on, behind the name in parentheses: proc(5) counts from 1, and starttime is field 22. */
const START_TIME_AT = 22 - 3;

/** The program file of a process. */
export interface Executable {
  readonly path: string;
  /** True when the file was removed or replaced while the program runs. */
  readonly isDeleted: boolean;
}

/** A process. What is undefined could not be read: the process ended, or this one has not the right. */
export interface Process {
  readonly pid: number;
  /** The kernel's name of it, at most 15 bytes, which the process may choose itself. */
  readonly name: string | undefined;
  /** Its real and effective user. */
  readonly uid: number | undefined;
  readonly effectiveUid: number | undefined;
  /** The effective capabilities as a bit mask (capabilities(7)). */
  readonly capabilities: bigint | undefined;
  /** When it was started, in ms since 1970. */
  readonly startedAtMs: number | undefined;
  readonly executable: Executable | undefined;
  readonly controlGroup: ControlGroup | undefined;
  /** Its number in the innermost PID namespace where that is another one. */
  readonly innerPid: number | undefined;
}

/** When the machine was started, in ms since 1970 (/proc/stat, btime); undefined when it cannot be read. */
export function readBootTimeMs(files: ProcFiles): number | undefined {
  const text = files.text("stat", 1 << 20, "latin1");
  const seconds = isReadFault(text) ? undefined : /^btime (\d{1,12})$/m.exec(text)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** Reads one process after another. */
export class ProcessReader {
  readonly #files: ProcFiles;
  readonly #bootTimeMs: number | undefined;
  /** What was made of a text once: the processes of a unit or container have the same one. */
  readonly #controlGroups = new Map<string, ControlGroup>();

  /** @param bootTimeMs What {@link readBootTimeMs} says */
  constructor(files: ProcFiles, bootTimeMs: number | undefined) {
    this.#files = files;
    this.#bootTimeMs = bootTimeMs;
  }

  /** Reads what there is of a process. */
  read(pid: number): Process {
    const stat = textOf(this.#files.record(`${pid}/stat`));
    const status = textOf(this.#files.record(`${pid}/status`, "latin1")) ?? "";
    const [uid, effectiveUid] = numbersOf(fieldOf(status, "Uid"));
    const innerPid = numbersOf(fieldOf(status, "NSpid")).at(-1);
    const capabilities = fieldOf(status, "CapEff");
    return {
      pid,
      name: nameOf(stat),
      uid,
      effectiveUid,
      capabilities: /^[0-9a-f]{1,32}$/.test(capabilities) ? BigInt(`0x${capabilities}`) : undefined,
      startedAtMs: startTime(stat, this.#bootTimeMs),
      executable: readExecutable(this.#files, pid),
      controlGroup: this.#controlGroupOf(pid),
      innerPid: innerPid === pid ? undefined : innerPid,
    };
  }

  #controlGroupOf(pid: number): ControlGroup | undefined {
    const text = textOf(this.#files.record(`${pid}/cgroup`));
    if (text === undefined) return undefined;
    const group = this.#controlGroups.get(text) ?? readControlGroup(text);
    if (text.length <= REMEMBERED_CHARACTERS_MAX) this.#controlGroups.set(text, group);
    return group;
  }
}

/** The words with which a process was called; undefined when they cannot be read, empty for a thread of the kernel. */
export function readCommand(files: ProcFiles, pid: number): readonly string[] | undefined {
  const text = textOf(files.text(`${pid}/cmdline`, COMMAND_BYTES));
  if (text === undefined) return undefined;
  const words = text.replace(/\0+$/, "").split("\0");
  return words.length === 1 && words[0] === "" ? [] : words;
}

function readExecutable(files: ProcFiles, pid: number): Executable | undefined {
  const link = files.link(`${pid}/exe`);
  if (isReadFault(link)) return undefined;
  const isDeleted = link.endsWith(DELETED);
  return { path: isDeleted ? link.slice(0, -DELETED.length) : link, isDeleted };
}

function textOf(text: string | { readonly fault: string }): string | undefined {
  return typeof text === "string" ? text : undefined;
}

/** Names may hold parentheses and blanks: the last parenthesis ends it. */
function nameOf(stat: string | undefined): string | undefined {
  const from = stat?.indexOf("(") ?? -1;
  const end = stat?.lastIndexOf(")") ?? -1;
  return from < 0 || end < from ? undefined : stat?.slice(from + 1, end);
}

function startTime(stat: string | undefined, bootTimeMs: number | undefined): number | undefined {
  if (stat === undefined || bootTimeMs === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ", START_TIME_AT + 1);
  const ticks = Number(fields[START_TIME_AT]);
  return Number.isSafeInteger(ticks) ? bootTimeMs + (ticks * 1000) / TICKS_PER_SEC : undefined;
}

/** What stands behind "\nNAME:" in a status; empty without it. The process's name, which stands first, has no line feeds there. */
function fieldOf(status: string, name: string): string {
  const at = status.indexOf(`\n${name}:`);
  if (at < 0) return "";
  const end = status.indexOf("\n", at + 1);
  return status.slice(at + name.length + 2, end < 0 ? undefined : end).trim();
}

function numbersOf(field: string): readonly number[] {
  return /^\d{1,10}(?:\s+\d{1,10})*$/.test(field) ? field.split(/\s+/).map(Number) : [];
}
