// Which sockets are asked for.
import type { KernelSocket } from "../linux/kernel-socket.js";

/** What is asked for. */
export interface SocketWish {
  readonly kinds: ReadonlySet<KernelSocket["kind"]>;
  /** Only what waits for others: listening ones, and datagram and raw sockets that are not connected. */
  readonly onlyListening: boolean;
}

/** True for what the wish asks for. */
export function wishes({ kinds, onlyListening }: SocketWish, socket: KernelSocket): boolean {
  return kinds.has(socket.kind) && (!onlyListening || isListening(socket));
}

/** True for a socket that takes what comes from anybody. */
export function isListening(socket: KernelSocket): boolean {
  if (socket.kind === "packet") return true;
  if (socket.state === "listen") return true;
  if (socket.kind === "unix")
    return socket.type === "datagram" && socket.path !== undefined && socket.peer === undefined;
  return socket.protocol !== "tcp" && socket.state === "unconnected" && socket.localPort > 0;
}
