// How fast and how long: templates, pauses, rates and time limits as the host sees them, and keys while a scan runs.
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasProgram } from "../lab/availability.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { onlyHost, POSTERN, postern, runPostern } from "./postern.js";
import { probeCounts, statesOf } from "./report.js";

/** Drops these and answers the rest: 1 to 99 are closed but for three that are open. */
const OPEN = [22, 80];
const DROPPED: readonly [number, number] = [5000, 5999];

describeLab("timing", () => {
  let lab: Lab;

  beforeAll(async () => {
    const rules = [{ ports: [DROPPED], verdict: "drop" }] as const;
    const spec = { name: "clock", summary: "answers but for 5000 to 5999", tcp: OPEN, rules };
    lab = await createLab({ topology: "neighbour", hosts: [spec] });
  });
  afterAll(() => lab?.dispose());

  const scan = (args: readonly string[]) => postern(lab.scanner, ["-n", ...args, lab.host().ipv4]);
  const secondsOf = ({ stdout }: { readonly stdout: string }) =>
    Number(/scanned in (\d+\.\d+) seconds/.exec(stdout)?.[1]);

  /** Milliseconds between one SYN and the next, as the host's interface sees them, of a scan. */
  async function gapsOf(args: readonly string[]): Promise<number[]> {
    const filter = "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn";
    const dump = lab.host().spawn("tcpdump", ["-l", "-n", "-tt", "--immediate-mode", "-i", "eth0", filter]);
    let text = "";
    dump.stdout?.on("data", (chunk) => {
      text += String(chunk);
    });
    if (dump.stderr !== null) await once(dump.stderr, "data"); // listening
    const { sent } = probeCounts((await scan(args)).stdout);
    for (let waits = 0; waits < 50 && text.split("\n").length < sent; waits++) await sleep(20);
    dump.kill("SIGINT");
    await once(dump, "close");
    const times = [...text.matchAll(/^(\d+\.\d+) /gm)].map(([, seconds]) => Number(seconds) * 1000);
    return times.slice(1).map((time, index) => time - (times[index] ?? 0));
  }

  describe("templates", () => {
    test.each(["-T3", "-T4", "-T5", "-T", "-T normal", "-T aggressive", "-T insane"])("%s", async (template) => {
      const words = template === "-T" ? ["-T", "4"] : template.split(" ");
      const seen = await scan([...words, "-p1-100"]);
      expect(onlyHost(seen).lines).toContain("Not shown: 98 closed tcp ports (reset)");
      expect(statesOf(onlyHost(seen))).toEqual({ 22: "open", 80: "open" });
      expect(secondsOf(seen)).toBeLessThan(2);
    });

    test("-T5 is done sooner with what drops than -T3", async () => {
      const seconds = async (template: string) => secondsOf(await scan([template, "-p5000-5099"]));
      expect(await seconds("-T5")).toBeLessThan(await seconds("-T3"));
    });

    test.skipIf(!hasProgram("tcpdump"))("-T2 leaves 400 ms between two probes, and so does its name", async () => {
      for (const words of [["-T2"], ["-T", "polite"]]) {
        const gaps = await gapsOf([...words, "-p20-24"]);
        expect(gaps).toHaveLength(4);
        for (const gap of gaps) expect(gap).toBeGreaterThan(395);
        for (const gap of gaps) expect(gap).toBeLessThan(520);
      }
    });

    test.each([
      ["-T0", 300],
      ["-T1", 15],
      ["-T paranoid", 300],
      ["-T sneaky", 15],
    ])("%s leaves %i s: in the first second one probe is sent", async (template) => {
      const seen = await scan([...template.split(" "), "--host-timeout", "1s", "-Pn", "-p22,80"]);
      expect(probeCounts(seen.stdout).sent).toBe(1); // it asked for the link address
      expect(seen.stdout).toMatch(/^Host timeout: 2 tcp ports were not decided\.$/m);
      expect(secondsOf(seen)).toBeLessThan(3);
    });

    test("what is said wins over the template, wherever it stands", async () => {
      for (const words of [
        ["-T2", "--scan-delay", "20ms"],
        ["--scan-delay", "20ms", "-T2"],
      ]) {
        expect(secondsOf(await scan([...words, "-p20-39"]))).toBeLessThan(2);
      }
    });

    test.each(["-T6", "-T-1", "-Tfast", "-T"])("%s is none", async (template) => {
      const seen = await runPostern(lab.scanner, [template, lab.host().ipv4]);
      expect({ status: seen.status, stdout: seen.stdout }).toEqual({ status: 255, stdout: "" });
      expect(seen.stderr).toMatch(/^postern: [^\n]+\n(?: {2}\S[^\n]*\n)?$/);
    });
  });

  test.skipIf(!hasProgram("tcpdump"))("--scan-delay is kept between any two probes to a host", async () => {
    const gaps = await gapsOf(["--scan-delay", "100ms", "-p20-39"]);
    expect(gaps).toHaveLength(19);
    for (const gap of gaps) expect(gap).toBeGreaterThan(95);
    expect(gaps.reduce((sum, gap) => sum + gap, 0)).toBeLessThan(2900);
  });

  test.skipIf(!hasProgram("tcpdump"))("--max-rate spaces probes evenly", async () => {
    const gaps = await gapsOf(["--max-rate", "50", "-p1-60"]);
    const totalMs = gaps.reduce((sum, gap) => sum + gap, 0);
    expect(totalMs / gaps.length).toBeGreaterThan(19);
    expect(totalMs / gaps.length).toBeLessThan(23);
  });

  test("--max-parallelism 1 has one probe under way", async () => {
    // Each of 20 silent ports is waited for by itself, twice.
    const one = await scan(["--max-parallelism", "1", "--max-rtt-timeout", "50ms", "-p5000-5019"]);
    const many = await scan(["--max-rtt-timeout", "50ms", "-p5000-5019"]);
    expect(secondsOf(one)).toBeGreaterThan(40 * 0.05 * 0.9);
    expect(secondsOf(many)).toBeLessThan(secondsOf(one) / 3);
  });

  test("--host-timeout ends a host: what is known is shown, what is not is counted", async () => {
    const seen = await scan(["-r", "--host-timeout", "1s", "--max-rate", "100", "-p20-500"]);
    const host = onlyHost(seen);
    const undecided = Number(/^Host timeout: (\d+) tcp ports were not decided\.$/m.exec(seen.stdout)?.[1]);
    const closed = Number(/^Not shown: (\d+) closed tcp ports \(reset\)$/m.exec(seen.stdout)?.[1]);
    expect(statesOf(host)).toEqual({ 22: "open", 80: "open" });
    expect(host.ports.size + closed + undecided).toBe(481);
    expect(undecided).toBeGreaterThan(300);
    expect(secondsOf(seen)).toBeLessThan(1.6);
    expect(await scan(["--host-timeout", "0", "-p20-500"]).then(({ stdout }) => stdout)).not.toContain("Host timeout");
  });

  test.each([
    [["--scan-delay", "2s", "--max-scan-delay", "1s"]],
    [["--min-rate", "100", "--max-rate", "10"]],
    [["--min-rtt-timeout", "2s", "--max-rtt-timeout", "1s"]],
    [["--min-parallelism", "9", "--max-parallelism", "3"]],
    [["--scan-delay", "soon"]],
    [["--host-timeout", "-1"]],
    [["--max-rtt-timeout", "0"]],
    [["--max-parallelism", "0"]],
  ])("%j cannot be", async (args) => {
    const seen = await runPostern(lab.scanner, [...args, lab.host().ipv4]);
    expect({ status: seen.status, stdout: seen.stdout }).toEqual({ status: 255, stdout: "" });
    expect(seen.stderr).toMatch(/^postern: [^\n]+\n(?: {2}\S[^\n]*\n)?$/);
  });

  describe.skipIf(!hasProgram("script"))("keys on a terminal", () => {
    /** Runs on a terminal, types the keys one after another, and gives all that it said. */
    async function typed(options: string, keys: string): Promise<string> {
      const command = `${POSTERN} -n ${options} ${lab.host().ipv4}`;
      const child = lab.scanner.spawn("script", ["-qec", command, "/dev/null"], { env: { TERM: "xterm" } });
      let text = "";
      child.stdout?.on("data", (chunk) => {
        text += String(chunk);
      });
      const gone = once(child, "close");
      for (let waits = 0; waits < 300 && !text.includes("probes/s"); waits++) await sleep(10); // it is under way
      for (const key of keys) {
        child.stdin?.write(key);
        await sleep(300);
      }
      await Promise.race([gone, sleep(15_000)]);
      child.stdin?.end();
      await gone;
      return text.replaceAll("\r\n", "\n");
    }
    const slow = "-p1-3000 --max-rate 200";

    test("? names the keys, any other tells how far the scan is, s skips the host", async () => {
      const text = await typed(slow, "? s");
      expect(text).toContain("Keys: s skips a host, v and V tell more and less");
      expect(text).toMatch(/^Skipped: \d+ tcp ports were not decided\.$/m);
      expect(text).toMatch(/\npostern done: 1 address \(1 host up\) scanned in/);
    });

    test("v tells more, and Ctrl-C stops", async () => {
      const text = await typed(slow, "v\x03");
      expect(text).toMatch(/verbos/i);
      expect(text).toContain("The scan was interrupted: this report is partial.\n");
      expect(text).toMatch(/\npostern stopped: /);
    });

    test("--noninteractive reads none", async () => {
      const text = await typed("--noninteractive -p1-300 --max-rate 200", "?s");
      expect(text).not.toMatch(/Keys: |Skipped: /);
      expect(text).toMatch(/\npostern done: /);
    });
  });
});
