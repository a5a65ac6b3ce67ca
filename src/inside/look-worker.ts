// The thread that helps to look at processes: does its part of the order that it is started with, and posts what it found.
import { once } from "node:events";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { helpLooking, type LookOrder } from "./look-order.js";

const port = parentPort;
if (port === null) throw new Error("look-worker.js is started by postern, as a thread");
const findings = await helpLooking(workerData as LookOrder, {
  poll: () => receiveMessageOnPort(port)?.message as Float64Array | undefined,
  wait: async () => (await once(port, "message"))[0] as Float64Array,
});
port.postMessage(findings, [findings.holdings.buffer as ArrayBuffer]);
port.close();
