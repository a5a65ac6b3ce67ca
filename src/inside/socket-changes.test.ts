import { expect, test } from "vitest";
import type { KernelSocket } from "../linux/kernel-socket.js";
import type { InsideSocket, InsideView, NetworkNamespace } from "./inside-view.js";
import { socketChanges } from "./socket-changes.js";

const OWN: NetworkNamespace = {
  number: 10,
  isOwn: true,
  name: undefined,
  pids: [1],
  network: { addresses: [], nameByIndex: new Map(), routedInterfaces: new Set() },
};

function tcp(inode: number, localPort: number, state: "listen" | "established" | "time-wait" = "listen"): KernelSocket {
  const address = { family: 4, value: 0x7f00_0001 } as const;
  const ends = { local: address, localPort, remote: address, remotePort: state === "listen" ? 0 : 40_000 };
  return {
    kind: "inet",
    protocol: "tcp",
    family: 4,
    state,
    ...ends,
    uid: 0,
    inode,
    sendQueue: 0,
    receiveQueue: 0,
    interfaceIndex: 0,
    isV6Only: undefined,
    cgroupId: undefined,
  };
}

function unix(inode: number, path: string | undefined): KernelSocket {
  return {
    kind: "unix",
    type: "stream",
    state: "listen",
    path,
    peer: undefined,
    uid: 0,
    inode,
    receiveQueue: 0,
    sendQueue: 0,
  };
}

function packet(inode: number, interfaceIndex: number): KernelSocket {
  return { kind: "packet", type: "raw", etherType: 3, interfaceIndex, uid: 0, inode, receiveQueue: 0, sendQueue: 0 };
}

function viewOf(sockets: readonly KernelSocket[], namespace = OWN): InsideView {
  const all = sockets.map(
    (socket): InsideSocket => ({
      socket,
      namespace,
      ownership: "hidden",
      holders: [],
      kernelOwner: undefined,
      reach: undefined,
    }),
  );
  const nothing = {
    containers: new Map(),
    containerOfNamespace: new Map(),
    published: [],
    publishedTo: new Map(),
    gaps: [],
  };
  return { ...nothing, sockets: all, namespaces: [namespace] };
}

function changes(before: InsideView, after: InsideView): readonly string[] {
  const { came, went } = socketChanges(before, after);
  const shown = ({ socket }: InsideSocket) => `${socket.kind} ${socket.inode}`;
  return [...went.map((one) => `- ${shown(one)}`), ...came.map((one) => `+ ${shown(one)}`)];
}

test("what stays is no change, whatever its queues and its place in the list", () => {
  const sockets = [tcp(5, 80), unix(6, "/a"), packet(7, 2)];
  const others = [packet(7, 2), { ...tcp(5, 80), receiveQueue: 9 }, unix(6, "/a")];
  expect(changes(viewOf(sockets), viewOf(others))).toEqual([]);
});

test("what comes and goes", () => {
  expect(changes(viewOf([tcp(5, 80)]), viewOf([tcp(5, 80), unix(6, "/a")]))).toEqual(["+ unix 6"]);
  expect(changes(viewOf([tcp(5, 80), packet(7, 2)]), viewOf([packet(7, 2)]))).toEqual(["- inet 5"]);
});

test("closed and opened again is both, even where the number is used again", () => {
  expect(changes(viewOf([tcp(5, 80)]), viewOf([tcp(6, 80)]))).toEqual(["- inet 5", "+ inet 6"]);
  expect(changes(viewOf([tcp(5, 80)]), viewOf([tcp(5, 81)]))).toEqual(["- inet 5", "+ inet 5"]);
  expect(changes(viewOf([unix(5, "/a")]), viewOf([unix(5, "/b")]))).toEqual(["- unix 5", "+ unix 5"]);
  expect(changes(viewOf([packet(5, 1)]), viewOf([packet(5, 2)]))).toEqual(["- packet 5", "+ packet 5"]);
});

test("a connection that goes from one state to the next stays itself until it has no file", () => {
  expect(changes(viewOf([tcp(5, 80, "established")]), viewOf([tcp(5, 80, "established")]))).toEqual([]);
  expect(changes(viewOf([tcp(0, 80, "time-wait")]), viewOf([tcp(0, 80, "time-wait")]))).toEqual([]);
});

test("the same socket in another namespace is another one", () => {
  const other = { ...OWN, number: 11 };
  expect(changes(viewOf([tcp(5, 80)]), viewOf([tcp(5, 80)], other))).toEqual(["- inet 5", "+ inet 5"]);
});
