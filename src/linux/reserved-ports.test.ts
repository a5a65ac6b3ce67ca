import { createSocket } from "node:dgram";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { reservePorts } from "./reserved-ports.js";

const hasIpv6 = existsSync("/proc/net/if_inet6");

/** Whether somebody else could have this TCP port now. */
function isFree(port: number, host = "0.0.0.0"): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host, ipv6Only: host.includes(":") }, () => server.close(() => resolve(true)));
  });
}

/** The same for UDP. */
function isUdpFree(port: number, type: "udp4" | "udp6" = "udp4"): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket({ type, ipv6Only: type === "udp6" });
    socket.once("error", () => socket.close(() => resolve(false)));
    socket.bind({ port }, () => socket.close(() => resolve(true)));
  });
}

// Sockets are bound, and nothing is sent. No privilege is needed: all ports are above 1023.
describe.skipIf(process.platform !== "linux")("reserved ports (Linux only)", () => {
  test("nobody else can have them until they are given back", async () => {
    const ports = reservePorts(8, 12_345, ["tcp"]);
    for (const port of [ports.first, ports.first + 7]) expect(await isFree(port)).toBe(false);
    ports.close();
    for (const port of [ports.first, ports.first + 7]) expect(await isFree(port)).toBe(true);
  });

  test("two runs at once get different ones, even from the same start", () => {
    const one = reservePorts(32, 99, ["tcp"]);
    const other = reservePorts(32, 99, ["tcp"]);
    expect(Math.abs(one.first - other.first)).toBeGreaterThanOrEqual(32);
    one.close();
    other.close();
  });

  test("they lie below the ephemeral ports and above the well-known ones, whatever the start", () => {
    for (const start of [0, 1, 11_999, 0x7fff_ffff, 0xffff_ffff, -1]) {
      const ports = reservePorts(32, start, ["tcp"]);
      ports.close();
      expect(ports.first).toBeGreaterThanOrEqual(20_000);
      expect(ports.first + 31).toBeLessThan(32_768);
    }
  });

  test("a row that is partly taken is passed over", async () => {
    const probe = reservePorts(4, 5000, ["tcp"]);
    probe.close();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen({ port: probe.first + 3, host: "127.0.0.1" }, resolve));
    const ports = reservePorts(4, 5000, ["tcp"]);
    expect(ports.first).not.toBe(probe.first);
    expect(await isFree(probe.first)).toBe(true); // what was bound of the passed-over row is free again
    ports.close();
    await new Promise((resolve) => taken.close(resolve));
  });

  test("for UDP and TCP the same row is reserved", async () => {
    const ports = reservePorts(4, 777, ["tcp", "udp"]);
    for (const port of [ports.first, ports.first + 3]) {
      expect([await isFree(port), await isUdpFree(port)]).toEqual([false, false]);
    }
    ports.close();
    expect([await isFree(ports.first), await isUdpFree(ports.first)]).toEqual([true, true]);
  });

  test("for UDP alone the ports of TCP stay free", async () => {
    const ports = reservePorts(2, 31_337, ["udp"]);
    expect([await isFree(ports.first), await isUdpFree(ports.first)]).toEqual([true, false]);
    ports.close();
  });

  test.skipIf(!hasIpv6)("over IPv6 nobody else can have them either (with IPv6 only)", async () => {
    const ports = reservePorts(2, 4242, ["tcp", "udp"]);
    expect([await isFree(ports.first, "::"), await isUdpFree(ports.first + 1, "udp6")]).toEqual([false, false]);
    ports.close();
    expect([await isFree(ports.first, "::"), await isUdpFree(ports.first + 1, "udp6")]).toEqual([true, true]);
  });

  test("a row that is taken over UDP alone is passed over, and its TCP ports are given back", async () => {
    const probe = reservePorts(4, 9000, ["tcp", "udp"]);
    probe.close();
    const taken = createSocket("udp4");
    await new Promise<void>((resolve) => taken.bind({ port: probe.first + 2, address: "127.0.0.1" }, resolve));
    const ports = reservePorts(4, 9000, ["tcp", "udp"]);
    expect(ports.first).not.toBe(probe.first);
    expect(await isFree(probe.first)).toBe(true);
    ports.close();
    await new Promise<void>((resolve) => taken.close(() => resolve()));
  });
});
