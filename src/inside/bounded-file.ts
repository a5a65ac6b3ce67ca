// Reads a file of the system that may be anything: at most so many bytes, never a pipe or a device, never an exception.
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

/** What a file holds, or why that is not known. */
export type BoundedFile =
  | {
      readonly kind: "text";
      readonly text: string;
      /** True when the file is longer than what was read. */
      readonly isCut: boolean;
    }
  | {
      readonly kind: "fault";
      /** Symbolic errno, "EACCES"; "ENOTREG" for what is no regular file. */
      readonly code: string;
    };

/** A FIFO without a writer must not stop us, and a link planted at the end of a path must not lead elsewhere. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW | constants.O_NOCTTY;

/** The first `bytesMax` bytes of a file, as UTF-8. */
export function readBoundedFile(file: string, bytesMax: number): BoundedFile {
  let fd: number;
  try {
    fd = openSync(file, OPEN_FLAGS);
  } catch (error) {
    return { kind: "fault", code: codeOf(error) };
  }
  try {
    if (!fstatSync(fd).isFile()) return { kind: "fault", code: "ENOTREG" };
    return readText(fd, bytesMax);
  } catch (error) {
    return { kind: "fault", code: codeOf(error) };
  } finally {
    closeSync(fd);
  }
}

/** Sizes are not asked for: files of /proc have none. */
function readText(fd: number, bytesMax: number): BoundedFile {
  const chunks: Buffer[] = [];
  let restBytes = bytesMax + 1; // one more tells whether there is more
  while (restBytes > 0) {
    const chunk = Buffer.allocUnsafe(Math.min(restBytes, 65_536));
    const readBytes = readSync(fd, chunk, 0, chunk.length, null);
    if (readBytes === 0) break;
    chunks.push(chunk.subarray(0, readBytes));
    restBytes -= readBytes;
  }
  const bytes = Buffer.concat(chunks);
  return { kind: "text", text: bytes.toString("utf8", 0, bytesMax), isCut: bytes.length > bytesMax };
}

/**
 * The symbolic errno of what a call of node:fs threw.
 *
 * @throws whatever was given, when it is no such error: our bug
 */
export function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  throw error;
}
