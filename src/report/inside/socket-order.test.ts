import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { InsideSocket } from "../../inside/inside-view.js";
import type { UnixSocket } from "../../linux/kernel-socket.js";
import { formatAddress } from "../../target/address.js";
import { address, OWN, waiting } from "./inside-view.test.data.js";
import { sortSockets } from "./socket-order.js";

function unix(path: string | undefined, inode: number): InsideSocket {
  const facts = { receiveQueue: 0, sendQueue: 0, peer: undefined, uid: undefined };
  const socket: UnixSocket = { kind: "unix", type: "stream", state: "listen", path, inode, ...facts };
  return { socket, namespace: OWN, ownership: "hidden", holders: [], kernelOwner: undefined, reach: undefined };
}

function shown(sockets: readonly InsideSocket[]) {
  return sortSockets(sockets).map(({ socket }) => {
    if (socket.kind === "unix") return socket.path ?? String(socket.inode);
    return socket.kind === "inet" ? `${socket.protocol} ${formatAddress(socket.local)}:${socket.localPort}` : "packet";
  });
}

describe("the order of sockets", () => {
  test("is by protocol, port and address, IPv4 first", () => {
    const sockets = [
      waiting("udp", "0.0.0.0", 53),
      waiting("tcp", "::1", 80),
      waiting("tcp", "10.0.0.5", 80),
      waiting("tcp", "9.0.0.5", 443),
      waiting("tcp", "200.0.0.1", 80),
      waiting("tcp", "::", 80),
      waiting("tcp", "0.0.0.0", 65_535),
    ];
    const order = [
      "tcp 10.0.0.5:80",
      "tcp 200.0.0.1:80",
      "tcp :::80",
      "tcp ::1:80",
      "tcp 9.0.0.5:443",
      "tcp 0.0.0.0:65535",
      "udp 0.0.0.0:53",
    ];
    expect(shown(sockets)).toEqual(order);
    expect(shown(sockets.toReversed())).toEqual(order);
  });

  test("what listens stands before connections", () => {
    const connection = waiting("tcp", "10.0.0.5", 22, { socket: { state: "established", remotePort: 9 } });
    expect(shown([connection, waiting("udp", "0.0.0.0", 53)])).toEqual(["udp 0.0.0.0:53", "tcp 10.0.0.5:22"]);
  });

  test("connections of one port stand by their other ends", () => {
    const to = (remote: string, remotePort: number) =>
      waiting("tcp", "10.0.0.5", 22, { socket: { state: "established", remote: address(remote), remotePort } });
    const sorted = sortSockets([to("10.0.0.9", 5), to("10.0.0.7", 6), to("10.0.0.7", 5)]);
    expect(sorted.map(({ socket }) => socket.kind === "inet" && socket.remotePort)).toEqual([5, 6, 5]);
  });

  test("Unix sockets stand by their names, those without at the end", () => {
    expect(shown([unix("b", 1), unix(undefined, 3), unix("@a", 2), unix("a", 9)])).toEqual(["@a", "a", "b", "3"]);
  });

  test("keeps each socket once, however many are alike", () => {
    const ports = fc.array(fc.integer({ min: 0, max: 65_535 }), { maxLength: 200 });
    fc.assert(
      fc.property(ports, (list) => {
        const sockets = list.map((port) => waiting("tcp", "127.0.0.1", port));
        const sorted = sortSockets(sockets);
        expect(new Set(sorted)).toEqual(new Set(sockets));
        expect(sorted.map(({ socket }) => socket.inode)).toEqual(list.toSorted((one, other) => one - other));
      }),
    );
    const alike = Array.from({ length: 200_000 }, (_, inode) => unix("name", 200_000 - inode));
    expect(sortSockets(alike)[0]?.socket.inode).toBe(1);
  });
});
