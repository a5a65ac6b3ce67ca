import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { reservePorts } from "./reserved-ports.js";

/** Whether somebody else could have this port now. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "0.0.0.0" }, () => server.close(() => resolve(true)));
  });
}

// Sockets are bound, and nothing is sent. No privilege is needed: all ports are above 1023.
describe.skipIf(process.platform !== "linux")("reserved ports (Linux only)", () => {
  test("nobody else can have them until they are given back", async () => {
    const ports = reservePorts(8, 12_345);
    for (const port of [ports.first, ports.first + 7]) expect(await isFree(port)).toBe(false);
    ports.close();
    for (const port of [ports.first, ports.first + 7]) expect(await isFree(port)).toBe(true);
  });

  test("two runs at once get different ones, even from the same start", () => {
    const one = reservePorts(32, 99);
    const other = reservePorts(32, 99);
    expect(Math.abs(one.first - other.first)).toBeGreaterThanOrEqual(32);
    one.close();
    other.close();
  });

  test("they lie below the ephemeral ports and above the well-known ones, whatever the start", () => {
    for (const start of [0, 1, 11_999, 0x7fff_ffff, 0xffff_ffff, -1]) {
      const ports = reservePorts(32, start);
      ports.close();
      expect(ports.first).toBeGreaterThanOrEqual(20_000);
      expect(ports.first + 31).toBeLessThan(32_768);
    }
  });

  test("a row that is partly taken is passed over", async () => {
    const probe = reservePorts(4, 5000);
    probe.close();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen({ port: probe.first + 3, host: "127.0.0.1" }, resolve));
    const ports = reservePorts(4, 5000);
    expect(ports.first).not.toBe(probe.first);
    expect(await isFree(probe.first)).toBe(true); // what was bound of the passed-over row is free again
    ports.close();
    await new Promise((resolve) => taken.close(resolve));
  });
});
