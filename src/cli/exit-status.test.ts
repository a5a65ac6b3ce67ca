import { describe, expect, it } from "vitest";
import { InputError, InternalError, PrivilegeError, ScopeError, SystemCallError, UsageError } from "../model/errors.js";
import { formatError, scanExitStatus } from "./exit-status.js";

describe("scanExitStatus", () => {
  it("is nmap's", () => {
    expect(scanExitStatus(new UsageError("what"))).toBe(255);
    expect(scanExitStatus(new InputError("what", { file: "hosts" }))).toBe(1);
    expect(scanExitStatus(new ScopeError("not yours"))).toBe(1);
    expect(scanExitStatus(new SystemCallError("socket(AF_PACKET)", 1, "EPERM"))).toBe(1);
  });

  it("is 70 for our bugs", () => {
    expect(scanExitStatus(new InternalError("oops"))).toBe(70);
    expect(scanExitStatus(new TypeError("x is not a function"))).toBe(70);
    expect(scanExitStatus("thrown text")).toBe(70);
  });
});

describe("formatError", () => {
  it("says what and what to do", () => {
    expect(formatError(new PrivilegeError("no raw packets", { hint: "run as root, or use -sT" }))).toBe(
      "postern: no raw packets\n  run as root, or use -sT\n",
    );
    expect(formatError(new UsageError("what"))).toBe("postern: what\n");
  });

  it("cannot steer the terminal", () => {
    expect(formatError(new UsageError("unknown option --\x1b[2J\n"))).toBe("postern: unknown option --\\x1b[2J\\x0a\n");
  });

  it("shows where a bug is", () => {
    const text = formatError(new TypeError("x is not a function", { cause: new Error("why") }));
    expect(text).toMatch(/^postern: internal error: x is not a function\n {2}this is a bug in postern/);
    expect(text).toMatch(/\n\s+at .*exit-status\.test/);
    expect(text).toContain("caused by: why\n");
    expect(formatError("thrown text")).toContain("internal error: thrown text\n");
  });
});
