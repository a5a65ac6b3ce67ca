// What a scan is to do: made by the command line and every other front end alike. It holds plain data only, so that it
// can be handed to the worker thread.
import type { ScopeData } from "../target/scope.js";
import type { TargetSetData } from "../target/target-set.js";

/** How probes may leave; "auto" takes the best that works. */
export type TransportChoice = "auto" | "ring" | "raw" | "io_uring" | "epoll" | "node";

/** The plan of one scan. */
export interface ScanPlan {
  readonly targets: TargetSetData;
  /** The targets as they were written, for reports. */
  readonly targetTexts: readonly string[];
  readonly scope: ScopeData;
  /** "auto": SYN where raw packets may be sent, connect elsewhere. */
  readonly technique: "auto" | "tcp-syn" | "tcp-connect";
  /** "none" takes every address as up (-Pn); "only" stops after host discovery (-sn). */
  readonly ping: "default" | "none" | "only";
  readonly transport: TransportChoice;
  /** Whether raw packets may be sent: found out (undefined), claimed or denied. */
  readonly isPrivileged: boolean | undefined;
  /** Likely ports first; ports that are not in the plan are passed over. */
  readonly likelyPorts: readonly number[];
  /** Ports in ascending order instead (-r). */
  readonly isSequential: boolean;
  /** Probes a second, at most; undefined leaves it to the pacer. */
  readonly maxRatePps: number | undefined;
  /** How often a probe is sent again at most, 0 to 15. */
  readonly maxRetries: number;
  /** The order of probes follows from it. */
  readonly seed: number;
  /** Also tell of hosts that are down. */
  readonly isDownReported: boolean;
}

/** nmap's cap on retransmissions (reference guide, --max-retries). */
export const DEFAULT_MAX_RETRIES = 10;
