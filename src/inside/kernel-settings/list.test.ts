import { expect, test } from "vitest";
import type { SettingScene } from "../kernel-setting.js";
import { COMBINATIONS } from "../setting-combination.js";
import { KERNEL_SETTINGS } from "./list.js";

const NOWHERE: SettingScene = {
  interfaceCount: 1,
  numberAt: () => undefined,
  numberHere: () => undefined,
  ownNumberHere: () => undefined,
};

test("no setting stands twice", () => {
  const paths = KERNEL_SETTINGS.map(({ path }) => path);
  expect(paths).toEqual([...new Set(paths)]);
});

test.each(KERNEL_SETTINGS.map((row) => [row.path, row] as const))("%s", (path, row) => {
  expect(path).toMatch(/^(net|kernel)(\/[\w-]+)+$/);
  // A setting of interfaces has a rule, and no other has.
  expect(row.combination !== undefined && row.combination in COMBINATIONS).toBe(path.includes("/IFACE/"));
  expect(row.why).toMatch(/^[A-Z0-9].*\.$/);
  expect(row.source).not.toBe("");
  // What is to be set is careful.
  const { set } = row.careful;
  if (set === undefined) return;
  const numbers = row.careful.isText ? undefined : set.split(" ").map(Number);
  expect(row.careful.holds({ text: set, numbers }, NOWHERE)).toBe(true);
});
