// UDP: payloads make services answer, printers are spared, and what hosts ration is waited for and not guessed.
import type { ChildProcess } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { firstWord } from "../lab/availability.js";
import type { HostSpec } from "../lab/hosts.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { onlyHost, postern, runPostern, type Seen } from "./postern.js";

const SERVICES = fileURLToPath(new URL("udp-services.mjs", import.meta.url));
const PRINTER_PORTS = [515, 9100, 9101, 9102, 9103, 9104, 9105, 9106, 9107];

/** State and evidence of each row: "open udp-response". */
function claimsOf(seen: Seen): Record<string, string> {
  const { rows } = onlyHost(seen);
  return Object.fromEntries([...rows].map(([port, { state, reason }]) => [port, `${state} ${reason}`.trim()]));
}

describeLab("UDP services", () => {
  let lab: Lab;
  let services: ChildProcess;
  let heard = "";

  beforeAll(async () => {
    const host: HostSpec = { name: "svc", summary: "services that want to be asked properly", tcp: [22] };
    lab = await createLab({ topology: "neighbour", hosts: [host] });
    services = lab.host().spawn(process.execPath, [SERVICES, "53,123,161", PRINTER_PORTS.join(",")]);
    await firstWord(services, "services", 20_000);
    services.stdout?.on("data", (chunk) => {
      heard += String(chunk);
    });
  });
  afterAll(() => lab?.dispose());

  /** What was heard since the last call: port and bytes of each datagram, and whether it was understood. */
  async function takeHeard(): Promise<string[]> {
    await lab.host().run("sleep", ["0.1"]);
    const lines = heard.trim().split("\n").sort();
    heard = "";
    return lines;
  }

  test.each([4, 6])("DNS, NTP and SNMP are asked so that they answer, over IPv%i", async (family) => {
    if (family === 6 && !lab.hasIpv6) return;
    const target = family === 4 ? lab.host().ipv4 : lab.host().ipv6;
    const seen = await postern(lab.scanner, ["-sU", "--reason", "-p53,123,161,162", target]);
    expect(claimsOf(seen)).toEqual({
      "53/udp": "open udp-response",
      "123/udp": "open udp-response",
      "161/udp": "open udp-response",
      "162/udp": "closed port-unreach",
    });
    for (const line of await takeHeard()) expect(line).toMatch(/^\d+ [1-9]\d* answered$/);
  });

  test("a printer gets no byte, and is asked all the same", async () => {
    const seen = await postern(lab.scanner, ["-sU", "-p515,9100-9107", lab.host().ipv4]);
    const silent = PRINTER_PORTS.map((port) => [`${port}/udp`, "open|filtered"]);
    expect(claimsOf(seen)).toEqual(Object.fromEntries(silent));
    const lines = await takeHeard();
    expect(new Set(lines)).toEqual(new Set(PRINTER_PORTS.map((port) => `${port} 0 silent`)));
  });

  test("-sSU: one report of both, and -p says which ports of which", async () => {
    const seen = await postern(lab.scanner, ["-sSU", "--reason", "-pT:22,23,U:53,54", lab.host().ipv4]);
    expect(claimsOf(seen)).toEqual({
      "22/tcp": "open syn-ack",
      "23/tcp": "closed reset",
      "53/udp": "open udp-response",
      "54/udp": "closed port-unreach",
    });
    expect(seen.stdout.match(/^postern report for /gm)).toHaveLength(1);
    expect(seen.stdout).toMatch(/^Ports: tcp-syn by .*\nPorts: udp by /m);
  });

  test("an address that is not this machine's is refused as a source", async () => {
    const words = ["-sU", "-p53", "--source-addresses", "10.9.0.77", lab.host().ipv4];
    const seen = await runPostern(lab.scanner, words);
    expect({ status: seen.status, stdout: seen.stdout }).toEqual({ status: 255, stdout: "" });
    expect(seen.stderr).toMatch(
      /^postern: --source-addresses: 10\.9\.0\.77 is no address of this machine\n {2}[^\n]+\n$/,
    );
  });
});

const PORTS = "53,514,1001-1038";
const CLOSED_COUNT = 38;
/** Linux: six errors at once, then one a second (net/ipv4/icmp.c). */
const BURST = 6;

interface Run {
  readonly prepare?: (lab: Lab) => Promise<unknown>;
  readonly words: (lab: Lab) => readonly string[];
}

/** Each in a lab of its own, all at the same time: they spend it waiting. */
const RUNS = {
  one: { words: (lab) => ["-p", PORTS, lab.host().ipv4] },
  four: {
    prepare: (lab) => {
      const lines = [13, 14, 15].map((last) => `addr add 10.9.0.${last}/16 dev eth0\n`);
      return lab.scanner.run("ip", ["-batch", "-"], { input: lines.join("") });
    },
    words: (lab) => {
      const sources = "10.9.0.1,10.9.0.13,10.9.0.14,10.9.0.15";
      return ["-p", PORTS, "--source-addresses", sources, lab.host().ipv4];
    },
  },
  borrowed: {
    prepare: (lab) => lab.host().run("sysctl", ["-qw", "net.ipv6.icmp.ratelimit=1000"]),
    words: (lab) => ["-p53,514,1001-1300", "--borrow", "16", lab.host().ipv6],
  },
  defeated: { words: (lab) => ["-p53,1001-1100", "--defeat-icmp-ratelimit", lab.host().ipv4] },
  short: { words: (lab) => ["-p", PORTS, "--host-timeout", "5s", lab.host().ipv4] },
} as const satisfies Readonly<Record<string, Run>>;

