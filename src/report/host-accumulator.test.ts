import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PortState } from "../model/port-state.js";
import type { PortResult } from "../model/scan-event.js";
import { HostAccumulator } from "./host-accumulator.js";

function result(port: number, state: PortState = "closed", protocol: PortResult["protocol"] = "tcp"): PortResult {
  const reason = state === "open" ? "syn-ack" : state === "closed" ? "reset" : "no-response";
  return { protocol, port, state, reason, technique: "tcp-syn", ttl: 64, rttMs: 1, tries: 1, responder: undefined };
}

describe("HostAccumulator", () => {
  it("keeps the evidence of open ports, and of others up to its limit", () => {
    const host = new HostAccumulator(26);
    for (let port = 0; port < 100; port += 1) {
      host.add(result(port));
      host.add(result(1000 + port, "open"));
    }
    expect(host.portCount).toBe(200);
    expect(host.groups().map(({ state, count }) => [state, count])).toEqual([
      ["closed", 100],
      ["open", 100],
    ]);
    expect(host.rows((group) => group.state === "closed").filter((row) => row.detail !== undefined)).toHaveLength(26);
    expect(host.rows((group) => group.state === "open").every((row) => row.detail !== undefined)).toBe(true);
  });

  it("holds what a plain map would hold, however results are corrected", () => {
    const one = fc.tuple(
      fc.constantFrom<PortResult["protocol"]>("tcp", "udp"),
      fc.integer({ min: 65_500, max: 65_535 }),
      fc.constantFrom<PortState>("open", "closed", "filtered"),
    );
    fc.assert(
      fc.property(fc.array(one, { maxLength: 200 }), fc.constantFrom(0, 3000), (list, before) => {
        const host = new HostAccumulator(5);
        const expected = new Map<string, PortState>();
        for (let port = 0; port < before; port += 1) {
          host.add(result(port));
          expected.set(`tcp ${port}`, "closed");
        }
        for (const [protocol, port, state] of list) {
          host.add(result(port, state, protocol));
          expected.set(`${protocol} ${port}`, state);
        }
        const rows = host.rows(() => true);
        expect(new Map(rows.map((row) => [`${row.protocol} ${row.port}`, row.state]))).toEqual(expected);
        expect(rows).toHaveLength(expected.size);
        expect(host.portCount).toBe(expected.size);
        expect(rows.every(({ detail, state }) => detail === undefined || detail.state === state)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it("needs no more than four bytes a port where they are all closed", () => {
    const before = process.memoryUsage().arrayBuffers;
    const one = result(0);
    const hosts = Array.from({ length: 16 }, () => {
      const host = new HostAccumulator(26);
      for (let port = 0; port < 65_536; port += 1) {
        host.add({ ...one, port });
      }
      return host;
    });
    const bytes = process.memoryUsage().arrayBuffers - before;
    expect(hosts.every((host) => host.portCount === 65_536)).toBe(true);
    // Doubling leaves as much again behind until it is collected.
    expect(bytes / (16 * 65_536)).toBeLessThan(4.5);
  });
});
