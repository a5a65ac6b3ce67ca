// Where an earlier run of the same plan stopped: plain data, between the journal that tells it and the engine that goes on.
import type { PortRange, Protocol } from "./port-set.js";

/** Ports of one protocol that need no further question. */
export interface DecidedPorts {
  readonly protocol: Protocol;
  readonly ranges: readonly PortRange[];
}

/** Ports of one protocol that stayed silent in so many tries. */
export interface SilentPorts {
  readonly protocol: Protocol;
  readonly tries: number;
  readonly ranges: readonly PortRange[];
}

/** What an earlier run of the same plan has found of a host that it did not finish. */
export interface HostProgress {
  readonly hostId: number;
  /** Ports that were decided: nothing more is asked of them. */
  readonly decided: readonly DecidedPorts[];
  /** Ports that were silent in so many tries. */
  readonly silent: readonly SilentPorts[];
}

/** First and last host number of a run of hosts, both included. */
export type HostRange = readonly [first: number, last: number];

/** Where an earlier run of the same plan stopped. */
export interface ResumePoint {
  /** Hosts that were finished, up or down: ascending, disjoint. */
  readonly finished: readonly HostRange[];
  /** Hosts that were known to be up and not finished, ascending. */
  readonly hosts: readonly HostProgress[];
}
