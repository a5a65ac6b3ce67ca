// What programs and people expect of a program called nmap beside its reports: statuses, words on both streams, signals.
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hasProgram } from "../lab/availability.js";
import { darkHost } from "../lab/hosts.js";
import { NOBODY_UID } from "../lab/machine.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { NmapLink } from "./nmap-clients.js";
import { POSTERN } from "./postern.js";

/** nmap's statuses: done, could not be done, no such option. */
const DONE = 0;
const FAILED = 1;
const USAGE = 255;
const NO_TARGETS = "WARNING: No targets were specified, so 0 hosts scanned.\n";

describeLab("called as nmap", () => {
  let lab: Lab;
  let link: NmapLink;
  let folder: string;

  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour", hosts: [darkHost()] });
    link = new NmapLink();
    folder = mkdtempSync(path.join(tmpdir(), "postern-habits-"));
  });
  afterAll(async () => {
    await lab?.dispose();
    link?.remove();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  test.each([["-V"], ["--version"]])("%s says a version that python-nmap can read", async (option) => {
    const { status, stdout, stderr } = await link.run(lab.scanner, [option]);
    expect({ status, stderr }).toEqual({ status: DONE, stderr: "" });
    expect(stdout).toMatch(/^Nmap version [0-9]*\.[0-9]*[^ ]* \( http(|s):\/\/.* \)\npostern \d/);
  });

  test("--as nmap is the same as the link, and works without it", async () => {
    const { ipv4 } = lab.host();
    const done = await lab.scanner.run(POSTERN, ["--as", "nmap", "-n", "-p", "22", ipv4]);
    expect({ status: done.status, stderr: done.stderr }).toEqual({ status: DONE, stderr: "" });
    expect(done.stdout).toMatch(/^Starting Nmap 7\.9\d \( https:\/\/nmap\.org \) at /);
  });

  test("without words it shows its help, and ends as after a mistake", async () => {
    const { status, stdout, stderr } = await link.run(lab.scanner, []);
    expect({ status, stderr }).toEqual({ status: USAGE, stderr: "" });
    expect(stdout).toMatch(/^Nmap 7\.9\d \( https:\/\/nmap\.org \)\nUsage: nmap /);
    expect((await link.run(lab.scanner, ["-h"])).status).toBe(DONE);
  });

  test("without targets it says its version, as OCS Inventory reads it", async () => {
    const { status, stdout, stderr } = await link.run(lab.scanner, ["-v"]);
    expect({ status, stderr }).toEqual({ status: DONE, stderr: NO_TARGETS });
    expect(stdout).toMatch(/^Starting Nmap (\d+\.\d+) /);
    expect(stdout).toMatch(/^Nmap done: 0 IP addresses \(0 hosts up\) scanned in \d+\.\d\d seconds$/m);
  });

  test("words that are no target are passed over", async () => {
    const { ipv4 } = lab.host();
    const list = path.join(folder, "list.txt");
    writeFileSync(list, `10.0.0.256 # too large\n\n${ipv4}\n`);
    const some = await link.run(lab.scanner, ["-n", "-p", "22", "-iL", list, "no-such-name.invalid"]);
    expect(some.status).toBe(DONE);
    expect(some.stderr.split("\n").sort().join("\n")).toBe(
      '\nFailed to resolve "10.0.0.256".\nFailed to resolve "no-such-name.invalid".',
    );
    expect(some.stdout).toContain(`Nmap scan report for ${ipv4}\n`);
    const none = await link.run(lab.scanner, ["-oX", "-", "no-such-name.invalid"]);
    expect(none.status).toBe(DONE);
    expect(none.stderr).toBe(`Failed to resolve "no-such-name.invalid".\n${NO_TARGETS}`);
    expect(none.stdout).toMatch(/<hosts up="0" down="0" total="0"\/>\n<\/runstats>\n<\/nmaprun>\n$/);
  });

  test.each([
    [["--no-such-option", "HOST"], USAGE, "nmap: unknown option --no-such-option", "summary of options."],
    [["-p"], USAGE, "nmap: -p needs a value", "summary of options."],
    [["-p", "99999", "HOST"], FAILED, "99999: a port is at most 65535", "QUITTING!"],
    [["-T9", "HOST"], FAILED, "-T", "QUITTING!"],
    [["-sS", "-sT", "HOST"], FAILED, "-sS and -sT", "QUITTING!"],
    [["-iL", "/no/such/file"], FAILED, "/no/such/file: there is no such file", "QUITTING!"],
    [["-oN", "/no/such/folder/file", "HOST"], FAILED, "/no/such/folder/file: cannot be written", "QUITTING!"],
    [["192.0.2.7"], FAILED, "192.0.2.7 is neither private", "QUITTING!"],
  ] as const)("%j ends with %i", async (args, status, first, last) => {
    const words = args.map((word) => (word === "HOST" ? lab.host().ipv4 : word));
    const done = await link.run(lab.scanner, words);
    expect({ status: done.status, stdout: done.stdout }).toEqual({ status, stdout: "" });
    const lines = done.stderr.trimEnd().split("\n");
    expect(lines[0]).toContain(first);
    expect(lines.at(-1)).toContain(last);
  });

  test.each([["-sS"], ["-sU"], ["-sO"], ["-O"]])("%s needs root, in words that programs look for", async (option) => {
    const file = path.join(folder, "never.xml");
    const args = [option, "-oX", file, "-p", "22", lab.host().ipv4];
    const { status, stdout, stderr } = await link.run(lab.scanner, args, { uid: NOBODY_UID });
    expect({ status, stdout }).toEqual({ status: FAILED, stdout: "" });
    expect(stderr).toMatch(/requires root privileges\.\nQUITTING!\n$/);
    expect(existsSync(file)).toBe(false);
  });

  test("what postern has to say beside stands in the report for people, and nowhere else", async () => {
    const { ipv4 } = lab.host();
    const args = ["-n", "-sV", "-p", "22", ipv4, "172.31.255.1"]; // there is no way to the second one
    const shown = await link.run(lab.scanner, args);
    expect({ status: shown.status, stderr: shown.stderr }).toEqual({ status: DONE, stderr: "" });
    const [first, ...rest] = shown.stdout.split("\n");
    expect(first).toMatch(/^Starting Nmap /);
    expect(rest[0]).toMatch(/^Note: -sV: /);
    expect(rest.some((line) => line.startsWith("Warning: "))).toBe(true);
    const taken = await link.run(lab.scanner, ["-oX", "-", ...args]);
    expect({ status: taken.status, stderr: taken.stderr }).toEqual({ status: DONE, stderr: "" });
    expect(taken.stdout).toMatch(/^<\?xml [\s\S]*<\/nmaprun>\n$/);
  });

  test("where no target can be reached the scan is done all the same", async () => {
    const { status, stderr } = await link.run(lab.scanner, ["-n", "-p", "22", "172.31.255.1"]);
    expect({ status, stderr }).toEqual({ status: DONE, stderr: "" });
  });

  test("a grepable report names its option in its first line, as testssl.sh wants it", async () => {
    const scan = ["-n", "-p", "22", lab.host().ipv4];
    const { stdout } = await link.run(lab.scanner, ["-oG", "-", ...scan]);
    expect(stdout.split("\n")[0]).toMatch(/^# Nmap .* as: nmap .*-oG - /);
    const base = path.join(folder, "all");
    const all = await link.run(lab.scanner, ["-oA", base, ...scan]);
    expect({ status: all.status, stderr: all.stderr }).toEqual({ status: DONE, stderr: "" });
    for (const ending of [".nmap", ".gnmap"]) {
      expect(readFileSync(base + ending, "utf8")).toMatch(/^# Nmap .* as: nmap -oA .*\n[\s\S]*\n# Nmap done at .*\n$/);
    }
    expect(readFileSync(`${base}.xml`, "utf8")).toMatch(/<nmaprun scanner="nmap" args="nmap -oA [\s\S]*<\/nmaprun>\n$/);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("%s ends it by the signal, with sound reports", async (signal) => {
    const files = { xml: path.join(folder, `${signal}.xml`), normal: path.join(folder, `${signal}.nmap`) };
    const scan = ["-n", "-Pn", "--max-rate", "200", "-p", "80,1-60000", lab.host().ipv4];
    const child = lab.scanner.spawn(link.nmap, ["-oX", files.xml, "-oN", files.normal, ...scan]);
    const ended = once(child, "close");
    for (let waits = 0; waits < 500 && !hasText(files.xml, "<scaninfo"); waits++) await sleep(20);
    await sleep(1000);
    const sentAtMs = Date.now();
    child.kill(signal);
    expect(await ended).toEqual([null, signal]);
    expect(Date.now() - sentAtMs).toBeLessThan(10_000);
    const xml = readFileSync(files.xml, "utf8");
    expect(xml).toMatch(/exit="error"[\s\S]*<\/nmaprun>\n$/);
    expect(xml).toMatch(/<address addr="[\d.]+" addrtype="ipv4"\/>/);
    if (hasProgram("xmllint")) {
      const checked = await lab.scanner.run("xmllint", ["--nonet", "--noout", files.xml]);
      expect({ status: checked.status, stderr: checked.stderr }).toEqual({ status: 0, stderr: "" });
    }
    const normal = readFileSync(files.normal, "utf8");
    expect(normal).toContain("\n# The scan was interrupted: this report is partial.");
    expect(normal).not.toContain("Nmap done");
  });
});

function hasText(file: string, text: string): boolean {
  return existsSync(file) && readFileSync(file, "utf8").includes(text);
}
