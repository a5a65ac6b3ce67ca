// What the main thread and the worker say to each other.
import { PosternError } from "../model/errors.js";
import type { CompactScanEvent } from "../model/scan-event.js";
import type { ScanPlan } from "./plan.js";

/** The one message to the worker. */
export interface WorkerOrder {
  readonly plan: ScanPlan;
  /** One 32-bit word: anything but 0 stops the scan. */
  readonly stop: SharedArrayBuffer;
  /** Why the kernel has to connect, where raw packets may not be sent. */
  readonly whyConnect: string;
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

/** What the worker says: findings, or why it could not go on. */
export type WorkerReply = { readonly event: CompactScanEvent } | { readonly failure: Failure };

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
