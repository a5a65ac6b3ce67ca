import { expect, test } from "vitest";
import { rateWarning } from "./rate-warning.js";

const COUNTS = {
  hosts: 1,
  unreachable: 0,
  hostsUp: 1,
  ports: 0,
  sent: 0,
  answered: 0,
  resent: 0,
  late: 0,
  kernelDrops: 0,
  ignored: 0,
};

function warning(minRatePps: number | undefined, sent: number, elapsedMs: number): string | undefined {
  return rateWarning(minRatePps, { counts: { ...COUNTS, sent }, elapsedMs });
}

test("a rate that was not kept is told, with what was reached", () => {
  expect(warning(10_000, 100_000, 20_000)).toBe(
    "--min-rate 10,000 could not be kept: it was 5,000 probes a second over the whole run",
  );
});

test("nothing is told of one that was kept nearly, was not asked for, or had no second to be kept in", () => {
  expect(warning(10_000, 95_000, 10_000)).toBeUndefined();
  expect(warning(undefined, 1, 10_000)).toBeUndefined();
  expect(warning(10_000, 9_999, 20_000)).toBeUndefined();
  expect(warning(10, 20, 0)).toBeUndefined();
});
