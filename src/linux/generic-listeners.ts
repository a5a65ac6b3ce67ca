// Ports of what is set up over generic netlink: WireGuard (include/uapi/linux/wireguard.h), FOU and GUE (fou.h), L2TP
// over UDP (l2tp.h). Families are listed first: asking for one by its name would load the kernel's module for it
// (net/netlink/genetlink.c), and a look at a machine must not change it.

import { readUint16 } from "../packet/bytes.js";
import { errnoName } from "./errno.js";
import type { KernelListener, KernelListeners } from "./kernel-listener.js";
import { int32 } from "./libc.js";
import type { Netlink, NetlinkMessage } from "./netlink.js";
import { readAttributes } from "./netlink-message.js";
import { AF_INET6 } from "./socket-constants.js";
import type { Tunnel } from "./tunnel-listeners.js";

/** struct genlmsghdr { u8 cmd, version; u16 reserved }. */
const HEADER_BYTES = 4;
/** include/uapi/linux/genetlink.h. */
const GENL_ID_CTRL = 0x10;
const CTRL_VERSION = 2;
const CTRL_CMD_GETFAMILY = 3;
const CTRL_ATTR_FAMILY_ID = 1;
const CTRL_ATTR_FAMILY_NAME = 2;

const WG_CMD_GET_DEVICE = 0;
const WGDEVICE_A_IFINDEX = 1;
const WGDEVICE_A_LISTEN_PORT = 6;

const FOU_CMD_GET = 3;
const FOU_ATTR_PORT = 1;
const FOU_ATTR_AF = 2;
const FOU_ATTR_TYPE = 4;
const FOU_ENCAP_GUE = 2;

const L2TP_CMD_TUNNEL_GET = 4;
const L2TP_ATTR_ENCAP_TYPE = 2;
const L2TP_ATTR_CONN_ID = 9;
const L2TP_ATTR_UDP_SPORT = 26;
const L2TP_ATTR_IP6_SADDR = 31;
const L2TP_ENCAPTYPE_UDP = 0;

/**
 * The ports of WireGuard's interfaces among `tunnels`, of FOU and GUE, and of L2TP, in the namespace where `netlink` was
 * opened (a socket of generic netlink).
 *
 * @throws SystemCallError when the kernel cannot be talked to
 */
export function readGenericListeners(netlink: Netlink, tunnels: readonly Tunnel[]): KernelListeners {
  const families = readFamilies(netlink);
  const listeners: KernelListener[] = [];
  const refusals: string[] = [];
  const wireguard = families.get("wireguard");
  for (const tunnel of wireguard === undefined ? [] : tunnels.filter(({ kind }) => kind === "wireguard")) {
    const found = readWireguard(netlink, wireguard ?? 0, tunnel);
    if (typeof found === "string") refusals.push(found);
    else if (found !== undefined) listeners.push(found);
  }
  for (const [name, command, listenerOf] of LISTS) {
    const family = families.get(name);
    if (family === undefined) continue;
    const reply = askFamily(netlink, family, command);
    if ("errno" in reply) refusals.push(`the ports of ${name} cannot be listed: ${errnoName(reply.errno)}`);
    else listeners.push(...reply.messages.map(listenerOf).filter((listener) => listener !== undefined));
  }
  return { listeners, refusals };
}

/** Families that list what they have, and how a message of the list is understood. */
const LISTS = [
  ["fou", FOU_CMD_GET, fouListener],
  ["l2tp", L2TP_CMD_TUNNEL_GET, l2tpListener],
] as const;

function readFamilies(netlink: Netlink): ReadonlyMap<string, number> {
  const reply = askFamily(netlink, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_VERSION);
  const messages = "errno" in reply ? [] : reply.messages;
  return new Map(messages.map(familyOf).filter((family) => family !== undefined));
}

