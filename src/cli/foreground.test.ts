import { expect, test } from "vitest";
import { isForegroundOf } from "./foreground.js";

test("in the foreground is whose process group the terminal has", () => {
  expect(isForegroundOf("7 (node) S 1 42 40 34816 42 4194304 0")).toBe(true);
  expect(isForegroundOf("7 (node) S 1 42 40 34816 99 4194304 0")).toBe(false);
  expect(isForegroundOf("7 (a) b) S 1) S 1 42 40 34816 42 0")).toBe(true);
  expect(isForegroundOf("7 (node) S 1 42 40 0 -1 0")).toBe(false);
  expect(isForegroundOf("")).toBe(false);
});
