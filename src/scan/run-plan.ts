// Runs a plan from beginning to end in the thread that calls: opens the network, runs the engine on it, closes all.
import { monotonicClock } from "../linux/clock.js";
import { reservePorts } from "../linux/reserved-ports.js";
import { randomWords } from "../linux/secret.js";
import { TransmitGuard } from "../linux/transmit-guard.js";
import { SystemCallError } from "../model/errors.js";
import type { CompactScanEvent } from "../model/scan-event.js";
import { type Address, formatAddress } from "../target/address.js";
import { Scope } from "../target/scope.js";
import { TargetSet } from "../target/target-set.js";
import { Cookies, LANE_COUNT, TRIES_MAX } from "../technique/cookies.js";
import { Engine } from "./engine.js";
import { BatchingSink } from "./event-sink.js";
import { KernelNetwork } from "./kernel-network.js";
import type { ScanPlan } from "./plan.js";
import type { WorkerOrder } from "./worker-protocol.js";

/** Where and with what the probes of one run leave. */
interface Means {
  readonly network: KernelNetwork;
  readonly cookies: Cookies;
  readonly release: () => void;
}

/** Takes what is found; the buffers in `transfer` are its own from then on. */
export type Post = (event: CompactScanEvent, transfer: ArrayBuffer[]) => void;

/**
 * Scans, and hands everything that it finds to `post`.
 *
 * @throws PosternError whatever stopped the scan
 */
export async function runPlan(order: WorkerOrder, post: Post): Promise<void> {
  const { plan } = order;
  const stop = new Int32Array(order.stop);
  const { network, cookies, release } = openMeans(order);
  const sink = new BatchingSink(post);
  const targets = TargetSet.fromData(plan.targets);
  try {
    const engine = new Engine({ plan, targets, network, sink, clock: monotonicClock, cookies });
    await engine.run(() => Atomics.load(stop, 0) !== 0);
  } finally {
    await network.close();
    release();
  }
}

/** Raw packets where they may be sent; where it turns out that they may not, and nobody insists, the kernel connects. */
function openMeans(order: WorkerOrder): Means {
  if (order.plan.isPrivileged !== true) return openConnecting(order, order.whyConnect);
  try {
    return openRaw(order);
  } catch (error) {
    const isRefusal = error instanceof SystemCallError && order.plan.technique === "auto";
    if (!isRefusal || order.plan.transport !== "auto") throw error;
    return openConnecting(order, `raw packets cannot be sent here: ${error.message}`);
  }
}

function openRaw(order: WorkerOrder): Means {
  const [key0 = 0, key1 = 0, start = 0] = randomWords(3);
  const ports = reservePorts(LANE_COUNT * TRIES_MAX, start);
  try {
    const cookies = new Cookies(key0, key1, ports.first);
    return { network: openNetwork(order.plan, cookies, order.whyConnect), cookies, release: () => ports.close() };
  } catch (error) {
    ports.close();
    throw error;
  }
}

function openConnecting(order: WorkerOrder, whyConnect: string): Means {
  // Nobody asks for cookies where the kernel connects.
  return { network: openNetwork(order.plan, undefined, whyConnect), cookies: new Cookies(0, 0, 0), release: () => {} };
}

function openNetwork(plan: ScanPlan, cookies: Cookies | undefined, whyConnect: string): KernelNetwork {
  const own = new Set(plan.scope.own.map(bareText));
  return new KernelNetwork({
    plan,
    guard: new TransmitGuard(Scope.fromData(plan.scope)),
    clock: monotonicClock,
    cookies,
    whyConnect,
    hasRoutes: process.platform === "linux",
    isOwn: (address) => own.has(bareText(address)),
  });
}

/** An own address is ours whatever zone it was written with. */
function bareText(address: Address): string {
  return formatAddress(address.family === 4 ? address : { family: 6, bytes: address.bytes });
}
