// The network interfaces of this namespace, by netlink (rtnetlink(7), RTM_GETLINK).
import type { Netlink, NetlinkMessage } from "./netlink.js";

const RTM_GETLINK = 18;
const RTM_NEWLINK = 16;
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
/** struct ifinfomsg { u8 family, pad; u16 type; i32 index; u32 flags, change }. */
const INFO_BYTES = 16;
const ARPHRD_ETHER = 1;
const IFF_UP = 1 << 0;
const IFF_LOOPBACK = 1 << 3;
const IFF_RUNNING = 1 << 6;
const IFF_NOARP = 1 << 7;

/** One interface. */
export interface Interface {
  readonly index: number;
  readonly name: string;
  /** Link address, for Ethernet. */
  readonly mac: Uint8Array | undefined;
  /** True when neighbours are found by ARP: Ethernet, and not without ARP. */
  readonly hasNeighbours: boolean;
  readonly isUp: boolean;
  /** False without carrier. */
  readonly isRunning: boolean;
  readonly isLoopback: boolean;
}

/** All interfaces by index. */
export function readInterfaces(netlink: Netlink): Map<number, Interface> {
  const reply = netlink.ask({ type: RTM_GETLINK, body: new Uint8Array(INFO_BYTES), isDump: true }, INFO_BYTES);
  const found = new Map<number, Interface>();
  if ("errno" in reply) return found;
  for (const message of reply.messages) {
    if (message.type !== RTM_NEWLINK) continue;
    const one = parse(message);
    found.set(one.index, one);
  }
  return found;
}

function parse(message: NetlinkMessage): Interface {
  const view = new DataView(message.body.buffer, message.body.byteOffset, message.body.byteLength);
  const flags = view.getUint32(8, true);
  const isEthernet = view.getUint16(2, true) === ARPHRD_ETHER;
  const mac = message.attributes.get(IFLA_ADDRESS);
  const name = message.attributes.get(IFLA_IFNAME);
  return {
    index: view.getInt32(4, true),
    name: name === undefined ? "?" : new TextDecoder().decode(name).replace(/\0.*$/s, ""),
    mac: isEthernet && mac?.length === 6 ? mac : undefined,
    hasNeighbours: isEthernet && (flags & (IFF_NOARP | IFF_LOOPBACK)) === 0,
    isUp: (flags & IFF_UP) !== 0,
    isRunning: (flags & IFF_RUNNING) !== 0,
    isLoopback: (flags & IFF_LOOPBACK) !== 0,
  };
}
