import { describe, expect, test } from "vitest";
import type { FakeHost, FakeRouter, PortBehaviour } from "./fake-host.test.data.js";
import { ip, portLines, runEngine, type Scenario, type ToldRun } from "./run-engine.test.data.js";

const HOST = "10.0.0.1";
const FIREWALLED: PortBehaviour = { resetTtl: 62 };

async function scan(host: FakeHost, ports: readonly number[], changes: Partial<Scenario> = {}): Promise<ToldRun> {
  const { plan, ...rest } = changes;
  return runEngine({ targets: [HOST], ports, hostAt: () => host, ...rest, plan: { ping: "none", ...plan } });
}

describe("RSTs of a firewall", () => {
  const host: FakeHost = {
    ports: new Map<number, PortBehaviour>([
      [1, "open"],
      [2, "closed"],
      [3, FIREWALLED],
      [4, FIREWALLED],
    ]),
  };
  const expected = ["1 open syn-ack", "2 closed reset", "3 closed reset-by-other", "4 closed reset-by-other"];
  const mark = (seenIn: string) => [
    {
      code: "reset-by-other",
      text:
        "2 ports were reset by somebody else in the host's name: ttl 62, while the host's own packets arrive with " +
        `ttl 57 (${seenIn})`,
    },
  ];

  test.each([1, 2, 3, 4, 5])(
    "are told from the host's own, in whatever order ports are asked (seed %i)",
    async (seed) => {
      const run = await scan(host, [1, 2, 3, 4], { seed });
      expect(portLines(run.hosts.get(HOST))).toEqual(expected);
      expect(run.hosts.get(HOST)?.done?.marks).toEqual(mark("the SYN-ACK of port 1"));
      expect(run.complaints).toEqual([]);
    },
  );

  test("are known at once where the host has answered a ping", async () => {
    const run = await scan(host, [1, 2, 3, 4], { plan: { ping: "default" } });
    expect(portLines(run.hosts.get(HOST))).toEqual(expected);
    expect(run.hosts.get(HOST)?.done?.marks).toEqual(mark("its echo-reply"));
  });

  test("are known by their shorter way where no port is open, and all are told in the end", async () => {
    const ports = new Map<number, PortBehaviour>([[3, FIREWALLED]]);
    const run = await scan({ ports }, [2, 3, 4]);
    expect(portLines(run.hosts.get(HOST))).toEqual(["2 closed reset", "3 closed reset-by-other", "4 closed reset"]);
    expect(run.hosts.get(HOST)?.done?.marks).toMatchObject([{ code: "reset-by-other" }]);
    expect(run.done.counts.ports).toBe(3);
  });

  test("are not suspected where all RSTs came the same way", async () => {
    const run = await scan({}, [2, 3, 4]);
    expect(portLines(run.hosts.get(HOST))).toEqual(["2 closed reset", "3 closed reset", "4 closed reset"]);
    expect(run.hosts.get(HOST)?.done?.marks).toEqual([]);
  });

  test("that were held back are told when the scan is stopped or the host is given up", async () => {
    const ports = Array.from({ length: 100 }, (_, index) => index + 1);
    const plan = { ping: "none", maxRatePps: 10 } as const;
    const stopped = await scan({}, ports, { plan, stopAfterMs: 2000 });
    expect(stopped.hosts.get(HOST)?.ports.size).toBeGreaterThan(15);
    expect(stopped.hosts.get(HOST)?.ports.size).toBe(stopped.done.counts.ports);
    const skipped = await scan({}, ports, { plan, skipAfterMs: 2000 });
    expect(skipped.hosts.get(HOST)?.ports.size).toBeGreaterThan(15);
    expect(skipped.complaints).toEqual([]);
  });
});

describe("--traceroute", () => {
  const address = (hop: number): number => ip("10.9.0.0") + hop;
  const plain: readonly FakeRouter[] = [1, 2, 3].map((hop) => ({ address: address(hop) }));

  function hopsOf(run: ToldRun): (string | undefined)[] {
    const event = run.events.find(({ type }) => type === "trace");
    return event?.type === "trace" ? event.hops.map((hop) => hop.address) : [];
  }

  test("names every router, and the host as the last hop", async () => {
    const host: FakeHost = { ports: new Map([[80, "open"]]), ttl: 61, routers: plain };
    const run = await scan(host, [80], { plan: { isTraced: true } });
    expect(hopsOf(run)).toEqual(["10.9.0.1", "10.9.0.2", "10.9.0.3", HOST]);
    expect(run.events.find(({ type }) => type === "trace")).toMatchObject({ technique: "tcp-syn", port: 80 });
    expect(run.events.map(({ type }) => type).slice(-3)).toEqual(["trace", "host-done", "done"]);
    expect(run.complaints).toEqual([]);
    expect(run.done.counts).toMatchObject({ sent: 4, answered: 4, ports: 1 });
  });

  test("asks a lossy router again, and leaves the place of a silent one empty", async () => {
    const routers = [
      { address: address(1), answersEach: 3 },
      { address: address(2), isSilent: true },
      { address: address(3) },
    ];
    const host: FakeHost = { ports: new Map([[80, "open"]]), ttl: 61, routers };
    const run = await scan(host, [80], { plan: { isTraced: true } });
    expect(hopsOf(run)).toEqual(["10.9.0.1", undefined, "10.9.0.3", HOST]);
    const traced = run.network.probes.filter(({ ttl = 64 }) => ttl < 64).map(({ ttl }) => ttl);
    expect(traced.sort()).toEqual([1, 1, 1, 2, 2, 2, 3]);
  });

  test("finds a host that is nearer than its time to live says", async () => {
    const host: FakeHost = { ports: new Map([[80, "closed"]]), ttl: 50, routers: plain };
    const run = await scan(host, [80], { plan: { isTraced: true } });
    expect(hopsOf(run)).toEqual(["10.9.0.1", "10.9.0.2", "10.9.0.3", HOST]);
  });

  test.each([0.2, 0.05])("works on a way that loses %f", async (lossThere) => {
    const host: FakeHost = { ports: new Map([[80, "open"]]), ttl: 61, routers: plain };
    const run = await scan(host, [80], { plan: { isTraced: true }, link: { lossThere, jitterMs: 30 } });
    expect(hopsOf(run)).toHaveLength(4);
    expect(run.complaints).toEqual([]);
  });

  test("goes over IPv6, too, and by pings where no port answers", async () => {
    const host: FakeHost = { otherPorts: "dropped", ttl: 62, routers: plain.slice(0, 2) };
    const target = "fd00::a00:1";
    const plan = { isTraced: true, ping: "default" } as const;
    const run = await scan(host, [80], { targets: [target], plan });
    expect(hopsOf(run)).toEqual(["fd00::a09:1", "fd00::a09:2", target]);
    expect(run.events.find(({ type }) => type === "trace")).toMatchObject({ technique: "icmp-echo" });
  });

  test("has one hop to a neighbour, and none to a host that answers nothing", async () => {
    const plan = { isTraced: true } as const;
    const near = await scan({}, [80], { plan, wayTo: () => "neighbour" });
    expect(hopsOf(near)).toEqual([HOST]);
    const silent = await scan({ otherPorts: "dropped" }, [80], { plan });
    expect(hopsOf(silent)).toEqual([]);
    expect(silent.hosts.get(HOST)?.done?.end).toBe("done");
  });
});
