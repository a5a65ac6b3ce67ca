// A network namespace beside this one, joined to it by a veth pair: a place that is not this machine, whose packets come in
// here as packets from elsewhere do. Both ends know each other's link address, so neither ARP nor neighbour discovery is
// spoken. This machine's end has no address but those that this machine has already. Beside that interface the only thing
// that is new here is a route to each source. All of it goes with the namespace, and that with this process, however it ends.

import { SystemCallError } from "../model/errors.js";
import type { Address } from "../target/address.js";
import { parseAddress } from "../target/address.js";
import { EEXIST, ENODEV } from "./errno.js";
import { InterfaceSettings } from "./interface-settings.js";
import { readInterfaces } from "./interfaces.js";
import {
  addDefaultRoute,
  addHostRoute,
  addNeighbour,
  addSingleAddress,
  addVethPair,
  deleteLink,
  keepWithoutAddress,
  setLinkUp,
} from "./link-changes.js";
import { Netlink } from "./netlink.js";
import {
  inNetworkNamespace,
  makeNetworkNamespace,
  type NetworkNamespace,
  type OwnedNamespace,
} from "./network-namespace.js";
import { askRoute, type RouteWord } from "./route-question.js";

/** Locally administered (IEEE 802 §8.2.2); they never leave the pair. */
const OWN_MAC = Uint8Array.of(0x02, 0x70, 0x6e, 0, 0, 1);
const SIDE_MAC = Uint8Array.of(0x02, 0x70, 0x6e, 0, 0, 2);
const SIDE_NAME = "side0";
const NAME = "pn-self";
/** So many of these namespaces may be there at once. */
const NAMES_MAX = 8;
/** Whom the namespace sends everything to. No interface has them: neighbour entries lead to this machine's end. */
const GATEWAYS: readonly Address[] = ["169.254.0.1", "fe80::1"].flatMap((text) => parseAddress(text) ?? []);
/** Settings of IPv4 that decide what gets in and on, and that the interfaces of one machine may have differently. */
const MIRRORED: readonly string[] = ["route_localnet", "forwarding"];

/** An address of the namespace. */
export interface SideSource {
  readonly address: Address;
  /**
   * The own address that this machine answers it from where a program leaves that open, as many that speak UDP do;
   * undefined: any that the kernel takes.
   */
  readonly answeredFrom: Address | undefined;
}

/** The interface for which this machine's end of the pair stands. */
export interface SideGuise {
  /** Whose settings it gets; undefined: what any other has on. */
  readonly interfaceName: string | undefined;
  /**
   * The addresses that it gets, too, the primary ones first: what is redirected goes to the primary one of the interface by
   * which it came in, and is dropped where that has none (nf_nat_redirect.c); rules may ask for the others (nft: fib daddr . iif).
   */
  readonly addresses: readonly Address[];
}

/** What this machine does with a packet from the namespace, and with the answer to it. */
export interface WayThere {
  readonly isOwn: boolean;
  readonly there: RouteWord;
  readonly back: RouteWord;
  /** True when the packet is delivered here, and the answer goes back into the namespace. */
  readonly isWhole: boolean;
}

/** A namespace that stands. */
export class SideNamespace {
  readonly namespace: NetworkNamespace;
  /** This machine's end of the pair. */
  readonly interfaceName: string;
  /** The sources that it has got: without those of IPv6 where this machine lets no new interface have IPv6. */
  readonly sources: readonly Address[];
  /** Settings of other interfaces that its end has, too: "route_localnet=1, as on eth0". */
  readonly mirrored: readonly string[];
  readonly #owned: OwnedNamespace;
  readonly #netlink: Netlink;
  readonly #index: number;
  #isClosed = false;

  /**
   * Makes the namespace with these addresses; the first of each family is the one that packets leave from unless they have
   * another. Nobody else may be using them: this machine reaches them in the namespace until it is closed.
   *
   * @throws PrivilegeError without CAP_SYS_ADMIN and CAP_NET_ADMIN
   * @throws SystemCallError when the kernel refuses anything else; with EEXIST for a source that has such a route already
   */
  static open(sources: readonly SideSource[], guise: SideGuise): SideNamespace {
    const owned = makeNetworkNamespace();
    try {
      const netlink = new Netlink();
      try {
        return new SideNamespace(owned, netlink, sources, guise);
      } catch (error) {
        netlink.close();
        throw error;
      }
    } catch (error) {
      owned.close(); // and with it the pair, and the routes by it
      throw error;
    }
  }

