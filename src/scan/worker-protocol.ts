// What the main thread and the worker say to each other.
import type { NetworkNamespace } from "../linux/network-namespace.js";
import { PosternError } from "../model/errors.js";
import type { CompactScanEvent } from "../model/scan-event.js";
import type { TracedPacket } from "../model/traced-packet.js";
import type { EngineControl } from "./engine.js";
import type { ScanPlan } from "./plan.js";

/** The one message to the worker. */
export interface WorkerOrder {
  readonly plan: ScanPlan;
  /** Two 32-bit words: anything but 0 in the first stops the scan; the second counts hosts that are to be skipped. */
  readonly signals: SharedArrayBuffer;
  /** Why the kernel has to connect, where raw packets may not be sent. */
  readonly whyConnect: string;
  /** Somebody wishes to see each packet. */
  readonly isPacketTraced: boolean;
  /** Where the worker goes before it opens anything; undefined for where the process is. */
  readonly networkNamespace: NetworkNamespace | undefined;
}

/** Where in the signals what stands, and how long they are. */
const STOP_AT = 0;
const SKIP_AT = 1;
export const SIGNAL_BYTES = 8;

/** Asks the engine to stop. */
export function signalStop(signals: SharedArrayBuffer): void {
  Atomics.store(new Int32Array(signals), STOP_AT, 1);
}

/** Asks the engine to skip the present host. */
export function signalSkip(signals: SharedArrayBuffer): void {
  Atomics.add(new Int32Array(signals), SKIP_AT, 1);
}

/** The signals as the engine looks at them. */
export function controlOf(order: WorkerOrder): EngineControl {
  const words = new Int32Array(order.signals);
  let skipped = Atomics.load(words, SKIP_AT);
  return {
    isStopped: () => Atomics.load(words, STOP_AT) !== 0,
    takeSkip() {
      const isNew = Atomics.load(words, SKIP_AT) !== skipped;
      if (isNew) skipped++;
      return isNew;
    },
  };
}

/** An error in a form that survives the way between threads. */
export interface Failure {
  readonly name: string;
  readonly code: string;
  readonly exitStatus: number;
  readonly message: string;
  readonly hint: string | undefined;
  readonly stack: string | undefined;
}

/** What the worker says: findings, packets that somebody wishes to see, or why it could not go on. */
export type WorkerReply =
  | { readonly event: CompactScanEvent }
  | { readonly packet: TracedPacket }
  | { readonly failure: Failure };

/** An error of ours that was raised in the worker: all that can be told of it is kept. */
export class RelayedError extends PosternError {
  readonly code: string;
  readonly exitStatus: number;

  constructor(failure: Failure) {
    super(failure.message, failure.hint === undefined ? {} : { hint: failure.hint });
    this.name = failure.name;
    this.code = failure.code;
    this.exitStatus = failure.exitStatus;
    if (failure.stack !== undefined) this.stack = failure.stack;
  }
}

/** Takes an error apart for the way to the main thread. What is no error of ours is our bug. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof PosternError) {
    const { name, code, exitStatus, message, hint, stack } = error;
    return { name, code, exitStatus, message, hint, stack };
  }
  const isError = error instanceof Error;
  return {
    name: "InternalError",
    code: "internal",
    exitStatus: 70,
    message: isError ? error.message : String(error),
    hint: undefined,
    stack: isError ? error.stack : undefined,
  };
}
