// Another network namespace of this machine, asked from inside of it; by its text where it may not be entered.
import { inNetworkNamespace, type NetworkNamespace as NamespacePath } from "../linux/network-namespace.js";
import type { ProcFiles } from "../linux/proc-files.js";
import { PrivilegeError, SystemCallError } from "../model/errors.js";
import { liveSource } from "./live-source.js";
import type { LocalNetwork } from "./local-network.js";
import { type SocketSource, textSource } from "./socket-source.js";

const NOTHING: LocalNetwork = { addresses: [], nameByIndex: new Map(), routedInterfaces: new Set() };

/** A namespace that was there and is not any more: it has nothing, and nothing of it is missing. */
export const goneSource: SocketSource = {
  readSockets: () => ({ sockets: [], gaps: [] }),
  readNetwork: () => NOTHING,
};

/**
 * The namespace to which a path leads.
 * @param textFolder Where its text stands; undefined for a namespace without a process
 */
export function enteredSource(files: ProcFiles, path: NamespacePath, textFolder: string | undefined): SocketSource {
  const inside = liveSource(files);
  const text = textFolder === undefined ? undefined : textSource(files, textFolder);
  return {
    readSockets(wish) {
      const reading = tryInside(path, () => inside.readSockets(wish));
      if (reading !== undefined) return reading;
      if (text !== undefined) return text.readSockets(wish);
      const what = `the sockets of network namespace net:[${path.inode}]`;
      return { sockets: [], gaps: [{ code: "denied", what, why: "entering it needs root" }] };
    },
    readNetwork: () => tryInside(path, () => inside.readNetwork()) ?? text?.readNetwork() ?? NOTHING,
  };
}

/** Undefined where the namespace may not be entered, or is gone. */
function tryInside<Result>(path: NamespacePath, work: () => Result): Result | undefined {
  try {
    return inNetworkNamespace(path, work);
  } catch (error) {
    if (error instanceof PrivilegeError || error instanceof SystemCallError) return undefined;
    throw error;
  }
}
