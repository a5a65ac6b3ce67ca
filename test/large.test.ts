// Large scans: parts that make up the whole, journals that survive a kill, and limits that are said.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { wideHost } from "../lab/hosts.js";
import { NOBODY_UID } from "../lab/machine.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { onlyHost, POSTERN, postern, runPostern } from "./postern.js";
import { probeCounts, statesOf } from "./report.js";

/** One line with what is wrong, and perhaps one, indented, with what to do. */
const CLEAR = /^postern: [^\n]+\n(?: {2}\S[^\n]*\n)?$/;
const OPEN = [22, 80, 443];
const PORT_COUNT = 3000;

/** Counts the SYNs for each port of the host itself. */
const COUNTER = `table inet watch {
  set asked { type inet_service; flags dynamic; size 65535; counter; }
  chain arriving {
    type filter hook input priority 0; policy accept;
    tcp flags & (syn | ack | rst) == syn update @asked { tcp dport counter }
  }
}
`;

describeLab("large scans", () => {
  let lab: Lab;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pn-"));
    lab = await createLab({ topology: "neighbour", hosts: [wideHost("10.77.0.0/16", OPEN)] });
  });
  afterAll(async () => {
    await lab?.dispose();
    rmSync(folder, { recursive: true });
  });

  const file = (name: string) => join(folder, name);
  const scan = (args: readonly string[]) => postern(lab.scanner, ["-n", ...args]);

  describe("--shard: three parts are disjoint and the whole", () => {
    const parts = ["1/3", "2/3", "3/3"];

    test("of the addresses", async () => {
      const found: string[] = [];
      for (const part of parts) {
        const seen = await scan(["-Pn", "-p80", "--seed", "5", "--shard", part, "10.77.3.0/24"]);
        expect(seen.upAddresses.length).toBeGreaterThan(50);
        for (const host of seen.hosts) expect(statesOf(host)).toEqual({ 80: "open" });
        found.push(...seen.upAddresses);
      }
      expect(found.sort()).toEqual(Array.from({ length: 256 }, (_, last) => `10.77.3.${last}`).sort());
    });

    test("of the ports, and all parts of one seed", async () => {
      const found: string[] = [];
      for (const part of parts) {
        const words = ["-sSU", "-pT:1-40,U:1-20", "-vv", "--seed", "5", "--shard", part, lab.host().ipv4];
        found.push(...onlyHost(await scan(words)).rows.keys());
      }
      const tcp = Array.from({ length: 40 }, (_, index) => `${index + 1}/tcp`);
      const udp = Array.from({ length: 20 }, (_, index) => `${index + 1}/udp`);
      expect(found.sort()).toEqual([...tcp, ...udp].sort());
    });

    test("of few addresses that are only asked whether they are up", async () => {
      const found: string[] = [];
      for (const part of parts) {
        found.push(...(await scan(["-sn", "--seed", "5", "--shard", part, "10.77.3.0/29"])).upAddresses);
      }
      expect(found.sort()).toEqual(Array.from({ length: 8 }, (_, last) => `10.77.3.${last}`));
    });

    test.each(["4/3", "0/3", "1", "1/0", "a/b"])("%s is no part", async (part) => {
      const seen = await runPostern(lab.scanner, ["--shard", part, lab.host().ipv4]);
      expect({ status: seen.status, stdout: seen.stdout }).toEqual({ status: 255, stdout: "" });
      expect(seen.stderr).toMatch(CLEAR);
    });
  });

  describe("--journal and --resume", () => {
    /** A journal whose scan was killed in the middle, and what the host saw of it. */
    let killed: string;
    let asked: Map<number, number>;

    async function askedPorts(): Promise<Map<number, number>> {
      const { stdout } = await lab.host().run("nft", ["list", "set", "inet", "watch", "asked"]);
      const counts = [...stdout.matchAll(/(\d+) counter packets (\d+)/g)];
      return new Map(counts.map(([, port, packets]) => [Number(port), Number(packets)]));
    }

    function expectWhole(seen: Awaited<ReturnType<typeof postern>>): void {
      const host = onlyHost(seen);
      expect(statesOf(host)).toEqual(Object.fromEntries(OPEN.map((port) => [port, "open"])));
      expect(host.lines).toContain(`Not shown: ${PORT_COUNT - OPEN.length} closed tcp ports (reset)`);
      expect(seen.stdout).not.toMatch(/partial|seems to be down/);
      expect(seen.stdout).toMatch(/^postern done: 1 address \(1 host up\) scanned in/m);
    }

    beforeAll(async () => {
      const { stderr } = await lab.host().run("nft", ["-f", "-"], { input: COUNTER });
      expect(stderr).toBe("");
      killed = file("killed");
      const pace = ["--max-rate", "1000", "--progress"];
      const words = ["-n", "-sS", `-p1-${PORT_COUNT}`, "--journal", killed, ...pace, lab.host().ipv4];
      const child = lab.scanner.spawn(POSTERN, words);
      child.stdout?.resume();
      child.stderr?.resume();
      for (let waits = 0; waits < 500 && (await askedPorts()).size < PORT_COUNT / 3; waits++) await sleep(50);
      child.kill("SIGKILL");
      await once(child, "exit");
      asked = await askedPorts();
    });

    test("only its owner may read it", () => {
      expect(statSync(killed).mode & 0o777).toBe(0o600);
    });

    test("cut in the middle, it is gone on with from there", async () => {
      const bytes = readFileSync(killed);
      writeFileSync(file("cut"), bytes.subarray(0, Math.floor(bytes.length * 0.7)));
      const seen = await runPostern(lab.scanner, ["--resume", file("cut")]);
      expect(seen.status).toBe(0);
      expectWhole(seen);
    });

    test("a line that is damaged is named, and asked again", async () => {
      const lines = readFileSync(killed, "utf8").split("\n");
      const index = lines.findIndex((line) => line.startsWith('{"type":"ports"'));
      expect(index).toBeGreaterThan(0);
      lines[index] = (lines[index] ?? "").replace('"ports"', '"p0rts"');
      writeFileSync(file("damaged"), lines.join("\n"));
      const seen = await runPostern(lab.scanner, ["--resume", file("damaged")]);
      expect(seen.stderr).toMatch(new RegExp(`^Warning: [^\\n]*\\b${index + 1}\\b`));
      expectWhole(seen);
    });

    test("after kill -9 the report is whole, and no port was asked twice but those under way", async () => {
      expect(asked.size).toBeGreaterThan(PORT_COUNT / 4);
      expect(asked.size).toBeLessThan(PORT_COUNT);
      // What the tests above have asked is theirs.
      await lab.host().run("nft", ["flush", "set", "inet", "watch", "asked"]);
      const seen = await postern(lab.scanner, ["--resume", killed]);
      expectWhole(seen);
      const again = await askedPorts();
      const twice = [...again.keys()].filter((port) => asked.has(port));
      expect(new Set([...asked.keys(), ...again.keys()]).size).toBe(PORT_COUNT);
      expect(twice.length).toBeLessThan(450); // a quarter of a second, and what was under way
      expect(Math.max(...again.values())).toBe(1);
    });

    test("one that is finished is told again, and nothing is asked", async () => {
      const seen = await postern(lab.scanner, ["--resume", killed]);
      expect(probeCounts(seen.stdout)).toMatchObject({ sent: 0 });
      expectWhole(seen);
    });

    test("an interrupted scan of many hosts goes on in the middle", async () => {
      const path = file("hosts");
      const words = ["-n", "-Pn", "-p22,80,81", "--max-rate", "400", "--journal", path, "10.77.5.0/24"];
      const child = lab.scanner.spawn(POSTERN, words);
      child.stdout?.resume();
      await sleep(1200);
      child.kill("SIGINT");
      await once(child, "exit");
      const seen = await postern(lab.scanner, ["-n", "--resume", path]); // names are a matter of the run
      expect(seen.upAddresses).toHaveLength(256);
      for (const host of seen.hosts) expect(statesOf(host)).toEqual({ 22: "open", 80: "open", 81: "closed" });
      expect(probeCounts(seen.stdout).sent).toBeLessThan(768 - 200);
    });

    test.each([
      ["garbage", "hello\n", "this is no journal and no report of a scan"],
      ["empty", "", ""],
      ["half a first line", '{"type":"journal","format":1', ""],
      ["another program's", '{"type":"journal","format":99} 00000000\n', ""],
    ])("%s is refused", async (name, text, words) => {
      writeFileSync(file(name), text);
      const seen = await runPostern(lab.scanner, ["--resume", file(name)]);
      expect({ status: seen.status, stdout: seen.stdout }).toEqual({ status: 1, stdout: "" });
      expect(seen.stderr).toMatch(CLEAR);
      expect(seen.stderr).toContain(words);
    });

    test.each([
      [["-p80"], 255, "-p cannot be given with it"],
      [["10.77.0.1"], 255, "--resume"],
      [["--seed", "3"], 255, "--seed"],
    ] as const)("what belongs to the journal cannot be changed: %j", async (more, status, words) => {
      const seen = await runPostern(lab.scanner, ["--resume", killed, ...more]);
      expect({ status: seen.status, stdout: seen.stdout }).toEqual({ status, stdout: "" });
      expect(seen.stderr).toMatch(CLEAR);
      expect(seen.stderr).toContain(words);
    });

    test("a file is never replaced", async () => {
      const seen = await runPostern(lab.scanner, ["-p80", "--journal", killed, lab.host().ipv4]);
      expect({ status: seen.status, stdout: seen.stdout }).toEqual({ status: 1, stdout: "" });
      expect(seen.stderr).toMatch(/exists, and a journal never replaces a file/);
    });

    test("another scan's plan is not believed: its first line does not fit its sum", async () => {
      const [first = "", ...rest] = readFileSync(killed, "utf8").split("\n");
      writeFileSync(file("forged"), [first.replace(lab.host().ipv4, "10.9.0.3"), ...rest].join("\n"));
      const seen = await runPostern(lab.scanner, ["--resume", file("forged")]);
      expect({ status: seen.status, stdout: seen.stdout }).toEqual({ status: 1, stdout: "" });
      expect(seen.stderr).toMatch(CLEAR);
    });
  });

  test("--min-rate above what the system can do says what was reached", async () => {
    const words = ["-n", "-Pn", "-p1-6500", "--min-rate", "400000", "10.77.8.0/26"]; // 416,000 probes
    const seen = await runPostern(lab.scanner, words);
    expect(seen.status).toBe(0);
    expect(`${seen.stderr}${seen.stdout}`).toMatch(
      /--min-rate 400,000 could not be kept: it was [\d,]+ probes a second over the whole run/,
    );
    for (const host of seen.hosts) expect(statesOf(host)).toEqual({ 22: "open", 80: "open", 443: "open" });
  });

  const raw = ["-sS", "-sA", "-sW", "-sM", "-sF", "-sN", "-sX", "-sU", "-sY", "-sZ", "-sO", "-sSU"];
  test.each([...raw, "--scanflags=SYNFIN"])("%s without privilege", async (options) => {
    const seen = await runPostern(lab.scanner, [options, lab.host().ipv4], { uid: NOBODY_UID });
    expect({ status: seen.status, stdout: seen.stdout }).toEqual({ status: 1, stdout: "" });
    expect(seen.stderr).toMatch(CLEAR);
    expect(seen.stderr).toMatch(/which this process may not \(CAP_NET_RAW\)/);
  });

  test.each(["-PE", "-PU53"])(
    "%s without privilege is replaced by connecting, and the report says so",
    async (option) => {
      const seen = await runPostern(lab.scanner, ["-sn", option, lab.host().ipv4], { uid: NOBODY_UID });
      expect(seen.upAddresses).toEqual([lab.host().ipv4]);
      expect(seen.stdout).toMatch(/^Discovery: tcp-connect by \S+, because this process may not send raw packets/m);
    },
  );

  test.each([
    ["-sS", {}],
    ["-sU", {}],
    ["-sT", { uid: NOBODY_UID }],
  ])("%s where there is no IPv6", async (option, who) => {
    if (!lab.hasIpv6) return;
    const set = (value: number) => lab.scanner.run("sysctl", ["-qw", `net.ipv6.conf.all.disable_ipv6=${value}`]);
    await set(1);
    const seen = await runPostern(lab.scanner, ["-n", option, "-p80", "fd00:9::2", lab.host().ipv4], who);
    const alone = await runPostern(lab.scanner, ["-n", option, "-p80", "fd00:9::2"], who);
    await set(0);
    expect(alone.stderr).toMatch(/^[^\n]*fd00:9::2 cannot be reached: [^\n]+\n$/);
    expect(alone.status).toBe(1);
    expect(seen.stderr).toMatch(/^Warning: fd00:9::2 cannot be reached: [^\n]+\n$/);
    expect({ status: seen.status, up: seen.upAddresses }).toEqual({ status: 0, up: [lab.host().ipv4] });
  });
});
