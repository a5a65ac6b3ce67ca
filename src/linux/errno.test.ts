import { constants } from "node:os";
import { expect, test } from "vitest";
import * as errno from "./errno.js";

const OURS: readonly (readonly [name: string, value: number])[] = Object.entries(errno).flatMap(([name, value]) =>
  typeof value === "number" ? [[name, value] as const] : [],
);

test.skipIf(process.platform !== "linux")("every number is the kernel's (Linux only)", () => {
  const kernel = new Map<string, number>(Object.entries(constants.errno));
  for (const [name, value] of OURS) {
    // libuv has no name for a few, EINPROGRESS aside.
    if (kernel.has(name)) expect([name, value]).toEqual([name, kernel.get(name)]);
  }
  expect(OURS.filter(([name]) => kernel.has(name)).length).toBeGreaterThan(10);
});

test("every number has its name in words, and every name finds its number", () => {
  for (const [name, value] of OURS) {
    expect(errno.errnoName(value)).toMatch(new RegExp(`^${name}, [a-z]`));
    expect(errno.errnoOfCode(name)).toBe(value);
  }
});

test("a number without a name is shown as it is, and an unknown name is EINVAL", () => {
  expect(errno.errnoName(4711)).toBe("errno 4711");
  expect([errno.errnoOfCode("EWHATEVER"), errno.errnoOfCode(undefined), errno.errnoOfCode("E")]).toEqual([22, 22, 22]);
});
