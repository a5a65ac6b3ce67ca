// The worker thread: runs the plan that it is sent, and posts what is found.
import { parentPort } from "node:worker_threads";
import { runPlan } from "./run-plan.js";
import { describeFailure, type WorkerOrder, type WorkerReply } from "./worker-protocol.js";

const port = parentPort;
if (port === null) throw new Error("worker.js is started by scan(), as a thread");
port.once("message", (order: WorkerOrder) => {
  runPlan(order, (event, transfer) => port.postMessage({ event } satisfies WorkerReply, transfer))
    .catch((error: unknown) => port.postMessage({ failure: describeFailure(error) } satisfies WorkerReply))
    .finally(() => port.close());
});
