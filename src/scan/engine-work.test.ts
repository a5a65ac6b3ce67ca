import { describe, expect, test } from "vitest";
import type { PortBehaviour } from "./fake-host.test.data.js";
import { ip, portLines, runEngine, type Scenario, type ToldRun } from "./run-engine.test.data.js";

const HOST = "10.0.0.1";

function ports(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

async function scan(changes: Partial<Scenario>): Promise<ToldRun> {
  const { plan, ...rest } = changes;
  return runEngine({
    targets: [HOST],
    ports: ports(100),
    hostAt: () => ({}),
    ...rest,
    plan: { ping: "none", ...plan },
  });
}

describe("shards over ports", () => {
  test.each([2, 3, 7])("of %i parts are disjoint and together complete", async (count) => {
    const techniques = ["tcp-syn", "udp"] as const;
    const asked: string[] = [];
    for (let index = 0; index < count; index++) {
      const run = await scan({ plan: { shard: { index, count }, techniques } });
      asked.push(...run.network.probes.map(({ kind, port }) => `${kind} ${port}`));
      expect(run.done.counts.ports).toBe(run.network.probeCount);
    }
    const all = ports(100).flatMap((port) => [`syn ${port}`, `udp ${port}`]);
    expect(asked.sort()).toEqual(all.sort());
  });
});

describe("a resumed scan", () => {
  const silentFrom = 51;
  const hostAt = () => ({
    ports: new Map<number, PortBehaviour>(ports(50).map((index) => [index + silentFrom - 1, "dropped"])),
  });

  test("never asks what was decided, and what was silent only as often as is left", async () => {
    const decided = [{ protocol: "tcp", ranges: [[1, 30]] }] as const;
    const silent = [
      { protocol: "tcp", tries: 1, ranges: [[51, 60]] },
      { protocol: "tcp", tries: 2, ranges: [[61, 70]] },
    ] as const;
    const run = await scan({ hostAt, plan: { resume: { finished: [], hosts: [{ hostId: 0, decided, silent }] } } });
    const timesOf = (port: number): number => run.network.probes.filter((probe) => probe.port === port).length;
    const times = new Map([1, 30, 31, 50, 51, 60, 61, 70, 71, 100].map((port) => [port, timesOf(port)]));
    expect(Object.fromEntries(times)).toEqual({ 1: 0, 30: 0, 31: 1, 50: 1, 51: 1, 60: 1, 61: 0, 70: 0, 71: 2, 100: 2 });
    expect([...(run.hosts.get(HOST)?.ports.keys() ?? [])].sort((one, other) => one - other)).toEqual(
      ports(100).filter((port) => port > 30),
    );
    expect(run.complaints).toEqual([]);
  });

  test("leaves out finished hosts, and ends at once when all was decided", async () => {
    const decided = [{ protocol: "tcp", ranges: [[1, 100]] }] as const;
    const resume = { finished: [[0, 2]], hosts: [{ hostId: 3, decided, silent: [] }] } as const;
    const run = await scan({ targets: ["10.0.0.0/30"], plan: { resume } });
    expect(run.network.probeCount).toBe(0);
    expect(run.hosts.size).toBe(1);
    expect(run.done).toMatchObject({ isAborted: false });
  });

  test("asks nothing twice that the journal of a stopped run has", async () => {
    const first = await scan({
      hostAt,
      plan: { isJournaled: true, maxRatePps: 50, isSequential: true },
      stopAfterMs: 1600,
    });
    const told = [...(first.hosts.get(HOST)?.ports.keys() ?? [])];
    expect(told.length).toBeLessThan(100);
    const silences = new Map(first.silences.map(({ port, tries }) => [port, tries] as const));
    const decided = [{ protocol: "tcp" as const, ranges: told.map((port) => [port, port] as const) }];
    const silent = [...silences].map(([port, tries]) => ({
      protocol: "tcp" as const,
      tries,
      ranges: [[port, port] as const],
    }));
    const rest = await scan({ hostAt, plan: { resume: { finished: [], hosts: [{ hostId: 0, decided, silent }] } } });
    const again = rest.network.probes.filter(({ port }) => told.includes(port));
    expect(again).toEqual([]);
    expect((rest.hosts.get(HOST)?.ports.size ?? 0) + told.length).toBe(100);
  });
});

describe("time", () => {
  test("--scan-delay keeps its distance between any two probes to a host", async () => {
    const run = await scan({ ports: ports(30), targets: [HOST, "10.0.0.2"], plan: { scanDelayMs: 50 } });
    for (const target of [HOST, "10.0.0.2"]) {
      const times = run.network.probes.filter(({ address }) => address === ip(target)).map(({ atMs }) => atMs);
      const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
      expect(gaps).toHaveLength(29);
      expect(Math.min(...gaps)).toBeGreaterThan(49.9);
    }
  });

  test("--host-timeout ends a host, and says how much of it is undecided", async () => {
    const run = await scan({ plan: { hostTimeoutMs: 1000, maxRatePps: 20 } });
    const { done, ports: told } = run.hosts.get(HOST) ?? {};
    expect(done).toMatchObject({ end: "host-timeout" });
    expect(told?.size).toBeGreaterThan(15);
    expect(done?.undecided).toEqual([{ protocol: "tcp", count: 100 - (told?.size ?? 0) }]);
    expect(run.done.elapsedMs).toBeLessThan(1200);
    expect(run.done.isAborted).toBe(false);
  });

  test("a skip ends the present host and no other", async () => {
    const run = await scan({ targets: [HOST, "10.0.0.2"], plan: { maxRatePps: 100 }, skipAfterMs: 500 });
    const ends = [...run.hosts.values()].map(({ done }) => done?.end).sort();
    expect(ends).toEqual(["done", "skipped"]);
    expect(run.complaints).toEqual([]);
  });

  test.each([1, 7])("--max-parallelism %i: so many probes are under way, and no more", async (maxParallelism) => {
    const run = await scan({ plan: { maxParallelism }, link: { roundTripMs: 20 } });
    for (const { atMs } of run.network.probes) {
      const under = run.network.probes.filter((other) => other.atMs <= atMs && other.atMs > atMs - 20);
      expect(under.length).toBeLessThanOrEqual(maxParallelism);
    }
    expect(run.done.counts.ports).toBe(100);
  });

  test("--min-parallelism opens the window at once", async () => {
    const run = await scan({ plan: { minParallelism: 90 }, link: { roundTripMs: 20 } });
    const first = run.network.probes[0]?.atMs ?? 0;
    expect(run.network.probes.filter(({ atMs }) => atMs < first + 15).length).toBeGreaterThanOrEqual(90);
  });

  test.each([
    ["a round trip timeout of at least 700 ms", { minRttTimeoutMs: 700, maxRttTimeoutMs: 10_000 }, 690, 1000],
    ["one of at most 30 ms", { minRttTimeoutMs: 10, maxRttTimeoutMs: 30 }, 20, 60],
  ] as const)("%s is kept before a silent port is asked again", async (_, timing, leastMs, mostMs) => {
    const hostAt = () => ({ ports: new Map<number, PortBehaviour>([[5, "dropped"]]) });
    const run = await scan({
      hostAt,
      ports: ports(10),
      plan: { initialRttTimeoutMs: timing.maxRttTimeoutMs === 30 ? 30 : 700, ...timing },
    });
    const [first = 0, second = 0] = run.network.probes.filter(({ port }) => port === 5).map(({ atMs }) => atMs);
    expect(second - first).toBeGreaterThanOrEqual(leastMs);
    expect(second - first).toBeLessThan(mostMs);
  });
});

describe("a host that rations its ICMP errors", () => {
  /** What it takes to find out how often errors come. */
  const SEARCH_MS = 20_000;
  const open = new Map<number, PortBehaviour>([
    [53, "open"],
    [99, "dropped"],
  ]);
  const plan = { techniques: ["udp"] as const };

  test.each([
    [100, 1, 1],
    [400, 10, 1],
    [600, 1, 8],
    [3000, 10, 16],
  ])("%i ports, %i errors a second, asked from %i addresses", async (count, errorsPerSec, sourceCount) => {
    const hostAt = () => ({ udpPorts: open, errorsPerSec });
    const run = await scan({ hostAt, ports: ports(count), plan, sourceCount });
    const wrong = portLines(run.hosts.get(HOST), "udp").filter((line) => !line.endsWith("closed port-unreach"));
    expect(wrong).toEqual(["53 open udp-response", "99 open|filtered no-response"]);
    expect(run.complaints).toEqual([]); // a canary is told once, as any other port
    const rationMs = ((count - 2 - 6 * sourceCount) / (errorsPerSec * sourceCount)) * 1000;
    expect(run.done.elapsedMs).toBeGreaterThan(rationMs);
    expect(run.done.elapsedMs).toBeLessThan(rationMs * 1.1 + SEARCH_MS);
  });

  test("is found out to have gone when it falls silent for good: the scan ends", async () => {
    let isGone = false;
    const hostAt = () => ({
      errorsPerSec: 1,
      get otherUdpPorts(): PortBehaviour {
        return isGone ? "dropped" : "closed";
      },
      delayMs: (port: number) => {
        if (port === 42) isGone = true;
        return 0;
      },
    });
    const run = await scan({ hostAt, ports: ports(200), plan, stopAfterMs: 3_600_000 });
    expect(run.done.isAborted).toBe(false);
    expect(run.hosts.get(HOST)?.udp.size).toBe(200);
  });

  test("--defeat-icmp-ratelimit does not wait for it", async () => {
    const hostAt = () => ({ udpPorts: open, errorsPerSec: 1 });
    const run = await scan({ hostAt, plan: { ...plan, isIcmpRationDefeated: true } });
    expect(run.done.elapsedMs).toBeLessThan(5000);
    expect(run.hosts.get(HOST)?.udp.get(99)?.state).toBe("closed|filtered");
  });
});