/** Name and number of a family; undefined for a message that lacks one. */
export function familyOf({ attributes }: NetlinkMessage): readonly [name: string, id: number] | undefined {
  const name = attributes.get(CTRL_ATTR_FAMILY_NAME);
  const id = uint16(attributes.get(CTRL_ATTR_FAMILY_ID));
  return name === undefined || id === undefined
    ? undefined
    : [Buffer.from(name).toString("latin1").split("\0", 1)[0] ?? "", id];
}

function askFamily(netlink: Netlink, family: number, command: number, version = 1) {
  return netlink.ask({ type: family, body: new Uint8Array([command, version, 0, 0]), isDump: true }, HEADER_BYTES);
}

/** The port of one interface, or why it is not known. The answer has the private key in it, so no copy of it is made. */
function readWireguard(netlink: Netlink, family: number, tunnel: Tunnel): KernelListener | string | undefined {
  let port: number | undefined;
  const { errno } = netlink.walk(
    {
      type: family,
      body: new Uint8Array([WG_CMD_GET_DEVICE, 1, 0, 0]),
      attributes: [[WGDEVICE_A_IFINDEX, int32(tunnel.index)]],
      isDump: true,
    },
    (type, at, end) => {
      if (type === family) port ??= wireguardPort(netlink.bytes.subarray(at, end));
    },
  );
  netlink.bytes.fill(0);
  if (errno !== 0) return `the port of WireGuard ${tunnel.name} cannot be asked for: ${errnoName(errno)}`;
  return port === undefined || !tunnel.isUp ? undefined : wireguardListener(tunnel.name, port);
}

/** The port in an answer of WireGuard, which comes in several parts; undefined when it has none, or none yet. */
export function wireguardPort(message: Uint8Array): number | undefined {
  const port = uint16(readAttributes(message, HEADER_BYTES).get(WGDEVICE_A_LISTEN_PORT));
  return port === 0 ? undefined : port;
}

function wireguardListener(name: string, port: number): KernelListener {
  return {
    protocol: "udp",
    port,
    family: undefined,
    owner: `WireGuard ${name}`,
    by: "generic netlink, family wireguard",
    isCertain: true,
    place: "unknown",
  };
}

/** A port of FOU or GUE. */
export function fouListener({ attributes }: NetlinkMessage): KernelListener | undefined {
  const port = attributes.get(FOU_ATTR_PORT);
  if (port?.length !== 2) return undefined;
  return {
    protocol: "udp",
    port: readUint16(port, 0), // network order, unlike the others' here
    family: attributes.get(FOU_ATTR_AF)?.[0] === AF_INET6 ? 6 : 4,
    owner: attributes.get(FOU_ATTR_TYPE)?.[0] === FOU_ENCAP_GUE ? "GUE" : "FOU",
    by: "generic netlink, family fou",
    isCertain: true,
    place: "here",
  };
}

/** A tunnel of L2TP; undefined for one over bare IP. A process may hold its socket, too. */
export function l2tpListener({ attributes }: NetlinkMessage): KernelListener | undefined {
  const port = uint16(attributes.get(L2TP_ATTR_UDP_SPORT));
  if (uint16(attributes.get(L2TP_ATTR_ENCAP_TYPE)) !== L2TP_ENCAPTYPE_UDP || port === undefined) return undefined;
  const id = attributes.get(L2TP_ATTR_CONN_ID);
  const number = id?.length === 4 ? ` tunnel ${new DataView(id.buffer, id.byteOffset).getUint32(0, true)}` : "";
  return {
    protocol: "udp",
    port,
    family: attributes.has(L2TP_ATTR_IP6_SADDR) ? 6 : 4,
    owner: `L2TP${number}`,
    by: "generic netlink, family l2tp",
    isCertain: true,
    place: "here",
  };
}

/** A number in the machine's byte order. */
function uint16(bytes: Uint8Array | undefined): number | undefined {
  if (bytes?.length !== 2) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint16(0, true);
}
