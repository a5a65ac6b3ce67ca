// All the ways to say which ports, in which order and how fast, and which of them are shown.
import { afterAll, beforeAll, expect, test } from "vitest";
import { darkHost } from "../lab/hosts.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { onlyHost, postern } from "./postern.js";
import { probeCounts, statesOf } from "./report.js";

const MANY_PORTS = Array.from({ length: 30 }, (_, index) => 30_001 + index);

describeLab("ports", () => {
  let lab: Lab;

  beforeAll(async () => {
    const spec = { name: "many", summary: "thirty odd doors", tcp: [0, 22, 80, 443, 8080, ...MANY_PORTS].slice(1) };
    lab = await createLab({ topology: "neighbour", hosts: [spec] });
  });
  afterAll(() => lab?.dispose());

  const scan = (args: readonly string[]) => postern(lab.scanner, [...args, lab.host().ipv4]);
  const discovered = (stdout: string) => [...stdout.matchAll(/^Discovered open port (\d+)\/tcp on 10\.9\.0\.2$/gm)];

  test.each([
    ["-p22", { 22: "open" }],
    ["-p21-23,80", { 21: "closed", 22: "open", 23: "closed", 80: "open" }],
    ["-p-3", { 1: "closed", 2: "closed", 3: "closed" }],
    ["-p65534-", { 65534: "closed", 65535: "closed" }],
    ["-p0", { 0: "closed" }],
    ["-pssh,https", { 22: "open", 443: "open" }],
    ["-pT:22,81", { 22: "open", 81: "closed" }],
    ["-p22,22,20-22", { 20: "closed", 21: "closed", 22: "open" }],
  ] as const)("%s", async (option, states) => {
    expect(statesOf(onlyHost(await scan([option])))).toEqual(states);
  });

  test("a name with a star", async () => {
    const states = statesOf(onlyHost(await scan(["-p", "http*"])));
    expect(states).toMatchObject({ 80: "open", 443: "open", 8080: "open" });
  });

  test("--exclude-ports", async () => {
    expect(statesOf(onlyHost(await scan(["-p20-23", "--exclude-ports", "21,23"])))).toEqual({
      20: "closed",
      22: "open",
    });
  });

  test.each([
    [["-p-"], 65_535],
    [["-p0-65535"], 65_536],
    [["-F"], 100],
    [["--top-ports", "10"], 10],
    [["--top-ports", "2000"], 2000],
    [[], 1000],
  ])("%j scans so many ports", async (args, count) => {
    const host = onlyHost(await scan([...args, "-v"]));
    const hidden = /^Not shown: (\d+) closed tcp ports \(reset\)$/.exec(
      host.lines.find((line) => /^Not/.test(line)) ?? "",
    );
    expect(host.ports.size + Number(hidden?.[1] ?? 0)).toBe(count);
    for (const port of [22, 80, 443]) expect(host.ports.get(port)?.state).toBe("open");
  });

  test("--open leaves out closed ports, and hosts without an open one", async () => {
    const seen = await scan(["--open", "-p21-23"]);
    expect(statesOf(onlyHost(seen))).toEqual({ 22: "open" });
    expect(onlyHost(seen).lines).toContain("Not shown: 2 closed tcp ports (reset)");
    expect((await scan(["--open", "-p21,23"])).hosts).toEqual([]);
  });

  test("-v tells open ports as they are found, and the seed", async () => {
    const { stdout } = await scan(["-v", "-p20-25,80"]);
    expect(
      discovered(stdout)
        .map(([, port]) => Number(port))
        .sort(),
    ).toEqual([22, 80]);
    expect(stdout).toMatch(/^Order of probes: --seed \d+ repeats it$/m);
    expect(stdout.indexOf("Discovered")).toBeLessThan(stdout.indexOf("postern report for"));
  });

  test("--seed repeats the order, another seed has another one, -r keeps to the numbers", async () => {
    const order = async (args: readonly string[]) => {
      const { stdout } = await scan(["-v", "--max-rate", "150", "-p30001-30030", ...args]);
      return discovered(stdout).map(([, port]) => Number(port));
    };
    const first = await order(["--seed", "7"]);
    expect([...first].sort()).toEqual(MANY_PORTS);
    expect(await order(["--seed", "7"])).toEqual(first);
    expect(await order(["--seed", "8"])).not.toEqual(first);
    expect(await order(["-r"])).toEqual(MANY_PORTS);
  });

  test("--max-rate is kept", async () => {
    const seen = await scan(["-p1-400", "--max-rate", "200"]);
    const seconds = Number(/scanned in (\d+\.\d+) seconds/.exec(seen.stdout)?.[1]);
    expect(probeCounts(seen.stdout).sent).toBe(401); // one of them asks ARP
    expect(seconds).toBeGreaterThan(1.5);
    expect(seconds).toBeLessThan(3);
  });
});

describeLab("ports that stay silent", () => {
  test("--max-retries 0 asks once, and the default asks again", async () => {
    await using lab = await createLab({ topology: "neighbour", hosts: [darkHost([80])] });
    const once = await postern(lab.scanner, ["--max-retries", "0", "-p71-90", lab.host().ipv4]);
    expect(probeCounts(once.stdout)).toMatchObject({ sent: 21, answered: 2, resent: 0 });
    const again = await postern(lab.scanner, ["-p71-90", lab.host().ipv4]);
    expect(probeCounts(again.stdout).resent).toBe(19);
    const states = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [71 + index, "filtered"]));
    for (const seen of [once, again]) expect(statesOf(onlyHost(seen))).toEqual({ ...states, 80: "open" });
  });
});
