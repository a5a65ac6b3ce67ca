import { expect, it } from "vitest";
import { fromJson, toJson } from "./plain-data.js";
import { isSamePlan, planFingerprint } from "./same-plan.js";

const PLAN = {
  targets: { groups: [{ block: { family: 4, first: 167772160, last: 167772167 } }], excluded: [] },
  techniques: ["tcp-syn"],
  scanFlags: undefined,
  seed: 7,
  scope: { own: [{ family: 6, bytes: Uint8Array.of(1, 2) }], authorized: [] },
  timing: { maxRetries: 10 },
  shard: { index: 0, count: 2 },
  resume: undefined,
};

it("holds for a plan out of a journal, at another pace and in another place", () => {
  const header = { plan: fromJson(JSON.parse(JSON.stringify(toJson(PLAN)))) as object };
  expect(isSamePlan(header, PLAN)).toBe(true);
  expect(isSamePlan(header, { ...PLAN, timing: {}, scope: {}, resume: { finished: [], hosts: [] } })).toBe(true);
});

it("does not hold where anything else is asked", () => {
  const others = [
    { seed: 8 },
    { shard: { index: 1, count: 2 } },
    { shard: undefined },
    { techniques: ["tcp-connect"] },
    { targets: { ...PLAN.targets, groups: [] } },
    { somethingNew: true },
  ];
  for (const other of others) expect(isSamePlan({ plan: PLAN }, { ...PLAN, ...other })).toBe(false);
  expect(planFingerprint(PLAN)).toMatch(/^[0-9a-f]{32}$/);
});
