// Where `postern convert` writes: a file, or standard output. Opened when the first text comes, so that a report that cannot
// be read leaves a file of that name as it was.
import { closeSync, fsyncSync, openSync, statSync, writeSync } from "node:fs";
import { errnoWords } from "../linux/errno.js";
import { InputError, UsageError } from "../model/errors.js";
import { quote } from "../target/fault.js";

/** Text is handed to the kernel in pieces of about this size, in UTF-16 units: a report may have a million lines. */
const PIECE = 64 * 1024;

/** The name that stands for standard output. */
const STANDARD_OUTPUT = "-";

/** The file. */
export class ConvertOutput {
  readonly #path: string;
  readonly #writeOut: (text: string) => void;
  #file: number | undefined;
  #pending = "";

  /**
   * @param path "-" is standard output
   * @param writeOut Takes what goes there
   */
  constructor(path: string, writeOut: (text: string) => void) {
    this.#path = path;
    this.#writeOut = writeOut;
  }

  /** @throws InputError when the file cannot be written */
  write(text: string): void {
    this.#pending += text;
    if (this.#pending.length >= PIECE) this.#flush();
  }

  /** Waits until the disk has everything, and closes the file. */
  close(): void {
    try {
      this.#flush();
      if (this.#file !== undefined) synchronize(this.#file, this.#path);
    } finally {
      if (this.#file !== undefined) closeSync(this.#file);
      this.#file = undefined;
    }
  }

  #flush(): void {
    const text = this.#pending;
    this.#pending = "";
    if (text === "") return;
    if (this.#path === STANDARD_OUTPUT) {
      this.#writeOut(text);
      return;
    }
    try {
      this.#file ??= openSync(this.#path, "w");
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
  }
}

/**
 * Refuses to write a report over the one that is read.
 *
 * @throws UsageError when both names mean one file
 */
export function refuseSameFile(input: string, output: string): void {
  if (input === STANDARD_OUTPUT || output === STANDARD_OUTPUT) return;
  const [one, other] = [input, output].map((path) => statSync(path, { throwIfNoEntry: false }));
  // A terminal, a pipe or /dev/null may well be both.
  if (one === undefined || other === undefined || !one.isFile()) return;
  if (one.dev !== other.dev || one.ino !== other.ino) return;
  throw new UsageError(`${quote(output)} is the report that is read: it would be lost`, {
    hint: "write to another name, and rename it afterwards",
  });
}

function synchronize(file: number, path: string): void {
  try {
    fsyncSync(file);
  } catch (error) {
    // A pipe or a device has no disk to wait for.
    const isNoDisk = error instanceof Error && "code" in error && (error.code === "EINVAL" || error.code === "EROFS");
    if (!isNoDisk) throw cannotWrite(path, error);
  }
}

function cannotWrite(path: string, error: unknown): unknown {
  if (!(error instanceof Error && "code" in error)) return error;
  return new InputError(`cannot be written: ${errnoWords(String(error.code))}`, { file: path }, { cause: error });
}
