import fc from "fast-check";
import { expect, test } from "vitest";
import type { ScanEvent } from "../model/scan-event.js";
import { FinishedHosts } from "./finished-hosts.js";

function toldBy(finished: FinishedHosts): readonly (readonly [number, number])[][] {
  const told: (readonly [number, number])[][] = [];
  const event = (one: ScanEvent): void => {
    if (one.type === "finished") told.push([...one.ranges]);
  };
  finished.flush({ event, port: () => {}, silence: () => {} });
  return told;
}

test("hosts of an earlier run are known, one after another", () => {
  const ranges = fc
    .uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 0, maxLength: 20 })
    .map((edges) => edges.sort((one, other) => one - other))
    .map((edges) =>
      edges.flatMap((first, index) => (index % 2 === 0 ? [[first, edges[index + 1] ?? first] as const] : [])),
    );
  fc.assert(
    fc.property(ranges, (earlier) => {
      const finished = new FinishedHosts(earlier, false);
      for (let id = 0; id <= 61; id++) {
        expect(finished.has(id)).toBe(earlier.some(([first, last]) => id >= first && id <= last));
      }
    }),
    { seed: 20_260_103 },
  );
});

test("hosts of this run are told in runs, in whatever order they end, and once", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 1 }), (ids) => {
      const finished = new FinishedHosts([], true);
      for (const id of ids) finished.add(id);
      const [told = []] = toldBy(finished);
      const named = told.flatMap(([first, last]) =>
        Array.from({ length: last - first + 1 }, (_, index) => first + index),
      );
      expect(named).toEqual([...ids].sort((one, other) => one - other));
      for (const [index, [first]] of told.entries()) expect(first).toBeGreaterThan((told[index - 1]?.[1] ?? -2) + 1);
      expect(toldBy(finished)).toEqual([]);
    }),
    { seed: 20_260_104 },
  );
});

test("nothing is told when nobody keeps a journal", () => {
  const finished = new FinishedHosts([], false);
  finished.add(3);
  expect(toldBy(finished)).toEqual([]);
});
