// Runs a plan from beginning to end in the thread that calls: opens the network, runs the engine on it, closes all.
import { monotonicClock } from "../linux/clock.js";
import { reservePorts } from "../linux/reserved-ports.js";
import { randomWords } from "../linux/secret.js";
import { TransmitGuard } from "../linux/transmit-guard.js";
import { SystemCallError } from "../model/errors.js";
import type { CompactScanEvent } from "../model/scan-event.js";
import type { PacketTap } from "../model/traced-packet.js";
import { type Address, formatAddress } from "../target/address.js";
import { Scope } from "../target/scope.js";
import { TargetSet } from "../target/target-set.js";
import { Cookies, LANE_COUNT, TRIES_MAX } from "../technique/cookies.js";
import { TECHNIQUES } from "../technique/list.js";
import { type Borrowing, borrowFor } from "./borrowing.js";
import { techniquesInUse } from "./choice.js";
import { Engine } from "./engine.js";
import { BatchingSink } from "./event-sink.js";
import { KernelNetwork } from "./kernel-network.js";
import type { Network } from "./network.js";
import type { ScanPlan } from "./plan.js";
import { tracedNetwork } from "./traced-network.js";
import { controlOf, type WorkerOrder } from "./worker-protocol.js";

/** Where and with what the probes of one run leave. */
interface Means {
  readonly network: KernelNetwork;
  readonly cookies: Cookies;
  readonly release: () => Promise<void>;
}

/** Takes what is found; the buffers in `transfer` are its own from then on. */
export type Post = (event: CompactScanEvent, transfer: ArrayBuffer[]) => void;

/**
 * Scans, and hands everything that it finds to `post`, and each packet to the tap if the order wishes it.
 *
 * @throws PosternError whatever stopped the scan
 */
export async function runPlan(order: WorkerOrder, post: Post, tap: PacketTap): Promise<void> {
  const { plan } = order;
  const control = controlOf(order);
  const guard = new TransmitGuard(Scope.fromData(plan.scope));
  const borrowing = plan.borrowCount > 0 ? await borrowFor(plan, guard, control) : undefined;
  for (const notice of borrowing?.notices ?? []) post(notice, []);
  try {
    const { network: wire, cookies, release } = openMeans(order, guard, borrowing);
    const network = order.isPacketTraced ? traced(wire, tap) : wire;
    const sink = new BatchingSink(post);
    const targets = TargetSet.fromData(plan.targets);
    try {
      const engine = new Engine({ plan, targets, network, sink, clock: monotonicClock, cookies });
      await engine.run(control);
    } finally {
      await network.close();
      await release();
    }
  } finally {
    await borrowing?.addresses?.close();
  }
}

function traced(network: Network, tap: PacketTap): Network {
  const startedAtMs = monotonicClock.now();
  return tracedNetwork(network, tap, () => monotonicClock.now() - startedAtMs);
}

/** Raw packets where they may be sent; where it turns out that they may not, and nobody insists, the kernel connects. */
function openMeans(order: WorkerOrder, guard: TransmitGuard, borrowing: Borrowing | undefined): Means {
  const { plan } = order;
  if (plan.isPrivileged !== true) return openConnecting(order, guard, order.whyConnect);
  try {
    return openRaw(order, guard, borrowing);
  } catch (error) {
    const isFree = plan.techniques.every((name) => name === "tcp-auto") && plan.transport === "auto";
    if (!(error instanceof SystemCallError && isFree)) throw error;
    return openConnecting(order, guard, `raw packets cannot be sent here: ${error.message}`);
  }
}

function openRaw(order: WorkerOrder, guard: TransmitGuard, borrowing: Borrowing | undefined): Means {
  const { plan } = order;
  const [key0 = 0, key1 = 0, start = 0] = randomWords(3);
  const names = new Set(techniquesInUse(plan).map((number) => TECHNIQUES[number]?.name));
  const isUdp = names.has("udp") || names.has("ip-protocol"); // among the protocols is UDP
  const ports = reservePorts(LANE_COUNT * TRIES_MAX, start, isUdp ? ["tcp", "udp"] : ["tcp"]);
  const release = async (): Promise<void> => ports.close();
  try {
    const cookies = new Cookies(key0, key1, ports.first, plan.scanFlags);
    return { network: openNetwork(order, guard, cookies, order.whyConnect, borrowing), cookies, release };
  } catch (error) {
    ports.close();
    throw error;
  }
}

function openConnecting(order: WorkerOrder, guard: TransmitGuard, whyConnect: string): Means {
  // Nobody asks for cookies where the kernel connects.
  const network = openNetwork(order, guard, undefined, whyConnect, undefined);
  return { network, cookies: new Cookies(0, 0, 0), release: async () => {} };
}

function openNetwork(
  { plan }: WorkerOrder,
  guard: TransmitGuard,
  cookies: Cookies | undefined,
  whyConnect: string,
  borrowing: Borrowing | undefined,
): KernelNetwork {
  return new KernelNetwork({
    plan,
    guard,
    clock: monotonicClock,
    cookies,
    whyConnect,
    hasRoutes: process.platform === "linux",
    isOwn: ownAddressTest(plan),
    borrowed: borrowing?.addresses,
  });
}

/** An own address is ours whatever zone it was written with. */
function ownAddressTest(plan: ScanPlan): (address: Address) => boolean {
  const own = new Set(plan.scope.own.map(bareText));
  return (address) => own.has(bareText(address));
}

function bareText(address: Address): string {
  return formatAddress(address.family === 4 ? address : { family: 6, bytes: address.bytes });
}
