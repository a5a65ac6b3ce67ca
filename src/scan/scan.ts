// The library's main entry: runs a plan in a worker thread and tells what it finds as a stream of events.
import { Worker } from "node:worker_threads";
import { canUseRawSockets } from "../linux/capabilities.js";
import type { Clock } from "../linux/clock.js";
import { monotonicClock } from "../linux/clock.js";
import { InternalError, PrivilegeError } from "../model/errors.js";
import type { ScanEvent } from "../model/scan-event.js";
import { VERSION } from "../model/version.js";
import { PortSet } from "../target/port-set.js";
import { TargetSet } from "../target/target-set.js";
import { TECHNIQUES } from "../technique/list.js";
import { eventsOf } from "./event-sink.js";
import type { ScanPlan } from "./plan.js";
import { RelayedError, type WorkerOrder, type WorkerReply } from "./worker-protocol.js";

/** A thread that has been started and waits for its plan: starting one takes as long as making the plan. */
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

/** What may be handed to {@link scan} beside the plan. */
export interface ScanOptions {
  /** Stops the scan: what is known by then is told, and the "done" event says so. */
  readonly signal?: AbortSignal;
  /** A thread that was started beforehand. */
  readonly thread?: ScanThread;
  readonly clock?: Clock;
}

/**
 * Runs a plan and tells everything that it finds, as it happens: "start" first, "done" last.
 *
 * @throws PrivilegeError when the plan insists on raw packets and this process may not send them
 * @throws PosternError whatever stopped the scan
 */
export async function* scan(plan: ScanPlan, options: ScanOptions = {}): AsyncGenerator<ScanEvent, void, void> {
  for await (const batch of scanInBatches(plan, options)) yield* batch;
}

/** The same events as {@link scan} in batches: for those who take hundreds of thousands a second. */
export async function* scanInBatches(
  plan: ScanPlan,
  options: ScanOptions = {},
): AsyncGenerator<Iterable<ScanEvent>, void, void> {
  const { signal, clock = monotonicClock } = options;
  const isPrivileged = plan.isPrivileged ?? canUseRawSockets();
  checkPrivilege(plan, isPrivileged);
  const thread = options.thread ?? new ScanThread();
  const stop = new SharedArrayBuffer(4);
  const onAbort = (): void => {
    Atomics.store(new Int32Array(stop), 0, 1);
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  try {
    yield [startEvent(plan, clock)];
    thread.send({ plan: { ...plan, isPrivileged }, stop, whyConnect: whyConnect(plan) });
    yield* batchesOf(thread);
  } finally {
    signal?.removeEventListener("abort", onAbort);
    onAbort();
    await thread.terminate();
  }
}

async function* batchesOf(thread: ScanThread): AsyncGenerator<Iterable<ScanEvent>, void, void> {
  const names = TECHNIQUES.map(({ name }) => name);
  for (;;) {
    const reply = await thread.next();
    if (reply === undefined) throw new InternalError("the scanning thread ended before the scan did");
    if ("failure" in reply) throw new RelayedError(reply.failure);
    if ("rows" in reply) yield eventsOf(reply.rows, names);
    else yield [reply.event];
    if ("event" in reply && reply.event.type === "done") return;
  }
}

function checkPrivilege(plan: ScanPlan, isPrivileged: boolean): void {
  if (isPrivileged) return;
  const isRawAsked = plan.technique === "tcp-syn" || plan.transport === "ring" || plan.transport === "raw";
  if (!isRawAsked) return;
  const what = plan.technique === "tcp-syn" ? "a SYN scan (-sS)" : `--transport ${plan.transport}`;
  throw new PrivilegeError(`${what} sends raw packets, which this process may not (CAP_NET_RAW)`, {
    hint: "run as root, or use -sT, which works without privileges",
  });
}

function whyConnect(plan: ScanPlan): string {
  if (plan.technique === "tcp-connect") return "-sT asks for it";
  return plan.isPrivileged === false
    ? "--unprivileged says that raw packets may not be sent"
    : "this process may not send raw packets (CAP_NET_RAW)";
}

function startEvent(plan: ScanPlan, clock: Clock): ScanEvent {
  const hasOwnPorts = plan.targets.groups.some(({ ports }) => ports !== undefined);
  return {
    type: "start",
    version: VERSION,
    startedAt: clock.isoNow(),
    targets: plan.targetTexts,
    addressCount: TargetSet.fromData(plan.targets).count,
    portCount:
      plan.ping === "only" ? 0 : hasOwnPorts ? undefined : PortSet.fromData(plan.targets.defaultPorts).count("tcp"),
    seed: plan.seed,
  };
}
