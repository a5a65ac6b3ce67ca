// What goes into a table comes out of it, whatever it is.
import fc from "fast-check";
import { expect, test } from "vitest";
import { PortGatherer } from "./port-gatherer.js";
import { codeOf, isLossy, isSilent, NOT_TOLD, PortTable, RangesPool, stateOf } from "./port-table.js";

const OPEN = codeOf("open", "syn-ack");
const CLOSED = codeOf("closed", "reset");
const FILTERED = codeOf("filtered", "no-response");

/** Ports close together, so that runs touch, and a few codes. */
const entries = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.constantFrom(OPEN, CLOSED, FILTERED)));

function tableOf(ports: readonly (readonly [port: number, code: number])[], pool = new RangesPool()): PortTable {
  const gatherer = new PortGatherer();
  for (const [port, code] of ports) gatherer.add(port, code);
  return PortTable.of(gatherer.runs(), pool);
}

/** The lower code of each port. */
function truth(ports: readonly (readonly [port: number, code: number])[]): Map<number, number> {
  const codes = new Map<number, number>();
  for (const [port, code] of ports) codes.set(port, Math.min(code, codes.get(port) ?? NOT_TOLD));
  return codes;
}

test("every port has its code, and no other port has one", () => {
  fc.assert(
    fc.property(entries, (ports) => {
      const codes = truth(ports);
      const table = tableOf(ports);
      for (let port = 0; port <= 41; port++) expect(table.codeAt(port)).toBe(codes.get(port));
      expect(table.told.portCount).toBe(codes.size);
      expect(table.some((code) => code === OPEN)).toBe([...codes.values()].includes(OPEN));
    }),
  );
});

test("runs are ascending, hold all ports, and make the same table again", () => {
  fc.assert(
    fc.property(entries, (ports) => {
      const pool = new RangesPool();
      const table = tableOf(ports, pool);
      const runs = table.runs();
      const seen = new Map<number, number>();
      let previous = -1;
      for (let at = 0; at < runs.length; at += 3) {
        const [first = 0, last = 0, code = 0] = runs.slice(at, at + 3);
        expect(first).toBeGreaterThan(previous);
        expect(last).toBeGreaterThanOrEqual(first);
        for (let port = first; port <= last; port++) seen.set(port, code);
        previous = last;
      }
      expect(seen).toEqual(new Map([...truth(ports)].sort(([one], [other]) => one - other)));
      const again = PortTable.of(runs, pool);
      expect(again.told).toBe(table.told);
      expect(again.equals(table)).toBe(true);
    }),
  );
});

test("tables are equal if and only if their ports are", () => {
  fc.assert(
    fc.property(entries, entries, (one, other) => {
      const pool = new RangesPool();
      const codesOf = (ports: typeof one) => JSON.stringify([...truth(ports)].sort(([a], [b]) => a - b));
      expect(tableOf(one, pool).equals(tableOf(other, pool))).toBe(codesOf(one) === codesOf(other));
    }),
  );
});

test("ports 0 and 65535, and all of them", () => {
  const table = tableOf([
    [65535, OPEN],
    [0, CLOSED],
  ]);
  expect(table.runs()).toEqual([0, 0, CLOSED, 65535, 65535, OPEN]);
  const gatherer = new PortGatherer();
  gatherer.addAll(
    Uint16Array.from({ length: 65536 }, (_, port) => port),
    FILTERED,
  );
  expect(PortTable.of(gatherer.runs(), new RangesPool()).runs()).toEqual([0, 65535, FILTERED]);
});

test("a code keeps the state, and what its evidence is worth", () => {
  expect([OPEN, CLOSED, FILTERED].map(stateOf)).toEqual(["open", "closed", "filtered"]);
  expect(isSilent(FILTERED)).toBe(true);
  expect(isSilent(codeOf("filtered", "admin-prohibited"))).toBe(false);
  expect(isLossy(codeOf("open|filtered", "no-response-lossy"))).toBe(true);
  expect(stateOf(NOT_TOLD)).toBeUndefined();
});
