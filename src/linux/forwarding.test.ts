import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { isForwarding } from "./forwarding.js";

const root = mkdtempSync(path.join(tmpdir(), "postern-proc-"));
afterAll(() => rmSync(root, { recursive: true }));

/** A /proc with these settings on. */
function procWith(name: string, ...settings: readonly string[]): string {
  const proc = path.join(root, name);
  for (const setting of settings) {
    const file = path.join(proc, "sys/net", setting);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, "1\n");
  }
  return proc;
}

test.each([
  ["nothing", [], false, false],
  ["IPv4 here", ["ipv4/conf/eth0/forwarding"], true, false],
  ["IPv4 elsewhere", ["ipv4/conf/eth1/forwarding"], false, false],
  ["IPv6 here", ["ipv6/conf/eth0/forwarding"], false, true],
  ["IPv6 everywhere", ["ipv6/conf/all/forwarding"], false, true],
  ["IPv6 forced here", ["ipv6/conf/eth0/force_forwarding"], false, true],
])("with %s on, a machine forwards as it says", (name, settings, ipv4, ipv6) => {
  const proc = procWith(name, ...settings);
  expect([isForwarding(4, "eth0", proc), isForwarding(6, "eth0", proc)]).toEqual([ipv4, ipv6]);
});

test("what is switched off is off", () => {
  const proc = procWith("off", "ipv4/conf/eth0/forwarding");
  writeFileSync(path.join(proc, "sys/net/ipv4/conf/eth0/forwarding"), "0\n");
  expect(isForwarding(4, "eth0", proc)).toBe(false);
});
