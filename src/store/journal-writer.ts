// Writes the journal of a scan: lines that are only ever appended, many with one write(2). The page cache outlives a
// process that is killed, so nothing is forced to disk before the end.
import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { errnoOfCode, errnoWords } from "../linux/errno.js";
import { InputError, SystemCallError } from "../model/errors.js";
import type { CompactScanEvent, FinishedEvent, HostDoneEvent } from "../model/scan-event.js";
import { encodeLine } from "./journal-line.js";
import { HEADER_BYTES_MAX, type Journal, type JournalHeader } from "./journal-reader.js";
import {
  type HeaderRecord,
  JOURNAL_FORMAT,
  type JournalRecord,
  portsRecord,
  type RunFacts,
  type SegmentRecord,
} from "./journal-record.js";
import { toJson } from "./plain-data.js";
import { mergedRanges, type Range, rangesOf, rangesText, rangesWithin, rangesWithout } from "./ranges.js";

/** So much may gather before it is written without being asked. */
const BATCH_CHARACTERS = 64 * 1024;

/** Only its owner may read what was found. */
const MODE = 0o600;

/** A host that was told and is not finished. */
interface ToldHost {
  ports: number;
  names: number;
  hops: number;
  /** Its end was told. */
  isEnded: boolean;
}

/** Writes what a scan tells into a journal. Nothing may be written after an error. */
export class JournalWriter {
  readonly #path: string;
  readonly #file: number;
  /** What this run and earlier ones have finished. */
  #finished: readonly Range[];
  readonly #hosts: Map<number, ToldHost> = new Map();
  #lines: string[] = [];
  #characters = 0;
  #isOpen = true;

  private constructor(path: string, file: number, journal: Journal | undefined) {
    this.#path = path;
    this.#file = file;
    this.#finished = journal?.resume.finished ?? [];
    for (const [id, told] of journal?.told ?? []) this.#hosts.set(id, { ...told, isEnded: false });
  }

