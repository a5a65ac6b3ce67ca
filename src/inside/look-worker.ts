// The thread that helps to look at processes: waits for its order, does its part, and posts what it has found.
import { once } from "node:events";
import { parentPort, receiveMessageOnPort } from "node:worker_threads";
import { helpLooking, type LookOrder } from "./look-order.js";

const port = parentPort;
if (port === null) throw new Error("look-worker.js is started by postern, as a thread");
const findings = await helpLooking({
  order: async () => (await once(port, "message"))[0] as LookOrder,
  pollWanted: () => receiveMessageOnPort(port)?.message as Float64Array | undefined,
  wanted: async () => (await once(port, "message"))[0] as Float64Array,
});
port.postMessage(findings, [findings.holdings.buffer as ArrayBuffer]);
port.close();
