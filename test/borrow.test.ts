// Addresses that are borrowed from a link: never one that somebody has, answered while they are held, given up at once.
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LabMachine } from "../lab/machine.js";
import { createLab, type Lab } from "../lab/network.js";
import { SCANNER_ADDRESSES } from "../lab/topology.js";
import { describeLab } from "../lab/vitest.js";

const SCRIPT = fileURLToPath(new URL("borrow.ts", import.meta.url));
const PATIENCE_MS = 4000;

interface News {
  readonly addresses?: readonly string[];
  readonly isForwarding?: boolean;
  readonly tookMs?: number;
  readonly lost?: readonly string[];
  readonly left?: number;
}

/** The script at work, and what it tells next. */
interface Borrower {
  next(): Promise<News>;
  close(): Promise<News>;
  end(): Promise<void>;
}

function borrow(lab: Lab, own: string, count: number, prefix: number, seed = 1): Borrower {
  const args = ["--import", "tsx", SCRIPT, own, `${count}`, `${prefix}`, `${seed}`];
  const child: ChildProcess = lab.scanner.spawn(process.execPath, args);
  if (child.stdout === null || child.stdin === null) throw new Error("no pipes");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let errors = "";
  child.stderr?.on("data", (chunk) => {
    errors += String(chunk);
  });
  const next = async (): Promise<News> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`the borrower ended: ${errors}`);
    return JSON.parse(value) as News;
  };
  const { stdin } = child;
  return {
    next,
    close() {
      stdin.write("close\n");
      return next();
    },
    async end() {
      const gone = once(child, "exit");
      stdin.end();
      await gone;
    },
  };
}

async function ip(machine: LabMachine, ...lines: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await machine.run("ip", ["-batch", "-"], { input: `${lines.join("\n")}\n` });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

/** Makes the machine's kernel ask for the link address of a neighbour. */
async function sendTo(machine: LabMachine, address: string): Promise<void> {
  const kind = address.includes(":") ? "udp6" : "udp4";
  const code = `const s = require("node:dgram").createSocket("${kind}"); s.send("x", 9, "${address}", () => s.close())`;
  await machine.run(process.execPath, ["-e", code]);
}

/** What the host's kernel knows of a neighbour after it has sent something there. */
async function neighbourOf(host: LabMachine, address: string): Promise<string> {
  await sendTo(host, address);
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const line = await ip(host, `neigh show ${address} dev eth0`);
    if (/REACHABLE|FAILED/.test(line) || Date.now() > until) return line.trim();
    await delay(20);
  }
}

/** How many ICMP errors and redirects the machine's kernel has sent, of both families. */
async function icmpErrorsOf(machine: LabMachine): Promise<number> {
  const { stdout } = await machine.run("cat", ["/proc/net/snmp", "/proc/net/snmp6"]);
  const [names = [], values = []] = [...stdout.matchAll(/^Icmp: (.+)$/gm)].map((line) => (line[1] ?? "").split(" "));
  const ipv4 = names.map((name, index) => [name, Number(values[index])] as const);
  const ipv6 = [...stdout.matchAll(/^Icmp6(\S+)\s+(\d+)$/gm)].map((line) => [line[1] ?? "", Number(line[2])] as const);
  const errors = [...ipv4, ...ipv6].filter(([name]) =>
    /^Out(DestUnreachs|TimeExcds|ParmProb\w+|Redirects)$/.test(name),
  );
  expect(errors.length).toBeGreaterThan(4);
  return errors.reduce((sum, [, count]) => sum + count, 0);
}

async function macOf(machine: LabMachine): Promise<string> {
  return (await machine.run("cat", ["/sys/class/net/eth0/address"])).stdout.trim();
}

