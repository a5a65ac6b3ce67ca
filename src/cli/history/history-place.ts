// Where the history is, and whose it may be: what postern believes of the past must not be for others to write, above all
// where postern runs as root. docs/history.md.
import { closeSync, constants, lstatSync, mkdirSync, openSync, realpathSync, type Stats } from "node:fs";
import path from "node:path";
import { errnoWords } from "../../linux/errno.js";
import { DatabaseError, InputError } from "../../model/errors.js";
import { HistoryDatabase } from "../../store/history-database.js";
import { ownIdentity, whyNotOurs } from "../settings-file.js";
import { stateFile, whySharedFolder } from "../state-file.js";

const NAME = "history.db";
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** What decides where it is. */
export interface HistoryPlaces {
  /** The file that was named. */
  readonly named: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Where the history is. */
export function historyFile({ named, environment }: HistoryPlaces, uid?: number): string {
  if (named !== undefined) return named;
  const file = stateFile(NAME, environment, uid);
  if (file !== undefined) return file;
  throw new InputError(
    "there is no folder for it: neither XDG_STATE_HOME nor HOME is set",
    { file: NAME },
    {
      hint: "name a file: --history-file FILE",
    },
  );
}

/**
 * Opens the history, and makes one where there is none if that is wanted.
 *
 * @param busyMs How long a call waits for another writer
 * @throws InputError when there is none, or somebody else may have written it, or it cannot be understood
 * @throws DatabaseError when it cannot be used now
 */
export function openHistory(places: HistoryPlaces, busyMs: number, purpose: "read" | "write"): HistoryDatabase {
  const file = historyFile(places);
  try {
    if (purpose === "write" && places.named === undefined) {
      mkdirSync(path.dirname(file), { recursive: true, mode: FOLDER_MODE });
    }
    const real = realFileOf(file);
    const shared = whySharedFolder(path.dirname(real));
    if (shared !== undefined) throw notTaken(file, shared);
    const status = lstatSync(real, { throwIfNoEntry: false });
    if (status !== undefined) refuseFile(file, status);
    else if (purpose === "write") create(real);
    else throw noHistory(file);
    return HistoryDatabase.open(real, { busyMs });
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error && "code" in error)) throw error;
    throw purpose === "read" && error.code === "ENOENT" ? noHistory(file, error) : unusable(file, error);
  }
}

/** What the kernel says about the file, as an error of ours. */
function unusable(file: string, error: { readonly code?: unknown }): InputError | DatabaseError {
  const why = errnoWords(String(error.code));
  const isFull = error.code === "ENOSPC" || error.code === "EDQUOT";
  if (isFull) return new DatabaseError(`${file}: ${why}`, { cause: error });
  return new InputError(`cannot be used as a history: ${why}`, { file }, { cause: error });
}

/** The path without links: SQLite puts files of its own beside the real one. */
function realFileOf(file: string): string {
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) return realpathSync(file);
  return path.join(realpathSync(path.dirname(file)), path.basename(file));
}

/** Another process may be faster: then it is there as well. */
function create(file: string): void {
  closeSync(openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, FILE_MODE));
}

function refuseFile(name: string, status: Stats): void {
  if (!status.isFile()) throw new InputError("this is no file that a history can be in", { file: name });
  const why = whyNotOurs(status, ownIdentity());
  if (why !== undefined) throw notTaken(name, why);
}

function notTaken(file: string, why: string): InputError {
  const hint = "name a file in a folder that only you may write: --history-file FILE";
  return new InputError(`this history is not taken: ${why}`, { file }, { hint });
}

function noHistory(file: string, cause?: unknown): InputError {
  const hint = "scan with --history, or import a report: postern history import FILE";
  return new InputError("there is no history yet", { file }, { hint, cause });
}
