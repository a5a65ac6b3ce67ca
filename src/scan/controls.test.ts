import { describe, expect, test } from "vitest";
import { Controls, controlsFor } from "./controls.js";
import type { FakeHost, PortBehaviour } from "./fake-host.test.data.js";
import { runEngine } from "./run-engine.test.data.js";

function turnsOf(controls: Controls, count: number, isLossy: boolean): number[] {
  return Array.from({ length: count }, () => controls.next(isLossy)).filter((port) => port >= 0);
}

test("there is none as long as nothing has answered", () => {
  expect(turnsOf(new Controls(), 1000, true)).toEqual([]);
});

test("one try in 64 is a control, and one in 16 where something was lost", () => {
  const controls = new Controls();
  controls.add(80, true);
  expect(turnsOf(controls, 640, false)).toEqual(Array.from({ length: 10 }, () => 80));
  expect(turnsOf(controls, 160, true)).toEqual(Array.from({ length: 10 }, () => 80));
});

test("closed ports are preferred, and the last eight take turns", () => {
  const controls = new Controls();
  controls.add(80, true);
  for (let port = 1; port <= 20; port++) controls.add(port, false);
  controls.add(443, true);
  const ports = turnsOf(controls, 16 * 16, true);
  expect([...new Set(ports)].sort((one, other) => one - other)).toEqual([13, 14, 15, 16, 17, 18, 19, 20]);
});

test("few ports are not worth it", () => {
  expect([controlsFor(63), controlsFor(64)]).toEqual([undefined, expect.any(Controls)]);
});

describe("a bottleneck on the way to a host that hardly answers", () => {
  const list = Array.from({ length: 1500 }, (_, index) => index + 1);
  const behaviour = (port: number): PortBehaviour => (port % 15 === 0 ? "closed" : "dropped");
  const host: FakeHost = { ports: new Map(list.map((port) => [port, behaviour(port)] as const)) };

  test.each([8, 64])("with a queue of %d is found by controls, and what it hides is admitted", async (queueFrames) => {
    let missed = 0;
    let admitted = 0;
    for (const seed of [1, 2, 3, 4, 5]) {
      const link = { ratePps: 500, queueFrames, roundTripMs: 20, jitterMs: 2 };
      const plan = { ping: "none" } as const;
      const run = await runEngine({ targets: ["10.0.0.1"], ports: list, hostAt: () => host, link, seed, plan });
      const ports = [...(run.hosts.get("10.0.0.1")?.ports.values() ?? [])];
      missed += ports.filter(({ port, state }) => behaviour(port) === "closed" && state === "filtered").length;
      admitted += run.done.loss.missedEstimate;
      expect(run.done.elapsedMs).toBeLessThan(60_000); // 1,400 ports with 11 tries are 31 s at 500 a second
    }
    expect(missed).toBeLessThanOrEqual(1 + 4 * admitted);
    expect(missed).toBeLessThan(0.15 * 5 * 100);
  });
});