describeLab("borrowed addresses", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour" });
    // As outside of the lab: new addresses of IPv6 are checked.
    await lab.host().run("sh", ["-c", "echo 1 >/proc/sys/net/ipv6/conf/eth0/accept_dad"]);
  });
  afterAll(() => lab?.dispose());

  test("64 of IPv6 are had within 4 s, answered for, and lost to whoever wants them", async () => {
    if (!lab.hasIpv6) return;
    const host = lab.host();
    const borrower = borrow(lab, SCANNER_ADDRESSES.ipv6, 64, 64);
    const { addresses = [], isForwarding, tookMs } = await borrower.next();
    expect(new Set(addresses).size).toBe(64);
    expect(isForwarding).toBe(false);
    expect(tookMs).toBeLessThan(4000);
    for (const address of addresses) expect(address).toMatch(/^fd00:9::?(?:[0-9a-f]{1,4}:){0,3}[0-9a-f]{1,4}$/);

    const [first = "", second = ""] = addresses;
    expect(await neighbourOf(host, first)).toBe(`${first} lladdr ${await macOf(lab.scanner)} REACHABLE`);
    expect(await icmpErrorsOf(lab.scanner)).toBe(0); // our kernel has ignored what the host sent there
    const groups = await ip(lab.scanner, "maddr show dev eth0");
    for (const address of addresses) expect(groups).toContain(groupOf(address));

    await ip(host, `addr add ${second}/64 dev eth0`);
    expect(await borrower.next()).toEqual({ lost: [second], left: 63 });
    await expectUsable(host, second);

    expect(await borrower.close()).toEqual({ left: 0 });
    expect(await ip(lab.scanner, "maddr show dev eth0")).not.toContain(groupOf(first));
    const third = addresses[2] ?? "";
    await ip(host, `addr add ${third}/64 dev eth0`);
    await expectUsable(host, third);
    expect(await neighbourOf(host, addresses[3] ?? "")).toContain("FAILED");
    await borrower.end();
  });

  test("32 of IPv4 are had within 10 s, answered for, and lost to whoever says that he has one", async () => {
    const host = lab.host();
    const borrower = borrow(lab, SCANNER_ADDRESSES.ipv4, 32, 16);
    const { addresses = [], isForwarding, tookMs } = await borrower.next();
    expect(new Set(addresses).size).toBe(32);
    expect(isForwarding).toBe(false);
    expect(tookMs).toBeLessThan(10_000);
    for (const address of addresses) expect(address).toMatch(/^10\.9\.\d+\.\d+$/);

    const [first = "", second = ""] = addresses;
    expect(await neighbourOf(host, first)).toBe(`${first} lladdr ${await macOf(lab.scanner)} REACHABLE`);
    expect(await icmpErrorsOf(lab.scanner)).toBe(0);
    await ip(host, `addr add ${second}/16 dev eth0`);
    await sendTo(lab.scanner, second); // it answers our kernel's question
    expect(await borrower.next()).toEqual({ lost: [second], left: 31 });

    expect(await borrower.close()).toEqual({ left: 0 });
    expect(await neighbourOf(host, addresses[2] ?? "")).toContain("FAILED");
    await borrower.end();
  });

  test("an address that the host has is never borrowed, and fewer than wanted is a result", async () => {
    // A /28 of the link has 14 addresses: one is ours, one the host's, and two more are made its own.
    await ip(lab.host(), "addr add 10.9.0.5/16 dev eth0", "addr add 10.9.0.14/16 dev eth0");
    const borrower = borrow(lab, SCANNER_ADDRESSES.ipv4, 64, 28);
    const { addresses = [] } = await borrower.next();
    const expected = [3, 4, 6, 7, 8, 9, 10, 11, 12, 13].map((last) => `10.9.0.${last}`);
    expect([...addresses].sort()).toEqual(expected.sort());
    await borrower.end();
  });

  test("of IPv6 neither, and what is lost while it is being claimed is replaced", async () => {
    if (!lab.hasIpv6) return;
    const taken = Array.from({ length: 64 }, (_, index) => `fd00:9::${(index + 16).toString(16)}`);
    await ip(lab.host(), ...taken.map((address) => `addr add ${address}/64 dev eth0 nodad`));
    const borrower = borrow(lab, SCANNER_ADDRESSES.ipv6, 32, 120);
    const { addresses = [] } = await borrower.next();
    expect(addresses.filter((address) => taken.includes(address))).toEqual([]);
    expect(addresses).toHaveLength(32);
    await borrower.end();
  });

  test("a machine that forwards is told of", async () => {
    await lab.scanner.run("sh", ["-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"]);
    const borrower = borrow(lab, SCANNER_ADDRESSES.ipv4, 1, 31);
    expect(await borrower.next()).toMatchObject({ addresses: [], isForwarding: true });
    await borrower.end();
  });
});

/** Waits until the host's own check of the address is over, and has not found it taken. */
async function expectUsable(host: LabMachine, address: string): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  let line: string;
  do {
    await delay(50);
    line = await ip(host, `addr show dev eth0 to ${address}`);
  } while (line.includes("tentative") && !line.includes("dadfailed") && Date.now() < until);
  expect(line).toContain(address);
  expect(line).not.toMatch(/tentative|dadfailed/);
}

/** ff02::1:ffxx:xxxx, as ip(8) shows it. */
function groupOf(address: string): string {
  const groups = address
    .split(":")
    .slice(-2)
    .map((group) => Number.parseInt(group, 16));
  return `ff02::1:ff${((groups[0] ?? 0) & 255).toString(16).padStart(2, "0")}:${(groups[1] ?? 0).toString(16)}`;
}
