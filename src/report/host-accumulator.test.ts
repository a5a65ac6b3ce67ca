import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PortState } from "../model/port-state.js";
import type { PortResult } from "../model/scan-event.js";
import { HostAccumulator } from "./host-accumulator.js";

function result(port: number, state: PortState = "closed", protocol: PortResult["protocol"] = "tcp"): PortResult {
  const reason = state === "open" ? "syn-ack" : state === "closed" ? "reset" : "no-response";
  return { protocol, port, state, reason, technique: "tcp-syn", ttl: 64, rttMs: 1, tries: 1, responder: undefined };
}

/** Hands in ports of one state, as a run or one by one. */
function fill(host: HostAccumulator, ports: readonly number[], state: PortState, isRun: boolean): void {
  if (!isRun) {
    for (const port of ports) host.add(result(port, state));
    return;
  }
  const { port: _port, rttMs: _rttMs, ...shared } = result(0, state);
  const rttsUs = new Uint32Array(ports.length);
  host.addRun({ type: "port-run", hostId: 0, result: shared, ports: Uint16Array.from(ports), rttsUs });
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

  it("holds what a plain map would hold, one by one and in runs", () => {
    const states: readonly PortState[] = ["open", "closed", "filtered"];
    const ports = fc.uniqueArray(fc.integer({ min: 0, max: 65_535 }), { maxLength: 300 });
    fc.assert(
      fc.property(ports, fc.boolean(), (list, isRun) => {
        const host = new HostAccumulator(5);
        const expected = new Map(list.map((port) => [port, states[port % 3] ?? "open"]));
        for (const state of states)
          fill(
            host,
            list.filter((port) => expected.get(port) === state),
            state,
            isRun,
          );
        const rows = host.rows(() => true);
        expect(new Map(rows.map((row) => [row.port, row.state]))).toEqual(expected);
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
