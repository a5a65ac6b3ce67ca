// postern.yaml as the built program keeps to it: what leaves the scanner is counted by the host, whatever the program says.
import { once } from "node:events";
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasProgram } from "../lab/availability.js";
import { NOBODY_UID } from "../lab/machine.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { POSTERN, runPostern } from "./postern.js";

/** A public address that the lab's host has: nothing in the lab has a way to anybody else's. */
const PUBLIC = "203.0.113.7";
const OTHER = "203.0.113.8";

/** All that the host has from the scanner, and every question on the link for the host's own address. */
function counters(scanner: string, host: string): string {
  return `
table ip seen {
  chain in {
    type filter hook prerouting priority -300
    ip saddr ${scanner} counter
  }
}
table arp seen {
  chain in {
    type filter hook input priority 0
    arp daddr ip ${host} counter
  }
}
`;
}

describeLab("postern.yaml", () => {
  let lab: Lab;
  let home = "";

  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour" });
    home = mkdtempSync(path.join(tmpdir(), "postern-policy-"));
    chownSync(home, NOBODY_UID, NOBODY_UID);
    chmodSync(home, 0o700);
    for (const address of [PUBLIC, OTHER]) {
      await lab.host().run("ip", ["addr", "add", `${address}/32`, "dev", "lo"]);
      await lab.scanner.run("ip", ["route", "add", `${address}/32`, "via", lab.host().ipv4]);
    }
    const route = await lab.scanner.run("ip", ["-o", "route", "get", lab.host().ipv4]);
    const [, scanner = ""] = / src (\S+)/.exec(route.stdout) ?? [];
    const made = await lab.host().run("nft", ["-f", "-"], { input: counters(scanner, lab.host().ipv4) });
    expect(made.stderr).toBe("");
  });
  afterAll(async () => {
    await lab?.dispose();
    rmSync(home, { recursive: true });
  });

  /** Packets that the host has had from the scanner so far. */
  const heard = async (): Promise<number> => {
    const { stdout } = await lab.host().run("nft", ["list", "ruleset"]);
    return [...stdout.matchAll(/counter packets (\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  };

  const withPolicy = (text: string): string => {
    const file = path.join(home, "policy.yaml");
    writeFileSync(file, text);
    return file;
  };

  test("nothing is sent to what is excluded, not even a question on the link, whoever allows it", async () => {
    const { ipv4 } = lab.host();
    const file = withPolicy(`exclude: [${ipv4}, ${PUBLIC}]\n`);
    const before = await heard();
    const [first, second, third] = ipv4.split(".");
    const words = ["--scope", file, "-n", "-p22,80", "--authorized", `${ipv4},${PUBLIC}`];
    const alone = await runPostern(lab.scanner, [...words, ipv4, PUBLIC]);
    expect(alone).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("policy.yaml:1:11 excludes all of them"),
    });
    const network = await runPostern(lab.scanner, [...words, `${first}.${second}.${third}.0/28`, ipv4]);
    expect(network).toMatchObject({ status: 0, stderr: expect.stringContaining(`${ipv4} is not probed`) });
    expect(await heard()).toBe(before);
  });

  test("nothing is sent outside of the hours", async () => {
    // An hour that is half a day away.
    const hour = (new Date().getUTCHours() + 12) % 24;
    const file = withPolicy(`timezone: UTC\nlimits: { hours: "${String(hour).padStart(2, "0")}:00-${hour}:30" }\n`);
    const before = await heard();
    const seen = await runPostern(lab.scanner, ["--scope", file, "-n", "-p22", lab.host().ipv4]);
    expect(seen).toMatchObject({ status: 1, stderr: expect.stringContaining("nothing is probed at this hour") });
    expect(await heard()).toBe(before);
    expect((await runPostern(lab.scanner, ["--scope", file, "-n", "-sL", lab.host().ipv4])).status).toBe(0);
  });

  describe.skipIf(!hasProgram("script"))("a public address", () => {
    const environment = (): Record<string, string> => ({ HOME: home, TERM: "xterm" });
    const scan = (words: string) => [...`--scope /dev/null -n -Pn -sT ${words}`.split(" ")];

    /** Answers the question, and returns how the scan ended. */
    const answer = async (words: string, text: string) => {
      const child = lab.scanner.spawn("script", ["-qefc", `${POSTERN} ${scan(words).join(" ")}`, "/dev/null"], {
        env: environment(),
        uid: NOBODY_UID,
      });
      let shown = "";
      child.stdout?.on("data", (chunk) => {
        shown += String(chunk);
      });
      const ended = once(child, "close");
      for (let waits = 0; waits < 500 && !shown.includes("(yes/no)?"); waits++) await sleep(10);
      child.stdin?.write(`${text}\n`);
      const [status] = await ended;
      return { status, shown };
    };

    test("is asked about once, and then known", async () => {
      const before = await heard();
      expect(await answer(`-p22 ${PUBLIC}`, "no")).toMatchObject({
        status: 1,
        shown: expect.stringContaining(`--authorized ${PUBLIC}`),
      });
      const refused = await runPostern(lab.scanner, scan(`-p22 ${PUBLIC}`), { env: environment(), uid: NOBODY_UID });
      expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining("so it is not probed unasked") });
      expect(await heard()).toBe(before);
      const known = path.join(home, ".local/state/postern/known-scope");
      const allowed = await answer(`-p22 ${PUBLIC}`, "yes");
      expect(allowed).toMatchObject({ status: 0, shown: expect.stringContaining(`Kept in ${known}`) });
      expect(await heard()).toBeGreaterThan(before);
      expect(readFileSync(known, "utf8")).toMatch(/^203\.0\.113\.7 \d{4}-\d\d-\d\d\n$/);
      expect(statSync(known).mode & 0o777).toBe(0o600);
      const again = await runPostern(lab.scanner, scan(`-p22 ${PUBLIC}`), { env: environment(), uid: NOBODY_UID });
      expect(again.status).toBe(0);
      const other = await runPostern(lab.scanner, scan(`-p22 ${OTHER}`), { env: environment(), uid: NOBODY_UID });
      expect(other.status).toBe(1);
    });
  });
});
