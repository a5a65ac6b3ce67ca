// Reports in files: known to be writable before the first packet, sound when the disk is full or the scan is interrupted,
// and what is told beside them (--packet-trace, -d, --stats-every, --iflist).
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { darkHost } from "../lab/hosts.js";
import { NOBODY_UID } from "../lab/machine.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { POSTERN, postern, runPostern } from "./postern.js";
import { probeCounts } from "./report.js";

/** What the end of every partial report says. */
const PARTIAL = /The scan was interrupted: this report is partial\.\npostern stopped: .*\n$/;

describeLab("reports", () => {
  let lab: Lab;
  let folder = "";

  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour", hosts: [darkHost()] });
    folder = mkdtempSync(path.join(tmpdir(), "postern-lab-"));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await lab?.dispose();
  });

  const file = (name: string): string => path.join(folder, name);
  const read = (name: string): string => readFileSync(file(name), "utf8");

  test.each([
    ["/no/such/directory/x", "ENOENT, no such file", {}],
    ["/proc", "EISDIR, is a directory", {}],
    ["/etc/postern-test", "EACCES, permission denied", { uid: NOBODY_UID }],
  ])("%s cannot be written, and nothing is sent", async (where, why, options) => {
    const { status, stdout, stderr } = await runPostern(lab.scanner, ["-oN", where, "-p80", lab.host().ipv4], options);
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: "",
      stderr: `postern: ${where}: cannot be written: ${why}\n`,
    });
  });

  test("a file system that can only be read", async () => {
    const words = `mount -t tmpfs -o ro none "$1" && exec "$0" -oN "$1/x" -p80 ${lab.host().ipv4}`;
    const { status, stderr } = await lab.scanner.run("unshare", ["-m", "sh", "-c", words, POSTERN, folder]);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `postern: ${folder}/x: cannot be written: EROFS, file system can only be read\n`,
    });
  });

  test("a FIFO is written as soon as somebody reads it", async () => {
    const words = `mkfifo "$1/pipe" && { cat "$1/pipe" > "$1/read" & } && "$0" -oN "$1/pipe" -p80 ${lab.host().ipv4} && wait`;
    const { status } = await lab.scanner.run("sh", ["-c", words, POSTERN, folder]);
    expect(status).toBe(0);
    expect(read("read")).toMatch(/\npostern done: .*\n$/);
  });

  test("a disk that fills ends the scan; what it holds is right, and the other report is whole", async () => {
    // 4 kB hold the beginning: with -v each open port and each down host is a line.
    const words =
      'mount -t tmpfs -o size=4k none "$2" && "$0" -v -Pn -n -p80 --max-rate 2000 -oN "$2/small" -oN "$1/large" 127.2.0.0/20 > /dev/null; ' +
      'status=$?; cp "$2/small" "$1/small"; exit $status';
    const mount = mkdtempSync(path.join(folder, "tmpfs-"));
    const { status, stderr } = await lab.scanner.run("unshare", ["-m", "sh", "-c", words, POSTERN, folder, mount]);
    expect(stderr).toContain(
      `postern: ${mount}/small: cannot be written: ENOSPC, no room left on the device; the report in it is incomplete\n`,
    );
    expect(status).toBe(1);
    expect(statSync(file("small")).size).toBe(4096);
    expect(read("large").startsWith(read("small"))).toBe(true);
    expect(read("large")).toContain(`Warning: ${mount}/small: cannot be written: ENOSPC`);
    expect(read("large")).toMatch(PARTIAL);
  });

  test("all other forms end as whole documents then", async () => {
    const others = ["-oA", file("all"), "-oJ", file("all.jsonl"), "-oC", file("all.csv"), "-oH", file("all.html")];
    const words = ["-n", "-p1-60000", "--max-rate", "500", ...others, "-oN", "/dev/full", lab.host().ipv4];
    const { status, stderr } = await runPostern(lab.scanner, words);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr:
        "postern: /dev/full: cannot be written: ENOSPC, no room left on the device; the report in it is incomplete\n",
    });
    expect(read("all.nmap")).toMatch(PARTIAL);
    expect(read("all.xml")).toMatch(/ exit="error" .*\n?<\/runstats>\n<\/nmaprun>\n$/s);
    expect(read("all.gnmap")).toMatch(/\n# postern stopped at [^\n]*\n$/);
    expect(JSON.parse(read("all.jsonl").trim().split("\n").at(-1) ?? "")).toMatchObject({
      type: "done",
      isAborted: true,
    });
    expect(read("all.csv")).toMatch(/\n$/);
    expect(read("all.html")).toMatch(/<\/html>\n$/);
    for (const name of ["all.nmap", "all.xml", "all.jsonl", "all.html"]) expect(read(name)).toContain("/dev/full");
  });

  test("-oX - is all that standard output has, whatever else is told", async () => {
    const words = ["-oX", "-", "-d2", "--packet-trace", "--stats-every", "100ms", "-n", "-p80,81", lab.host().ipv4];
    const { status, stdout } = await runPostern(lab.scanner, words);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^<\?xml .*<\/nmaprun>\n$/s);
    expect(stdout).not.toMatch(/^(Debug|SENT|RCVD|\d+ s elapsed)/m);
  });

  test("standard output that fills does the same", async () => {
    const words = `"$0" -n -p80 -oN "$1/beside" ${lab.host().ipv4} > /dev/full`;
    const { status, stderr } = await lab.scanner.run("sh", ["-c", words, POSTERN, folder]);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: "postern: standard output: cannot be written: ENOSPC, no room left on the device\n",
    });
    expect(read("beside")).toMatch(/\npostern (done|stopped): .*\n$/);
  });

  test("a reader that goes away does not end a report in a file", async () => {
    const words = `"$0" -n -v -p1-2000 -oN "$1/whole" ${lab.host().ipv4} | head -1`;
    const { status } = await lab.scanner.run("bash", ["-o", "pipefail", "-c", words, POSTERN, folder]);
    expect(status).toBe(0);
    expect(read("whole")).toMatch(/\npostern done: .*\n$/);
  });

  test("a journal that cannot grow any more ends reports in good order, too", async () => {
    const mount = mkdtempSync(path.join(folder, "tmpfs-"));
    const words =
      'mount -t tmpfs -o size=4k none "$2" && exec "$0" -v -Pn -n -p80-85 --max-rate 2000 --journal "$2/journal" -oN "$1/kept" 127.2.0.0/20';
    const seen = await lab.scanner.run("unshare", ["-m", "sh", "-c", words, POSTERN, folder, mount]);
    expect(seen.status).toBe(1);
    expect(seen.stderr).toContain("ENOSPC");
    for (const text of [seen.stdout, read("kept")]) expect(text).toMatch(PARTIAL);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("%s leaves whole reports within 10 s, names or not", async (signal) => {
    // Name servers that nobody hears of: a scan that waited for them would wait for minutes.
    const words = ["-v", "-R", "--dns-servers", "10.9.9.9", "-p80,1-60000", "--max-rate", "200"];
    const child = lab.scanner.spawn(POSTERN, [...words, "-oN", file(signal), lab.host().ipv4]);
    await sleep(1500);
    const killedAt = performance.now();
    child.kill(signal);
    const [status] = await once(child, "close");
    expect(status).toBe(1);
    expect(performance.now() - killedAt).toBeLessThan(10_000);
    expect(read(signal)).toMatch(PARTIAL);
  });

  test("-oN - is all that standard output has", async () => {
    const plain = await postern(lab.scanner, ["-p80", lab.host().ipv4]);
    const seen = await postern(lab.scanner, ["-oN", "-", "-p80", lab.host().ipv4]);
    const timeless = (text: string) => text.replaceAll(/\d+\.\d+ ?s|at .* UTC|[\d.]+s latency/g, "");
    const behindFirst = (text: string) => text.slice(text.indexOf("\n"));
    expect(seen.stdout).toMatch(/^# postern \S+ scan initiated .{24} as: postern -oN - -p80 /);
    expect(timeless(behindFirst(seen.stdout))).toBe(timeless(behindFirst(plain.stdout)));
    const both = await runPostern(lab.scanner, ["-oN", "-", "-oN", "-", lab.host().ipv4]);
    expect(both.status).toBe(255);
  });

  test("names of files have the time in them", async () => {
    await postern(lab.scanner, ["-oN", file("at-%Y-%%"), "-p80", lab.host().ipv4]);
    expect(existsSync(file(`at-${new Date().getFullYear()}-%`))).toBe(true);
  });

  test("--packet-trace shows what tcpdump would", async () => {
    const address = lab.host().ipv4;
    const seen = await postern(lab.scanner, ["--packet-trace", "-n", "-p80,81", address]);
    const lines = seen.stdout.split("\n").filter((line) => /^(SENT|RCVD) /.test(line));
    expect(lines[0]).toContain(`ARP who is ${address}?`);
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^SENT .* > ${address}:80 S ttl=64 `)));
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^RCVD .*s\\) TCP ${address}:80 > .* SA `)));
    const { sent, answered } = probeCounts(seen.stdout);
    expect(lines.filter((line) => line.startsWith("SENT"))).toHaveLength(sent);
    expect(lines.filter((line) => line.startsWith("RCVD")).length).toBeGreaterThanOrEqual(answered);
  });

  test("--packet-trace out of a thread of its own, and of connects", async () => {
    const many = await postern(lab.scanner, ["--packet-trace", "-n", "-p80", "127.2.0.0/27"]);
    expect(many.stdout.match(/^SENT /gm)?.length).toBeGreaterThanOrEqual(32);
    const connects = await postern(lab.scanner, ["--packet-trace", "-n", "-sT", "-Pn", "-p80", "127.2.0.1"]);
    expect(connects.stdout).toMatch(/^CONN \(.*s\) TCP 127\.2\.0\.1 port 80: connecting$/m);
    expect(connects.stdout).toMatch(/^CONN \(.*s\) TCP 127\.2\.0\.1 port 80: ECONNREFUSED, /m);
  });

  test("-d and --stats-every speak on standard error", async () => {
    const words = ["-d2", "--stats-every", "400ms", "-n", "-p80,1-300", "--max-rate", "200", lab.host().ipv4];
    const { status, stdout, stderr } = await runPostern(lab.scanner, words);
    expect(status).toBe(0);
    expect(stdout).not.toMatch(/Debug|elapsed {2}/);
    expect(stderr).toMatch(/^Debug: host 0 .* is up \(arp-response\)/m);
    expect(stderr).toMatch(/^Debug: host 0 tcp [\d,]*80[\d,]*: open \(syn-ack ttl 64\) by tcp-syn in 1 try$/m);
    expect(stderr.match(/^\d s elapsed {2}ports \d+\.\d % {2}/gm)?.length).toBeGreaterThanOrEqual(2);
  });

  test("--iflist shows what ip shows", async () => {
    const { stdout } = await postern(lab.scanner, ["--iflist"]);
    const ip = await lab.scanner.run("ip", ["-json", "addr"]);
    for (const { ifname, addr_info } of JSON.parse(ip.stdout)) {
      for (const { local, prefixlen, scope } of addr_info) {
        const zone = scope === "link" && String(local).includes(":") ? `%${ifname}` : "";
        expect(stdout).toMatch(
          new RegExp(`^${ifname} +${String(local).replaceAll(".", "\\.")}${zone}/${prefixlen} `, "m"),
        );
      }
    }
    const routes = await lab.scanner.run("ip", ["-4", "route"]);
    const [first = ""] = routes.stdout.split(" ");
    expect(stdout).toContain(first);
  });

  test("postern completion prints what bash can read", async () => {
    const { stdout } = await postern(lab.scanner, ["completion", "bash"]);
    execFileSync("bash", ["-n"], { input: stdout });
    const wrong = await runPostern(lab.scanner, ["completion", "csh"]);
    expect({ status: wrong.status, stdout: wrong.stdout }).toEqual({ status: 2, stdout: "" });
  });
});

describeLab("discovery that does not believe RSTs", () => {
  test("takes a host that answers by RSTs only for down", async () => {
    await using lab = await createLab({ topology: "routed" });
    const { ipv4 } = lab.host("plain");
    const ask = ["-sn", "-n", "-PA81", "-v"];
    expect((await postern(lab.scanner, [...ask, ipv4])).upAddresses).toEqual([ipv4]);
    const seen = await postern(lab.scanner, [...ask, "--discovery-ignore-rst", ipv4]);
    expect(seen.upAddresses).toEqual([]);
    expect(seen.stdout).toContain("[host down, received reset]");
    const other = await postern(lab.scanner, [...ask, "-PE", "--discovery-ignore-rst", ipv4]);
    expect(other.upAddresses).toEqual([ipv4]);
  });
});
