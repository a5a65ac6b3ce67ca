// The library's main entry: runs a plan in a worker thread and tells what it finds as a stream of events.
import { canUseRawSockets } from "../linux/capabilities.js";
import type { Clock } from "../linux/clock.js";
import { monotonicClock } from "../linux/clock.js";
import { InternalError, PrivilegeError } from "../model/errors.js";
import { type CompactScanEvent, portEventsOf, type ScanEvent, type StartEvent } from "../model/scan-event.js";
import { VERSION } from "../model/version.js";
import { PortSet } from "../target/port-set.js";
import { TargetSet } from "../target/target-set.js";
import type { ScanPlan } from "./plan.js";
import { ScanThread } from "./scan-thread.js";
import { RelayedError } from "./worker-protocol.js";

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
  for await (const event of scanCompactly(plan, options)) {
    if (event.type === "port-run") yield* portEventsOf(event);
    else yield event;
  }
}

/** The same as {@link scan} with ports in runs: for those who take hundreds of thousands a second. */
export async function* scanCompactly(
  plan: ScanPlan,
  options: ScanOptions = {},
): AsyncGenerator<CompactScanEvent, void, void> {
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
  let isDone = false;
  try {
    yield startEvent(plan, clock);
    thread.send({ plan: { ...plan, isPrivileged }, stop, whyConnect: whyConnect(plan) });
    for await (const event of eventsOf(thread)) {
      isDone = event.type === "done";
      yield event;
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    if (!isDone) await thread.terminate(); // after "done" the thread ends by itself
  }
}

async function* eventsOf(thread: ScanThread): AsyncGenerator<CompactScanEvent, void, void> {
  for (;;) {
    const reply = await thread.next();
    if (reply === undefined) throw new InternalError("the scanning thread ended before the scan did");
    if ("failure" in reply) throw new RelayedError(reply.failure);
    yield reply.event;
    if (reply.event.type === "done") return;
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

function startEvent(plan: ScanPlan, clock: Clock): StartEvent {
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
