import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../model/errors.js";
import { RangesPool } from "../report/port-table.js";
import { packBelief, unpackBelief } from "./belief-text.js";
import { changeLine } from "./change.js";
import { snapshotOf, type TestHost, type TestRun } from "./network.test.data.js";
import { firstBelief, lookOnce, takeLook } from "./scan-belief.js";

const A = "192.0.2.1";
const B = "192.0.2.2";

function run(hosts: TestRun["hosts"], more: Omit<TestRun, "hosts"> = {}): TestRun {
  return { hosts, ...more };
}

/** A watch that keeps what it believes packed, as from one run to the next. Each run has a second look that sees the same. */
function watch(first: TestRun) {
  let packed = packBelief(firstBelief(snapshotOf(first, new RangesPool()), new RangesPool()));
  return (one: TestRun, two: TestRun = one): readonly string[] => {
    const pool = new RangesPool();
    const belief = unpackBelief(packed, pool, "test");
    const seen = lookOnce(belief, snapshotOf(one, pool));
    const update = takeLook(belief, snapshotOf(two, pool), pool, seen);
    packed = packBelief(update.belief);
    return update.changes.map(changeLine);
  };
}

const TWO = run({ [A]: { open: [22] }, [B]: { open: [80] } });

describe("what has changed", () => {
  test("nothing, in a run that sees the same", () => {
    expect(watch(TWO)(TWO)).toEqual([]);
  });

  test("ports, hosts and services, once", () => {
    const look = watch(run({ [A]: { open: [22, 80], services: { 22: "ssh 9.6" } }, [B]: { open: [80] } }));
    const other = run({ [A]: { open: [22, 25], services: { 22: "ssh 9.7" } }, "192.0.2.3": { open: [443] } });
    expect(look(other)).toEqual(
      [
        "~ 192.0.2.1/tcp/22 ssh 9.6 -> ssh 9.7",
        "+ 192.0.2.1/tcp/25 closed -> open",
        "- 192.0.2.1/tcp/80 open -> closed",
        "- 192.0.2.2 up -> down",
        "+ 192.0.2.3 up",
        "+ 192.0.2.3/tcp/443 open",
      ].sort(byPlace),
    );
    expect(look(other)).toEqual([]);
  });

  test("many ports are one change", () => {
    const all = Array.from({ length: 100 }, (_, at) => at + 1);
    expect(watch(run({ [A]: {} }))(run({ [A]: { open: all } }))).toEqual([
      "+ 192.0.2.1/tcp/1-100 closed -> open 100 ports",
    ]);
  });
});

/** As takeLook tells: hosts in order, of a host ports before services. */
function byPlace(one: string, other: string): number {
  const key = (line: string) => line.slice(2).split(" ")[0]?.split("/")[0] ?? "";
  if (key(one) !== key(other)) return key(one) < key(other) ? -1 : 1;
  return Number(one.startsWith("~")) - Number(other.startsWith("~"));
}

describe("a run that could not see", () => {
  test("tells nothing of a port that was lost, and misses nothing afterwards", () => {
    const look = watch(TWO);
    expect(look(run({ [A]: { filtered: [22], missedEstimate: 3 }, [B]: { open: [80] } }))).toEqual([]);
    expect(look(TWO)).toEqual([]);
    expect(look(run({ [A]: { filtered: [22], missedEstimate: 3 }, [B]: { open: [80] } }))).toEqual([]);
    // Between two lossy runs the port was closed: that is told, though the run before had not seen the port at all.
    expect(look(run({ [A]: {}, [B]: { open: [80] } }))).toEqual(["- 192.0.2.1/tcp/22 open -> closed"]);
  });

  test("tells what it has seen of other hosts", () => {
    const look = watch(TWO);
    const lossy: TestHost = { filtered: [22], missedEstimate: 3 };
    expect(look(run({ [A]: lossy, [B]: { open: [80, 81] } }))).toEqual(["+ 192.0.2.2/tcp/81 closed -> open"]);
    expect(look(run({ [A]: lossy, [B]: { open: [80, 81] } }))).toEqual([]);
  });

  test("tells of no host that is gone when it was stopped, or has lost a tenth", () => {
    for (const more of [{ isAborted: true }, { loss: { lossShare: 0.2 } }]) {
      const look = watch(TWO);
      expect(look(run({ [A]: { open: [22] } }, more))).toEqual([]);
      expect(look(TWO)).toEqual([]);
      expect(look(run({ [A]: { open: [22] } }))).toEqual(["- 192.0.2.2 up -> down"]);
    }
  });

  test("tells of no host that is gone when this machine had no route", () => {
    const look = watch(TWO);
    expect(look(run({ [A]: { open: [22] }, [B]: { status: "down", reason: "no-route" } }))).toEqual([]);
    expect(look(TWO)).toEqual([]);
  });

  test("tells nothing of ports of a host that was not done", () => {
    const look = watch(run({ [A]: { open: [22, 80] } }));
    expect(look(run({ [A]: { open: [22], end: "stopped" } }))).toEqual([]);
    expect(look(run({ [A]: { open: [22] } }))).toEqual(["- 192.0.2.1/tcp/80 open -> closed"]);
  });

  test("as the first run of all makes nothing new of what the next one finds", () => {
    const look = watch(
      run({ [A]: { filtered: [22], missedEstimate: 3 } }, { loss: { lossShare: 0.2, missedEstimate: 3 } }),
    );
    expect(look(TWO)).toEqual([]);
    // From now on both are known.
    expect(look(run({ [A]: { open: [22] } }))).toEqual(["- 192.0.2.2 up -> down"]);
    expect(look(run({ [A]: {} }))).toEqual(["- 192.0.2.1/tcp/22 open -> closed"]);
  });
});

