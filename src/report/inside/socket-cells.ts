// The cells of a table of sockets: what of a socket is shown how.
import type { ControlGroup } from "../../inside/cgroup.js";
import type { InsideSocket, InsideView, NamedContainer } from "../../inside/inside-view.js";
import type { Process } from "../../inside/process.js";
import type { PublishedPort } from "../../inside/published-port.js";
import { isUnspecified } from "../../inside/reach.js";
import type { InetSocket, PacketSocket } from "../../linux/kernel-socket.js";
import { type Address, formatAddress } from "../../target/address.js";
import { formatRanges } from "../../target/port-set.js";
import { printable } from "../printable.js";

/** What the cells need beside the socket. */
export interface CellContext {
  readonly userNames: ReadonlyMap<number, string>;
  /** What was read as a whole: containers and published ports. */
  readonly view: InsideView;
  /** The name of a service by its port; undefined where names are not wanted or there is none. */
  serviceName(port: number, protocol: string): string | undefined;
  /** Now, in ms since 1970, for times of today. */
  readonly nowMs: number;
  /** What was made of a process once: a thousand sockets may have the same one. Empty at the beginning. */
  readonly processTexts: Map<Process, ProcessTexts>;
}

/** What is shown of a process. */
export interface ProcessTexts {
  readonly process: string;
  readonly user: string | undefined;
  readonly unit: string;
  readonly since: string;
}

const INIT_PID = 1;
/** ETH_P_ALL (include/uapi/linux/if_ether.h): frames of every kind. */
const ETH_P_ALL = 3;

/** "127.0.0.1:22", "[::1]:22", "*:22" for all addresses of both families, "0.0.0.0%eth0:67" where it is bound to an interface. */
export function localCell(one: InsideSocket): string {
  const { socket } = one;
  if (socket.kind === "unix") return socket.path === undefined ? "" : printable(socket.path);
  if (socket.kind === "packet") return deviceCell(one, socket);
  const device = socket.interfaceIndex ?? 0;
  const zone = device === 0 ? "" : `%${deviceName(one, device)}`;
  const host = isDual(socket) ? `*${zone}` : bracketed(socket.local, zone);
  return `${host}:${socket.localPort}`;
}

/** The other end of a connection; empty where there is none. */
export function remoteCell({ socket }: InsideSocket): string {
  if (socket.kind !== "inet" || (socket.remotePort === 0 && isUnspecified(socket.remote))) return "";
  return `${bracketed(socket.remote, "")}:${socket.remotePort}`;
}

/** "tcp", "udp6" is not told apart: the address shows the family. */
export function protocolCell({ socket }: InsideSocket): string {
  if (socket.kind === "inet") return socket.protocol;
  return socket.kind === "packet" ? "packet" : socket.type;
}

/** From where it can be reached, in words, and by which ports of this machine. */
export function reachCell(one: InsideSocket, _first: ProcessTexts | undefined, { view }: CellContext): string {
  const published = view.publishedTo.get(one);
  if (published === undefined) return placeText(one);
  const by = [...new Set(published.map(publishedText))].join(", ");
  return by === "" ? placeText(one) : `${placeText(one)}, by ${by}`;
}

/** "*:8080", "127.0.0.1:8080": a port that leads elsewhere. */
export function publishedText({ hostAddress, hostPorts }: PublishedPort): string {
  const address = hostAddress === undefined ? "*" : printable(hostAddress);
  const host = address.includes(":") ? `[${address}]` : address;
  return hostPorts === undefined ? host : `${host}:${formatRanges([hostPorts])}`;
}

function placeText({ reach, namespace, socket }: InsideSocket): string {
  if (socket.kind === "packet") return framesCell(socket);
  if (reach === undefined) return "";
  const by = reach.interfaces.map(printable).join(", ");
  switch (reach.kind) {
    case "machine":
      return namespace.isOwn ? "this machine" : "its namespace";
    case "link":
      return by === "" ? "link" : `link ${by}`;
    case "everywhere": // the interface says nothing then: Linux takes what comes for an own address by any of them
      return "everywhere";
    case "nowhere":
      return "nowhere";
    case "unknown":
      return "unknown";
  }
}

/** "sshd[812]", "nginx[33] +2", "kernel: NFS server". */
export function processCell(one: InsideSocket, first: ProcessTexts | undefined): string {
  switch (one.ownership) {
    case "hidden":
      return "(not permitted)";
    case "none":
      return "";
    case "kernel":
      return one.kernelOwner === undefined ? "kernel" : `kernel: ${printable(one.kernelOwner)}`;
    case "processes": {
      const text = first?.process ?? "";
      return one.holders.length > 1 ? `${text} +${one.holders.length - 1}` : text;
    }
  }
}

/** A name that is cut down to less says nothing. */
const NAME_LETTERS_MIN = 4;

