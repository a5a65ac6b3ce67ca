// What an audit of one host begins with.
import type { HostEnvironment } from "../firewall/packet-question.js";
import type { Ruleset } from "../firewall/ruleset.js";
import type { InsideView } from "../inside/inside-view.js";
import type { SocketWish } from "../inside/socket-wish.js";
import type { Address } from "../target/address.js";
import type { ScopeData } from "../target/scope.js";
import type { AskedPort, Vantage } from "../vantage/vantage.js";
import type { Intentions } from "./intentions.js";

/** Connections, too: some go on that the rules would not let in any more. */
export const AUDITED_SOCKETS: SocketWish = { kinds: new Set(["inet"]), onlyListening: false };

/** Something that could not be looked at. Text from outside. */
export interface Blindness {
  /** "the rules of this machine". */
  readonly what: string;
  readonly why: string;
}

/** A host, as far as it could be seen, and who asks it. */
export interface AuditSubject {
  readonly name: string;
  readonly system: string | undefined;
  /** Undefined where the inside could not be seen. */
  readonly inside: InsideView | undefined;
  /** Names of its users by number. */
  readonly userNames: ReadonlyMap<number, string>;
  /** Undefined where its rules could not be listed. */
  readonly ruleset: Ruleset | undefined;
  /** Its interfaces and routes; undefined where they are not known. */
  readonly environment: HostEnvironment | undefined;
  /** The addresses to audit; undefined for all that others can send to, as the inside tells them. */
  readonly addresses: readonly Address[] | undefined;
  readonly blindnesses: readonly Blindness[];
  readonly vantages: readonly Vantage[];
}

/** How it is audited. */
export interface AuditOptions {
  readonly intentions: Intentions;
  /** Ports that are asked whatever is known; the likely ones, or all. */
  readonly likelyPorts: readonly Pick<AskedPort, "protocol" | "port">[];
  serviceName(port: number, protocol: "tcp" | "udp"): string | undefined;
  readonly scope: ScopeData;
  /** Probes a second; undefined for as many as the target bears. */
  readonly maxRate: number | undefined;
  readonly signal: AbortSignal;
}
