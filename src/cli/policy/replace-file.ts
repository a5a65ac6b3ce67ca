// Puts a new text into the place of a file in one step: whoever reads it meanwhile reads the old or the new one whole. Mode and
// owner stay; a file that is somebody else's is not touched.
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { errnoWords } from "../../linux/errno.js";
import { randomWords } from "../../linux/secret.js";
import { InputError } from "../../model/errors.js";
import { ownIdentity, whyNotOurs } from "../settings-file.js";

const MODE_BITS = 0o7777;
const NEW_MODE = 0o600;

/** A file that may be changed. */
interface Change {
  /** Replaces the text, if it is still the one that was read. */
  replace(before: string, after: string): void;
}

/**
 * Finds out whether a file may be changed by us. A link is followed: what it leads to is changed.
 *
 * @throws InputError when it may not, or is somebody else's
 */
export function openForChange(name: string): Change {
  try {
    const real = realpathSync(name);
    const status = statSync(real);
    const own = ownIdentity();
    const why = status.uid === own.uid ? whyNotOurs(status, own) : `it belongs to another user (${status.uid})`;
    if (why !== undefined) throw new InputError(`this file is not changed: ${why}`, { file: name });
    return { replace: (before, after) => asOurs(name, () => replace(name, real, status, before, after)) };
  } catch (error) {
    throw inputError(name, error);
  }
}

function asOurs(name: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw inputError(name, error);
  }
}

function inputError(name: string, error: unknown): unknown {
  if (!(error instanceof Error && "syscall" in error && "code" in error)) return error;
  return new InputError(`cannot be changed: ${errnoWords(String(error.code))}`, { file: name }, { cause: error });
}

function replace(name: string, real: string, status: Stats, before: string, after: string): void {
  const suffix = [...randomWords(2)].map((word) => word.toString(16)).join("");
  const fresh = path.join(path.dirname(real), `.${path.basename(real)}.${suffix}`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const fd = openSync(fresh, flags, NEW_MODE);
  try {
    writeFileSync(fd, after);
    const made = fstatSync(fd);
    if (made.uid !== status.uid || made.gid !== status.gid) fchownSync(fd, status.uid, status.gid);
    fchmodSync(fd, status.mode & MODE_BITS);
    fsyncSync(fd);
    const now = statSync(real);
    const isSame =
      now.ino === status.ino && now.dev === status.dev && withoutMark(readFileSync(real, "utf8")) === before;
    if (!isSame) throw new InputError("somebody else has changed it meanwhile: nothing was written", { file: name });
    renameSync(fresh, real);
  } catch (error) {
    unlinkSync(fresh);
    throw error;
  } finally {
    closeSync(fd);
  }
  syncFolder(path.dirname(real));
}

/** Whoever has read the text before has taken a byte order mark off. */
function withoutMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** So that the new name is there after a power cut (fsync(2)). */
function syncFolder(folder: string): void {
  const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
