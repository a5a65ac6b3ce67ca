// A place that ports are looked at from: this machine itself, a namespace beside it, or another host by ssh.
import type { PortState } from "../model/port-state.js";
import type { Reason } from "../model/reason.js";
import type { Address } from "../target/address.js";
import type { ScopeData } from "../target/scope.js";

/** One port of one address. */
export interface AskedPort {
  readonly address: Address;
  readonly protocol: "tcp" | "udp";
  readonly port: number;
}

/** What came of it. */
export interface PortAnswer {
  readonly asked: AskedPort;
  readonly state: PortState;
  readonly reason: Reason;
  /** Who answered, where it was not the address that was asked. */
  readonly responder: Address | undefined;
  /** Round trip in ms, where it was measured. */
  readonly rttMs: number | undefined;
  /** Packets, or connection attempts, that were sent for it. */
  readonly tries: number;
}

/** What an asking tells, as it happens. */
export type VantageEvent =
  | { readonly kind: "answer"; readonly answer: PortAnswer }
  /**
   * An address was marked: it answers on every port, or for every port of its own accord. Words of the scan's marks, and a
   * sentence with the evidence where there is one.
   */
  | { readonly kind: "mark"; readonly address: Address; readonly mark: string; readonly evidence?: string }
  /** Something that was not looked at, and why. Text from outside. */
  | { readonly kind: "gap"; readonly what: string; readonly why: string };

/** How ports are asked for. */
export interface AskingOptions {
  /** What may be probed, on this machine's account; whoever sends looks again. */
  readonly scope: ScopeData;
  /** Probes a second, in all; undefined for as many as the target bears. */
  readonly maxRate: number | undefined;
  /** Times that silence is asked again; undefined for what the scan finds right. */
  readonly maxRetries: number | undefined;
  readonly signal: AbortSignal;
}

/** A place to look from, ready to be used until it is closed. */
export interface Vantage extends AsyncDisposable {
  /** As `--from` and the settings file call it: "self", "ssh:monitor@jump". Text from outside. */
  readonly name: string;
  /** How the ports are asked for: "postern 0.1.0", "bash /dev/tcp", "python3". */
  readonly means: string;
  /** Where its packets come from, by family; empty where nobody knows. */
  readonly sources: readonly Address[];
  /** The interface of the audited host that its packets come in by, where that is known: "pn-self0". */
  readonly arrivesBy: string | undefined;
  /** What is not as it were from a real host elsewhere; sentences. Text from outside: names of interfaces stand in it. */
  readonly limits: readonly string[];
  /** Asks for each port once, in any order; every port is answered, or named in a gap. */
  ask(ports: readonly AskedPort[], options: AskingOptions): AsyncIterable<VantageEvent>;
}
