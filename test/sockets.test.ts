// `postern sockets` beside ss(8) and lsof(8) on the same host: no socket missing, none too many.
import type { ChildProcess } from "node:child_process";
import { chmodSync, readdirSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LabMachine, NOBODY_UID, type RunOptions } from "../lab/machine.js";
import { createLab, type Lab } from "../lab/network.js";
import { SCANNER_ADDRESSES } from "../lab/topology.js";
import { describeLab } from "../lab/vitest.js";
import { fixture, parseTree, procTrees } from "../src/inside/proc-tree.test.data.js";
import { POSTERN } from "./postern.js";
import {
  asLsof,
  asSs,
  lsofInet,
  parseSs,
  type SeenHolder,
  type SeenInside,
  type SeenSocket,
  ssInet,
  ssUnix,
} from "./socket-truth.js";

const SERVICES = fileURLToPath(new URL("socket-services.py", import.meta.url));
const LINK_LOCAL = "fe80::7";
const LINK = { device: "eth0", ...SCANNER_ADDRESSES, linkLocal: LINK_LOCAL };

/** What a process of services has told; the keys are those of socket-services.py. */
interface Facts {
  readonly pid: number;
  readonly log: number;
  readonly ping: number;
  readonly oddPath: readonly [inode: number, path: string];
  readonly imitation: readonly [inode: number, path: string];
  readonly [name: string]: unknown;
}

/** Services that run. */
interface Services {
  readonly child: ChildProcess;
  readonly facts: Facts;
  /** Ends them, and returns what they had to say. */
  stop(): Promise<string>;
}

async function startServices(machine: LabMachine, words: readonly string[], before: readonly string[] = []) {
  const [command = "", ...args] = [...before, "python3", SERVICES, JSON.stringify(LINK), ...words];
  const child = machine.spawn(command, args);
  let [output, errors] = ["", ""];
  child.stderr?.on("data", (chunk) => {
    errors += String(chunk);
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on("data", (chunk) => {
      output += String(chunk);
      if (output.includes("\n")) resolve();
    });
    child.once("close", (status) => reject(new Error(`services: ended with ${status}: ${errors}`)));
  });
  const facts = JSON.parse(output.slice("ready ".length, output.indexOf("\n"))) as Facts;
  const services: Services = {
    child,
    facts,
    stop: async () => {
      child.stdin?.end();
      await ended;
      return output.slice(output.indexOf("\n") + 1);
    },
  };
  return services;
}