/** "systemd-re…[412]": cuts a process's name rather than its number, which is what one goes on with. */
export function shortenProcess(text: string, width: number): string {
  const at = text.lastIndexOf("[");
  const letters = width - 1 - (text.length - at);
  return at < 0 || letters < NAME_LETTERS_MIN
    ? `${text.slice(0, Math.max(0, width - 1))}…`
    : `${text.slice(0, letters)}…${text.slice(at)}`;
}

/** The user: of the process as it runs now, or else who made the socket. */
export function userCell({ socket }: InsideSocket, first: ProcessTexts | undefined, context: CellContext): string {
  return first?.user ?? userText(socket.uid, context) ?? "";
}

/** The unit of systemd, or the container. */
export function unitCell(_one: InsideSocket, first: ProcessTexts | undefined): string {
  return first?.unit ?? "";
}

/** When its process was started: the time today, else the day, else with the year, as ps(1) has it. */
export function sinceCell(_one: InsideSocket, first: ProcessTexts | undefined): string {
  return first?.since ?? "";
}

/** What is shown of the process that holds a socket, of several the oldest; undefined without one. */
export function firstTexts({ holders }: InsideSocket, context: CellContext): ProcessTexts | undefined {
  // What systemd has opened for a service it keeps, too (systemd.socket(5)): the service says more.
  const first = holders.find(({ process }) => process.pid !== INIT_PID) ?? holders[0];
  if (first === undefined) return undefined;
  const known = context.processTexts.get(first.process);
  if (known !== undefined) return known;
  const texts = textsOf(first.process, context);
  context.processTexts.set(first.process, texts);
  return texts;
}

function textsOf(process: Process, context: CellContext): ProcessTexts {
  const { pid, name, effectiveUid, executable, controlGroup, startedAtMs } = process;
  const mark = executable?.isDeleted === true ? " (deleted)" : ""; // its program is gone from the disk, or was replaced
  return {
    process: `${name === undefined ? "?" : printable(name)}[${pid}]${mark}`,
    user: userText(effectiveUid, context),
    unit: controlGroup === undefined ? "" : unitText(controlGroup, context),
    since: startedAtMs === undefined ? "" : sinceText(startedAtMs, context.nowMs),
  };
}

function userText(uid: number | undefined, { userNames }: CellContext): string | undefined {
  if (uid === undefined) return undefined;
  const name = userNames.get(uid);
  return name === undefined ? String(uid) : printable(name);
}

function unitText({ containers, unit, userUnit }: ControlGroup, { view }: CellContext): string {
  const [container] = containers;
  if (container !== undefined)
    return containerText(view.containers.get(container.id) ?? { container, facts: undefined });
  const shown = userUnit ?? unit;
  return shown === undefined ? "" : printable(shown.title.replace(SERVICE_SUFFIX, ""));
}

/** What systemctl(1) assumes where nothing else is said. */
const SERVICE_SUFFIX = /\.service$/;

/** "docker web", or with the beginning of its id where its name is not known; of a pod "shop/cart-7d9 web". */
export function containerText({ container, facts }: NamedContainer): string {
  const name = printable(facts?.name ?? container.id.slice(0, 12));
  const pod = facts?.pod;
  if (pod === undefined) return `${facts?.runtime ?? container.runtime} ${name}`;
  const namespace = pod.namespace === undefined ? "" : `${printable(pod.namespace)}/`;
  return `${namespace}${printable(pod.name)} ${name}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function sinceText(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const now = new Date(nowMs);
  const isThisYear = at.getFullYear() === now.getFullYear();
  if (isThisYear && at.getMonth() === now.getMonth() && at.getDate() === now.getDate()) {
    return `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
  }
  const day = `${MONTHS[at.getMonth()] ?? ""} ${String(at.getDate()).padStart(2)}`;
  return isThisYear ? day : `${day} ${at.getFullYear()}`;
}

function deviceCell(one: InsideSocket, { interfaceIndex }: PacketSocket): string {
  if (interfaceIndex === 0) return "*";
  return interfaceIndex < 0 ? "(gone)" : deviceName(one, interfaceIndex);
}

function deviceName({ namespace }: InsideSocket, index: number): string {
  return printable(namespace.network.nameByIndex.get(index) ?? String(index));
}

function framesCell({ etherType }: PacketSocket): string {
  if (etherType === 0) return "sees no frames";
  return etherType === ETH_P_ALL ? "sees all frames" : `sees 0x${etherType.toString(16).padStart(4, "0")} frames`;
}

function isDual({ family, isV6Only, local }: InetSocket): boolean {
  return family === 6 && isV6Only === false && isUnspecified(local);
}

function bracketed(address: Address, zone: string): string {
  if (address.family === 4) return formatAddress(address) + zone;
  return `[${printable(formatAddress(address))}${zone}]`; // its own zone is the kernel's word, or a file's
}
