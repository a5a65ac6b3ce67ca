// The network interfaces of this namespace with their addresses, by netlink (rtnetlink(7), RTM_GETLINK, RTM_GETADDR).

import { readUint32, writeUint32 } from "../packet/bytes.js";
import { type Address, isZone } from "../target/address.js";
import type { Netlink, NetlinkMessage } from "./netlink.js";
import { AF_INET, AF_INET6 } from "./socket-constants.js";

const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const RTM_NEWADDR = 20;
const RTM_GETADDR = 22;
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
/** struct ifinfomsg { u8 family, pad; u16 type; i32 index; u32 flags, change }. */
const INFO_BYTES = 16;
/** struct ifaddrmsg { u8 family, prefixlen, flags, scope; u32 index }. */
const ADDRESS_INFO_BYTES = 8;
const ARPHRD_ETHER = 1;
const IFF_UP = 1 << 0;
const IFF_LOOPBACK = 1 << 3;
const IFF_RUNNING = 1 << 6;
const IFF_NOARP = 1 << 7;

/** An address of this machine, and how many bits of it name the network on the link. */
export interface InterfaceAddress {
  readonly address: Address;
  readonly prefix: number;
}

/** One interface. */
export interface Interface {
  readonly index: number;
  readonly name: string;
  /** Link address, for Ethernet. */
  readonly mac: Uint8Array | undefined;
  /** True when neighbours are found by ARP and neighbour discovery: Ethernet, and not without ARP. */
  readonly hasNeighbours: boolean;
  readonly isUp: boolean;
  /** False without carrier. */
  readonly isRunning: boolean;
  readonly isLoopback: boolean;
  /** The longest packet that leaves whole, from the network header on. */
  readonly mtuBytes: number;
  /** Its own addresses of both families; link-local ones of IPv6 with their zone. */
  readonly addresses: readonly InterfaceAddress[];
}

/** All interfaces by index. */
export function readInterfaces(netlink: Netlink): Map<number, Interface> {
  const found = new Map<number, Interface>();
  const addresses = new Map<number, InterfaceAddress[]>();
  for (const message of dump(netlink, RTM_GETLINK, RTM_NEWLINK, INFO_BYTES)) {
    const index = viewOf(message.body).getInt32(4, true);
    const own: InterfaceAddress[] = [];
    addresses.set(index, own);
    found.set(index, parseLink(message, index, own));
  }
  for (const message of dump(netlink, RTM_GETADDR, RTM_NEWADDR, ADDRESS_INFO_BYTES)) {
    const index = viewOf(message.body).getUint32(4, true);
    const address = parseOwnAddress(message, found.get(index)?.name);
    if (address !== undefined) addresses.get(index)?.push({ address, prefix: message.body[1] ?? 0 });
  }
  return found;
}

/**
 * An address as netlink has it, in 4 or 16 bytes; `undefined` for every other length. A link-local one of IPv6 gets the
 * interface's name as its zone.
 */
export function addressOf(bytes: Uint8Array | undefined, interfaceName: string | undefined): Address | undefined {
  if (bytes?.length === 4) return { family: 4, value: readUint32(bytes, 0) };
  if (bytes?.length !== 16) return undefined;
  const hasZone = isLinkLocal(bytes) && interfaceName !== undefined && isZone(interfaceName);
  return hasZone ? { family: 6, bytes, zone: interfaceName } : { family: 6, bytes };
}

/** The 4 or 16 bytes of an address, as netlink wants it. */
export function addressBytes(address: Address): Uint8Array {
  if (address.family === 6) return address.bytes;
  const bytes = new Uint8Array(4);
  writeUint32(bytes, 0, address.value);
  return bytes;
}

/** True for the 16 bytes of an address in fe80::/10 (RFC 4291 §2.5.6), which has a meaning on one link only. */
export function isLinkLocal(bytes: Uint8Array): boolean {
  return bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
}

function dump(netlink: Netlink, type: number, answerType: number, bodyBytes: number): readonly NetlinkMessage[] {
  const reply = netlink.ask({ type, body: new Uint8Array(bodyBytes), isDump: true }, bodyBytes);
  return "errno" in reply ? [] : reply.messages.filter((message) => message.type === answerType);
}

function parseLink(message: NetlinkMessage, index: number, addresses: readonly InterfaceAddress[]): Interface {
  const view = viewOf(message.body);
  const flags = view.getUint32(8, true);
  const isEthernet = view.getUint16(2, true) === ARPHRD_ETHER;
  const mac = message.attributes.get(IFLA_ADDRESS);
  const name = message.attributes.get(IFLA_IFNAME);
  const mtu = message.attributes.get(IFLA_MTU);
  return {
    index,
    name: name === undefined ? "?" : new TextDecoder().decode(name).replace(/\0.*$/s, ""),
    mac: isEthernet && mac?.length === 6 ? mac : undefined,
    hasNeighbours: isEthernet && (flags & (IFF_NOARP | IFF_LOOPBACK)) === 0,
    isUp: (flags & IFF_UP) !== 0,
    isRunning: (flags & IFF_RUNNING) !== 0,
    isLoopback: (flags & IFF_LOOPBACK) !== 0,
    mtuBytes: mtu?.length === 4 ? viewOf(mtu).getUint32(0, true) : 0,
    addresses,
  };
}

/** On a point-to-point link IFA_ADDRESS is the other end and IFA_LOCAL ours (include/uapi/linux/if_addr.h). */
function parseOwnAddress(message: NetlinkMessage, interfaceName: string | undefined): Address | undefined {
  const family = message.body[0];
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  return addressOf(message.attributes.get(IFA_LOCAL) ?? message.attributes.get(IFA_ADDRESS), interfaceName);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
