// What somebody has said may be probed when they were asked: a file of the user's, a line for each address or network, with the
// day and perhaps the name. docs/scope.md.
import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, realpathSync, writeSync } from "node:fs";
import path from "node:path";
import { errnoWords } from "../linux/errno.js";
import { InputError } from "../model/errors.js";
import { parseHost } from "../policy/host-text.js";
import { type AddressBlock, formatBlock } from "../target/address-block.js";
import { isFault } from "../target/fault.js";
import { ownIdentity, whyNotOurs } from "./settings-file.js";
import type { CoveredTarget } from "./settle-scope.js";
import { stateFile, whySharedFolder } from "./state-file.js";

const NAME = "known-scope";
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** Some twenty thousand lines. */
const BYTES_MAX = 1024 * 1024;

type Environment = Readonly<Record<string, string | undefined>>;

/** What the file knows; nothing where there is none, and of one that may not be read: what somebody else was asked is not ours. */
export function readKnownScope(environment: Environment): readonly AddressBlock[] {
  const file = stateFile(NAME, environment);
  const text = file === undefined ? undefined : readText(file);
  return (text ?? "").split("\n").flatMap((line, at) => {
    const [hostText = ""] = line.split(/[\s#]/);
    if (hostText === "") return [];
    const host = parseHost(hostText);
    if (!isFault(host) && "block" in host) return [host.block];
    throw new InputError("this is no address and no network", { file: file ?? NAME, line: at + 1 });
  });
}

function readText(file: string): string | undefined {
  try {
    return withFile(file, constants.O_RDONLY, (fd) => readFileSync(fd, "utf8"));
  } catch (error) {
    if (error instanceof InputError && errnoOf(error.cause) === "EACCES") return undefined;
    throw error;
  }
}

/**
 * Keeps what may be probed from now on.
 *
 * @throws InputError when it cannot be kept
 */
export function keepKnownScope(targets: readonly CoveredTarget[], environment: Environment, day: string): string {
  const file = stateFile(NAME, environment);
  if (file === undefined) {
    const hint = "name the network instead: --authorized NETWORK";
    throw new InputError("there is no folder for it: neither XDG_STATE_HOME nor HOME is set", { file: NAME }, { hint });
  }
  const lines = targets.map(({ block, name }) => [formatBlock(block), day, name].filter((one) => one !== undefined));
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: FOLDER_MODE });
  } catch (error) {
    throw unusable(file, error);
  }
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
  withFile(file, flags, (fd) => writeSync(fd, lines.map((words) => `${words.join(" ")}\n`).join("")));
  return file;
}

/** Opens it if it is nobody else's, and no link to something else; undefined where there is none. */
function withFile<Value>(file: string, flags: number, use: (fd: number) => Value): Value | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(file, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, FILE_MODE);
    const status = fstatSync(fd);
    const why = status.isFile() ? whyNotOurs(status, ownIdentity()) : "it is no file";
    const shared = why ?? whySharedFolder(realpathSync(path.dirname(file)));
    if (shared !== undefined) throw new InputError(`what it says of the scope is not taken: ${shared}`, { file });
    if (status.size > BYTES_MAX)
      throw new InputError("larger than 1 MiB: this is no list of what may be probed", { file });
    return use(fd);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw unusable(file, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function unusable(file: string, error: unknown): unknown {
  if (!(error instanceof Error && "syscall" in error && "code" in error)) return error;
  return new InputError(`cannot be used: ${errnoWords(String(error.code))}`, { file }, { cause: error });
}

function errnoOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
