// A machine with a network namespace of its own and one of a container, made by hand.
import type { ControlGroup } from "../../inside/cgroup.js";
import type { Container } from "../../inside/container-cgroup.js";
import type { InsideSocket, InsideView, NetworkNamespace } from "../../inside/inside-view.js";
import type { Process } from "../../inside/process.js";
import type { InetSocket } from "../../linux/kernel-socket.js";
import { type Address, parseAddress } from "../../target/address.js";

/** The address that a text stands for. */
export function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

/** The machine's own namespace: lo, eth0 and eth1. */
export const OWN: NetworkNamespace = {
  number: 4026531840,
  isOwn: true,
  name: undefined,
  pids: [1],
  network: {
    addresses: [
      { address: address("127.0.0.1"), interfaceName: "lo" },
      { address: address("::1"), interfaceName: "lo" },
      { address: address("10.0.0.5"), interfaceName: "eth0" },
      { address: address("fe80::1%eth0"), interfaceName: "eth0" },
      { address: address("192.168.7.1"), interfaceName: "eth1" },
    ],
    nameByIndex: new Map([
      [1, "lo"],
      [2, "eth0"],
      [3, "eth1"],
    ]),
    macByName: new Map([["eth0", "b8:27:eb:00:00:05"]]),
    routedInterfaces: new Set(["eth0"]),
  },
};

/** A container's. */
export const OTHER: NetworkNamespace = { ...OWN, number: 4026532281, isOwn: false, name: "web", pids: [700] };

/** What a process of that unit says of itself, in one container or none. */
export function controlGroupOf(unit: string, container?: Container): ControlGroup {
  return {
    path: `/system.slice/${unit}`,
    unit: { name: unit, title: unit, kind: "service" },
    userUnit: undefined,
    slice: "system.slice",
    sessionUid: undefined,
    bundle: undefined,
    containers: container === undefined ? [] : [container],
    isDeleted: false,
  };
}

/** A process. */
export function processOf(pid: number, name: string, uid: number = 0, unit?: string): Process {
  return {
    pid,
    name,
    uid,
    effectiveUid: uid,
    capabilities: 0n,
    startedAtMs: undefined,
    executable: undefined,
    controlGroup: unit === undefined ? undefined : controlGroupOf(unit),
    innerPid: undefined,
  };
}

/** A socket that waits at `local`; more of it as it is said. */
export function waiting(
  protocol: "tcp" | "udp" | "sctp" | "udplite",
  local: string,
  localPort: number,
  more: Partial<Omit<InsideSocket, "socket">> & { readonly socket?: Partial<InetSocket> } = {},
): InsideSocket {
  const at = address(local);
  const { socket, ...around } = more;
  return {
    socket: {
      kind: "inet",
      protocol,
      family: at.family,
      state: protocol === "tcp" || protocol === "sctp" ? "listen" : "unconnected",
      local: at,
      localPort,
      remote: address(at.family === 4 ? "0.0.0.0" : "::"),
      remotePort: 0,
      uid: 0,
      inode: localPort,
      sendQueue: 0,
      receiveQueue: 0,
      interfaceIndex: 0,
      isV6Only: at.family === 6 ? false : undefined,
      cgroupId: undefined,
      ...socket,
    },
    namespace: OWN,
    ownership: around.holders === undefined ? "hidden" : "processes",
    holders: [],
    kernelOwner: undefined,
    reach: undefined,
    ...around,
  };
}

/** The descriptor of a process. */
export function heldBy(...processes: readonly Process[]): Pick<InsideSocket, "holders" | "ownership"> {
  return { ownership: "processes", holders: processes.map((process) => ({ process, descriptors: [3] })) };
}

/** All of it, with nothing missing. */
export function viewOf(...sockets: readonly InsideSocket[]): InsideView {
  return {
    sockets,
    namespaces: [OWN, OTHER],
    containers: new Map(),
    containerOfNamespace: new Map(),
    published: [],
    publishedTo: new Map(),
    gaps: [],
  };
}
