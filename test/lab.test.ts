// The lab itself: its truth is compared with what the kernel's connect() and nmap, taken as a black box, find in it.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasProgram, labEnvironment } from "../lab/availability.js";
import type { Family, Protocol } from "../lab/filter.js";
import { darkHost, PLAIN_HOST, sinkHost, VERDICT_PORTS, wideHost } from "../lab/hosts.js";
import { type LabMachine, NOBODY_UID } from "../lab/machine.js";
import { createLab, type Lab, type LabHost } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";

const hasNmap = hasProgram("nmap");
const isRoot = process.geteuid?.() === 0;

/** Connects to each [address, port] with a limit, and prints "address port state" by what the kernel says. */
const CONNECT = `
const [, limitMs, ...pairs] = process.argv;
for (let i = 0; i < pairs.length; i += 2) {
  const [host, port] = [pairs[i], Number(pairs[i + 1])];
  const socket = require("node:net").connect({ host, port });
  const done = (state) => { clearTimeout(timer); socket.destroy(); console.log(host, port, state); };
  const timer = setTimeout(done, Number(limitMs), "filtered");
  socket.once("connect", () => done("open"));
  socket.once("error", (error) => done(error.code === "ECONNREFUSED" ? "closed" : "filtered"));
}`;

/** Sends datagrams to an echo port, one each millisecond, and prints how many came back. */
const ECHO = `
const [, host, port, count] = process.argv;
const socket = require("node:dgram").createSocket("udp4");
let [sent, back] = [0, 0];
socket.on("message", () => { back += 1; });
const timer = setInterval(() => {
  socket.send("x", Number(port), host);
  if (++sent < Number(count)) return;
  clearInterval(timer);
  setTimeout(() => { console.log(back); socket.close(); }, 300);
}, 1);`;

/** States by "address port", as an unprivileged program sees them. */
async function connectStates(machine: LabMachine, pairs: readonly (readonly [string, number])[], limitMs = 1500) {
  const words = ["-e", CONNECT, `${limitMs}`, ...pairs.flatMap(([host, port]) => [host, `${port}`])];
  const { stdout, stderr } = await machine.run(process.execPath, words, { uid: NOBODY_UID });
  expect(stderr).toBe("");
  const lines = stdout.trim().split("\n");
  return new Map(
    lines.map((line): [string, string] => [line.slice(0, line.lastIndexOf(" ")), line.split(" ")[2] ?? ""]),
  );
}

interface Seen {
  readonly port: number;
  readonly state: string;
  readonly reason: string;
}

/** nmap's answer for each port; so few ports that it groups none. */
async function nmapStates(lab: Lab, host: LabHost, protocol: Protocol, family: Family, ports: readonly number[]) {
  const how = [protocol === "tcp" ? "-sS" : "-sU", ...(family === 6 ? ["-6"] : [])];
  const common = ["-n", "-Pn", "-T4", "--max-retries", "2", "-oX", "-", "-p", ports.join(",")];
  const address = family === 4 ? host.ipv4 : host.ipv6;
  const { stdout, stderr, status } = await lab.scanner.run("nmap", [...how, ...common, address]);
  expect(stderr + status).toBe("0");
  const rows = stdout.matchAll(/<port [^>]*portid="(\d+)"><state state="([^"]+)" reason="([^"]+)"/g);
  return [...rows].map((row): Seen => ({ port: Number(row[1]), state: row[2] ?? "", reason: row[3] ?? "" }));
}

function truths(host: LabHost, protocol: Protocol, family: Family, ports: readonly number[]): Seen[] {
  return ports.map((port) => {
    const { state, reason } = host.expected(port, { protocol, family });
    return { port, state, reason: reason === "reset-by-other" ? "reset" : reason }; // nmap compares no TTLs
  });
}

/** Ports worth asking: with a rule of their own, open, and closed. */
const SPECIAL = [22, 81, ...VERDICT_PORTS];

