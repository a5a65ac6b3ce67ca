// What is written down as intended, as an audit asks for it.
import type { Finding, IntendedFact } from "../model/audit-report.js";
import type { Address } from "../target/address.js";
import type { AskedPort } from "../vantage/vantage.js";

/** From where somebody would come. */
export interface Asker {
  /** The name of a vantage point. */
  readonly name: string;
  readonly sources: readonly Address[];
}

/** What one place must hold. */
export interface Expected {
  /** True where it is meant to be open for somebody. */
  readonly isExpected: boolean;
  /** Programs that are meant to have it; empty for any. */
  readonly processes: readonly string[];
}

/** Where a finding may be accepted: at a port of an address or of a host by its name, at an address, or at a host. */
export type AcceptedPlace =
  | AskedPort
  | { readonly host: string; readonly protocol: AskedPort["protocol"]; readonly port: number }
  | Address
  | string;

/** What is written down. */
export interface Intentions {
  /** Whether a port is meant to be open for somebody who asks. */
  of(port: AskedPort, asker: Asker): IntendedFact;
  /** What is meant of a port whoever asks. */
  expected(port: AskedPort): Expected;
  /** The ports of an address that anything is written down about. */
  portsOf(address: Address): readonly AskedPort[];
  /** Why a finding is accepted; undefined where it is not. */
  acceptance(key: string, place: AcceptedPlace): Finding["accepted"];
}

const NOTHING: IntendedFact = { state: "unsaid", line: undefined, why: undefined };

/** Where nothing is written down. */
export const UNSAID: Intentions = {
  of: () => NOTHING,
  expected: () => ({ isExpected: false, processes: [] }),
  portsOf: () => [],
  acceptance: () => undefined,
};
