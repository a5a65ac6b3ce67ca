// A port of this machine that leads to another address. Which ones there are is found in src/published.
import type { PortRange } from "../target/port-set.js";

/** An interface by which packets come in; `isExcept` for all but this one. */
export interface InInterface {
  readonly name: string;
  readonly isExcept: boolean;
}

/** Where translation begins: packets that arrive, or that programs of this machine send. */
export type NatHook = "prerouting" | "output";

/** A port, or several, that lead elsewhere. */
export interface PublishedPort {
  /** "tcp", "udp" …; undefined for every protocol. */
  readonly protocol: string | undefined;
  /** undefined for both families. */
  readonly family: 4 | 6 | undefined;
  /** An address, a network, or a range, as text; undefined for every address that this machine has. */
  readonly hostAddress: string | undefined;
  /** undefined for every port. */
  readonly hostPorts: PortRange | undefined;
  /** Where packets must come in for it; undefined where that does not matter. */
  readonly inInterface: InInterface | undefined;
  /** Who may send them, as the rule has it: "10.0.0.0/8", "!10.0.0.0/8"; empty for everybody. */
  readonly sources: readonly string[];
  /** Packets that arrive, those of this machine's own programs, or both. */
  readonly hooks: readonly NatHook[];
  /** "address" goes to `toAddress`; "own" to this machine itself; "same" keeps the address; "unknown" is not told. */
  readonly target: "address" | "own" | "same" | "unknown";
  readonly toAddress: string | undefined;
  /** undefined where the port stays what it is. */
  readonly toPorts: PortRange | undefined;
  /** True where it is one of several destinations that packets are shared out to. */
  readonly isShared: boolean;
  /** The rule, or the program. Text from outside. */
  readonly by: string;
  /** False where the rule asks for more than is understood, or another rule may come first: it may be so. */
  readonly isCertain: boolean;
}
