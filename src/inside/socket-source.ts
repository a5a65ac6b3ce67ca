// Where the sockets and interfaces of a network namespace come from: from the kernel's answers, or from the text of a tree.
import type { ProcFiles } from "../linux/proc-files.js";
import type { LocalNetwork } from "./local-network.js";
import { readTextNetwork } from "./network-text.js";
import type { SocketWish } from "./socket-wish.js";
import { readTextSockets, type SocketReading } from "./text-sockets.js";

/** One namespace that can be asked. */
export interface SocketSource {
  readSockets(wish: SocketWish): SocketReading;
  readNetwork(): LocalNetwork;
}

/**
 * A namespace by its text.
 * @param folder Below the root: "net", or "123/net" for the namespace of a process
 */
export function textSource(files: ProcFiles, folder: string): SocketSource {
  return {
    readSockets: (wish) => readTextSockets(files, folder, wish),
    readNetwork: () => readTextNetwork(files, folder),
  };
}