describeLab("the routed lab", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab({ topology: "routed" });
  });
  afterAll(() => lab?.dispose());

  test("there is no way out of it", async () => {
    const machines = [lab.scanner, lab.router, ...lab.hosts.filter((host) => !host.spec.isDown)];
    for (const machine of machines) {
      for (const address of ["192.0.2.1", "8.8.8.8", "2001:db8::1"]) {
        const { status, stderr } = await machine.run("ip", ["route", "get", address]); // asks, sends nothing
        expect(`${status} ${stderr}`).toMatch(/^[12] .*unreachable/i);
      }
      const { stdout } = await machine.run("ip", ["-o", "link"]);
      const peers = stdout.split("\n").filter((line) => line !== "" && !/ (lo|inside): /.test(line));
      for (const line of peers) expect(line).toMatch(/ link-netns pn-\d+-/);
    }
  });

  test("connect() as nobody finds the truth", async () => {
    const hosts = [lab.host("plain"), lab.host("strict"), lab.host("behind"), lab.host("quiet")];
    const asked = hosts.flatMap((host) =>
      ([4, 6] as const).flatMap((family) => SPECIAL.map((port) => ({ host, family, port }))),
    );
    const usable = asked.filter(({ family }) => family === 4 || lab.hasIpv6);
    const addressOf = ({ host, family }: (typeof usable)[number]) => (family === 4 ? host.ipv4 : host.ipv6);
    const pairs = usable.map((each): [string, number] => [addressOf(each), each.port]);
    const states = await connectStates(lab.scanner, pairs);
    const truth = usable.map((each): [string, string] => [
      `${addressOf(each)} ${each.port}`,
      each.host.expected(each.port, { family: each.family }).connectState,
    ]);
    expect(Object.fromEntries(states)).toEqual(Object.fromEntries(truth));
  });

  describe.skipIf(!hasNmap)("nmap finds the truth", () => {
    test.each(["plain", "strict", "behind", "quiet", "dark"])("TCP over IPv4: %s", async (name) => {
      const host = lab.host(name);
      expect(await nmapStates(lab, host, "tcp", 4, SPECIAL)).toEqual(truths(host, "tcp", 4, SPECIAL));
    });

    test.each(["plain", "strict", "behind", "dark"])("TCP over IPv6: %s", async (name) => {
      if (!lab.hasIpv6) return;
      const host = lab.host(name);
      expect(await nmapStates(lab, host, "tcp", 6, SPECIAL)).toEqual(truths(host, "tcp", 6, SPECIAL));
    });

    test.each(["plain", "strict", "behind"])("UDP over IPv4: %s", async (name) => {
      const host = lab.host(name);
      const ports = [7, 53, 514, 520, ...VERDICT_PORTS];
      const seen = await nmapStates(lab, host, "udp", 4, ports);
      expect(seen).toEqual(truths(host, "udp", 4, ports));
    });

    test("a host that is down", async () => {
      const [seen] = await nmapStates(lab, lab.host("down"), "tcp", 4, [80]);
      expect(seen?.state).toBe(lab.host("down").expected(80).state);
    });

    test("ping", async () => {
      const addresses = lab.hosts.map((host) => host.ipv4);
      const { stdout } = await lab.scanner.run("nmap", ["-n", "-sn", "-PE", "-T4", "-oG", "-", ...addresses]);
      const up = lab.hosts.filter((host) => stdout.includes(`Host: ${host.ipv4} ()\tStatus: Up`));
      expect(up.map((host) => host.spec.name)).toEqual(["plain", "strict", "behind"]);
    });
  });

  test("a program that goes on too long is ended with its children", async () => {
    const result = await lab.scanner.run("sh", ["-c", "sleep 100 & echo on; wait"], { timeoutMs: 200 });
    expect(result).toMatchObject({ status: null, signal: "SIGKILL", stdout: "on\n", isTimedOut: true });
    expect(result.elapsedMs).toBeLessThan(5000);
  });

  test("nobody has no capability, root of the lab has", async () => {
    const words = ["-c", "id -u; grep CapEff /proc/self/status"];
    const nobody = await lab.scanner.run("sh", words, { uid: NOBODY_UID });
    expect(nobody.stdout).toMatch(/^65534\nCapEff:\s0+\n$/);
    const root = await lab.scanner.run("sh", words);
    expect(root.stdout).toMatch(/^0\nCapEff:\s0*1f+/);
  });

  test("status, input, folder and environment get through", async () => {
    const options = { cwd: "/", env: { WORD: "hello" }, input: "text" };
    const result = await lab.host("plain").run("sh", ["-c", 'pwd; echo "$WORD"; cat; exit 7'], options);
    expect(result).toMatchObject({ status: 7, signal: null, stdout: "/\nhello\ntext", stderr: "" });
  });
});

