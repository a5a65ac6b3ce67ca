// Another host as a vantage point, by a real sshd between namespaces: what it says of ports is what the lab's rules make true,
// whichever of its programs asks.
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { LabMachine } from "../lab/machine.js";
import { createLab, type Lab, type LabHost } from "../lab/network.js";
import { hasSshServer, type SshServer, startSshServer } from "../lab/ssh-server.js";
import { describeLab } from "../lab/vitest.js";
import { VERSION } from "../src/model/version.js";
import type { SshOrder, SshTold } from "./ask-by-ssh.js";
import type { InsideTold } from "./inside-by-ssh.js";
import { POSTERN } from "./postern.js";

const SCRIPT = fileURLToPath(new URL("ask-by-ssh.ts", import.meta.url));
const INSIDE_SCRIPT = fileURLToPath(new URL("inside-by-ssh.ts", import.meta.url));

/** One port a verdict: refused, dropped, and refused by the router in three ways. */
const WEB = {
  name: "web",
  summary: "what is asked for",
  tcp: [80, 90, 91, 92, 93],
  udp: [53, 90],
  udpSilent: [514],
  rules: [{ ports: [90], verdict: "drop" }] as const,
  routerRules: [
    { ports: [91], verdict: "admin-prohibited" },
    { ports: [92], verdict: "port-unreach" },
  ] as const,
};

const ROUTER = "10.10.0.254";
const ROUTER_IPV6 = "fd00:10::254";

const describeSsh = hasSshServer() ? describeLab : describe.skip;

describeSsh("a vantage point by ssh", () => {
  let lab: Lab;
  let jump: LabHost;
  let web: LabHost;
  let server: SshServer;
  let asker: Asker;
  beforeAll(async () => {
    lab = await createLab({ topology: "routed", hosts: [{ name: "jump", summary: "is asked from" }, WEB] });
    [jump, web] = [lab.host("jump"), lab.host("web")];
    server = await startSshServer(jump, {
      address: jump.ipv4,
      programs: { postern: POSTERN, node: process.execPath },
    });
    asker = startAsker(lab.scanner);
  });
  afterAll(async () => {
    await lab?.dispose();
    server?.[Symbol.dispose]();
  });

  async function ask(order: Omit<SshOrder, "host">, host: string = "lab"): Promise<SshTold> {
    const told = await asker.ask({ host, configFile: server.configFile, ...order });
    return told.answers === undefined ? told : { ...told, answers: told.answers.map(withoutTries) };
  }

  /** The answers that are true whoever asks, of what a program sees that connects. */
  function truth(openReason: string, closedReason: string): readonly string[] {
    return [
      `${web.ipv4} tcp 80 open ${openReason}`,
      `${web.ipv4} tcp 81 closed ${closedReason}`,
      `${web.ipv4} tcp 90 filtered no-response`,
      `${web.ipv4} tcp 91 filtered admin-prohibited by ${ROUTER}`,
      `${web.ipv4} tcp 92 filtered port-unreach by ${ROUTER}`,
      `${web.ipv4} udp 514 open|filtered no-response`,
      `${web.ipv4} udp 53 open udp-response`,
      `${web.ipv4} udp 54 closed port-unreach`,
      ...(lab.hasIpv6
        ? [
            `${web.ipv6} tcp 80 open ${openReason}`,
            `${web.ipv6} tcp 91 filtered admin-prohibited by ${ROUTER_IPV6}`,
            `${web.ipv6} udp 54 closed port-unreach`,
          ]
        : []),
    ];
  }

  function allPorts(): SshOrder["ports"] {
    return [
      ...[80, 81, 90, 91, 92].map((port) => [web.ipv4, "tcp", port] as const),
      ...[53, 54, 514].map((port) => [web.ipv4, "udp", port] as const),
      ...(lab.hasIpv6
        ? (
            [
              ["tcp", 80],
              ["tcp", 91],
              ["udp", 54],
            ] as const
          ).map((one) => [web.ipv6, ...one] as const)
        : []),
    ];
  }

  // First, alone: vantage points have sockets of their own while they ask.
  test("the inside of it is what its own kernel says", async () => {
    const rules = "table inet door { chain in { type filter hook input priority 0; tcp dport 9 drop; }; }";
    expect(await jump.run("nft", ["-f", "-"], { input: rules })).toMatchObject({ status: 0 });
    const order = JSON.stringify({ host: "lab", configFile: server.configFile });
    const done = await jump.run(process.execPath, ["--import", "tsx", INSIDE_SCRIPT, order]);
    expect(done).toMatchObject({ status: 0, stderr: "" });
    const told: InsideTold = JSON.parse(done.stdout);
    // The lab's other namespaces come and go with other tests; those of this lab do not.
    const own = (rows: readonly string[]) => rows.filter((row) => / true /.test(row));
    expect(own(told.remote)).toEqual(own(told.live));
    expect(own(told.remote).join("\n")).toContain("tcp4 0.0.0.0:22 processes sshd[");
    expect(told.remote.filter((row) => row.includes(":90 processes"))).toEqual(
      told.live.filter((row) => row.includes(":90 processes")),
    );
    expect(told.rules.nft).toContain("tcp dport 9 drop");
    expect(told.settings).toBeGreaterThan(50);
    expect(told.environment).toEqual(told.liveEnvironment);
    expect(Math.abs(told.clockDifferenceMs ?? 9e9)).toBeLessThan(2000);
    expect(told.system).toMatch(/^Linux \d/);
  });

  test.concurrent("with postern over there", async () => {
    const told = await ask({ ports: allPorts() });
    expect(told.answers).toEqual(truth("syn-ack", "reset"));
    expect(told).toMatchObject({ name: "ssh:lab", means: `postern ${VERSION}`, gaps: [] });
    expect(told.sources).toEqual(lab.hasIpv6 ? [jump.ipv4, jump.ipv6] : [jump.ipv4]);
  });

  test.concurrent("with python3 over there, which sees ICMP errors and who sent them", async () => {
    const told = await ask({ only: ["python3"], ports: allPorts() });
    expect(told.answers).toEqual(truth("conn-accepted", "conn-refused"));
    expect(told).toMatchObject({ means: expect.stringMatching(/^python3 3\.\d+$/), gaps: [] });
  });

  test.concurrent("with bash or nc over there, which see errors of the system", async () => {
    const ports = [80, 81, 91].map((port) => [web.ipv4, "tcp", port] as const);
    const [bash, nc] = await Promise.all([
      ask({ only: ["bash"], ports: [...ports, [web.ipv4, "udp", 53], [web.ipv4, "udp", 54]] }),
      ask({ only: ["nc"], ports: [...ports, [web.ipv4, "udp", 53]] }),
    ]);
    const tcp = [
      `${web.ipv4} tcp 80 open conn-accepted`,
      `${web.ipv4} tcp 81 closed conn-refused`,
      `${web.ipv4} tcp 91 filtered host-unreach`,
    ];
    const udp = [`${web.ipv4} udp 53 open udp-response`, `${web.ipv4} udp 54 closed port-unreach`];
    expect(bash).toMatchObject({ means: "bash /dev/tcp", answers: [...tcp, ...udp], gaps: [] });
    expect(nc.means).toMatch(/^nc \(\w+\), TCP only$/);
    expect(nc.answers).toEqual(tcp);
    expect(nc.gaps).toEqual([`udp 53 of ${web.ipv4}: nothing at the vantage point can ask for it`]);
  });

  test.concurrent("nothing is sent that means another host over there, is outside the scope, or has no way", async () => {
    // Raw sockets that pass by the queue are seen on the other end of the link only, and loopback only here.
    const watches = await Promise.all([watch(jump), watch(lab.router)]);
    const places = ["10.99.1.1", "127.0.0.1", "0.0.0.0", "192.0.2.9", "::1", "fe80::1%eth0", "fe80::1"];
    const ports = [...places, web.ipv4].map((address) => [address, "tcp", 7777] as const);
    const [postern, python] = await Promise.all([ask({ ports }), ask({ only: ["python3"], ports })]);
    expect(postern.answers).toEqual([`${web.ipv4} tcp 7777 closed reset`]);
    expect(python.answers).toEqual([`${web.ipv4} tcp 7777 closed conn-refused`]);
    for (const { gaps } of [postern, python]) {
      expect(gaps.map((gap) => gap.split(" ")[3]?.replace(/:$/, "")).sort()).toEqual([...places].sort());
    }
    await vi.waitUntil(() => watches.every((packets) => packets().length >= 2), { timeout: 5000 });
    const packets = watches.flatMap((seen) => seen());
    expect(packets.filter((line) => !line.includes(`${web.ipv4}.7777`))).toEqual([]);
  });

  test.concurrent("what stands in the way is told by what the real ssh says", async () => {
    const troubles = {
      "nobody-there": "refused",
      "no-key-known": "host-key-unknown",
      "another-key-known": "host-key-changed",
      "key-not-taken": "denied",
    };
    const names = Object.keys(troubles);
    const told = await Promise.all(names.map((name) => ask({ ports: [[web.ipv4, "tcp", 80]] }, name)));
    expect(Object.fromEntries(names.map((name, at) => [name, told[at]]))).toEqual(
      Object.fromEntries(Object.entries(troubles).map(([name, trouble]) => [name, { trouble }])),
    );
  });
});

