// Changes to interfaces, addresses, routes and neighbours by netlink (rtnetlink(7); include/uapi/linux/rtnetlink.h,
// if_link.h, if_addr.h, neighbour.h and veth.h). Each changes one thing, waits for the kernel's word, and replaces nothing
// that was there before.
import { PrivilegeError, SystemCallError } from "../model/errors.js";
import { type Address, formatAddress } from "../target/address.js";
import { familyOf } from "./connector.js";
import { EPERM, errnoName } from "./errno.js";
import { addressBytes } from "./interfaces.js";
import { int32 } from "./libc.js";
import type { Netlink } from "./netlink.js";
import { type NetlinkAttribute, type NetlinkRequest, packAttributes } from "./netlink-message.js";
import { AF_INET6 } from "./socket-constants.js";

const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_SETLINK = 19;
const RTM_NEWADDR = 20;
const RTM_NEWROUTE = 24;
const RTM_NEWNEIGH = 28;

/** struct ifinfomsg { u8 family, pad; u16 type; i32 index; u32 flags, change }. */
const LINK_BYTES = 16;
const LINK_INDEX_AT = 4;
const LINK_FLAGS_AT = 8;
const LINK_CHANGE_AT = 12;
const IFF_UP = 1;
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_LINKINFO = 18;
const IFLA_AF_SPEC = 26;
const IFLA_NET_NS_FD = 28;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const VETH_INFO_PEER = 1;
const IFLA_INET6_ADDR_GEN_MODE = 8;
const IN6_ADDR_GEN_MODE_NONE = 1;

/** struct ifaddrmsg { u8 family, prefixlen, flags, scope; u32 index }. */
const ADDRESS_BYTES = 8;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_FLAGS = 8;
/**
 * IFA_F_NODAD: no duplicate address detection, nobody else is on the link, and the address shall be of use at once.
 * IFA_F_NOPREFIXROUTE: it brings no route to a network.
 */
const SINGLE_FLAGS = 0x2 | 0x200;

/** struct rtmsg { u8 family, dst_len, src_len, tos, table, protocol, scope, type; u32 flags }. */
const ROUTE_BYTES = 12;
const RT_TABLE_MAIN = 254;
const RTPROT_STATIC = 4;
const RT_SCOPE_UNIVERSE = 0;
const RT_SCOPE_LINK = 253;
const RTN_UNICAST = 1;
/** The gateway is on the link, though no route says so. */
const RTNH_F_ONLINK = 4;
const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RTA_PREFSRC = 7;

/** struct ndmsg { u8 family, pad1; u16 pad2; i32 index; u16 state; u8 flags, type }. */
const NEIGHBOUR_BYTES = 12;
const NUD_PERMANENT = 0x80;
const NDA_DST = 1;
const NDA_LLADDR = 2;

const HINT = "run as root: changing the network needs CAP_NET_ADMIN";

/** One end of a pair of interfaces. */
export interface VethEnd {
  readonly name: string;
  readonly mac: Uint8Array;
}

/**
 * Makes a veth pair, one end here and the other in the namespace of `peerNamespaceFd`; both are down.
 *
 * @throws SystemCallError with EEXIST when there is an interface of that name
 * @throws PrivilegeError without the right to
 */
export function addVethPair(netlink: Netlink, end: VethEnd, peer: VethEnd, peerNamespaceFd: number): void {
  const peerInfo = joined(
    new Uint8Array(LINK_BYTES),
    packAttributes([...endAttributes(peer), [IFLA_NET_NS_FD, int32(peerNamespaceFd)]]),
  );
  const info: readonly NetlinkAttribute[] = [
    [IFLA_INFO_KIND, new TextEncoder().encode("veth")],
    [IFLA_INFO_DATA, packAttributes([[VETH_INFO_PEER, peerInfo]])],
  ];
  const attributes: readonly NetlinkAttribute[] = [...endAttributes(end), [IFLA_LINKINFO, packAttributes(info)]];
  const request = { type: RTM_NEWLINK, body: new Uint8Array(LINK_BYTES), attributes, change: "new" } as const;
  change(netlink, request, "RTM_NEWLINK", end.name);
}

/** Removes an interface, and the other end of it where it is one of a pair. */
export function deleteLink(netlink: Netlink, index: number): void {
  change(netlink, { type: RTM_DELLINK, body: linkBody(index), change: "set" }, "RTM_DELLINK", `interface ${index}`);
}

/** Says that the kernel shall give the interface no IPv6 address by itself; for before it is up. */
export function keepWithoutAddress(netlink: Netlink, index: number): void {
  const mode = packAttributes([[IFLA_INET6_ADDR_GEN_MODE, Uint8Array.of(IN6_ADDR_GEN_MODE_NONE)]]);
  const attributes: readonly NetlinkAttribute[] = [[IFLA_AF_SPEC, packAttributes([[AF_INET6, mode]])]];
  const request = { type: RTM_SETLINK, body: linkBody(index), attributes, change: "set" } as const;
  change(netlink, request, "RTM_SETLINK", `interface ${index}`);
}

