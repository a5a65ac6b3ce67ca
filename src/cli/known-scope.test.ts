import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { InputError } from "../model/errors.js";
import { type AddressBlock, blockOf, formatBlock } from "../target/address-block.js";
import { isFault } from "../target/fault.js";
import { parseTarget } from "../target/target-expression.js";
import { keepKnownScope, readKnownScope } from "./known-scope.js";

const ADA = 1234;
let home = "";
beforeEach(() => {
  // Root's file is where no variable leads to, so here we are somebody else; the files are root's, whom everybody trusts.
  vi.spyOn(process, "geteuid").mockReturnValue(ADA);
  vi.spyOn(process, "getegid").mockReturnValue(ADA);
  home = mkdtempSync(path.join(tmpdir(), "postern-known-"));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(home, { recursive: true });
});

function block(text: string): AddressBlock {
  const target = parseTarget(text);
  if (isFault(target) || target.kind === "name") throw new Error(text);
  return blockOf(target);
}

const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)("what is kept is known, line by line", () => {
  const environment = { HOME: home };
  expect(readKnownScope(environment)).toEqual([]);
  const file = keepKnownScope([{ block: block("192.0.2.0/28") }], environment, "2026-11-24");
  keepKnownScope([{ block: block("2001:db8::1"), name: "www.example" }], environment, "2026-11-25");
  expect(file).toBe(path.join(home, ".local/state/postern/known-scope"));
  expect(readFileSync(file, "utf8")).toBe("192.0.2.0/28 2026-11-24\n2001:db8::1 2026-11-25 www.example\n");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  writeFileSync(file, "\n# mine\n203.0.113.7 # one\n", { flag: "a" });
  expect(readKnownScope(environment).map(formatBlock)).toEqual(["192.0.2.0/28", "2001:db8::1", "203.0.113.7"]);
});

test.runIf(isRoot)("what somebody else may have written is not taken", () => {
  const folder = path.join(home, "postern");
  const file = path.join(folder, "known-scope");
  const environment = { XDG_STATE_HOME: home };
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(file, "192.0.2.0/28\n");
  chmodSync(file, 0o646);
  expect(() => readKnownScope(environment)).toThrow("everybody may write it");
  expect(() => keepKnownScope([], environment, "2026-11-24")).toThrow("everybody may write it");
  chmodSync(file, 0o600);
  chmodSync(folder, 0o777);
  expect(() => readKnownScope(environment)).toThrow(`of the folder ${folder}, everybody may write it`);
  chmodSync(folder, 0o700);
  writeFileSync(file, "192.0.2.0/28\nwww.example\n");
  expect(() => readKnownScope(environment)).toThrow("known-scope:2: this is no address");
  rmSync(file);
  symlinkSync("/etc/passwd", file);
  expect(() => readKnownScope(environment)).toThrow(InputError);
  expect(() => keepKnownScope([], environment, "2026-11-24")).toThrow("ELOOP");
});
