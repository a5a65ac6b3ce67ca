import fc from "fast-check";
import { expect, test } from "vitest";
import type { TargetSet } from "../target/target-set.js";
import { boundsOf } from "./bounds.js";
import { Host } from "./host.js";
import type { Path } from "./network.js";
import { NO_SLICE } from "./pace-control.js";
import { DEFAULT_TIMING } from "./plan.js";
import { ProbeWindow, WINDOW_CAPACITY } from "./probe-window.js";
import { targetsOf } from "./run-engine.test.data.js";

/** Time is told in steps of so many ms. */
const TICK_MS = 4;
const PATH: Path = {
  kind: "frames",
  transmitter: undefined,
  hop: undefined,
  source: undefined,
  isNeighbour: false,
  isNear: false,
  isOwn: false,
  isDirect: false,
  reason: "no-route",
  transport: "none",
  because: "none",
};

function hostsOf(count: number): Host[] {
  const targets = targetsOf({ targets: ["10.0.0.0/16"], ports: [22] });
  return Array.from({ length: count }, (_, id) => hostOf(targets, id));
}

function hostOf(targets: TargetSet, id: number): Host {
  const target = targets.at(id);
  if (target === undefined) throw new Error("no target");
  return new Host(id, target, id, PATH, boundsOf(DEFAULT_TIMING).near);
}

function expired(window: ProbeWindow, nowMs: number): number[] {
  const slots: number[] = [];
  window.expire(nowMs, (slot) => {
    slots.push(slot);
    window.remove(slot);
  });
  return slots;
}

const TWO = targetsOf({ targets: ["10.0.0.0/31"], ports: [22] });
const HOST = hostOf(TWO, 0);
const OTHER = hostOf(TWO, 1);

test("finds a probe by host, technique and port, and by nothing less", () => {
  const window = new ProbeWindow();
  const slot = window.add(HOST, 3, 443, 2, 100, 200, NO_SLICE, 0);
  expect(window.find(HOST, 3, 443)).toBe(slot);
  expect([window.find(OTHER, 3, 443), window.find(HOST, 4, 443), window.find(HOST, 3, 444)]).toEqual([-1, -1, -1]);
  expect([window.hostOf(slot), window.techniqueOf(slot), window.portOf(slot), window.tryOf(slot)]).toEqual([
    HOST,
    3,
    443,
    2,
  ]);
  expect([window.sentAtMs(slot), window.count]).toEqual([100, 1]);
  window.remove(slot);
  expect([window.find(HOST, 3, 443), window.hostOf(slot), window.count]).toEqual([-1, undefined, 0]);
});

test("taking out what is out already changes nothing", () => {
  const window = new ProbeWindow();
  const slot = window.add(HOST, 0, 1, 0, 0, 100, NO_SLICE, 0);
  window.remove(slot);
  window.remove(slot);
  expect(window.count).toBe(0);
});

test("a probe expires when its time is over: not before, at most one step after, and once", () => {
  const window = new ProbeWindow();
  expired(window, 1000);
  const slot = window.add(HOST, 0, 1, 0, 1000, 1101, NO_SLICE, 0);
  expect(expired(window, 1100)).toEqual([]);
  expect(expired(window, 1101 + TICK_MS)).toEqual([slot]);
  expect(expired(window, 99_999)).toEqual([]);
});

test("a probe that was due before it was put in expires with the next step", () => {
  const window = new ProbeWindow();
  expired(window, 1000);
  const slot = window.add(HOST, 0, 1, 0, 1000, 900, NO_SLICE, 0);
  expect(expired(window, 1000 + TICK_MS)).toEqual([slot]);
});

test("a long sleep expires all that was due meanwhile, beyond a whole turn of the wheel", () => {
  const window = new ProbeWindow();
  expired(window, 0);
  const slots = [10, 5000, 16_000].map((dueMs, port) => window.add(HOST, 0, port, 0, 0, dueMs, NO_SLICE, 0));
  const far = window.add(HOST, 0, 99, 0, 0, 100_000, NO_SLICE, 0);
  expect(expired(window, 60_000).sort((one, other) => one - other)).toEqual(slots.sort((one, other) => one - other));
  expect(window.find(HOST, 0, 99)).toBe(far);
  expect(expired(window, 100_000 + TICK_MS)).toEqual([far]);
});

