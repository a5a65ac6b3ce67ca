// The reach of many sockets of one network namespace: thousands may listen at the same address.
import type { InetSocket } from "../linux/kernel-socket.js";
import type { Address } from "../target/address.js";
import type { LocalNetwork } from "./local-network.js";
import { type Reach, reachOf } from "./reach.js";

/** Finds what {@link reachOf} finds, once for each address. */
export class ReachFinder {
  readonly #network: LocalNetwork;
  readonly #isOwnNamespace: boolean;
  /** By the address as the list of sockets shares it, for sockets that are bound to no interface. */
  readonly #known = new Map<Address, Reach>();
  readonly #knownV6Only = new Map<Address, Reach>();

  constructor(network: LocalNetwork, isOwnNamespace: boolean) {
    this.#network = network;
    this.#isOwnNamespace = isOwnNamespace;
  }

  reachOf(socket: InetSocket): Reach {
    if ((socket.interfaceIndex ?? 0) !== 0) return this.#find(socket);
    const all = socket.isV6Only === true ? this.#knownV6Only : this.#known;
    const known = all.get(socket.local) ?? this.#find(socket);
    all.set(socket.local, known);
    return known;
  }

  #find(socket: InetSocket): Reach {
    return reachOf(socket, this.#network, this.#isOwnNamespace);
  }
}
