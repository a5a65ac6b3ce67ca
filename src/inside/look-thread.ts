// The thread that helps to look at processes, as the main thread sees it.
import { Worker } from "node:worker_threads";
import type { LookOrder } from "./look-order.js";
import type { Findings } from "./process-look.js";

/** A helper that has been started: a thread takes its time to come, so it is called before its order is known. */
export interface LookHelper {
  give(order: LookOrder): void;
  /** Tells which sockets are wanted. The array is given away. */
  tell(wanted: Float64Array<ArrayBuffer>): void;
  /** What it has found; undefined when it has failed. */
  readonly findings: Promise<Findings | undefined>;
  /** Ends it, whatever it does. */
  stop(): void;
}

/** Starts a thread; undefined where none can be had. */
export function startLookThread(): LookHelper | undefined {
  const worker = startWorker();
  if (worker === undefined) return undefined;
  worker.unref(); // nobody waits for it but who asks for its findings, and that may be nobody
  const findings = new Promise<Findings | undefined>((resolve) => {
    worker.once("message", (message: Findings) => resolve(message));
    worker.once("messageerror", () => resolve(undefined));
    worker.once("error", () => resolve(undefined)); // run from the sources there is no look-worker.js
    worker.once("exit", () => resolve(undefined));
  });
  return {
    give: (order) => worker.postMessage(order),
    tell: (wanted) => worker.postMessage(wanted, [wanted.buffer]),
    get findings() {
      worker.ref();
      return findings;
    },
    stop: () => void worker.terminate(),
  };
}

function startWorker(): Worker | undefined {
  try {
    return new Worker(new URL("./look-worker.js", import.meta.url));
  } catch (error) {
    const isRefused = error instanceof Error && "code" in error && error.code === "ERR_WORKER_INIT_FAILED";
    if (isRefused) return undefined; // the user may have no more threads (RLIMIT_NPROC)
    throw error;
  }
}
