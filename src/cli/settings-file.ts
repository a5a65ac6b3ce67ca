// The settings file, postern.yaml: where it is looked for, and whose it may be. What is in it is read only where there is one,
// since a scan of one port must not wait for it. docs/settings-file.md.
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, type Stats } from "node:fs";
import path from "node:path";
import process from "node:process";
import { errnoWords } from "../linux/errno.js";
import { InputError } from "../model/errors.js";
import type { Policy } from "../policy/policy.js";
import { printable } from "../report/printable.js";
import type { ScanSettings } from "./scan-settings.js";

/** What the file is called, wherever it is. */
const NAME = "postern.yaml";
const SYSTEM_FOLDER = "/etc/postern";
/** The name for no file at all. */
const NOTHING = "/dev/null";
/** Some three thousand lines. What is made to take long takes 30 s a MiB, and a gigabyte of memory. */
const BYTES_MAX = 128 * 1024;
const ROOT = 0;
const OTHERS_WRITE = 0o002;
const GROUP_WRITE = 0o020;

/** A settings file that was read. */
interface SettingsFile {
  readonly path: string;
  readonly policy: Policy;
}

/** Where it is looked for. */
interface SettingsPlaces {
  /** The file that was named; then no other is looked for. */
  readonly named: string | undefined;
  /** Undefined where the folder that we are in has no say. */
  readonly workingFolder: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Who we are, as far as it decides whose files are taken. */
interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Reads the first settings file that there is; undefined where there is none.
 *
 * @throws InputError when it cannot be read or understood, or when somebody else may have written it
 */
async function readSettingsFile(places: SettingsPlaces): Promise<SettingsFile | undefined> {
  const found = findSettings(places);
  if (found === undefined) return undefined;
  const { readPolicy } = await import("../policy/read-policy.js");
  return { path: found.path, policy: readPolicy(found.text, found.path, localZone()) };
}

/**
 * The text of the first settings file that there is; undefined where there is none.
 *
 * @throws InputError when it cannot be read, or when somebody else may have written it
 */
export function findSettings(places: SettingsPlaces): { readonly path: string; readonly text: string } | undefined {
  const file = findSettingsFile(places);
  return file === undefined
    ? undefined
    : { path: file, text: readText(file, places.named !== undefined, ownIdentity()) };
}

/** What a scan is started with beside its command line. */
interface ScanSurroundings {
  readonly program?: "postern" | "nmap";
  readonly environment: Readonly<Record<string, string | undefined>>;
  writeError(text: string): void;
}

/**
 * The settings with what the settings file says where the command line says nothing. Programs start nmap in any folder, so in
 * its name the folder that we are in has no say.
 *
 * @throws InputError see {@link readSettingsFile}
 */
export async function withSettingsFile(settings: ScanSettings, console: ScanSurroundings): Promise<ScanSettings> {
  const { scopeFile: named, log, isLogOff, isRecorded, verbosity } = settings;
  const workingFolder = console.program === "nmap" ? undefined : ".";
  const file = await readSettingsFile({ named, workingFolder, environment: console.environment });
  if (file === undefined) return settings;
  if (verbosity > 0) console.writeError(`Settings from ${printable(file.path)}\n`);
  return {
    ...settings,
    policy: file.policy,
    log: log ?? (isLogOff ? undefined : file.policy.log),
    // Who drives nmap by a program does not look into a history.
    isRecorded: isRecorded ?? (console.program !== "nmap" && file.policy.isRecorded),
  };
}

/**
 * The settings file of a command that is no scan: the one that was named, or the first that there is.
 *
 * @throws InputError see {@link readSettingsFile}
 */
export function readPolicyFile(
  named: string | undefined,
  environment: SettingsPlaces["environment"],
): Promise<SettingsFile | undefined> {
  return readSettingsFile({ named, workingFolder: ".", environment });
}

/** The time zone of this machine (TZ, /etc/localtime), as Node knows it. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The first file that there is, whatever it is: one that cannot be taken must not be passed over in silence. */
export function findSettingsFile({ named, workingFolder, environment }: SettingsPlaces): string | undefined {
  if (named !== undefined) return named === NOTHING ? undefined : named;
  const { XDG_CONFIG_HOME: config = "", HOME: home = "" } = environment;
  // XDG Base Directory Specification: a path that is not absolute is to be ignored.
  const own = [config, path.join(home, ".config")].find((folder) => path.isAbsolute(folder));
  const folders = [workingFolder, own === undefined ? undefined : path.join(own, "postern"), SYSTEM_FOLDER];
  return folders.flatMap((folder) => (folder === undefined ? [] : path.join(folder, NAME))).find(isThere);
}

/** What we may not even look at is nobody's order to us. */
function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (error instanceof Error && "syscall" in error) return false;
    throw error;
  }
}

/** Why a file is not taken: somebody else may have written it; undefined for one that is taken. */
export function whyNotOurs({ uid, gid, mode }: Pick<Stats, "uid" | "gid" | "mode">, own: Identity): string | undefined {
  if (uid !== ROOT && uid !== own.uid) return `it belongs to another user (${uid})`;
  if ((mode & OTHERS_WRITE) !== 0) return "everybody may write it";
  // A group that is one's own alone may, which is what a umask of 002 is for; root's may not be anybody's.
  const isOwnGroup = gid === ROOT || (own.uid !== ROOT && gid === own.gid);
  if ((mode & GROUP_WRITE) !== 0 && !isOwnGroup) return `a group (${gid}) may write it`;
  return undefined;
}

/** Who we are. */
export function ownIdentity(): Identity {
  return { uid: process.geteuid?.() ?? ROOT, gid: process.getegid?.() ?? ROOT };
}

/** Looks at the file that is open, and not at what may have taken its name since. */
function readText(name: string, isNamed: boolean, own: Identity): string {
  let file: number | undefined;
  try {
    // A FIFO must not hold us up until somebody writes into it.
    file = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
    const status = fstatSync(file);
    if (!status.isFile()) throw new InputError("this is no file that settings can be in", { file: name });
    refuseOthers(name, status, isNamed, own);
    if (status.size > BYTES_MAX) throw new InputError("larger than 128 KiB: these are no settings", { file: name });
    return decoded(readFileSync(file), name);
  } catch (error) {
    if (error instanceof InputError || !(error instanceof Error && "syscall" in error && "code" in error)) throw error;
    // biome-ignore lint/style/useErrorCause: it is passed, as the third argument
    throw new InputError(`cannot be read: ${errnoWords(String(error.code))}`, { file: name }, { cause: error });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Whoever names a file answers for whose it is; one that was only found steers nobody but its owner. */
function refuseOthers(name: string, status: Stats, isNamed: boolean, own: Identity): void {
  const link = isNamed ? undefined : lstatSync(name, { throwIfNoEntry: false });
  const linkOwner = link?.isSymbolicLink() === true ? { uid: link.uid, gid: link.gid, mode: 0 } : undefined;
  const judged = isNamed ? { ...status, uid: ROOT, gid: ROOT } : status;
  const why = whyNotOurs(judged, own) ?? (linkOwner === undefined ? undefined : whyNotOurs(linkOwner, own));
  if (why === undefined) return;
  const hint = isNamed
    ? `take the right to write from others: chmod o-w ${name}`
    : "if it is right, name it (--scope FILE) or make it yours; --scope /dev/null does without";
  throw new InputError(`these settings are not taken: ${why}`, { file: name }, { hint });
}

function decoded(bytes: Buffer, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    // biome-ignore lint/style/useErrorCause: it is passed, as the third argument
    throw new InputError("this is no text in UTF-8", { file: name }, { cause: error });
  }
}
