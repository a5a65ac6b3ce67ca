// Runs inside the lab: opens sockets of all kinds, or looks into another namespace, and prints as JSON what the kernel
// says of them beside what ss says.
import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { readTunnelListeners } from "../src/linux/kernel-listeners.js";
import type { InetSocket, PacketSocket, UnixSocket } from "../src/linux/kernel-socket.js";
import { checked, libc } from "../src/linux/libc.js";
import { Netlink } from "../src/linux/netlink.js";
import { inNetworkNamespace, listNamedNamespaces, namespaceId } from "../src/linux/network-namespace.js";
import type { SocketDump } from "../src/linux/sock-diag.js";
import { type DiagProtocol, dumpInetSockets, type SocketChoice } from "../src/linux/sock-diag-inet.js";
import { dumpPacketSockets } from "../src/linux/sock-diag-packet.js";
import { dumpUnixSockets } from "../src/linux/sock-diag-unix.js";
import { formatAddress } from "../src/target/address.js";

const AF_PACKET = 17;
const OWN_NAMESPACE = "/proc/thread-self/ns/net";
/** ss's words for states. */
const WORDS: Readonly<Record<string, string>> = { established: "ESTAB", listen: "LISTEN", unconnected: "UNCONN" };

function ss(...options: string[]): string[] {
  const { stdout } = spawnSync("ss", ["-H", "-n", ...options], { encoding: "latin1" });
  return stdout.split("\n").filter((line) => line !== "");
}

function socketsOf<Socket>(dump: SocketDump<Socket>): readonly Socket[] {
  if (dump.kind !== "sockets") throw new Error(JSON.stringify(dump));
  return dump.sockets;
}

/** "LISTEN 0 5 [::1]:80 [::]:*", as ss writes a line. */
function inetLine({ state, receiveQueue, sendQueue, ...socket }: InetSocket): string {
  const address = (value: InetSocket["local"]): string => {
    const text = formatAddress(value);
    if (socket.family === 4) return text;
    return text === "::" && socket.isV6Only === false ? "*" : `[${text}]`;
  };
  const zone = socket.interfaceIndex === 1 ? "%lo" : "";
  const port = (value: number): string => (value === 0 ? "*" : `${value}`);
  const local = `${address(socket.local)}${zone}:${port(socket.localPort)}`;
  const remote = `${address(socket.remote)}:${port(socket.remotePort)}`;
  return [WORDS[state] ?? state, receiveQueue, sendQueue, local, remote].join(" ");
}

function inet(netlink: Netlink, protocol: DiagProtocol, choice: SocketChoice): string[] {
  const sockets = ([4, 6] as const).flatMap((family) => socketsOf(dumpInetSockets(netlink, protocol, family, choice)));
  return sockets.map(inetLine).toSorted();
}

const squeezed = (lines: readonly string[]): string[] =>
  lines.map((line) => line.trim().replace(/ +/g, " ")).toSorted();

async function openTcp(port: number, host: string, ipv6Only: boolean) {
  const server = createServer();
  server.listen({ port, host, ipv6Only, backlog: 7 });
  await once(server, "listening");
  return server;
}

