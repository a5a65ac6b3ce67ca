// The worker thread: runs the plan that it is sent, and posts what is found.
import { stat } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";
import { parentPort } from "node:worker_threads";
import { stayInNetworkNamespace } from "../linux/network-namespace.js";
import type { PacketTap } from "../model/traced-packet.js";
import { runPlan } from "./run-plan.js";
import { describeFailure, type WorkerOrder, type WorkerReply } from "./worker-protocol.js";

/**
 * Old memory may grow by so much before it is collected. V8 would let it grow to several times what is in use, and a sweep
 * makes much that lives just long enough to grow old: with this 137 MB instead of 195 MB for a /8 on a link, in the same
 * time (docs/performance.md, MEMORY).
 */
const HEAP_GROWTH_PERCENT = 30;

setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);

const port = parentPort;
if (port === null) throw new Error("worker.js is started by scan(), as a thread");
port.once("message", (order: WorkerOrder) => {
  const tap: PacketTap = (packet) => port.postMessage({ packet } satisfies WorkerReply);
  enterFor(order)
    .then(() => runPlan(order, (event, transfer) => port.postMessage({ event } satisfies WorkerReply, transfer), tap))
    .catch((error: unknown) => port.postMessage({ failure: describeFailure(error) } satisfies WorkerReply))
    .finally(() => port.close());
});

/**
 * Threads inherit the namespace of the thread that starts them, and Node's pool is started by whoever needs it first: were
 * it this thread, later name lookups of the whole process would be asked from in there. So it is started before.
 */
async function enterFor({ networkNamespace }: WorkerOrder): Promise<void> {
  if (networkNamespace === undefined) return;
  await stat("/");
  stayInNetworkNamespace(networkNamespace);
}
