import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PROTOCOLS } from "./port-set.js";
import { hasPlace, hasPort, parseShard, type Shard, shardKindOf } from "./shard.js";

const counts = fc.integer({ min: 1, max: 64 });
const seeds = fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.maxSafeNat());

function shardsOf(count: number): Shard[] {
  return Array.from({ length: count }, (_, index) => ({ index, count }));
}

describe("parseShard", () => {
  it("counts from 1 on the command line and from 0 inside", () => {
    expect(parseShard("1/1")).toEqual({ index: 0, count: 1 });
    expect(parseShard("5/5")).toEqual({ index: 4, count: 5 });
    expect(parseShard("2/65536")).toEqual({ index: 1, count: 65536 });
  });

  it("refuses everything else", () => {
    for (const text of ["", "1", "0/5", "6/5", "1/0", "-1/5", "1/5/2", " 1/5", "1/5 ", "1.5/2", "1/65537", "1/1e3"]) {
      expect(parseShard(text)).toHaveProperty("fault");
    }
  });
});

describe("shards", () => {
  it("share out addresses only where every part gets enough", () => {
    expect(shardKindOf(79, { index: 0, count: 5 })).toBe("ports");
    expect(shardKindOf(80, { index: 0, count: 5 })).toBe("addresses");
  });

  it("give each place to exactly one", () => {
    fc.assert(
      fc.property(counts, fc.maxSafeNat(), (count, place) => {
        expect(shardsOf(count).filter((shard) => hasPlace(shard, place))).toHaveLength(1);
      }),
      { seed: 1 },
    );
  });

  it("give each port to exactly one", () => {
    fc.assert(
      fc.property(counts, seeds, fc.constantFrom(...PROTOCOLS), fc.nat(65535), (count, seed, protocol, port) => {
        expect(shardsOf(count).filter((shard) => hasPort(shard, seed, protocol, port))).toHaveLength(1);
      }),
      { seed: 2 },
    );
  });

  it("have about the same number of ports, and others with another seed or protocol", () => {
    const ports = Array.from({ length: 65536 }, (_, port) => port);
    const shard = { index: 1, count: 4 };
    const own = ports.filter((port) => hasPort(shard, 7, "tcp", port));
    expect(Math.abs(own.length - 16384)).toBeLessThan(500);
    for (const [seed, protocol] of [
      [8, "tcp"],
      [7 + 2 ** 32, "tcp"],
      [7, "udp"],
    ] as const) {
      const both = own.filter((port) => hasPort(shard, seed, protocol, port));
      expect(Math.abs(both.length - 4096)).toBeLessThan(300);
    }
  });

  it("never change from version to version", () => {
    const first = Array.from({ length: 32 }, (_, port) => port).filter((port) =>
      hasPort({ index: 0, count: 3 }, 42, "tcp", port),
    );
    expect(first).toEqual([0, 1, 3, 9, 12, 13, 17, 18, 21, 26, 27]);
  });
});
