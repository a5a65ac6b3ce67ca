// The sockets and interfaces of the network namespace that this thread is in, as the kernel tells of them by netlink. What
// it does not list that way is read from the text of /proc/net.
import { errnoName } from "../linux/errno.js";
import { type Interface, readInterfaces } from "../linux/interfaces.js";
import type { KernelSocket } from "../linux/kernel-socket.js";
import { Netlink } from "../linux/netlink.js";
import type { ProcFiles } from "../linux/proc-files.js";
import { readRoutes } from "../linux/route-list.js";
import type { SocketDump } from "../linux/sock-diag.js";
import { type DiagProtocol, dumpInetSockets } from "../linux/sock-diag-inet.js";
import { dumpPacketSockets } from "../linux/sock-diag-packet.js";
import { dumpUnixSockets } from "../linux/sock-diag-unix.js";
import { formatMac } from "../packet/ethernet.js";
import type { Gap } from "./gap.js";
import type { LocalNetwork } from "./local-network.js";
import { readTextNetwork } from "./network-text.js";
import type { SocketSource } from "./socket-source.js";
import { type SocketWish, wishes } from "./socket-wish.js";
import { readTextTable, type SocketReading } from "./text-sockets.js";

/** This namespace's tables, whichever thread asks. */
const FOLDER = "thread-self/net";

type Choice = "listening" | "all";

/** A list that the kernel can be asked for, and the tables that stand for it where it does not answer. */
interface Listing {
  readonly kind: KernelSocket["kind"];
  readonly tables: readonly string[];
  dump(netlink: Netlink, choice: Choice): SocketDump<KernelSocket>;
}

function inetListing(protocol: DiagProtocol, family: 4 | 6, tables: readonly string[]): Listing {
  return { kind: "inet", tables, dump: (netlink, choice) => dumpInetSockets(netlink, protocol, family, choice) };
}

const LISTINGS: readonly Listing[] = [
  ...(["tcp", "udp", "udplite", "raw"] as const).flatMap((protocol) => [
    inetListing(protocol, 4, [protocol]),
    inetListing(protocol, 6, [`${protocol}6`]),
  ]),
  inetListing("sctp", 4, ["sctp/eps", "sctp/assocs"]), // these tables hold both families
  inetListing("sctp", 6, []),
  inetListing("dccp", 4, []),
  inetListing("dccp", 6, []),
  { kind: "packet", tables: ["packet"], dump: (netlink) => dumpPacketSockets(netlink) },
  { kind: "unix", tables: ["unix"], dump: (netlink, choice) => dumpUnixSockets(netlink, choice) },
];

/** The tables of sockets that sock_diag(7) does not know. */
const TEXT_ONLY: readonly string[] = ["icmp", "icmp6"];

/** The namespace that this thread is in. */
export function liveSource(files: ProcFiles): SocketSource {
  return {
    readSockets: (wish) => withNetlink("sock-diag", (netlink) => readSockets(netlink, files, wish)),
    readNetwork: () => withNetlink("route", (netlink) => readNetwork(netlink, files)),
  };
}

function withNetlink<Result>(protocol: "route" | "sock-diag", work: (netlink: Netlink) => Result): Result {
  const netlink = new Netlink(protocol);
  try {
    return work(netlink);
  } finally {
    netlink.close();
  }
}

function readSockets(netlink: Netlink, files: ProcFiles, wish: SocketWish): SocketReading {
  const choice = wish.onlyListening ? "listening" : "all";
  const readings = LISTINGS.filter(({ kind }) => wish.kinds.has(kind)).map((listing) => {
    const dump = listing.dump(netlink, choice);
    return dump.kind === "sockets" ? readingOf(listing, dump) : textReading(files, listing.tables, dump);
  });
  if (wish.kinds.has("inet")) readings.push(textReading(files, TEXT_ONLY, { kind: "absent" }));
  return {
    sockets: readings.flatMap(({ sockets }) => sockets.filter((socket) => wishes(wish, socket))),
    gaps: readings.flatMap(({ gaps }) => gaps),
  };
}

function readingOf({ tables }: Listing, dump: SocketDump<KernelSocket> & { readonly kind: "sockets" }): SocketReading {
  const gaps: Gap[] = [];
  if (dump.isTorn) {
    const what = `some sockets of ${tables[0] ?? "a protocol"}, perhaps`;
    gaps.push({
      code: "changed",
      what,
      table: tables[0] ?? "",
      why: "the kernel's list changed each time while it was read",
    });
  }
  return { sockets: dump.sockets, gaps };
}

/** What the tables say instead; a gap where there is nothing to read and the kernel has refused. */
function textReading(
  files: ProcFiles,
  tables: readonly string[],
  dump: Exclude<SocketDump<KernelSocket>, { readonly kind: "sockets" }>,
): SocketReading {
  const readings = tables.flatMap((table) => readTextTable(files, FOLDER, table) ?? []);
  const gaps = readings.flatMap((reading) => reading.gaps);
  if (dump.kind === "refused" && readings.length === 0) {
    const why = `the kernel refused to list them (${errnoName(dump.errno)})`;
    gaps.push({ code: "denied", what: `the sockets of ${tables.join(", ")}`, table: tables[0] ?? "", why });
  }
  return { sockets: readings.flatMap(({ sockets }) => sockets), gaps };
}

function readNetwork(netlink: Netlink, files: ProcFiles): LocalNetwork {
  const interfaces = readInterfaces(netlink);
  if (interfaces.size === 0) return readTextNetwork(files, FOLDER);
  const routes = readRoutes(netlink, interfaces);
  return {
    addresses: [...interfaces.values()].flatMap(addressesOf),
    nameByIndex: new Map([...interfaces].map(([index, { name }]) => [index, name])),
    macByName: new Map([...interfaces.values()].flatMap(macOf)),
    routedInterfaces: new Set(routes.flatMap(({ gateway, device }) => (gateway === undefined ? [] : [device]))),
  };
}

function macOf({ name, mac }: Interface): readonly (readonly [name: string, mac: string])[] {
  return mac === undefined ? [] : [[name, formatMac(mac, 0)]];
}

function addressesOf({ name, addresses }: Interface): LocalNetwork["addresses"] {
  return addresses.map(({ address }) => ({ address, interfaceName: name }));
}