interface Asker {
  ask(order: SshOrder): Promise<SshTold>;
}

function startAsker(machine: LabMachine): Asker {
  const child = machine.spawn(process.execPath, ["--import", "tsx", SCRIPT]);
  const waiting = new Map<number, (told: SshTold) => void>();
  let errors = "";
  child.stderr?.on("data", (chunk) => {
    errors += String(chunk);
  });
  if (child.stdout === null) throw new Error("it cannot be heard");
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { id, told } = JSON.parse(line);
    waiting.get(id)?.(told);
    waiting.delete(id);
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  let count = 0;
  return {
    ask: (order) =>
      new Promise((resolve, reject) => {
        const id = count++;
        waiting.set(id, resolve);
        ended.then(() => reject(new Error(`it has ended: ${errors}`)), reject);
        child.stdin?.write(`${JSON.stringify({ ...order, id })}\n`);
      }),
  };
}

/** Sees what goes to or comes from the port of nobody else's; returns what was seen so far. */
async function watch(machine: LabMachine): Promise<() => readonly string[]> {
  const words = ["-i", "any", "-nn", "-l", "--immediate-mode", "port 7777"];
  const dump = machine.spawn("tcpdump", words);
  let told = "";
  dump.stdout?.on("data", (chunk) => {
    told += String(chunk);
  });
  await new Promise((resolve) => {
    dump.stderr?.on("data", (chunk) => {
      if (String(chunk).includes("listening on")) resolve(undefined);
    });
  });
  return () => told.split("\n").filter((line) => line !== "");
}

/** How often it was asked again depends on how busy the machine is. */
function withoutTries(answer: string): string {
  return answer.replace(/ x\d$/, "");
}
