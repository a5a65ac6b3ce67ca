import { describe, expect, test } from "vitest";
import type { Protocol } from "../target/port-set.js";
import type { FakeHost, PortBehaviour, SeenProbe } from "./fake-host.test.data.js";
import { macOf } from "./fake-link.test.data.js";
import { OWN_ADDRESS } from "./fake-network.test.data.js";
import type { PortTechniqueName } from "./plan.js";
import { ip, portLines, runEngine, type Scenario, type ToldRun } from "./run-engine.test.data.js";

const HOST = "10.0.0.1";
const HOST_IPV6 = "fd00::a00:1";
const ROUTER = ip("10.9.9.9");
const PORTS: ReadonlyMap<number, PortBehaviour> = new Map<number, PortBehaviour>([
  [1, "open"],
  [2, "closed"],
  [3, "dropped"],
  [4, { code: 1, by: ROUTER }], // IPv4: no way to the host; IPv6: prohibited
]);
const MIXED: FakeHost = {
  ports: PORTS,
  udpPorts: PORTS,
  sctpPorts: PORTS,
  resetWindow: { open: 512, closed: 0 },
};

async function scan(technique: PortTechniqueName, target: string, changes: Partial<Scenario> = {}): Promise<ToldRun> {
  const { plan, ...rest } = changes;
  return runEngine({
    targets: [target],
    ports: [1, 2, 3, 4],
    hostAt: () => MIXED,
    ...rest,
    plan: { ping: "none", techniques: [technique], ...plan },
  });
}

const UNREACHABLE = { 4: "host-unreach", 6: "admin-prohibited" } as const;

describe.each([
  [HOST, 4],
  [HOST_IPV6, 6],
] as const)("ports of %s", (target, family) => {
  const rejected = `4 filtered ${UNREACHABLE[family]}`;
  const quiet = ["1 open|filtered no-response", "2 closed reset", "3 open|filtered no-response", rejected];
  test.each<[PortTechniqueName, Protocol, readonly string[]]>([
    ["tcp-syn", "tcp", ["1 open syn-ack", "2 closed reset", "3 filtered no-response", rejected]],
    ["tcp-ack", "tcp", ["1 unfiltered reset", "2 unfiltered reset", "3 filtered no-response", rejected]],
    ["tcp-window", "tcp", ["1 open reset", "2 closed reset", "3 filtered no-response", rejected]],
    ["tcp-maimon", "tcp", ["1 closed reset", "2 closed reset", "3 open|filtered no-response", rejected]],
    ["tcp-fin", "tcp", quiet],
    ["tcp-null", "tcp", quiet],
    ["tcp-xmas", "tcp", quiet],
    ["udp", "udp", ["1 open udp-response", "2 closed port-unreach", "3 open|filtered no-response", rejected]],
    ["sctp-init", "sctp", ["1 open init-ack", "2 closed abort", "3 filtered no-response", rejected]],
    [
      "sctp-cookie-echo",
      "sctp",
      ["1 open|filtered no-response", "2 closed abort", "3 open|filtered no-response", rejected],
    ],
  ])("by %s are told as the host's answers have them", async (technique, protocol, expected) => {
    const run = await scan(technique, target);
    expect(portLines(run.hosts.get(target), protocol)).toEqual(expected);
    expect(run.complaints).toEqual([]);
    expect(run.done.counts).toMatchObject({ ports: 4, answered: run.network.answerCount, late: 0, ignored: 0 });
  });
});

describe("-sO", () => {
  const protocols = new Map<number, PortBehaviour>([
    [47, "open"],
    [50, "dropped"],
    [51, { code: 13, by: ROUTER }],
    [132, "closed"],
  ]);

  test("tells which protocols a host speaks", async () => {
    const list = [1, 2, 6, 17, 47, 50, 51, 132, 200];
    const run = await scan("ip-protocol", HOST, { ports: list, hostAt: () => ({ protocols }) });
    expect(portLines(run.hosts.get(HOST), "ip")).toEqual([
      "1 open proto-response",
      "2 closed proto-unreach",
      "6 open proto-response",
      "17 open port-unreach",
      "47 open proto-response",
      "50 open|filtered no-response",
      "51 filtered admin-prohibited",
      "132 closed proto-unreach",
      "200 closed proto-unreach",
    ]);
    expect(run.complaints).toEqual([]);
  });

  test("does so over IPv6, where a parameter problem says that a protocol is not known", async () => {
    const run = await scan("ip-protocol", HOST_IPV6, { ports: [6, 17, 47, 58, 132], hostAt: () => ({ protocols }) });
    expect(portLines(run.hosts.get(HOST_IPV6), "ip")).toEqual([
      "6 open proto-response",
      "17 open port-unreach",
      "47 open proto-response",
      "58 open proto-response",
      "132 closed proto-unreach",
    ]);
  });
});

