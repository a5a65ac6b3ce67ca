// Where postern keeps what it knows between its runs, and whose a folder may be that such a file stands in.
import { lstatSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { ownIdentity, whyNotOurs } from "./settings-file.js";

/** Filesystem Hierarchy Standard 3.0, §5.8: state that a program keeps between its runs. */
const ROOT_FOLDER = "/var/lib/postern";
const STICKY = 0o1000;
const WRITABLE = 0o022;
const ROOT = 0;

/**
 * Where a file of ours is; undefined where the environment names no folder. Of root's no variable of the environment decides.
 * XDG Base Directory Specification 0.8.
 */
export function stateFile(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
  uid: number = process.geteuid?.() ?? ROOT,
): string | undefined {
  if (uid === ROOT) return path.join(ROOT_FOLDER, name);
  const { XDG_STATE_HOME: state = "", HOME: home = "" } = environment;
  const folder = [state, path.join(home, ".local", "state")].find((one) => path.isAbsolute(one));
  return folder === undefined ? undefined : path.join(folder, "postern", name);
}

/**
 * Why a folder is not taken, undefined for one that is. Whoever may write it may put another file into the place of ours; whoever
 * may write one above it may put another folder there, unless only owners may rename (sticky).
 */
export function whySharedFolder(folder: string): string | undefined {
  const own = ownIdentity();
  for (let at = folder; ; at = path.dirname(at)) {
    const { uid, gid, mode } = lstatSync(at);
    const isShared = at !== folder && (mode & STICKY) !== 0;
    const why = whyNotOurs({ uid, gid, mode: isShared ? mode & ~WRITABLE : mode }, own);
    if (why !== undefined) return `of the folder ${at}, ${why}`;
    if (at === path.dirname(at)) return undefined;
  }
}
