// Which sockets wait at which of a namespace's own addresses: what a scan of that address would ask.
import type { InetSocket } from "../linux/kernel-socket.js";
import { type Address, formatAddress, isZone, unmapped } from "../target/address.js";
import type { InsideSocket } from "./inside-view.js";
import type { LocalAddress, LocalNetwork } from "./local-network.js";
import { isLoopback, isUnspecified } from "./reach.js";

/** An address at which a namespace can be asked. */
export interface OwnAddress extends LocalAddress {
  /** As it is written, a link-local one with its zone. */
  readonly text: string;
}

/** A socket with an address. */
export interface InsideInetSocket extends InsideSocket {
  readonly socket: InetSocket;
}

/** A socket at one address, and how closely it is bound: the kernel hands what comes to the closest (compute_score). */
export interface WaitingSocket {
  readonly one: InsideInetSocket;
  readonly closeness: number;
}

const EXACT = 4;
const ON_INTERFACE = 2;
const OWN_FAMILY = 1;

/** The sockets of one namespace, by the addresses at which they wait. */
export class OpenAt {
  readonly #network: LocalNetwork;
  readonly #byAddress: Map<string, InsideInetSocket[]> = new Map();
  /** Those of the addresses that need no interface of their own. */
  readonly #loopback: Map<string, Address> = new Map();
  readonly #unspecified: InsideInetSocket[] = [];

  /** @param sockets Those that wait for others */
  constructor(sockets: readonly InsideInetSocket[], network: LocalNetwork) {
    this.#network = network;
    for (const one of sockets) {
      for (const local of [one.socket.local, ...(one.socket.moreLocals ?? [])]) this.#add(unmapped(local), one);
    }
  }

  /**
   * All addresses of the namespace, each once: those of its interfaces, and those of 127.0.0.0/8 that sockets are bound to,
   * for all of it is the machine's own (RFC 1122 §3.2.1.3).
   */
  addresses(): readonly OwnAddress[] {
    const found = new Map<string, OwnAddress>();
    const add = (one: LocalAddress): void => {
      const address = zoned(one);
      const text = formatAddress(address);
      if (!found.has(text)) found.set(text, { address, interfaceName: one.interfaceName, text });
    };
    for (const one of this.#network.addresses) add(one);
    for (const address of this.#loopback.values()) add({ address, interfaceName: "lo" });
    return [...found.values()];
  }

  /** The sockets that take what is sent to that address. */
  at(own: OwnAddress): readonly WaitingSocket[] {
    const exact = this.#byAddress.get(plainText(own.address)) ?? [];
    const all = this.#unspecified.filter(({ socket }) => takesFamily(socket, own.address.family));
    return [
      ...exact.flatMap((one) => this.#waiting(one, own, EXACT)),
      ...all.flatMap((one) => this.#waiting(one, own, 0)),
    ];
  }

  #add(local: Address, one: InsideInetSocket): void {
    if (isUnspecified(local)) {
      this.#unspecified.push(one);
      return;
    }
    const key = plainText(local);
    if (isLoopback(local)) this.#loopback.set(key, local);
    const known = this.#byAddress.get(key);
    if (known === undefined) this.#byAddress.set(key, [one]);
    else known.push(one);
  }

  #waiting(one: InsideInetSocket, own: OwnAddress, closeness: number): readonly WaitingSocket[] {
    const { family, interfaceIndex = 0 } = one.socket;
    if (interfaceIndex > 0 && this.#network.nameByIndex.get(interfaceIndex) !== own.interfaceName) return [];
    const byInterface = interfaceIndex > 0 ? ON_INTERFACE : 0;
    return [{ one, closeness: closeness + byInterface + (family === own.address.family ? OWN_FAMILY : 0) }];
  }
}

/** Without a word of it, an IPv6 socket takes both: so it is unless its program or net.ipv6.bindv6only says otherwise. */
function takesFamily({ local, isV6Only }: InetSocket, family: 4 | 6): boolean {
  const own = unmapped(local).family;
  return own === family || (own === 6 && isV6Only !== true);
}

/** Without its zone: sockets name that by their interface. */
function plainText(address: Address): string {
  return formatAddress(address.family === 4 ? address : { family: 6, bytes: address.bytes });
}

/** With the zone that a link-local address has by its interface, where the source leaves it out. */
function zoned({ address, interfaceName }: LocalAddress): Address {
  if (address.family === 4 || address.zone !== undefined || interfaceName === undefined) return address;
  const isLinkLocal = address.bytes[0] === 0xfe && ((address.bytes[1] ?? 0) & 0xc0) === 0x80;
  return isLinkLocal && isZone(interfaceName) ? { ...address, zone: interfaceName } : address;
}
