import { describe, expect, test } from "vitest";
import type { InetSocket, UnixSocket } from "../linux/kernel-socket.js";
import { holdersOf, indexHolders, isOrphan, ownershipOf } from "./join-holders.js";
import type { Process } from "./process.js";
import type { Findings } from "./process-look.js";

const ANY = { family: 4, value: 0 } as const;

function tcp(inode: number, state: InetSocket["state"], protocol: InetSocket["protocol"] = "tcp"): InetSocket {
  const ends = { local: ANY, localPort: 80, remote: ANY, remotePort: 0 };
  const rest = { uid: 0, interfaceIndex: 0, isV6Only: undefined, cgroupId: undefined, receiveQueue: 0, sendQueue: 0 };
  return { kind: "inet", protocol, family: 4, state, inode, ...ends, ...rest };
}

function processOf(pid: number): Process {
  const unknown = { uid: 0, effectiveUid: 0, capabilities: undefined, startedAtMs: undefined, innerPid: undefined };
  return { pid, name: `p${pid}`, executable: undefined, controlGroup: undefined, ...unknown };
}

/** Findings by triples of inode, process and descriptor. */
function found(...triples: readonly (readonly [inode: number, pid: number, descriptor: number])[]): Findings {
  const pids = [...new Set(triples.map(([, pid]) => pid))];
  return { holdings: Float64Array.from(triples.flat()), processes: pids.map(processOf), deniedCount: 0, early: [] };
}

function shownOf(inode: number, findings: readonly Findings[]) {
  return holdersOf(tcp(inode, "listen"), indexHolders(findings)).map((holder) => [
    holder.process.pid,
    ...holder.descriptors,
  ]);
}

describe("holders", () => {
  test("a process that has a socket twice is one holder", () => {
    expect(shownOf(7, [found([7, 1, 3], [8, 1, 4], [7, 1, 9])])).toEqual([[1, 3, 9]]);
  });

  test("holders stand by the numbers of their processes, whoever found them", () => {
    const findings = [found([7, 5, 3], [7, 9, 3]), found([7, 2, 3], [7, 6, 4], [7, 6, 5])];
    expect(shownOf(7, findings)).toEqual([
      [2, 3],
      [5, 3],
      [6, 4, 5],
      [9, 3],
    ]);
  });

  test("a later look adds to an earlier one", () => {
    const holders = indexHolders([found([7, 5, 3])]);
    indexHolders([found([8, 2, 4])], holders);
    expect([...holders.keys()]).toEqual([7, 8]);
  });

  test("a holding without its process is left out", () => {
    expect(shownOf(7, [{ ...found([7, 5, 3]), processes: [] }])).toEqual([]);
  });

  test("inodes are told apart beyond 32 bits", () => {
    expect(shownOf(2 ** 32 + 7, [found([7, 1, 3], [2 ** 32 + 7, 2, 4])])).toEqual([[2, 4]]);
  });
});

describe("who has a socket", () => {
  const nobody = indexHolders([]);
  const whoHas = (socket: InetSocket | UnixSocket, isComplete: boolean) => [
    ownershipOf(socket, holdersOf(socket, nobody), isComplete),
    isOrphan(socket, nobody),
  ];

  test("a socket that waits and has nobody is the kernel's, or not to be seen", () => {
    expect(whoHas(tcp(7, "listen"), true)).toEqual(["kernel", true]);
    expect(whoHas(tcp(7, "listen"), false)).toEqual(["hidden", true]);
    expect(whoHas(tcp(0, "listen"), true)).toEqual(["kernel", true]);
  });

  test("a connection that is wound up, or not accepted yet, is nobody's", () => {
    for (const state of ["time-wait", "fin-wait-2", "last-ack", "syn-recv"] as const) {
      expect(whoHas(tcp(0, state), false)).toEqual(["none", false]);
    }
    expect(whoHas(tcp(0, "established"), true)).toEqual(["none", false]);
    expect(whoHas(tcp(7, "established"), true)).toEqual(["kernel", true]);
  });

  test("UDP winds nothing up", () => {
    expect(whoHas(tcp(0, "established", "udp"), true)).toEqual(["kernel", true]);
  });

  test("a socket with a holder is a process's", () => {
    const holders = indexHolders([found([7, 1, 3])]);
    const socket = tcp(7, "time-wait");
    expect(ownershipOf(socket, holdersOf(socket, holders), false)).toBe("processes");
    expect(isOrphan(socket, holders)).toBe(false);
  });
});
