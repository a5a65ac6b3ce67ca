import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { InterfaceSettings } from "./interface-settings.js";

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "postern-settings-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function fileOf(family: 4 | 6, name: string, setting: string): string {
  return path.join(root, "sys/net", `ipv${family}/conf`, name, setting);
}

function set(family: 4 | 6, name: string, setting: string, value: string): void {
  mkdirSync(path.dirname(fileOf(family, name, setting)), { recursive: true });
  writeFileSync(fileOf(family, name, setting), `${value}\n`);
}

test("a setting is turned on where another interface has it on, and no other is touched", () => {
  for (const name of ["all", "default", "lo", "eth0", "new"]) set(4, name, "route_localnet", name === "lo" ? "1" : "0");
  const settings = new InterfaceSettings("new", root);
  expect(settings.mirror("route_localnet", undefined)).toBeUndefined();
  set(4, "eth1", "route_localnet", "1");
  expect(settings.mirror("route_localnet", undefined)).toBe("route_localnet=1, as on eth1");
  expect(readFileSync(fileOf(4, "new", "route_localnet"), "latin1")).toBe("1");
  expect(settings.mirror("route_localnet", "eth0")).toBeUndefined();
  expect(readFileSync(fileOf(4, "eth0", "route_localnet"), "latin1")).toBe("0\n");
  expect(settings.mirror("no_such_setting", undefined)).toBeUndefined();
});

test("what could not be set is said", () => {
  set(4, "eth1", "route_localnet", "1");
  mkdirSync(fileOf(4, "new", "route_localnet"), { recursive: true }); // cannot be written, for root either
  expect(new InterfaceSettings("new", root).mirror("route_localnet", undefined)).toBe(
    "route_localnet=0, which is 1 on eth1",
  );
});

test("IPv6 is turned on, and there is none without the kernel's", () => {
  const settings = new InterfaceSettings("new", root);
  expect(settings.enableIpv6()).toBe(false);
  set(6, "new", "disable_ipv6", "1");
  set(6, "new", "accept_ra", "1");
  expect(settings.enableIpv6()).toBe(true);
  expect(readFileSync(fileOf(6, "new", "accept_ra"), "latin1")).toBe("0");
});