describeLab("the other labs", () => {
  test("one neighbour, of which five ports of all show", async () => {
    await using lab = await createLab({ topology: "neighbour", hosts: [darkHost([22, 80, 443, 8080, 50_000])] });
    const { ipv4 } = lab.host();
    const ports = [22, 80, 443, 8080, 50_000, 1, 23, 65_535];
    const states = await connectStates(
      lab.scanner,
      ports.map((port) => [ipv4, port]),
      500,
    );
    for (const port of ports) expect(states.get(`${ipv4} ${port}`)).toBe(lab.host().expected(port).state);
  });

  test("a host that answers for a whole prefix", async () => {
    await using lab = await createLab({ topology: "neighbour", hosts: [wideHost()] });
    const states = await connectStates(lab.scanner, [
      ["10.77.0.0", 80],
      ["10.77.255.255", 80],
      ["10.77.3.4", 81],
    ]);
    expect([...states.values()].sort()).toEqual(["closed", "open", "open"]);
  });

  test.each([
    ["a sink behind the neighbour", "neighbour", [sinkHost()]],
    ["nothing at all", "void", []],
  ] as const)("%s never answers", async (_name, topology, hosts) => {
    await using lab = await createLab({ topology, hosts });
    const states = await connectStates(
      lab.scanner,
      [
        ["10.1.2.3", 80],
        ["10.200.0.1", 443],
      ],
      500,
    );
    expect([...states.values()]).toEqual(["filtered", "filtered"]);
    const { status } = await lab.scanner.run("ip", ["route", "get", "192.0.2.1"]);
    expect(status).not.toBe(0);
  });

  test.each(["neighbour", "routed"] as const)("loss in both directions: %s", async (topology) => {
    const lossPerMille = { toHosts: 300, toScanner: 300 };
    await using lab = await createLab({ topology, hosts: [PLAIN_HOST], lossPerMille });
    const { stdout } = await lab.scanner.run(process.execPath, ["-e", ECHO, lab.host().ipv4, "7", "400"]);
    const back = Number(stdout) / 400;
    expect(back).toBeGreaterThan(0.35); // 0.7 × 0.7 = 0.49, standard deviation 0.025
    expect(back).toBeLessThan(0.63);
  });

  test("two labs stand side by side, and nothing is left of them", async () => {
    const labs = await Promise.all([createLab({ topology: "neighbour" }), createLab({ topology: "neighbour" })]);
    const names = labs.map((lab) => lab.scanner.namespace);
    expect(new Set(names).size).toBe(2);
    const child = labs[0].host().spawn("sleep", ["100"]);
    await Promise.all(labs.map((lab) => lab.dispose()));
    await labs[0].dispose();
    expect(child.signalCode).toBe("SIGKILL");
    if (isRoot) expect(readdirSync("/run/netns").filter((name) => names.includes(name))).toEqual([]);
  });

  test("a lab that cannot be built leaves nothing", async () => {
    const broken = { ...PLAIN_HOST, tcp: [80, 80] };
    await expect(createLab({ topology: "neighbour", hosts: [broken] })).rejects.toThrow(/EADDRINUSE/);
    if (!isRoot) return;
    const own = readdirSync("/run/netns").filter((name) => name.startsWith(`pn-${process.pid}-`));
    expect(own).toEqual([]);
  });

  test.skipIf(!isRoot)("namespaces of a dead run are removed, those of others are not", async () => {
    const { pid } = spawnSync("true"); // a pid that was ours and is free again
    const [dead, foreign] = [`pn-${pid}-dead-x`, `pn-t${process.pid}`];
    const env = labEnvironment();
    for (const name of [dead, foreign]) spawnSync("ip", ["netns", "add", name], { env });
    try {
      await using lab = await createLab({ topology: "void" });
      const names = readdirSync("/run/netns");
      expect(names).toContain(lab.scanner.namespace);
      expect(names).toContain(foreign);
      expect(names).not.toContain(dead);
    } finally {
      spawnSync("ip", ["netns", "del", foreign], { env });
      spawnSync("ip", ["netns", "del", dead], { env });
    }
  });
});

test("the page on the lab names every host", () => {
  const page = readFileSync(new URL("../docs/lab.md", import.meta.url), "utf8");
  for (const name of ["plain", "strict", "behind", "quiet", "dark", "down"]) expect(page).toContain(`\`${name}\``);
});
