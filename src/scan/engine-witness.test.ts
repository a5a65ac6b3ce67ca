import { describe, expect, test } from "vitest";
import type { FakeHost, FakeRouter, Make, PortBehaviour } from "./fake-host.test.data.js";
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

describe("RSTs that come as far as the host's", () => {
  const TARGETS = { 4: HOST, 6: "fd00::a00:1" } as const;
  const SEEDS = [1, 2, 3, 4, 5];

  /** A host with one open port, and with a firewall at its side that resets ports 3 to 5. */
  function guarded(own: Make, forged: Make): FakeHost {
    const firewalled: PortBehaviour = { resetTtl: 57, make: { window: 0, ...forged } };
    const ports = new Map<number, PortBehaviour>([
      [1, "open"],
      ...[3, 4, 5].map((port) => [port, firewalled] as const),
    ]);
    return { ports, synAcks: own, resets: own };
  }

  async function scanOver(family: 4 | 6, host: FakeHost, changes: Partial<Scenario> = {}) {
    const run = await scan(host, [1, 2, 3, 4, 5, 6, 7], { targets: [TARGETS[family]], ...changes });
    const told = run.hosts.get(TARGETS[family]);
    expect(run.complaints).toEqual([]);
    expect(run.done.counts.ports).toBe(7);
    return { lines: portLines(told), marks: told?.done?.marks };
  }

  const linesWith = (reason: string): string[] => [
    "1 open syn-ack",
    "2 closed reset",
    ...[3, 4, 5].map((port) => `${port} closed ${reason}`),
    "6 closed reset",
    "7 closed reset",
  ];

  test.each(SEEDS)("are known by their missing identification or flow label, in any order (seed %i)", async (seed) => {
    for (const family of [4, 6] as const) {
      for (const ping of ["none", "default"] as const) {
        const host = guarded({ mark: 4711, window: 0 }, { mark: 0 });
        const { lines, marks } = await scanOver(family, host, { seed, plan: { ping } });
        expect(lines).toEqual(linesWith("reset-by-other"));
        const name = family === 4 ? "identification" : "flow label";
        expect(marks).toMatchObject([
          { code: "reset-by-other", text: expect.stringContaining(`${name} 0 instead of set`) },
        ]);
      }
    }
  });

  test.each<[string, Make, Make]>([
    ["as Linux and a counting firewall", { mark: 0, dontFragment: true, window: 0 }, { mark: 4711 }],
    ["by a window", { mark: 0, window: 0 }, { mark: 0, window: 512 }],
    ["by an option", { mark: 0, window: 0 }, { mark: 0, maximumSegmentBytes: 1460 }],
  ])("and are made otherwise, %s, accuse nobody, and are told", async (_name, own, forged) => {
    const { lines, marks } = await scanOver(4, guarded(own, forged));
    expect(lines).toEqual(linesWith("reset"));
    expect(marks).toMatchObject([{ code: "resets-differ", text: expect.stringContaining("3 ports (") }]);
  });

  test.each<[string, FakeHost]>([
    ["like its SYN-ACKs", {}],
    ["without identification, unlike its SYN-ACKs", { synAcks: { mark: 9 }, resets: { mark: 0, window: 0 } }],
    ["with identification, unlike its SYN-ACKs", { synAcks: { mark: 0 }, resets: { mark: 9, window: 0 } }],
    ["with a window", { resets: { window: 4096 } }],
    ["from 255, unlike its SYN-ACKs", { resets: { ttl: 248 } }],
  ])("are the host's where all are alike: %s", async (_name, manners) => {
    for (const family of [4, 6] as const) {
      const host = { ports: new Map<number, PortBehaviour>([[1, "open"]]), ...manners };
      const { lines, marks } = await scanOver(family, host);
      expect({ lines, marks }).toEqual({ lines: linesWith("reset"), marks: [] });
    }
  });

  test.each(["tcp-ack", "tcp-fin", "tcp-window"] as const)(
    "are not compared where listeners send them, too: %s",
    async (technique) => {
      const host = guarded({ mark: 4711 }, { mark: 0 });
      const { marks } = await scanOver(4, host, { plan: { ping: "default", techniques: [technique] } });
      expect(marks).toEqual([]);
    },
  );

  test("that wait for a SYN-ACK do so for the likeliest ports only", async () => {
    const ports = Array.from({ length: 10_000 }, (_, index) => index + 1);
    const host: FakeHost = { resets: { mark: 0, window: 0 } };
    const run = await scan(host, ports, { isLogged: false, plan: { ping: "default" } });
    expect(run.complaints).toEqual([]);
    const verdicts = [...(run.hosts.get(HOST)?.ports.values() ?? [])];
    expect(verdicts.filter(({ reason }) => reason === "reset")).toHaveLength(10_000);
    expect(verdicts.filter(({ rttMs }) => rttMs < 0)).toHaveLength(1024);
  });

  test("65,535 of them are told once each, most of them at once", async () => {
    const ports = Array.from({ length: 65_535 }, (_, index) => index + 1);
    const run = await scan(guarded({ mark: 4711, window: 0 }, { mark: 0 }), ports, {
      isLogged: false,
      plan: { isSequential: true },
    });
    expect(run.complaints).toEqual([]);
    expect(run.done.counts.ports).toBe(65_535);
    const verdicts = [...(run.hosts.get(HOST)?.ports.values() ?? [])];
    expect(verdicts.filter(({ reason }) => reason === "reset")).toHaveLength(65_534); // three may be chance among so many
    expect(verdicts.filter(({ rttMs }) => rttMs < 0).length).toBeLessThan(300);
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
