// Ports of tunnels whose interfaces tell them: VXLAN, GENEVE, bareudp, GTP (RTM_GETLINK with IFLA_LINKINFO;
// include/uapi/linux/if_link.h). Their sockets are there as long as the interface is up.
//
// OpenVPN's interfaces ("ovpn") are not asked: the socket that they use is made and held by the openvpn process.

import { readUint16 } from "../packet/bytes.js";
import type { KernelListener } from "./kernel-listener.js";
import type { Netlink, NetlinkMessage } from "./netlink.js";
import { readAttributes } from "./netlink-message.js";

const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const IFLA_IFNAME = 3;
const IFLA_LINKINFO = 18;
const IFLA_LINK_NETNSID = 37;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const IFLA_VXLAN_PORT = 15;
const IFLA_VXLAN_GROUP6 = 16;
const IFLA_VXLAN_LOCAL6 = 17;
const IFLA_VXLAN_COLLECT_METADATA = 25;
const IFLA_GENEVE_PORT = 5;
const IFLA_BAREUDP_PORT = 1;
/** struct ifinfomsg { u8 family, pad; u16 type; i32 index; u32 flags, change }. */
const INFO_BYTES = 16;
const INDEX_AT = 4;
const FLAGS_AT = 8;
const IFF_UP = 1;
/** 3GPP TS 29.281 §4.4.2.0 (GTP-U) and TS 29.060 §10.1.1 (GTP version 0). */
const GTP_PORTS: readonly number[] = [2152, 3386];

/** An interface that a driver of a kind has made. */
export interface Tunnel {
  /** The driver's word: "vxlan", "wireguard". */
  readonly kind: string;
  readonly index: number;
  readonly name: string;
  readonly isUp: boolean;
  /** True for one that says it was made in another namespace: its socket is there. */
  readonly hasMoved: boolean;
  /** The driver's own attributes. */
  readonly data: ReadonlyMap<number, Uint8Array>;
}

/**
 * The interfaces of this namespace that have a kind.
 *
 * @throws SystemCallError when the kernel cannot be talked to
 */
export function readTunnels(netlink: Netlink): readonly Tunnel[] {
  const reply = netlink.ask({ type: RTM_GETLINK, body: new Uint8Array(INFO_BYTES), isDump: true }, INFO_BYTES);
  const messages = "errno" in reply ? [] : reply.messages;
  return messages.map(tunnelOf).filter((tunnel) => tunnel !== undefined);
}

/** The tunnel that a message tells of; undefined for another interface, or another message. */
export function tunnelOf({ type, body, attributes }: NetlinkMessage): Tunnel | undefined {
  const info = attributes.get(IFLA_LINKINFO);
  if (type !== RTM_NEWLINK || body.length < INFO_BYTES || info === undefined) return undefined;
  const parts = readAttributes(info, 0);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  return {
    kind: textOf(parts.get(IFLA_INFO_KIND)),
    index: view.getInt32(INDEX_AT, true),
    name: textOf(attributes.get(IFLA_IFNAME)),
    isUp: (view.getUint32(FLAGS_AT, true) & IFF_UP) !== 0,
    hasMoved: attributes.has(IFLA_LINK_NETNSID),
    data: readAttributes(parts.get(IFLA_INFO_DATA) ?? new Uint8Array(0), 0),
  };
}

function textOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "?" : new TextDecoder().decode(bytes).replace(/\0.*$/s, "");
}

/** Names of those kinds that tell their port, and the attribute in which it stands, in network order. */
const PORT_KINDS: ReadonlyMap<string, readonly [name: string, attribute: number]> = new Map([
  ["vxlan", ["VXLAN", IFLA_VXLAN_PORT]],
  ["geneve", ["GENEVE", IFLA_GENEVE_PORT]],
  ["bareudp", ["bareudp", IFLA_BAREUDP_PORT]],
]);

/** The ports that an interface keeps open. */
export function tunnelListeners(tunnel: Tunnel): readonly KernelListener[] {
  if (!tunnel.isUp) return [];
  const [name = "", attribute = 0] = PORT_KINDS.get(tunnel.kind) ?? [];
  const port = tunnel.data.get(attribute);
  if (name !== "" && port?.length === 2) {
    return [
      {
        protocol: "udp",
        port: readUint16(port, 0),
        family: tunnel.kind === "vxlan" ? vxlanFamily(tunnel.data) : undefined,
        owner: `${name} ${tunnel.name}`,
        by: "settings of the interface",
        isCertain: true,
        place: tunnel.hasMoved ? "elsewhere" : "here",
      },
    ];
  }
  return tunnel.kind === "gtp" ? GTP_PORTS.map((number) => gtpListener(tunnel, number)) : [];
}

/** With metadata from outside it has sockets of both families; else of that of its addresses (vxlan_sock_add()). */
function vxlanFamily(data: ReadonlyMap<number, Uint8Array>): 4 | 6 | undefined {
  if (data.get(IFLA_VXLAN_COLLECT_METADATA)?.[0] === 1) return undefined;
  return data.has(IFLA_VXLAN_LOCAL6) || data.has(IFLA_VXLAN_GROUP6) ? 6 : 4;
}

/** Its sockets are a process's, or since Linux 6.1 the kernel's own (IFLA_GTP_CREATE_SOCKETS); it tells of neither. */
function gtpListener(tunnel: Tunnel, port: number): KernelListener {
  return {
    protocol: "udp",
    port,
    family: undefined,
    owner: `GTP ${tunnel.name}`,
    by: "its usual port",
    isCertain: false,
    place: tunnel.hasMoved ? "elsewhere" : "here",
  };
}
