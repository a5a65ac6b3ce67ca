// All the ways to say what is to be scanned, against hosts of which one answers for a whole prefix.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { wideHost } from "../lab/hosts.js";
import type { RunOptions } from "../lab/machine.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { onlyHost, postern } from "./postern.js";
import { statesOf } from "./report.js";

describeLab("targets", () => {
  let lab: Lab;
  let folder: string;
  const file = (name: string, text: string) => {
    const full = path.join(folder, name);
    writeFileSync(full, text);
    return full;
  };
  const found = async (args: readonly string[], options: RunOptions = {}) => {
    const seen = await postern(lab.scanner, ["-n", "-p80", ...args], options);
    for (const host of seen.hosts) expect(statesOf(host)).toEqual({ 80: "open" });
    return seen.upAddresses.map((address) => address.replace(/^10\.77\./, ""));
  };

  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour", hosts: [wideHost("10.77.0.0/16", [80, 443])] });
    folder = mkdtempSync(path.join(tmpdir(), "postern-test-"));
  });
  afterAll(async () => {
    await lab?.dispose();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  test.each([
    [["10.77.0.1"], ["0.1"]],
    [
      ["10.77.0.1", "10.77.255.254"],
      ["0.1", "255.254"],
    ],
    [["10.77.4.0/30"], ["4.0", "4.1", "4.2", "4.3"]],
    [["10.77.1-3.7"], ["1.7", "2.7", "3.7"]],
    [["10.77.1,9.7,8"], ["1.7", "1.8", "9.7", "9.8"]],
    [["10.77.3.1,4-5,200-201"], ["3.1", "3.200", "3.201", "3.4", "3.5"]],
    [["10.77.0.250-"], ["0.250", "0.251", "0.252", "0.253", "0.254", "0.255"]],
    [
      ["10.77.0.1", "10.77.0.1", "10.77.0.0/31"],
      ["0.0", "0.1"],
    ],
    [
      ["--exclude", "10.77.4.1-2", "10.77.4.0/30"],
      ["4.0", "4.3"],
    ],
    [["--exclude", "10.77.4.0/31,10.77.4.3", "10.77.4.0/30"], ["4.2"]],
  ])("%j", async (args, expected) => {
    expect(await found(args)).toEqual(expected);
  });

  test("a /28 and an octet's star", async () => {
    expect(await found(["10.77.9.32/28"])).toHaveLength(16);
    const seen = await postern(lab.scanner, ["-n", "-p80", "--open", "10.77.9.*"]);
    expect(seen.upAddresses).toHaveLength(256);
    expect(seen.stdout).toMatch(/^postern done: 256 addresses \(256 hosts up\) scanned in/m);
  });

  test("host:port pairs: each host its own ports", async () => {
    const seen = await postern(lab.scanner, ["-p81", "10.77.0.1:443", "10.77.0.2:80,82", "10.77.0.3"]);
    const states = Object.fromEntries(seen.hosts.map((host) => [host.title, statesOf(host)]));
    expect(states).toEqual({
      "10.77.0.1": { 443: "open" },
      "10.77.0.2": { 80: "open", 82: "closed" },
      "10.77.0.3": { 81: "closed" },
    });
  });

  test("IPv6 with ports in brackets", async () => {
    if (!lab.hasIpv6) return;
    const seen = await postern(lab.scanner, [`[${lab.host().ipv6}]:80,81`]);
    expect(statesOf(onlyHost(seen))).toEqual({ 80: "open", 81: "closed" });
  });

  test("-iL FILE with comments, blanks, several a line, and with targets beside it", async () => {
    const list = file("list.txt", "# ours\n10.77.0.1  10.77.0.2\n\n\t10.77.0.3 # the third\r\n10.77.2.0/31\n");
    expect(await found(["-iL", list])).toEqual(["0.1", "0.2", "0.3", "2.0", "2.1"]);
    expect(await found(["10.77.8.8", "-iL", list, "--exclude", "10.77.2.0/31"])).toEqual(["0.1", "0.2", "0.3", "8.8"]);
  });

  test("-iL - is standard input", async () => {
    expect(await found(["-iL", "-"], { input: "10.77.0.1\n10.77.0.2" })).toEqual(["0.1", "0.2"]);
  });

  test("--excludefile", async () => {
    const list = file("never.txt", "10.77.4.1 # the printer\n10.77.4.2-3\n");
    expect(await found(["--excludefile", list, "10.77.4.0/29"])).toEqual(["4.0", "4.4", "4.5", "4.6", "4.7"]);
  });

  test("4,096 hosts in one run, all found", async () => {
    const seen = await postern(lab.scanner, ["-n", "-p80", "--open", "10.77.16.0/20"]);
    expect(seen.stdout).toMatch(/^postern done: 4,096 addresses \(4,096 hosts up\) scanned in/m);
    expect(seen.upAddresses).toHaveLength(4096);
    expect(seen.hosts.every((host) => statesOf(host)[80] === "open")).toBe(true);
  });
});