describeLab("UDP where ICMP errors are rationed", () => {
  const labs: Lab[] = [];
  let results: Promise<Readonly<Record<keyof typeof RUNS, Seen | undefined>>>;

  async function start({ prepare, words }: Run): Promise<Seen | undefined> {
    const host: HostSpec = { name: "slow", summary: "rations its errors", tcp: [22], udp: [53], udpSilent: [514] };
    const lab = await createLab({ topology: "neighbour", hosts: [host], hasIcmpLimits: true });
    labs.push(lab);
    await prepare?.(lab);
    const all = ["-n", "-sU", "--reason", ...words(lab)];
    if (all.some((word) => word.includes("::")) && !lab.hasIpv6) return undefined;
    return await runPostern(lab.scanner, all, { timeoutMs: 55_000 });
  }

  beforeAll(() => {
    const [one, four, borrowed, defeated, short] = Object.values<Run>(RUNS).map(start);
    const names = Object.keys(RUNS);
    results = Promise.all([one, four, borrowed, defeated, short]).then(
      (seen) => Object.fromEntries(names.map((name, index) => [name, seen[index]])) as Awaited<typeof results>,
    );
  });
  afterAll(async () => {
    await results.catch(() => {});
    await Promise.all(labs.map((lab) => lab.dispose()));
  });

  const secondsOf = ({ stdout }: Seen) => Number(/scanned in (\d+\.\d+) seconds/.exec(stdout)?.[1]);

  async function resultOf(name: keyof typeof RUNS): Promise<Seen | undefined> {
    const seen = (await results)[name];
    if (seen !== undefined) expect({ status: seen.status, stderr: seen.stderr }).toEqual({ status: 0, stderr: "" });
    return seen;
  }

  function expectAllRight(seen: Seen, closedCount: number): void {
    const host = onlyHost(seen);
    expect(claimsOf(seen)).toEqual({ "53/udp": "open udp-response", "514/udp": "open|filtered no-response" });
    expect(host.lines).toContain(`Not shown: ${closedCount} closed udp ports (port-unreach)`);
    expect(seen.stdout).toMatch(/^The host rations its ICMP errors: about one in [\d.]+ s to each address that asks$/m);
  }

  test("40 ports from one address: all right, within 1.15 of the ration", async () => {
    const seen = await resultOf("one");
    if (seen === undefined) return;
    expectAllRight(seen, CLOSED_COUNT);
    expect(secondsOf(seen)).toBeLessThan((CLOSED_COUNT - BURST) * 1.15);
  });

  test("from four of our own addresses: all right, and that much faster", async () => {
    const seen = await resultOf("four");
    if (seen === undefined) return;
    expectAllRight(seen, CLOSED_COUNT);
    expect(secondsOf(seen)).toBeLessThan(8); // (38 - 4 × 6) / 4 seconds is the ration
  });

  test("300 ports over IPv6 with 16 borrowed addresses: all right, and fast", async () => {
    const seen = await resultOf("borrowed");
    if (seen === undefined) return;
    expectAllRight(seen, 300);
    expect(secondsOf(seen)).toBeLessThan(25); // one address would take 294
  });

  test("--defeat-icmp-ratelimit does not wait, and calls silence closed|filtered", async () => {
    const seen = await resultOf("defeated");
    if (seen === undefined) return;
    expect(secondsOf(seen)).toBeLessThan(3);
    const { ports, lines } = onlyHost(seen);
    expect(ports.get(53)?.state).toBe("open");
    expect(lines.some((line) => /^Not shown: \d\d closed\|filtered udp ports \(no-response\)$/.test(line))).toBe(true);
    for (const [port, { state }] of ports) if (port !== 53) expect(state).toBe("closed"); // those were answered
  });

  test("--host-timeout: what is undecided is counted, and nothing is guessed", async () => {
    const seen = await resultOf("short");
    if (seen === undefined) return;
    expect(secondsOf(seen)).toBeLessThan(6.5);
    const { ports, lines } = onlyHost(seen);
    const undecided = Number(/^Host timeout: (\d+) udp ports were not decided\.$/m.exec(seen.stdout)?.[1]);
    expect(undecided).toBeGreaterThan(0);
    const hidden = lines.map((line) =>
      Number(/^Not shown: (\d+) closed udp ports \(port-unreach\)$/.exec(line)?.[1] ?? 0),
    );
    expect(ports.size + hidden.reduce((sum, count) => sum + count, 0) + undecided).toBe(CLOSED_COUNT + 2);
    for (const [port, { state }] of ports)
      expect(state).toBe(port === 53 ? "open" : port === 514 ? "open|filtered" : "closed");
  });
});