/** Takes an interface up. */
export function setLinkUp(netlink: Netlink, index: number): void {
  const body = linkBody(index);
  const view = new DataView(body.buffer);
  view.setUint32(LINK_FLAGS_AT, IFF_UP, true);
  view.setUint32(LINK_CHANGE_AT, IFF_UP, true);
  change(netlink, { type: RTM_SETLINK, body, change: "set" }, "RTM_SETLINK", `interface ${index}`);
}

/** Gives an interface an address that is alone on its network, which another interface may have, too. */
export function addSingleAddress(netlink: Netlink, index: number, address: Address): void {
  const bytes = addressBytes(address);
  const body = new Uint8Array(ADDRESS_BYTES);
  body.set([familyOf(address), bytes.length * 8]);
  new DataView(body.buffer).setUint32(4, index, true);
  const attributes: readonly NetlinkAttribute[] = [
    [IFA_LOCAL, bytes],
    [IFA_ADDRESS, bytes],
    [IFA_FLAGS, int32(SINGLE_FLAGS)],
  ];
  change(netlink, { type: RTM_NEWADDR, body, attributes, change: "new" }, "RTM_NEWADDR", `interface ${index}`);
}

/**
 * Says that one address is on the link of an interface, in the main table.
 * @param answeredFrom The own address that packets to it leave from unless their program says; undefined: any
 */
export function addHostRoute(
  netlink: Netlink,
  index: number,
  address: Address,
  answeredFrom: Address | undefined,
): void {
  const target = addressBytes(address);
  const body = routeBody(address, target.length * 8, RT_SCOPE_LINK, 0);
  const attributes: NetlinkAttribute[] = [
    [RTA_DST, target],
    [RTA_OIF, int32(index)],
  ];
  if (answeredFrom !== undefined) attributes.push([RTA_PREFSRC, addressBytes(answeredFrom)]);
  change(netlink, { type: RTM_NEWROUTE, body, attributes, change: "new" }, "RTM_NEWROUTE", formatAddress(address));
}

/** Sends everything to a gateway that is on the link of an interface, from this own address unless a packet has another. */
export function addDefaultRoute(netlink: Netlink, index: number, gateway: Address, source: Address): void {
  const body = routeBody(gateway, 0, RT_SCOPE_UNIVERSE, RTNH_F_ONLINK);
  const attributes: readonly NetlinkAttribute[] = [
    [RTA_GATEWAY, addressBytes(gateway)],
    [RTA_OIF, int32(index)],
    [RTA_PREFSRC, addressBytes(source)],
  ];
  change(netlink, { type: RTM_NEWROUTE, body, attributes, change: "new" }, "RTM_NEWROUTE", `interface ${index}`);
}

/** Says for good which link address a neighbour has, so that nobody asks for it. */
export function addNeighbour(netlink: Netlink, index: number, address: Address, mac: Uint8Array): void {
  const body = new Uint8Array(NEIGHBOUR_BYTES);
  const view = new DataView(body.buffer);
  body[0] = familyOf(address);
  view.setInt32(4, index, true);
  view.setUint16(8, NUD_PERMANENT, true);
  const attributes: readonly NetlinkAttribute[] = [
    [NDA_DST, addressBytes(address)],
    [NDA_LLADDR, mac],
  ];
  change(netlink, { type: RTM_NEWNEIGH, body, attributes, change: "new" }, "RTM_NEWNEIGH", `interface ${index}`);
}

function change(netlink: Netlink, request: NetlinkRequest, call: string, object: string): void {
  const { errno } = netlink.walk(request, () => {});
  if (errno === 0) return;
  if (errno === EPERM) throw new PrivilegeError(`${call} on ${object} is not permitted`, { hint: HINT });
  throw new SystemCallError(call, errno, errnoName(errno), { object });
}

function endAttributes({ name, mac }: VethEnd): readonly NetlinkAttribute[] {
  return [
    [IFLA_IFNAME, new TextEncoder().encode(`${name}\0`)],
    [IFLA_ADDRESS, mac],
  ];
}

function linkBody(index: number): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(LINK_BYTES);
  new DataView(body.buffer).setInt32(LINK_INDEX_AT, index, true);
  return body;
}

function routeBody(address: Address, targetBits: number, scope: number, flags: number): Uint8Array {
  const body = new Uint8Array(ROUTE_BYTES);
  body.set([familyOf(address), targetBits, 0, 0, RT_TABLE_MAIN, RTPROT_STATIC, scope, RTN_UNICAST]);
  new DataView(body.buffer).setUint32(8, flags, true);
  return body;
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(one.length + other.length);
  bytes.set(one);
  bytes.set(other, one.length);
  return bytes;
}
