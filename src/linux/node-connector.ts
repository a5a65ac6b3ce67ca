// Connects through node:net alone: the last resort, which works on any system that runs Node.
import { connect, type Socket } from "node:net";
import { type Address, formatAddress } from "../target/address.js";
import type { ConnectHandler, Connector } from "./connector.js";
import { errnoOfCode } from "./errno.js";
import type { TransmitGuard } from "./transmit-guard.js";

/** One socket object a connect. Slower than the others by far: docs/performance.md. */
export class NodeConnector implements Connector {
  readonly name = "node:net";
  readonly fd = undefined;
  readonly tellsErrors = false;
  readonly capacity: number;
  readonly #guard: TransmitGuard;
  readonly #sockets = new Map<number, Socket>();
  /** Connects that have ended and are not told yet. */
  readonly #ended: [token: number, errno: number][] = [];
  #wake: () => void = () => {};

  constructor(capacity: number, guard: TransmitGuard) {
    this.capacity = capacity;
    this.#guard = guard;
  }

  connect(token: number, address: Address, port: number): boolean {
    this.#guard.checkAddress(address);
    if (this.#sockets.size >= this.capacity) return false;
    const socket = connect({ host: formatAddress(address), port });
    this.#sockets.set(token, socket);
    socket.once("connect", () => this.#end(token, socket, 0));
    socket.on("error", (error: NodeJS.ErrnoException) => this.#end(token, socket, errnoOfCode(error.code)));
    return true;
  }

  cancel(token: number): void {
    this.#sockets.get(token)?.destroy();
    this.#sockets.delete(token);
    const at = this.#ended.findIndex(([ended]) => ended === token);
    if (at >= 0) this.#ended.splice(at, 1);
  }

  collect(handler: ConnectHandler): number {
    const ended = this.#ended.splice(0);
    for (const [token, errno] of ended) handler(token, errno, undefined);
    return ended.length;
  }

  wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#ended.length > 0 ? 0 : timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.destroy();
    this.#sockets.clear();
  }

  #end(token: number, socket: Socket, errno: number): void {
    socket.destroy();
    if (this.#sockets.get(token) !== socket) return; // given up, or told already
    this.#sockets.delete(token);
    this.#ended.push([token, errno]);
    this.#wake();
  }
}
