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

/** What the helper hears: first its order, then which sockets are wanted, as their inodes. */
export interface LookInbox {
  order(): Promise<LookOrder>;
  /** Undefined as long as it is not known. */
  pollWanted(): Float64Array | undefined;
  wanted(): Promise<Float64Array>;
}

/** The helper's part of a look. It begins before it is known what is wanted. */
export async function helpLooking(inbox: LookInbox): Promise<Findings> {
  const { root, pids, bootTimeMs, shares: memory } = await inbox.order();
  const look = new ProcessLook(new ProcFiles(root), bootTimeMs);
  const shares = new WorkShares(memory);
  let wanted: ReadonlySet<number> | undefined;
  const learn = (told: Float64Array | undefined) => {
    if (told !== undefined) wanted = new Set(told);
  };
  shares.helperIsHere();
  for (let share = shares.next(pids); share.length > 0; share = shares.next(pids)) {
    look.walk(share);
    if (wanted === undefined) learn(inbox.pollWanted());
    if (wanted !== undefined) look.keep(wanted);
  }
  if (wanted === undefined) learn(await inbox.wanted());
  if (wanted !== undefined) look.keep(wanted);
  return look.findings;
}
