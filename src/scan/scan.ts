// The library's main entry: runs a plan, in a worker thread or in the caller's, and tells what it finds as a stream of events.
import { canUseRawSockets } from "../linux/capabilities.js";
import { type Clock, monotonicClock } from "../linux/clock.js";
import type { NetworkNamespace } from "../linux/network-namespace.js";
import { InternalError, PrivilegeError } from "../model/errors.js";
import {
  type CompactScanEvent,
  type PortScanFacts,
  portEventsOf,
  type ScanEvent,
  type StartEvent,
} from "../model/scan-event.js";
import type { PacketTap } from "../model/traced-packet.js";
import { VERSION } from "../model/version.js";
import { formatRanges, PortSet } from "../target/port-set.js";
import { targetCount } from "../target/target-set.js";
import { TECHNIQUES } from "../technique/list.js";
import type { ScanPlan } from "./plan.js";
import { RelayedError, SIGNAL_BYTES, signalSkip, signalStop, type WorkerOrder } from "./worker-protocol.js";

/** What may be handed to {@link scan} beside the plan. */
export interface ScanOptions {
  /** Stops the scan: what is known by then is told, and the "done" event says so. */
  readonly signal?: AbortSignal;
  /**
   * "own", the default: a worker thread scans, and the caller's event loop stays free. "caller": the calling thread
   * does it; that saves the 50 ms in which a thread starts, for a process that has nothing else to do.
   */
  readonly thread?: "own" | "caller";
  /** Scans from inside of another network namespace of this machine; a thread of its own goes there. */
  readonly networkNamespace?: NetworkNamespace;
  /** Calls its argument for each time that the user wishes to skip the present host; returns how to stop listening. */
  readonly onSkip?: (skip: () => void) => () => void;
  /** Gets each packet that leaves and each that comes, as it happens. A trace slows a scan down. */
  readonly onPacket?: PacketTap;
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
  const signals = new SharedArrayBuffer(SIGNAL_BYTES);
  const onAbort = (): void => signalStop(signals);
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  const stopListening = options.onSkip?.(() => signalSkip(signals));
  const { onPacket } = options;
  const order: WorkerOrder = {
    plan: { ...plan, isPrivileged },
    signals,
    whyConnect: whyConnect(plan),
    isPacketTraced: onPacket !== undefined,
    networkNamespace: options.networkNamespace,
  };
  const tap: PacketTap = (packet) => onPacket?.(packet);
  try {
    const start = startEvent({ ...plan, isPrivileged }, clock);
    let isStarted = false;
    for await (const event of isHere(options) ? eventsFromHere(order, tap) : eventsFromThread(order, tap)) {
      if (!isStarted) yield start; // what cannot even be begun is an error and no scan
      isStarted = true;
      yield stamped(event, clock);
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    stopListening?.();
    onAbort(); // whoever stops listening stops the scan
  }
}

/** The caller's thread cannot leave its namespace: it has other work, too. */
function isHere({ thread, networkNamespace }: ScanOptions): boolean {
  return thread === "caller" && networkNamespace === undefined;
}

async function* eventsFromThread(order: WorkerOrder, tap: PacketTap): AsyncGenerator<CompactScanEvent, void, void> {
  const { ScanThread } = await import("./scan-thread.js");
  const thread = new ScanThread();
  let isDone = false;
  try {
    thread.send(order);
    while (!isDone) {
      const reply = await thread.next();
      if (reply === undefined) throw new InternalError("the scanning thread ended before the scan did");
      if ("failure" in reply) throw new RelayedError(reply.failure);
      if ("packet" in reply) {
        tap(reply.packet);
        continue;
      }
      isDone = reply.event.type === "done";
      yield reply.event;
    }
  } finally {
    if (!isDone) await thread.terminate(); // after "done" it ends by itself
  }
}

async function* eventsFromHere(order: WorkerOrder, tap: PacketTap): AsyncGenerator<CompactScanEvent, void, void> {
  const { runPlan } = await import("./run-plan.js");
  const events: CompactScanEvent[] = [];
  let isOver = false;
  let wake: () => void = () => {};
  const post = (event: CompactScanEvent): void => {
    events.push(event);
    wake();
  };
  const running = runPlan(order, post, tap).finally(() => {
    isOver = true;
    wake();
  });
  running.catch(() => {}); // awaited below, after what was found before
  for (;;) {
    const event = events.shift();
    if (event !== undefined) yield event;
    else if (isOver) break;
    else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  await running;
}

function checkPrivilege(plan: ScanPlan, isPrivileged: boolean): void {
  if (isPrivileged || plan.ping === "list") return;
  const technique = plan.techniques.find((name) => name !== "tcp-auto" && name !== "tcp-connect");
  const facts = TECHNIQUES.find(({ name }) => name === technique);
  const isForced = plan.transport === "ring" || plan.transport === "raw";
  const what =
    facts !== undefined && plan.ping !== "only"
      ? `${facts.name === "tcp-syn" ? "a SYN scan" : facts.name} (${facts.option})`
      : isForced
        ? `--transport ${plan.transport}`
        : plan.borrowCount > 0
          ? "--borrow"
          : undefined;
  if (what === undefined) return;
  throw new PrivilegeError(`${what} sends raw packets, which this process may not (CAP_NET_RAW)`, {
    hint: "run as root, or use -sT, which works without privileges",
  });
}

function whyConnect(plan: ScanPlan): string {
  if (plan.transport !== "auto") return `--transport ${plan.transport} asks for it`;
  if (plan.techniques.includes("tcp-connect")) return "-sT asks for it";
  return plan.isPrivileged === false
    ? "--unprivileged says that raw packets may not be sent"
    : "this process may not send raw packets (CAP_NET_RAW)";
}

/** Reports say when hosts were found and when they were done. */
function stamped(event: CompactScanEvent, clock: Clock): CompactScanEvent {
  return event.type === "host" || event.type === "host-done" ? { ...event, at: clock.isoNow() } : event;
}

function startEvent(plan: ScanPlan, clock: Clock): StartEvent {
  const hasOwnPorts = plan.targets.groups.some(({ ports }) => ports !== undefined);
  const isPorts = plan.ping !== "only" && plan.ping !== "list";
  const portScans = isPorts ? portScansOf(plan) : [];
  const portCount = portScans.reduce((sum, scan) => sum + scan.portCount, 0);
  return {
    type: "start",
    version: VERSION,
    startedAt: clock.isoNow(),
    targets: plan.targetTexts,
    addressCount: targetCount(plan.targets),
    portCount: isPorts && hasOwnPorts ? undefined : portCount,
    portScans,
    seed: plan.seed,
  };
}

function portScansOf({ techniques, targets, isPrivileged, scanFlags }: ScanPlan): readonly PortScanFacts[] {
  const ports = PortSet.fromData(targets.defaultPorts);
  return techniques.map((name) => {
    const technique = name === "tcp-auto" ? (isPrivileged === false ? "tcp-connect" : "tcp-syn") : name;
    const protocol = TECHNIQUES.find((one) => one.name === technique)?.protocol ?? "tcp";
    const flags = protocol === "tcp" && scanFlags !== undefined ? { tcpFlags: scanFlags } : {};
    const asked = { portCount: ports.count(protocol), ports: formatRanges(ports.ranges(protocol)) };
    return { technique, protocol, ...asked, ...flags };
  });
}
