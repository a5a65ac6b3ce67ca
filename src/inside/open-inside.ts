// The two places that the inside is read from: this machine as it runs, or a tree of files such as /proc/net of another.
import { ProcFiles } from "../linux/proc-files.js";
import type { InsideView, NamespaceRef } from "./inside-view.js";
import { liveSource } from "./live-source.js";
import { type InsideQuery, readInside } from "./read-inside.js";
import { sightLimits } from "./sight-limits.js";
import { textSource } from "./socket-source.js";
import type { SocketWish } from "./socket-wish.js";

/** What is wanted of the inside. */
export interface InsideWish {
  readonly wish: SocketWish;
  readonly onlyOwnNamespace: boolean;
}

/** Reads a tree of files that looks like /proc: nothing but its text counts. */
export function readInsideTree(root: string, { wish, onlyOwnNamespace }: InsideWish): InsideView {
  const files = new ProcFiles(root);
  const query: InsideQuery = {
    files,
    wish,
    onlyOwnNamespace,
    namedNamespaces: [],
    blindness: undefined,
    sourceOf: (namespace) => textSource(files, folderOf(namespace)),
    kernelOwnerOf: () => undefined,
  };
  return readInside(query);
}

/** Reads this machine as it is now. */
export function readInsideLive({ wish, onlyOwnNamespace }: InsideWish): InsideView {
  const files = new ProcFiles("/proc");
  const query: InsideQuery = {
    files,
    wish,
    onlyOwnNamespace,
    namedNamespaces: [],
    blindness: sightLimits(files),
    sourceOf: (namespace) => (namespace.isOwn ? liveSource(files) : textSource(files, folderOf(namespace))),
    kernelOwnerOf: () => undefined,
  };
  return readInside(query);
}

/** The folder of a namespace's tables: that of one of its processes shows them. */
function folderOf({ isOwn, pids }: NamespaceRef): string {
  return isOwn ? "net" : `${pids[0] ?? "self"}/net`;
}