  /**
   * Begins a journal, with the header on disk.
   *
   * @throws InputError when the file exists
   * @throws SystemCallError when it cannot be written
   */
  static create(path: string, header: JournalHeader): JournalWriter {
    const { version, startedAt, words, plan } = header;
    const record: HeaderRecord = {
      type: "journal",
      format: JOURNAL_FORMAT,
      version,
      startedAt,
      words,
      plan: toJson(plan),
    };
    const line = encodeLine(record);
    if (line.length > HEADER_BYTES_MAX) throw new InputError("the plan is too long for a journal", { file: path });
    const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND } = constants;
    const file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND);
    return new JournalWriter(path, file, undefined).#begin(line);
  }

  /**
   * Goes on with a journal that was read, without a last line that was cut.
   *
   * @throws InputError when somebody has written into the file meanwhile
   * @throws SystemCallError when it cannot be written
   */
  static append(journal: Journal, run: RunFacts): JournalWriter {
    const { path } = journal;
    const file = open(path, constants.O_WRONLY | constants.O_APPEND);
    const writer = new JournalWriter(path, file, journal);
    writer.#call("ftruncate", () => {
      if (fstatSync(file).size !== journal.fileBytes) {
        throw new InputError("another run writes into this journal", { file: path }, { hint: "wait for its end" });
      }
      ftruncateSync(file, journal.wholeBytes);
    });
    const { version, startedAt, words } = run;
    const segment: SegmentRecord = { type: "segment", version, startedAt, words };
    return writer.#begin(encodeLine(segment));
  }

  /**
   * Takes what the scan tells; what no later run needs is passed over.
   *
   * @throws SystemCallError when the journal cannot be written; the scan must stop then
   */
  take(event: CompactScanEvent): void {
    const record = this.#recordOf(event);
    if (record === undefined || !this.#isOpen) return;
    const line = encodeLine(record);
    this.#lines.push(line);
    this.#characters += line.length;
    if (this.#characters >= BATCH_CHARACTERS) this.flush();
  }

  /**
   * Hands what has gathered to the kernel: from then on it outlives this process.
   *
   * @throws SystemCallError when the kernel does not take it
   */
  flush(): void {
    if (!this.#isOpen || this.#lines.length === 0) return;
    const bytes = Buffer.from(this.#lines.join(""));
    this.#lines = [];
    this.#characters = 0;
    this.#call("write", () => {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    });
  }

  /**
   * Writes the rest, waits until the disk has everything, and closes the file. After an error there is nothing to do.
   *
   * @throws SystemCallError when the kernel does not take it
   */
  close(): void {
    this.flush();
    if (!this.#isOpen) return;
    this.#call("fsync", () => fsyncSync(this.#file));
    this.#isOpen = false;
    closeSync(this.#file);
  }

  #begin(line: string): this {
    this.#lines.push(line);
    this.flush();
    return this;
  }

  /** After a write that failed half a line may stand at the end, so that was the last one. */
  #call(name: string, call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#isOpen = false;
      closeSync(this.#file);
      throw asSystemCallError(error, name, this.#path);
    }
  }

  #recordOf(event: CompactScanEvent): JournalRecord | undefined {
    switch (event.type) {
      case "start":
      case "progress":
        return undefined;
      case "technique":
      case "notice":
      case "done":
        return event;
      case "host": {
        const { id, status } = event.host;
        if (!this.#hosts.has(id)) this.#hosts.set(id, { ports: 0, names: 0, hops: 0, isEnded: status !== "up" });
        return event;
      }
      case "host-names":
        this.#count(event.hostId, "names", event.names.length);
        return event;
      case "trace":
        this.#count(event.hostId, "hops", event.hops.length);
        return event;
      case "port-run":
        this.#count(event.hostId, "ports", event.ports.length);
        return portsRecord(event);
      case "silence":
        return { ...event, ports: rangesText(rangesOf(event.ports)) };
      case "host-done":
        return this.#hostDone(event);
      case "finished":
        return this.#finish(event);
      case "service":
      case "owner":
      case "os":
      case "script":
        return undefined; // a scan that has these cannot be gone on with yet
      default:
        return event satisfies never;
    }
  }

  #count(hostId: number, what: "ports" | "names" | "hops", count: number): void {
    const host = this.#hosts.get(hostId);
    if (host !== undefined) host[what] += count;
  }

  /** A host that was stopped is not done for a later run. */
  #hostDone(event: HostDoneEvent): JournalRecord | undefined {
    if (event.end === "stopped") return undefined;
    const { ports = 0, names = 0, hops = 0 } = this.#hosts.get(event.hostId) ?? {};
    const host = this.#hosts.get(event.hostId);
    if (host !== undefined) host.isEnded = true;
    return { ...event, told: { ports, names, hops } };
  }

  #finish(event: FinishedEvent): JournalRecord | undefined {
    const hosts = rangesWithout(mergedRanges(event.ranges), this.#finished);
    if (hosts.length === 0) return undefined;
    this.#finished = mergedRanges([...this.#finished, ...hosts]);
    const ended: number[] = [];
    const up: number[] = [];
    for (const [id, { isEnded }] of this.#hosts) (isEnded ? ended : up).push(id);
    const [endedHere, upHere] = [ended, up].map((ids) => rangesWithin(rangesOf(ids), hosts));
    for (const [first, last] of [...(endedHere ?? []), ...(upHere ?? [])]) {
      for (let id = first; id <= last; id++) this.#hosts.delete(id);
    }
    return {
      type: "finished",
      hosts: rangesText(hosts),
      ended: rangesText(endedHere ?? []),
      up: rangesText(upHere ?? []),
    };
  }
}

function open(path: string, flags: number): number {
  try {
    return openSync(path, flags, MODE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      const hint = "name another file, or go on with this one: --resume";
      // biome-ignore lint/style/useErrorCause: it is passed, as the third argument
      throw new InputError("exists, and a journal never replaces a file", { file: path }, { hint, cause: error });
    }
    throw asSystemCallError(error, "open", path);
  }
}

/** What the kernel refused, as an error of ours; every other error as it is. */
function asSystemCallError(error: unknown, call: string, path: string): unknown {
  const { syscall, code } = error as NodeJS.ErrnoException;
  if (syscall === undefined || code === undefined) return error;
  const hint =
    call === "open" ? {} : { hint: "what was written before is good: mend the cause and go on with --resume" };
  return new SystemCallError(call, errnoOfCode(code), errnoWords(code), { object: path, cause: error, ...hint });
}
