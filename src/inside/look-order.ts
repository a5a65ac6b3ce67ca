// What the thread that helps to look at processes is told, and how it does its part.
import { ProcFiles } from "../linux/proc-files.js";
import { type Findings, ProcessLook } from "./process-look.js";
import { WorkShares } from "./work-shares.js";

/** The work of a look, as it is sent to the thread that helps. */
export interface LookOrder {
  readonly root: string;
  readonly pids: readonly number[];
  readonly bootTimeMs: number | undefined;
  /** The memory of the {@link WorkShares} of these processes. */
  readonly shares: SharedArrayBuffer;
}

/** From where the helper hears which sockets are wanted, as their inodes: it is begun before that is known. */
export interface WantedSource {
  /** What has been told; undefined as long as nothing was. */
  poll(): Float64Array | undefined;
  wait(): Promise<Float64Array>;
}

/** The helper's part of a look. */
export async function helpLooking(order: LookOrder, source: WantedSource): Promise<Findings> {
  const { root, pids, bootTimeMs, shares: memory } = order;
  const look = new ProcessLook(new ProcFiles(root), bootTimeMs);
  const shares = new WorkShares(memory);
  let wanted: ReadonlySet<number> | undefined;
  const learn = (told: Float64Array | undefined) => {
    if (told !== undefined) wanted = new Set(told);
  };
  shares.helperIsHere();
  for (let share = shares.next(pids); share.length > 0; share = shares.next(pids)) {
    look.walk(share);
    if (wanted === undefined) learn(source.poll());
    if (wanted !== undefined) look.keep(wanted);
  }
  if (wanted === undefined) learn(await source.wait());
  if (wanted !== undefined) look.keep(wanted);
  return look.findings;
}
