// The LOSS row's host and its truth; the bench runs it 20 times, the tests 3 times.
import { type HostSpec, mixedHost } from "../lab/hosts.js";
import type { Loss } from "../lab/topology.js";

const every = (count: number, first: number, step: number): number[] =>
  Array.from({ length: count }, (_, index) => first + index * step);

/** The open ports. */
export const LOSS_OPEN: readonly number[] = every(10, 50, 100);
/** The closed ports. */
export const LOSS_CLOSED: readonly number[] = every(50, 7, 20);

/** 5 % of all packets, each way. */
export const LOSS_PER_MILLE: Loss = { toHosts: 50, toScanner: 50 };

/** 1,000 ports: 10 open, 50 closed, 940 dropped. */
export const LOSS_HOST: HostSpec = mixedHost(LOSS_OPEN, LOSS_CLOSED);

/** With -v up to fifty ports of a state are listed one by one: so every state is in the report. */
export const LOSS_ARGUMENTS: readonly string[] = ["-n", "-Pn", "-v", "-p1-1000"];

/** The states that the report must list, by port. */
export const LOSS_LISTED: Readonly<Record<number, string>> = Object.fromEntries([
  ...LOSS_OPEN.map((port) => [port, "open"] as const),
  ...LOSS_CLOSED.map((port) => [port, "closed"] as const),
]);

/** How many ports are neither. */
export const LOSS_FILTERED_COUNT: number = 1000 - LOSS_OPEN.length - LOSS_CLOSED.length;
