// Runs inside the lab: reads the inside of a host by ssh, and the inside of where it runs itself by the kernel, and tells both.
import process from "node:process";
import { readLiveEnvironment } from "../src/firewall/live-environment.js";
import type { HostEnvironment } from "../src/firewall/packet-question.js";
import type { InsideSocket, InsideView } from "../src/inside/inside-view.js";
import { readInsideLive } from "../src/inside/open-inside.js";
import type { SocketWish } from "../src/inside/socket-wish.js";
import { parseSshHost } from "../src/linux/ssh-host.js";
import { type Address, formatAddress } from "../src/target/address.js";
import { readRemoteInside } from "../src/vantage/remote-inside.js";

/** What is read. */
export interface InsideOrder {
  readonly host: string;
  readonly program?: string;
  readonly configFile?: string;
  readonly sudo?: boolean;
}

/** What was found. */
export interface InsideTold {
  /** "net:4026531840 tcp 0.0.0.0:22 sshd[7]", sorted. */
  readonly remote: readonly string[];
  readonly live: readonly string[];
  readonly environment: unknown;
  readonly liveEnvironment: unknown;
  readonly rules: Readonly<Record<string, string>>;
  readonly published: number;
  readonly settings: number;
  readonly clockDifferenceMs: number | undefined;
  readonly system: string;
  readonly gaps: readonly string[];
  readonly elapsedMs: number;
}

const wish: SocketWish = { kinds: new Set(["inet"]), onlyListening: true };

function rowOf({ socket, namespace, holders, ownership }: InsideSocket): string {
  if (socket.kind !== "inet") return "";
  const who = holders.map((one) => `${one.process.name}[${one.process.pid}] ${one.process.executable?.path}`).join();
  const place = `${formatAddress(socket.local)}:${socket.localPort}`;
  return `net:${namespace.number} ${namespace.isOwn} ${socket.protocol}${socket.family} ${place} ${ownership} ${who}`;
}

function rowsOf({ sockets }: InsideView): readonly string[] {
  return sockets.map(rowOf).sort();
}

/** Neither the kernel nor its text has an order that must be kept. */
function sorted({ interfaces, routes, isForwarding }: HostEnvironment) {
  const text = (value: unknown): string => JSON.stringify(value);
  const byText = (one: unknown, other: unknown): number => text(one).localeCompare(text(other));
  const rows = interfaces.map(({ name, index, addresses }) => ({
    ...{ name, index },
    addresses: addresses.map(({ address, prefix }) => `${formatAddress(plain(address))}/${prefix}`).sort(),
  }));
  const ways = routes.map(({ target, prefix, device }) => `${formatAddress(plain(target))}/${prefix} ${device}`);
  return { interfaces: rows.sort(byText), routes: [...new Set(ways)].sort(), isForwarding };
}

/** Text leaves zones out. */
function plain(address: Address): Address {
  return address.family === 4 ? address : { family: 6, bytes: address.bytes };
}

const order: InsideOrder = JSON.parse(process.argv[2] ?? "{}");
const host = parseSshHost(order.host);
if (host === undefined) throw new Error(`no host: ${order.host}`);
const { program, configFile, sudo = false } = order;
const startedAtMs = performance.now();
const { signal } = new AbortController();
const inside = await readRemoteInside(host, { program, configFile, sudo, wish, signal });
const elapsedMs = performance.now() - startedAtMs;
const live = await readInsideLive({ wish, onlyOwnNamespace: false });
const told: InsideTold = {
  remote: rowsOf(inside.view),
  live: rowsOf(live),
  environment: sorted(inside.environment),
  liveEnvironment: sorted(readLiveEnvironment()),
  rules: Object.fromEntries(
    Object.entries(inside.rulesets).map(([name, text]) => [name, text.kind === "text" ? text.text : text.kind]),
  ),
  published: inside.view.published.length,
  settings: inside.kernel?.reports.filter(({ state }) => state === "judged").length ?? 0,
  clockDifferenceMs: inside.clockDifferenceMs,
  system: inside.system,
  gaps: inside.gaps.map(({ what, why }) => `${what}: ${why}`),
  elapsedMs,
};
process.stdout.write(JSON.stringify(told, (_, value) => (value instanceof Uint8Array ? [...value].join() : value)));
