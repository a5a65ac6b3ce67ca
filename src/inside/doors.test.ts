import { describe, expect, it } from "vitest";
import { heldBy, OTHER, processOf, viewOf, waiting } from "../report/inside/inside-view.test.data.js";
import { type Door, doorsOf } from "./doors.js";
import type { InsideSocket } from "./inside-view.js";

const SSHD = heldBy(processOf(812, "sshd"));

function doors(...sockets: readonly InsideSocket[]): readonly Door[] {
  return doorsOf(viewOf(...sockets));
}

function placesOf(door: Door | undefined) {
  return {
    awaited: door?.awaited.map(({ text }) => text),
    unawaited: door?.unawaited.map(({ text }) => text),
  };
}

describe("doorsOf", () => {
  it("makes one door of a program's sockets for both families, with all own addresses", () => {
    const found = doors(
      waiting("tcp", "0.0.0.0", 22, SSHD),
      waiting("tcp", "::", 22, { ...SSHD, socket: { isV6Only: true } }),
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ protocol: "tcp", port: 22 });
    expect(found[0]?.sockets).toHaveLength(2);
    expect(found[0]?.holders.map(({ process }) => process.pid)).toEqual([812]);
    expect(placesOf(found[0])).toEqual({
      awaited: ["10.0.0.5", "192.168.7.1", "127.0.0.1", "::1", "fe80::1%eth0"],
      unawaited: [],
    });
  });

  it("makes one door of a program's workers, and counts all processes", () => {
    const workers = [7, 9, 8].map((pid) => waiting("tcp", "0.0.0.0", 80, heldBy(processOf(pid, "worker"))));
    const [door, ...others] = doors(...workers);
    expect(others).toEqual([]);
    expect(door?.holders.map(({ process }) => process.pid)).toEqual([7, 8, 9]);
  });

  it("tells programs at one port apart, and gives each address to what is bound to it most closely", () => {
    const found = doors(
      waiting("tcp", "0.0.0.0", 80, heldBy(processOf(7, "nginx"))),
      waiting("tcp", "10.0.0.5", 80, heldBy(processOf(9, "haproxy"))),
    );
    expect(found.map((door) => placesOf(door).awaited)).toEqual([["192.168.7.1", "127.0.0.1"], ["10.0.0.5"]]);
    expect(found.map((door) => placesOf(door).unawaited)).toEqual([[], []]);
  });

  it("knows where a program should not be found: addresses of its family that others reach", () => {
    const [ipv4, ipv6] = doors(waiting("tcp", "127.0.0.1", 5432, SSHD), waiting("tcp", "::1", 5433, SSHD));
    expect(placesOf(ipv4)).toEqual({ awaited: ["127.0.0.1"], unawaited: ["10.0.0.5", "192.168.7.1"] });
    expect(placesOf(ipv6)).toEqual({ awaited: ["::1"], unawaited: [] });
  });

  it("does not ask over IPv4 what is bound to an interface: from here it comes by lo", () => {
    const [door] = doors(waiting("udp", "0.0.0.0", 68, { ...SSHD, socket: { interfaceIndex: 2 } }));
    expect(placesOf(door)).toEqual({ awaited: [], unawaited: ["192.168.7.1"] });
    const [link] = doors(waiting("tcp", "fe80::1", 546, { ...SSHD, socket: { interfaceIndex: 2 } }));
    expect(placesOf(link).awaited).toEqual(["fe80::1%eth0"]);
  });

  it("has nowhere to ask a group", () => {
    expect(placesOf(doors(waiting("udp", "239.255.255.250", 1900, SSHD))[0]).awaited).toEqual([]);
  });

  it("takes the widest reach of its sockets", () => {
    const link = { kind: "link", interfaces: ["eth1"] } as const;
    const machine = { kind: "machine", interfaces: [] } as const;
    const at = (address: string, reach: InsideSocket["reach"]) => waiting("tcp", address, 53, { ...SSHD, reach });
    expect(doors(at("127.0.0.1", machine), at("192.168.7.1", link))[0]?.reach).toEqual(link);
    const all = { kind: "everywhere", interfaces: [] } as const;
    const one = { kind: "everywhere", interfaces: ["eth0"] } as const;
    expect(doors(at("10.0.0.5", one), at("::", all))[0]?.reach).toEqual(all);
  });

  it("leaves out other namespaces, connections, and what has no ports", () => {
    const raw = waiting("tcp", "0.0.0.0", 1, SSHD);
    expect(
      doors(
        waiting("tcp", "0.0.0.0", 80, { ...SSHD, namespace: OTHER }),
        waiting("tcp", "10.0.0.5", 22, { ...SSHD, socket: { state: "established" } }),
        { ...raw, socket: { ...raw.socket, kind: "inet", protocol: "raw", state: "unconnected" } } as InsideSocket,
      ),
    ).toEqual([]);
  });

  it("lists TCP before UDP, and ports in their order", () => {
    const found = doors(
      waiting("udp", "0.0.0.0", 53, SSHD),
      waiting("tcp", "0.0.0.0", 443, SSHD),
      waiting("tcp", "0.0.0.0", 22, SSHD),
    );
    expect(found.map(({ protocol, port }) => `${protocol} ${port}`)).toEqual(["tcp 22", "tcp 443", "udp 53"]);
  });
});