describe("the second look", () => {
  test("what it does not see again is not told, and not believed", () => {
    const look = watch(TWO);
    const flicker = run({ [A]: { open: [22, 25] }, [B]: { open: [80] } });
    expect(look(flicker, TWO)).toEqual([]);
    expect(look(TWO)).toEqual([]);
    expect(look(flicker)).toEqual(["+ 192.0.2.1/tcp/25 closed -> open"]);
  });

  test("what it alone sees waits for the next run", () => {
    const look = watch(TWO);
    const one = run({ [A]: { open: [22, 25] }, [B]: { open: [80] } });
    const two = run({ [A]: { open: [22, 25, 26] }, [B]: {} });
    expect(look(one, two)).toEqual(["+ 192.0.2.1/tcp/25 closed -> open"]);
    expect(look(two)).toEqual(["+ 192.0.2.1/tcp/26 closed -> open", "- 192.0.2.2/tcp/80 open -> closed"]);
  });

  test("a port that changes into another state each time is not told", () => {
    const look = watch(run({ [A]: { open: [22] } }));
    expect(look(run({ [A]: { filtered: [22] } }), run({ [A]: {} }))).toEqual([]);
    expect(look(run({ [A]: {} }))).toEqual(["- 192.0.2.1/tcp/22 open -> closed"]);
  });

  test("one that is lossy confirms nothing", () => {
    const look = watch(TWO);
    const lossy = run({ [A]: { filtered: [22], missedEstimate: 3 }, [B]: { open: [80] } });
    expect(look(run({ [A]: {}, [B]: { open: [80] } }), lossy)).toEqual([]);
  });
});

describe("any runs", () => {
  const ports = fc.subarray([1, 2, 3, 50, 99, 100]);
  const host: fc.Arbitrary<TestHost> = fc.record({
    open: ports,
    missedEstimate: fc.constantFrom(0, 3),
    end: fc.constantFrom("done", "stopped"),
  });
  const anyRun = fc.record({
    hosts: fc.dictionary(fc.constantFrom(A, B, "192.0.2.9"), host),
    isAborted: fc.boolean(),
    loss: fc.record({ lossShare: fc.constantFrom(0, 0.3), missedEstimate: fc.constant(0) }),
  });

  test("after a whole run, seen twice, the belief is that run: the same once more is no change", () => {
    fc.assert(
      fc.property(
        fc.array(anyRun, { minLength: 1, maxLength: 5 }),
        fc.dictionary(fc.constantFrom(A, B), fc.record({ open: ports })),
        (runs, last) => {
          const [first = { hosts: {} }, ...rest] = runs;
          const look = watch(first);
          for (const one of rest) look(one);
          look({ hosts: last });
          expect(look({ hosts: last })).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("a belief that was kept", () => {
  test("is damaged in no way that is not said", () => {
    const whole = packBelief(firstBelief(snapshotOf(TWO, new RangesPool()), new RangesPool()));
    expect(() => unpackBelief(whole.subarray(0, 20), new RangesPool(), "nightly")).toThrow(InputError);
    expect(() => unpackBelief(Uint8Array.of(1, 2, 3), new RangesPool(), "nightly")).toThrow(
      "nightly: what this watch knew is damaged",
    );
  });
});
