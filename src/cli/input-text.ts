// The text of a file that the user named, or of standard input.
import { readFileSync } from "node:fs";
import { InputError } from "../model/errors.js";

/** No list of targets is longer than this; what is, is a mistake (a disk image, an endless pipe). */
const BYTES_MAX = 256 * 1024 * 1024;
const STANDARD_INPUT = 0;

/**
 * Reads the whole text; "-" is standard input.
 *
 * @throws InputError naming the file and why it cannot be read
 */
export function readInputText(name: string): string {
  const shown = name === "-" ? "standard input" : name;
  let bytes: Buffer;
  try {
    bytes = readFileSync(name === "-" ? STANDARD_INPUT : name);
  } catch (error) {
    // biome-ignore lint/style/useErrorCause: it is passed, as the third argument
    throw new InputError(whyUnreadable(error), { file: shown }, { cause: error });
  }
  if (bytes.length > BYTES_MAX) throw new InputError("larger than 256 MB: this is no list of targets", { file: shown });
  return bytes.toString("utf8");
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "this user may not read it",
  EISDIR: "this is a directory, not a file",
  ENXIO: "this cannot be read",
  EAGAIN: "nothing can be read from it now",
};

/** Why the system does not let us read a file, as a clause. */
export function whyUnreadable(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return WHY[code] ?? `cannot be read (${code})`;
}