test("the next expiry is told ahead, as far as one looks", () => {
  const window = new ProbeWindow();
  expired(window, 1000);
  expect(window.nextExpiryMs(1000, 20)).toBe(20);
  window.add(HOST, 0, 1, 0, 1000, 1012, NO_SLICE, 0);
  expect(window.nextExpiryMs(1000, 20)).toBe(12);
  expect(window.nextExpiryMs(1001, 20)).toBe(11);
  window.add(HOST, 0, 2, 0, 1000, 5000, NO_SLICE, 0);
  expect(window.nextExpiryMs(1012, 20)).toBe(20);
});

test("holds as many probes as it says, with all slots different, and gives all of them back", () => {
  const window = new ProbeWindow();
  expired(window, 0);
  const hosts = hostsOf(WINDOW_CAPACITY / 256);
  const slots = new Set<number>();
  for (const host of hosts)
    for (let port = 0; port < 256; port++) slots.add(window.add(host, 0, port, 0, 0, 50, NO_SLICE, 0));
  expect([slots.size, window.count]).toEqual([WINDOW_CAPACITY, WINDOW_CAPACITY]);
  expect(expired(window, 100).length).toBe(WINDOW_CAPACITY);
  expect(window.count).toBe(0);
  for (const host of hosts) expect(window.find(host, 0, 7)).toBe(-1);
});

type Deed =
  | { readonly kind: "add"; readonly host: number; readonly port: number; readonly waitMs: number }
  | { readonly kind: "remove"; readonly pick: number }
  | { readonly kind: "pass"; readonly ms: number };

interface ModelProbe {
  readonly slot: number;
  readonly dueMs: number;
}

test("does what a plain map would do", () => {
  const hosts = hostsOf(4);
  const deed: fc.Arbitrary<Deed> = fc.oneof(
    fc.record({
      kind: fc.constant("add" as const),
      host: fc.nat(3),
      port: fc.nat(9),
      waitMs: fc.oneof(fc.nat(200), fc.nat(40_000)),
    }),
    fc.record({ kind: fc.constant("remove" as const), pick: fc.nat(50) }),
    fc.record({ kind: fc.constant("pass" as const), ms: fc.oneof(fc.nat(30), fc.nat(30_000)) }),
  );
  const keyOf = (host: number, port: number): string => `${host} ${port}`;
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 120 }), (deeds) => {
      const window = new ProbeWindow();
      expired(window, 0);
      const model = new Map<string, ModelProbe>();
      let nowMs = 0;
      const add = (one: Deed & { kind: "add" }): void => {
        const host = hosts[one.host];
        const key = keyOf(one.host, one.port);
        if (host === undefined || model.has(key)) return;
        const dueMs = nowMs + one.waitMs;
        model.set(key, { slot: window.add(host, 1, one.port, 0, nowMs, dueMs, NO_SLICE, 0), dueMs });
      };
      const remove = (pick: number): void => {
        const entry = [...model][pick % Math.max(1, model.size)];
        if (entry === undefined) return;
        window.remove(entry[1].slot);
        model.delete(entry[0]);
      };
      const pass = (ms: number): void => {
        nowMs += ms;
        const gone = new Set(expired(window, nowMs));
        for (const [key, { slot, dueMs }] of [...model]) {
          // Within one step of its time it may have expired or not; outside of that there is no choice.
          if (dueMs > nowMs) expect(gone.has(slot), `${key} too early`).toBe(false);
          if (dueMs <= nowMs - 2 * TICK_MS) expect(gone.has(slot), `${key} too late`).toBe(true);
          if (gone.delete(slot)) model.delete(key);
        }
        expect([...gone]).toEqual([]);
      };
      for (const one of deeds) {
        if (one.kind === "add") add(one);
        else if (one.kind === "remove") remove(one.pick);
        else pass(one.ms);
        expect(window.count).toBe(model.size);
        for (let port = 0; port < 10; port++) {
          for (const [index, host] of hosts.entries()) {
            expect(window.find(host, 1, port)).toBe(model.get(keyOf(index, port))?.slot ?? -1);
          }
        }
      }
    }),
    { seed: 1, numRuns: 60 },
  );
});
