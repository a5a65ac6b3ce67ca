// The worker thread as the main thread sees it.
import { Worker } from "node:worker_threads";
import { InternalError } from "../model/errors.js";
import type { WorkerOrder, WorkerReply } from "./worker-protocol.js";

/** A thread that has been started and waits for its plan. */
export class ScanThread {
  readonly #worker: Worker;
  readonly #replies: WorkerReply[] = [];
  #fault: Error | undefined;
  #isOver = false;
  #wake: () => void = () => {};

  constructor() {
    this.#worker = new Worker(new URL("./worker.js", import.meta.url));
    this.#worker.on("message", (reply: WorkerReply) => {
      this.#replies.push(reply);
      this.#wake();
    });
    this.#worker.on("error", (error) => this.#end(new InternalError("the scanning thread failed", { cause: error })));
    this.#worker.on("exit", () => this.#end(undefined));
  }

  send(order: WorkerOrder): void {
    this.#worker.postMessage(order);
  }

  /** The next reply; undefined when the thread has ended. */
  async next(): Promise<WorkerReply | undefined> {
    for (;;) {
      const reply = this.#replies.shift();
      if (reply !== undefined) return reply;
      if (this.#fault !== undefined) throw this.#fault;
      if (this.#isOver) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Ends the thread, whatever it does. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #end(fault: Error | undefined): void {
    this.#fault ??= fault;
    this.#isOver = true;
    this.#wake();
  }
}
