// What a user sees of a run under way: progress on a terminal, nothing of it in a pipe, and interrupts.
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hasProgram } from "../lab/availability.js";
import { darkHost, wideHost } from "../lab/hosts.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { POSTERN, postern, runPostern } from "./postern.js";

/** What a program said and how it ended. */
interface Ending {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Gathers what a child says; `until` waits for a word of it. */
function listen(child: ChildProcess): { until(word: string): Promise<void>; ended: Promise<Ending> } {
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk) => {
    stdout += String(chunk);
  });
  child.stderr?.on("data", (chunk) => {
    stderr += String(chunk);
  });
  const ended = once(child, "close").then(([status, signal]): Ending => ({ status, signal, stdout, stderr }));
  return {
    until: async (word) => {
      for (let waits = 0; waits < 500 && !stdout.includes(word); waits++) await sleep(10);
      if (!stdout.includes(word)) throw new Error(`"${word}" did not come: ${stdout}${stderr}`);
    },
    ended,
  };
}

/** A scan that would take five minutes. */
const SLOW = ["-v", "-p", "80,1-60000", "--max-rate", "200"];
const ERASE = "\u001b[K";

describeLab("a run under way", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour", hosts: [darkHost()] });
  });
  afterAll(() => lab?.dispose());

  test("no progress in a pipe", async () => {
    const seen = await postern(lab.scanner, ["-p1-200", "--max-rate", "200", lab.host().ipv4]); // stderr is ""
    expect(seen.stdout).not.toContain("\r");
  });

  test("--progress shows it all the same, on standard error alone", async () => {
    const seen = await runPostern(lab.scanner, ["--progress", "-p1-200", "--max-rate", "200", lab.host().ipv4]);
    expect(seen.status).toBe(0);
    expect(seen.stdout).not.toMatch(/\r|probes\/s/);
    expect(seen.stderr).toMatch(/\rports \d+\.\d % {2}\d+ probes\/s {2}\d open/);
    expect(seen.stderr.endsWith(`\r${ERASE}`)).toBe(true); // nothing of it is left
  });

  test.skipIf(!hasProgram("script"))("progress on a terminal, unless --no-progress", async () => {
    const onTerminal = async (options: string) => {
      const command = `${POSTERN} ${options} -p1-200 --max-rate 200 ${lab.host().ipv4}`;
      return await lab.scanner.run("script", ["-qec", command, "/dev/null"], { env: { TERM: "xterm" } });
    };
    const shown = await onTerminal("");
    expect(shown.status).toBe(0);
    expect(shown.stdout).toMatch(/\rports \d+\.\d % {2}\d+ probes\/s/);
    expect(shown.stdout).toContain(`\r${ERASE}\r\npostern report for `);
    const hidden = await onTerminal("--no-progress");
    expect(hidden.stdout).not.toContain("probes/s");
    expect(hidden.stdout).toContain("postern done");
  });

  test.each(["SIGINT", "SIGTERM"] as const)("%s gives a partial report and status 1", async (signal) => {
    const child = lab.scanner.spawn(POSTERN, [...SLOW, lab.host().ipv4]);
    const { until, ended } = listen(child);
    await until("Discovered open port 80/tcp");
    child.kill(signal);
    const { status, stdout, stderr } = await ended;
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(stdout).toMatch(/^80\/tcp +open +http$/m);
    expect(stdout).toContain("Not all ports of this host were decided: the scan was stopped.\n");
    expect(stdout).toContain("The scan was interrupted: this report is partial.\n");
    expect(stdout).toMatch(/\npostern stopped: 1 address \(1 host up\) looked at in \d+\.\d\d seconds\n$/);
  });

  test("a second signal ends it at once", async () => {
    const child = lab.scanner.spawn(POSTERN, [...SLOW, lab.host().ipv4]);
    const { until, ended } = listen(child);
    await until("Discovered open port 80/tcp");
    child.kill("SIGSTOP"); // so that both arrive before the first can have an effect
    child.kill("SIGINT");
    child.kill("SIGTERM");
    child.kill("SIGCONT");
    const { status, stdout } = await ended;
    // Where the engine sees the first signal before Node hands on the second, the scan has ended in good order meanwhile.
    expect([130, 1]).toContain(status);
    expect(stdout.includes("partial")).toBe(status === 1);
  });

  test("an interrupt while targets are typed ends it", async () => {
    const child = lab.scanner.spawn(POSTERN, ["-p80", "-iL", "-"]); // and nothing is typed
    const { ended } = listen(child);
    await sleep(700);
    child.kill("SIGINT");
    const result = await Promise.race([ended, sleep(3000)]);
    child.stdin?.end();
    await ended;
    expect(result).toBeDefined();
  });

  test("a reader that has seen enough is no error", async () => {
    const words = `${POSTERN} -v -p1-1000 ${lab.host().ipv4} | head -1`;
    const { status, stdout, stderr } = await lab.scanner.run("bash", ["-o", "pipefail", "-c", words]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^Starting postern .*\n$/);
  });
});

describeLab("a report that is longer than a pipe", () => {
  test("reaches a slow reader whole", async () => {
    await using lab = await createLab({ topology: "neighbour", hosts: [wideHost()] });
    const words = `"$0" -n -Pn -p80-82 10.77.0.0/21 | (sleep 3; cat)`; // 2,048 hosts, about 300 KB; a pipe holds 64
    const { status, stdout, stderr } = await lab.scanner.run("bash", ["-o", "pipefail", "-c", words, POSTERN]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/\npostern done: 2,048 addresses \(2,048 hosts up\) scanned in \d+\.\d\d seconds\n$/);
    expect(stdout.match(/^80\/tcp +open/gm)).toHaveLength(2048);
  });
});
