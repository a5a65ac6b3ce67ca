// The interfaces and own addresses of a network namespace: what decides from where a socket in it can be reached.
import type { Address } from "../target/address.js";

/** An own address. */
export interface LocalAddress {
  readonly address: Address;
  /** Undefined where it cannot be told. */
  readonly interfaceName: string | undefined;
}

/** A namespace's network. */
export interface LocalNetwork {
  readonly addresses: readonly LocalAddress[];
  /** Names of interfaces by index, as far as the source has indexes. */
  readonly nameByIndex: ReadonlyMap<number, string>;
  /** Link addresses of interfaces by their names, "aa:bb:cc:dd:ee:ff"; undefined where the source has none. */
  readonly macByName?: ReadonlyMap<string, string>;
  /** Interfaces with a route over a router: who is reached by them is not only the link's own hosts. */
  readonly routedInterfaces: ReadonlySet<string>;
}