describe("several techniques in one run", () => {
  test("share one report: -sS and -sU find their own ports of the same host", async () => {
    const host: FakeHost = { ports: new Map([[2, "open"]]), udpPorts: new Map([[3, "open"]]) };
    const plan = { techniques: ["tcp-syn", "udp"], ping: "none" } as const;
    const run = await runEngine({ targets: [HOST], ports: [1, 2, 3], hostAt: () => host, plan });
    const told = run.hosts.get(HOST);
    expect(portLines(told)).toEqual(["1 closed reset", "2 open syn-ack", "3 closed reset"]);
    expect(portLines(told, "udp")).toEqual(["1 closed port-unreach", "2 closed port-unreach", "3 open udp-response"]);
    expect(run.hosts.size).toBe(1);
    expect(run.events.filter(({ type }) => type === "host-done")).toHaveLength(1);
    expect(run.done.counts).toMatchObject({ hosts: 1, ports: 6, sent: 6, answered: 6 });
    expect(run.complaints).toEqual([]);
  });

  test("take turns: no technique waits until another one is done", async () => {
    const ports = Array.from({ length: 300 }, (_, index) => index + 1);
    const plan = { techniques: ["tcp-syn", "udp", "sctp-init"], ping: "none" } as const;
    const run = await runEngine({ targets: [HOST], ports, hostAt: () => ({}), plan });
    const firstThird = run.network.probes.slice(0, 300);
    for (const kind of ["syn", "udp", "sctp"]) {
      expect(firstThird.filter((probe) => probe.kind === kind).length).toBeGreaterThan(60);
    }
  });
});

describe("--scanflags", () => {
  test("put other flags into the probes, and answers are judged as the technique has it", async () => {
    const synFin = 0x03;
    const run = await scan("tcp-syn", HOST, { plan: { scanFlags: synFin } });
    expect(new Set(run.network.probes.map(({ flags }) => flags))).toEqual(new Set([synFin]));
    expect(portLines(run.hosts.get(HOST))).toEqual([
      "1 open syn-ack",
      "2 closed reset",
      "3 filtered no-response",
      "4 filtered host-unreach",
    ]);
  });
});

describe("discovery", () => {
  test("by an address mask request finds an old host", async () => {
    const plan = { ping: "only", discovery: [{ technique: "icmp-address-mask", ports: [0] }] } as const;
    const run = await runEngine({ targets: [HOST], ports: [1], hostAt: () => MIXED, plan });
    expect(run.hosts.get(HOST)?.facts).toMatchObject({ status: "up", reason: "addressmask-reply" });
    expect(run.network.probes.map(({ kind }) => kind)).toEqual(["address-mask"]);
  });

  test.each([
    ["udp", [2], "port-unreach"],
    ["udp", [1], "udp-response"],
    ["sctp-init", [2], "abort"],
    ["ip-protocol", [200], "proto-unreach"],
    ["tcp-ack", [2], "reset"],
  ] as const)("by %s to %j shows a host up by its %s", async (technique, ports, reason) => {
    const plan = { ping: "only", discovery: [{ technique, ports }] } as const;
    const run = await runEngine({ targets: [HOST], ports: [1], hostAt: () => MIXED, plan });
    expect(run.hosts.get(HOST)?.facts).toMatchObject({ status: "up", reason });
  });

  test("asks a neighbour over IPv6 by a solicitation, and its ports at the address that it told", async () => {
    const run = await scan("tcp-syn", HOST_IPV6, { wayTo: () => "neighbour" });
    expect(run.hosts.get(HOST_IPV6)?.facts).toMatchObject({
      reason: "nd-response",
      mac: [...macOf(ip(HOST))].map((byte) => byte.toString(16).padStart(2, "0")).join(":"),
    });
    expect(run.network.probes[0]?.kind).toBe("solicitation");
    expect(portLines(run.hosts.get(HOST_IPV6))[0]).toBe("1 open syn-ack");
  });

  test("asks no host over IPv6 what only IPv4 has", async () => {
    const run = await runEngine({ targets: [HOST_IPV6], ports: [1], hostAt: () => MIXED, plan: { ping: "only" } });
    expect(run.hosts.get(HOST_IPV6)?.facts).toMatchObject({ status: "up", reason: "echo-reply", family: 6 });
    expect(new Set(run.network.probes.map(({ kind }) => kind))).not.toContain("timestamp");
  });
});

describe("-sL", () => {
  test("names the targets and sends nothing", async () => {
    const run = await runEngine({ targets: ["10.0.0.0/29"], ports: [1], hostAt: () => MIXED, plan: { ping: "list" } });
    expect(run.network.probeCount).toBe(0);
    expect([...run.hosts.values()].map(({ facts }) => facts.status)).toEqual(new Array(8).fill("listed"));
    expect(run.done).toMatchObject({ isAborted: false, counts: { hosts: 8, hostsUp: 0, sent: 0 } });
  });
});

describe("several own addresses", () => {
  const ports = Array.from({ length: 200 }, (_, index) => index + 1);
  const sourcesOf = (probes: readonly SeenProbe[]): number[] =>
    [...new Set(probes.map(({ source = 0 }) => source - OWN_ADDRESS))].sort((one, other) => one - other);

  test.each([HOST, HOST_IPV6])("all ask for UDP ports of %s, and each gets its answers", async (target) => {
    const host: FakeHost = { udpPorts: new Map([[7, "open"]]) };
    const run = await scan("udp", target, { ports, hostAt: () => host, sourceCount: 4 });
    expect(sourcesOf(run.network.probes)).toEqual([0, 1, 2, 3]);
    expect(portLines(run.hosts.get(target), "udp").filter((line) => !line.endsWith("closed port-unreach"))).toEqual([
      "7 open udp-response",
    ]);
    expect(run.done.counts).toMatchObject({ sent: 200, answered: 200 });
  });

  test("but for TCP, whose RSTs nobody rations by address", async () => {
    const run = await scan("tcp-syn", HOST, { ports, sourceCount: 4 });
    expect(sourcesOf(run.network.probes)).toEqual([0]);
  });
});