async function sockets(machine: LabMachine, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { status, stdout, stderr } = await machine.run(POSTERN, ["sockets", ...args], options);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

async function document(machine: LabMachine, args: readonly string[], options: RunOptions = {}): Promise<SeenInside> {
  return JSON.parse(await sockets(machine, ["--json", ...args], options)) as SeenInside;
}

function holdersOf(seen: readonly SeenSocket[], port: number): readonly SeenHolder[] {
  return seen.filter(({ localPort }) => localPort === port).flatMap(({ processes }) => processes);
}

/** A watch that goes on until it is killed. */
function watch(machine: LabMachine, args: readonly string[]) {
  const child = machine.spawn(POSTERN, ["sockets", ...args]);
  let output = "";
  child.stdout?.on("data", (chunk) => {
    output += String(chunk);
  });
  return { child, lines: () => output.split("\n") };
}

/** Everything but the end of a line that could move the cursor of a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
const STEERING = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e]/;

describeLab("postern sockets", () => {
  const treeOf = procTrees();
  let lab: Lab;
  let services: Services;
  let odd: Services;
  let deviceNames: ReadonlyMap<number, string>;

  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour" });
    const address = ["addr", "add", `${LINK_LOCAL}/64`, "dev", "eth0", "nodad"];
    if (lab.hasIpv6) await lab.scanner.run("ip", address);
    await lab.scanner.run("sysctl", ["-qw", "net.ipv4.ping_group_range=0 2147483647"]);
    const { stdout } = await lab.scanner.run("cat", ["/sys/class/net/eth0/ifindex"]);
    deviceNames = new Map([[Number(stdout), "eth0"]]);
    services = await startServices(lab.scanner, ["addresses", "connections", "other", "unix", "holders"]);
    odd = await startServices(lab.host(), ["odd"]);
  });
  afterAll(async () => {
    await services?.stop();
    await odd?.stop();
    await lab?.dispose();
  });

  test("shows what listens as ss -tulnp does", async () => {
    const { sockets: seen } = await document(lab.scanner, ["-tu", "--own"]);
    const ours = seen.filter(({ protocol }) => protocol !== "udplite"); // ss -u leaves it out
    const truth = await ssInet(lab.scanner, "-tulnpeH");
    expect(truth.length).toBeGreaterThan(20);
    expect(asSs(ours, deviceNames)).toEqual(truth);
  });

  test("shows connections as ss -tuanp does", async () => {
    const { sockets: seen } = await document(lab.scanner, ["-tu", "--own", "--all"]);
    const ours = seen.filter(({ protocol }) => protocol !== "udplite");
    const truth = await ssInet(lab.scanner, "-tuanpeH");
    expect(asSs(ours, deviceNames)).toEqual(truth);
    expect(new Set(seen.map(({ state }) => state))).toEqual(
      new Set(["listen", "established", "close-wait", "fin-wait-2", "time-wait", "unconnected"]),
    );
  });

  test("shows who has what as lsof -i does", async () => {
    const { sockets: seen } = await document(lab.scanner, ["-tu", "--own", "--all"]);
    expect(asLsof(seen)).toEqual(await lsofInet(lab.scanner));
  });

  test("shows Unix sockets as ss -xl does, and a datagram socket that others are connected to", async () => {
    const { sockets: seen } = await document(lab.scanner, ["-x", "--own"]);
    const numbers = seen.map(({ inode }) => inode);
    expect(numbers.toSorted()).toEqual([...(await ssUnix(lab.scanner)), services.facts.log].toSorted());
    for (const [inode, path] of [services.facts.oddPath, services.facts.imitation]) {
      expect(seen.find((one) => one.inode === inode)?.path).toBe(path);
    }
  });

  test("shows sockets that are neither TCP nor UDP", async () => {
    const { sockets: seen } = await document(lab.scanner, ["-w", "-0", "--own"]);
    const kinds = seen.map(({ protocol, localPort }) => `${protocol} ${localPort ?? ""}`.trim());
    expect(kinds.toSorted()).toEqual(["icmp 77", "packet", "packet", "raw 1", "raw 58"]);
    expect(seen.find(({ protocol }) => protocol === "icmp")?.inode).toBe(services.facts.ping);
    expect(seen.every(({ processes }) => processes[0]?.pid === services.facts.pid)).toBe(true);
  });

  test("names all who hold a socket, however they came by it", async () => {
    const { sockets: seen } = await document(lab.scanner, ["-t", "--own"]);
    const holders = (port: number) => holdersOf(seen, port).map(({ pid }) => pid);
    const { pid, passed, heir } = services.facts;
    expect(holders(22030)).toEqual([passed]);
    expect(holders(22031)).toEqual([pid, heir].toSorted());
    const [outer, inner, ...others] = holdersOf(seen, 22032);
    expect([outer?.name, outer?.innerPid, inner?.name, inner?.innerPid, others]).toEqual([
      "unshare",
      undefined,
      "sleep",
      1,
      [],
    ]);
  });

  test("shows processes that ss and lsof have trouble with", async () => {
    const { sockets: seen } = await document(lab.host(), ["-t", "--own"]);
    const [unlinked] = holdersOf(seen, 22040);
    expect(unlinked).toMatchObject({ pid: odd.facts.unlinked, name: "o\n\x1b[2Jd) d", isExecutableDeleted: true });
    expect(unlinked?.executable).toContain("/o\n\x1b[2Jd) d");
    expect(holdersOf(seen, 22041)).toMatchObject([{ pid: odd.facts.named, name: "a) R\n\x1b]0;b\x07\x9b" }]);
    expect(holdersOf(seen, 22042)).toMatchObject([{ pid: odd.facts.leaderless }]);
  });

  test("sends nothing to the terminal that could steer it", async () => {
    const outputs = [
      await sockets(lab.host(), ["--own"]),
      await sockets(lab.host(), ["--own", "--json"]),
      await sockets(lab.scanner, ["-x", "--own"]),
      await sockets(lab.scanner, ["-x", "--own", "--all"]),
      await sockets(lab.scanner, ["-x", "--own", "--json"]),
    ];
    for (const output of outputs) expect(output).not.toMatch(STEERING);
    expect(outputs[0]).toContain("a) R\\x0a\\x1b]0;b\\x07\\x9b[");
    expect(outputs[2]).toContain("/a\\x0a\\x1b[31mb\\u202ec");
  });

  test("tells what comes and goes while it watches", async () => {
    const { child, lines } = watch(lab.host(), ["--own", "-t", "--watch=0.2"]);
    await expect.poll(lines, { timeout: 5000 }).toContainEqual(expect.stringContaining(":22042"));
    const more = await startServices(lab.host(), ["watched"]);
    await expect.poll(lines, { timeout: 5000 }).toContainEqual(expect.stringMatching(/^\d\d:\d\d:\d\d \+ .*:22050/));
    await more.stop();
    await expect.poll(lines, { timeout: 5000 }).toContainEqual(expect.stringMatching(/^\d\d:\d\d:\d\d - .*:22050/));
    child.kill();
    expect(lines().join("\n")).not.toMatch(STEERING);
    expect(lines().filter((line) => / [+-] /.test(line))).toHaveLength(2);
  });

  test("shows the sockets of containers, which ss cannot see from outside", async () => {
    const enter = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
    const containers = await Promise.all([1, 2].map(() => startServices(lab.scanner, ["container"], enter)));
    try {
      const { sockets: seen } = await document(lab.scanner, ["-tu"]);
      const others = new Set(seen.filter(({ localPort }) => localPort === 22060).map(({ namespace }) => namespace));
      expect(others.size).toBe(2);
      for (const number of others) {
        const there = seen.filter(({ namespace }) => namespace === number);
        const [holder] = there.flatMap(({ processes }) => processes);
        const { stdout } = await lab.scanner.run("nsenter", [`--target=${holder?.pid}`, "--net", "ss", "-tulnpeH"]);
        expect(asSs(there, new Map())).toEqual(parseSs(stdout));
      }
      expect((await ssInet(lab.scanner, "-tulnpeH")).join("\n")).not.toContain(":22060 ");
    } finally {
      await Promise.all(containers.map((one) => one.stop()));
    }
  });

  test("says of others' sockets that it may not know", async () => {
    const seen = await document(lab.scanner, ["-tu0w", "--own"], { uid: NOBODY_UID });
    expect(seen.sockets.map(({ inode }) => inode).toSorted()).toEqual(
      (await document(lab.scanner, ["-tu0w", "--own"])).sockets.map(({ inode }) => inode).toSorted(),
    );
    expect(new Set(seen.sockets.map(({ ownership }) => ownership))).toEqual(new Set(["hidden"]));
    expect(seen.gaps).toContainEqual({
      code: "denied",
      what: `the processes of ${seen.sockets.length} sockets`,
      why: expect.stringContaining("may not be seen: that needs root"),
    });
    const table = await sockets(lab.scanner, ["-t", "--own"], { uid: NOBODY_UID });
    expect(table).toContain("(not permitted)");
    expect(table).toMatch(/\nNot known: the processes of \d+ sockets: /);
  });

  test("says what of a tree may not be read", async () => {
    const root = treeOf(parseTree(fixture("debian-server.tree")));
    chmodSync(path.dirname(root), 0o755); // a temporary folder is its maker's alone
    for (const name of ["net/tcp", "612/fd", "700/status"]) chmodSync(path.join(root, name), 0);
    const seen = await document(lab.scanner, ["-tu", "--proc", root], { uid: NOBODY_UID });
    expect(seen.gaps.map(({ what }) => what)).toEqual(["the sockets of net/tcp", "the process of 1 socket"]);
    expect(seen.sockets.find(({ localPort }) => localPort === 22)?.ownership).toBe("hidden");
    const [nginx] = holdersOf(seen.sockets, 443);
    expect([nginx?.name, nginx?.uid]).toEqual(["nginx", undefined]);
  });

  test("says that processes are hidden by the way /proc is mounted, or by a PID namespace", async () => {
    const hidden = "mount -t proc -o hidepid=invisible proc /proc";
    const nobody = `setpriv --reuid=${NOBODY_UID} --regid=${NOBODY_UID} --clear-groups --bounding-set=-all`;
    const run = async (options: string, script: string): Promise<SeenInside> => {
      const command = `${script} ${POSTERN} sockets -t --own --json`;
      const words = [...options.split(" "), "sh", "-ec", command];
      const { stdout, stderr } = await lab.scanner.run("unshare", words);
      expect(stderr).toBe("");
      return JSON.parse(stdout) as SeenInside;
    };
    const why = (seen: SeenInside) => seen.gaps.map((gap) => gap.why);
    const isAllHidden = (seen: SeenInside) => seen.sockets.every(({ ownership }) => ownership === "hidden");
    const inNamespace = await run("--pid --fork --mount-proc", "");
    expect(why(inNamespace)).toContainEqual(expect.stringContaining("PID namespace"));
    expect(isAllHidden(inNamespace)).toBe(true);
    if (process.geteuid?.() !== 0) return; // only root may mount the first PID namespace's /proc again
    const byMount = await run("--mount", `${hidden}; exec ${nobody}`);
    expect(why(byMount)).toContainEqual(expect.stringContaining("hidepid"));
    expect(isAllHidden(byMount)).toBe(true);
  });
});

describeLab("postern sockets under load", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour" });
  });
  afterAll(() => lab?.dispose());

  test("misses nothing, and shows nothing that was not there, while processes come and go", async () => {
    const churn = await startServices(lab.scanner, ["churn"]);
    const runs: Run[] = [];
    for (let count = 0; count < 4; count++) {
      const before = await ssInet(lab.scanner, "-tulnpeH");
      const fromNs = process.hrtime.bigint();
      const { sockets: seen } = await document(lab.scanner, ["-t", "--own"]);
      const toNs = process.hrtime.bigint();
      const after = await ssInet(lab.scanner, "-tulnpeH");
      runs.push({ fromNs, toNs, seen, inBoth: before.filter((line) => after.includes(line)) });
    }
    const lives = (await churn.stop()).trim().split("\n").map(lifeOf);
    expect(lives.length).toBeGreaterThan(100);
    for (const run of runs) {
      expectNoneMissing(run, lives);
      expectNoneTooMany(run, new Map(lives.map((life) => [life.inode, life])));
    }
  });
});

/** A look while processes come and go. */
interface Run {
  readonly fromNs: bigint;
  readonly toNs: bigint;
  readonly seen: readonly SeenSocket[];
  /** What ss has said both before and after. */
  readonly inBoth: readonly string[];
}

function expectNoneMissing({ fromNs, toNs, seen, inBoth }: Run, lives: readonly Life[]): void {
  const shown = new Map(seen.map((one) => [one.inode, one]));
  const missing = inBoth.filter((line) => !shown.has(Number(line.split(" ")[4])));
  expect(missing).toEqual([]);
  const steady = lives.filter(({ thereNs, untilNs }) => thereNs <= fromNs && untilNs >= toNs);
  expect(steady.length).toBeGreaterThan(0);
  const holders = steady.map(({ inode }) => shown.get(inode)?.processes.map(({ pid }) => pid));
  expect(holders).toEqual(steady.map(({ pid }) => [pid]));
}

/** On a large machine with processes that may not be looked into, who has a socket that was just opened may stay unknown. */
const isLarge = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).length > 900;

function expectNoneTooMany({ fromNs, toNs, seen }: Run, byInode: ReadonlyMap<number, Life>): void {
  for (const { inode, ownership, processes } of seen) {
    const life = byInode.get(inode);
    const wasThere = life !== undefined && life.bornNs <= toNs && life.goneNs >= fromNs;
    expect(wasThere, `socket ${inode} was there`).toBe(true);
    if (processes.length > 0) {
      expect(processes.map(({ pid }) => pid)).toEqual([life?.pid]);
    } else if (!isLarge || ownership !== "hidden") {
      expect(life !== undefined && life.untilNs < toNs, `socket ${inode}, which has nobody, was closed`).toBe(true);
    }
  }
}

interface Life {
  readonly pid: number;
  readonly inode: number;
  readonly bornNs: bigint;
  readonly thereNs: bigint;
  readonly untilNs: bigint;
  readonly goneNs: bigint;
}

function lifeOf(line: string): Life {
  const [pid, inode, born = "", there = "", until = "", gone = ""] = line.split(" ");
  return {
    pid: Number(pid),
    inode: Number(inode),
    bornNs: BigInt(born),
    thereNs: BigInt(there),
    untilNs: BigInt(until),
    goneNs: BigInt(gone),
  };
}
