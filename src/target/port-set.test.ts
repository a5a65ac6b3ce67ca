import fc from "fast-check";
import { expect, test } from "vitest";
import { type PortRange, PortSet } from "./port-set.js";

const range = fc
  .tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 20 }))
  .map(([first, more]): PortRange => [first, first + more]);
const set = fc.record({ tcp: fc.array(range), udp: fc.array(range) }).map((ranges) => PortSet.of(ranges));

test("has, count, ports and ranges agree", () => {
  fc.assert(
    fc.property(fc.array(range), (ranges) => {
      const ports = PortSet.of({ tcp: ranges });
      const wanted = new Set(
        ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, at) => first + at)),
      );
      expect([...ports.ports("tcp")]).toEqual([...wanted].sort((one, other) => one - other));
      expect(ports.count("tcp")).toBe(wanted.size);
      for (let port = 0; port < 330; port++) expect(ports.has("tcp", port)).toBe(wanted.has(port));
      expect(ports.count("udp")).toBe(0);
    }),
  );
});

test("union and minus are those of sets", () => {
  fc.assert(
    fc.property(set, set, (one, other) => {
      const union = one.union(other);
      const rest = one.minus(other);
      for (let port = 0; port < 330; port++) {
        expect(union.has("udp", port)).toBe(one.has("udp", port) || other.has("udp", port));
        expect(rest.has("tcp", port)).toBe(one.has("tcp", port) && !other.has("tcp", port));
      }
      expect(rest.union(other).equals(union)).toBe(true);
      expect(one.minus(one).isEmpty()).toBe(true);
      expect(PortSet.fromData(structuredClone(one.toData())).equals(one)).toBe(true);
    }),
  );
});

test("what is no port is left out", () => {
  const ports = PortSet.of({
    tcp: [
      [-5, 3],
      [65530, 70000],
      [9, 8],
      [Number.NaN, 4],
    ],
  });
  expect(ports.ranges("tcp")).toEqual([
    [0, 3],
    [65530, 65535],
  ]);
  for (const port of [-1, 4, 65536, Number.NaN]) expect(ports.has("tcp", port)).toBe(false);
  expect(PortSet.of({}).equals(PortSet.empty)).toBe(true);
});

test("IP protocols end at 255, and have a letter of their own in the key", () => {
  const protocols = PortSet.of({
    ip: [
      [1, 1],
      [250, 300],
      [400, 500],
    ],
  });
  expect(protocols.ranges("ip")).toEqual([
    [1, 1],
    [250, 255],
  ]);
  expect([protocols.count("ip"), protocols.has("ip", 256), protocols.has("tcp", 1)]).toEqual([7, false, false]);
  expect(protocols.key()).toBe("T:;U:;S:;P:1,250-255");
});