/** Sockets that stay open until this process ends. */
async function openAll(folder: string): Promise<void> {
  const server = await openTcp(8001, "127.0.0.1", false);
  await openTcp(8002, "::1", false);
  await openTcp(8003, "::", true);
  await openTcp(8004, "::", false);
  const client = connect({ port: 8001, host: "127.0.0.1" });
  await Promise.all([once(client, "connect"), once(server, "connection")]);
  const mapped = connect({ port: 8004, host: "127.0.0.1" });
  await once(mapped, "connect");
  for (const [type, port] of [
    ["udp4", 8005],
    ["udp6", 8006],
  ] as const) {
    const socket = createSocket({ type, ipv6Only: type === "udp6" });
    socket.bind(port);
    await once(socket, "listening");
  }
  createServer().listen(path.join(folder, "stream"));
  const calls = libc();
  for (const name of [Buffer.from("\0pn-odd\xff\0\x1b[31m", "latin1"), Buffer.from(path.join(folder, "dätagram"))]) {
    const address = Buffer.concat([Buffer.from([1, 0]), name]);
    const fd = checked("socket", calls.socket(1, 2, 0));
    checked("bind", calls.bind(fd, address, address.length));
  }
  const packet = checked("socket", calls.socket(AF_PACKET, 2, 0));
  const link = new Uint8Array(20); // struct sockaddr_ll: family, protocol, index
  link.set([AF_PACKET, 0, 0x08, 0x06, 1]);
  checked("bind", calls.bind(packet, link, link.length));
  checked("socket", calls.socket(2, 3, 89));
}

const unixLine = ({ type, state, path: name, receiveQueue, sendQueue, inode }: UnixSocket): string =>
  [type, state, name, receiveQueue, sendQueue, inode].join(" ");
const packetLine = ({ type, etherType, interfaceIndex, uid }: PacketSocket): string =>
  [type, etherType, interfaceIndex, uid].join(" ");

async function showSockets(): Promise<unknown> {
  const folder = mkdtempSync(path.join(tmpdir(), "pn-sockets-"));
  process.on("exit", () => rmSync(folder, { recursive: true }));
  await openAll(folder);
  const netlink = new Netlink("sock-diag");
  const unix = socketsOf(dumpUnixSockets(netlink, "all"));
  const mine = unix.filter(({ path: name = "" }) => name.startsWith(folder) || name.startsWith("@pn-"));
  const raw = dumpInetSockets(netlink, "raw", 4, "all");
  return {
    tcp: { ours: inet(netlink, "tcp", "all"), theirs: squeezed(ss("-ta")) },
    listening: { ours: inet(netlink, "tcp", "listening"), theirs: squeezed(ss("-tl")) },
    udp: { ours: inet(netlink, "udp", "all"), theirs: squeezed(ss("-ua")) },
    unix: {
      ours: mine.map((socket) => unixLine(socket).replace(folder, "FOLDER").replace(/\d+$/, "")).toSorted(),
      theirs: ss("-xa").filter((line) => mine.some(({ inode }) => line.includes(` ${inode} `))).length,
    },
    packet: { ours: socketsOf(dumpPacketSockets(netlink)).map(packetLine), theirs: ss("-0a").length },
    raw: raw.kind === "sockets" ? raw.sockets.map(({ localPort, family }) => [localPort, family]) : raw.kind,
  };
}

/** What can be told of another namespace from inside, and what can not be done there. */
function showNamespace(file: string): unknown {
  const own = namespaceId(OWN_NAMESPACE);
  const namespace = { path: file, inode: namespaceId(file) ?? 0 };
  const inside = inNetworkNamespace(namespace, () => ({
    id: namespaceId(OWN_NAMESPACE),
    ours: inet(new Netlink("sock-diag"), "tcp", "listening"),
    theirs: squeezed(ss("-tl")),
  }));
  const faults = [
    () => {
      throw new Error("from inside");
    },
    () => Promise.resolve(),
  ].map((work) => {
    try {
      return inNetworkNamespace(namespace, work);
    } catch (error) {
      return String(error);
    }
  });
  const isNamed = listNamedNamespaces().some(({ path: name, inode }) => name === file && inode === namespace.inode);
  return {
    inside,
    faults,
    isNamed,
    isInside: inside.id === namespace.inode,
    isBack: namespaceId(OWN_NAMESPACE) === own,
  };
}

const [, , what, file = ""] = process.argv;
const shown =
  what === "sockets" ? await showSockets() : what === "namespace" ? showNamespace(file) : readTunnelListeners();
process.stdout.write(`${JSON.stringify(shown)}\n`, () => process.exit());