  private constructor(owned: OwnedNamespace, netlink: Netlink, sources: readonly SideSource[], guise: SideGuise) {
    const name = addPair(netlink, owned.fd);
    const index = indexOf(netlink, name);
    const settings = new InterfaceSettings(name);
    const hasIpv6 = settings.enableIpv6();
    const usable = sources.filter(({ address }) => address.family === 4 || hasIpv6);
    this.sources = usable.map(({ address }) => address);
    this.mirrored = MIRRORED.flatMap((setting) => settings.mirror(setting, guise.interfaceName) ?? []);
    if (hasIpv6) keepWithoutAddress(netlink, index);
    setLinkUp(netlink, index);
    for (const address of guise.addresses) {
      if (address.family === 4 || hasIpv6) addSingleAddress(netlink, index, address);
    }
    inNetworkNamespace(owned, () => setUpSide(this.sources, hasIpv6));
    for (const { address, answeredFrom } of usable) {
      addNeighbour(netlink, index, address, SIDE_MAC);
      addHostRoute(netlink, index, address, answeredFrom);
    }
    this.namespace = { inode: owned.inode, path: owned.path };
    this.interfaceName = name;
    this.#owned = owned;
    this.#netlink = netlink;
    this.#index = index;
  }

  /** Asks the kernel what it does with a packet from a source to an address, and with the answer. */
  askWay(source: Address, to: Address): WayThere {
    const isOwn = askRoute(this.#netlink, { from: undefined, to, arrivesBy: undefined }).kind === "own";
    const there = askRoute(this.#netlink, { from: source, to, arrivesBy: this.#index });
    const back = askRoute(this.#netlink, { from: to, to: source, arrivesBy: undefined });
    const isBack = back.kind === "leaves" && back.interfaceIndex === this.#index;
    return { isOwn, there, back, isWhole: isOwn && there.kind === "own" && isBack };
  }

  /** Removes everything. May be called twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      deleteLink(this.#netlink, this.#index);
    } catch (error) {
      if (!(error instanceof SystemCallError && error.errno === ENODEV)) throw error; // somebody else has removed it
    } finally {
      this.#netlink.close();
      this.#owned.close();
    }
  }
}

/** The name of this machine's end: the first that no interface has. */
function addPair(netlink: Netlink, namespaceFd: number): string {
  for (let number = 0; ; number++) {
    const name = `${NAME}${number}`;
    try {
      addVethPair(netlink, { name, mac: OWN_MAC }, { name: SIDE_NAME, mac: SIDE_MAC }, namespaceFd);
      return name;
    } catch (error) {
      const isTaken = error instanceof SystemCallError && error.errno === EEXIST;
      if (!isTaken || number === NAMES_MAX - 1) throw error;
    }
  }
}

function setUpSide(sources: readonly Address[], hasIpv6: boolean): void {
  const netlink = new Netlink();
  try {
    const index = indexOf(netlink, SIDE_NAME);
    if (hasIpv6) {
      new InterfaceSettings(SIDE_NAME).enableIpv6();
      keepWithoutAddress(netlink, index);
    }
    setLinkUp(netlink, index);
    for (const source of sources) addSingleAddress(netlink, index, source);
    for (const gateway of GATEWAYS) {
      const first = sources.find(({ family }) => family === gateway.family);
      if (first === undefined) continue;
      addNeighbour(netlink, index, gateway, OWN_MAC);
      addDefaultRoute(netlink, index, gateway, first);
    }
  } finally {
    netlink.close();
  }
}

function indexOf(netlink: Netlink, name: string): number {
  for (const device of readInterfaces(netlink).values()) if (device.name === name) return device.index;
  throw new SystemCallError("RTM_GETLINK", ENODEV, "ENODEV, no such device", { object: name });
}
