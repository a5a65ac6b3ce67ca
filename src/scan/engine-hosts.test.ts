import { describe, expect, test } from "vitest";
import type { ScanEvent } from "../model/scan-event.js";
import type { FakeHost, ProbeKind } from "./fake-host.test.data.js";
import { macOf } from "./fake-link.test.data.js";
import type { Way } from "./fake-network.test.data.js";
import { ip, portLines, runEngine, type ToldRun } from "./run-engine.test.data.js";

const HOST = "10.0.0.1";
const OTHER = "10.0.0.2";
const ROUTER = ip("10.9.9.9");
const ORDINARY: FakeHost = { ports: new Map([[22, "open"]]) };
const NOWHERE = (): undefined => undefined;

function only(address: string, host: FakeHost = ORDINARY): (value: number) => FakeHost | undefined {
  return (value) => (value === ip(address) ? host : undefined);
}

function kindsTo(run: ToldRun, address: string): ProbeKind[] {
  return run.network.probes.filter((probe) => probe.address === ip(address)).map(({ kind }) => kind);
}

function statusOf(run: ToldRun, address: string): string {
  const facts = run.hosts.get(address)?.facts;
  return facts === undefined ? "untold" : `${facts.status} ${facts.reason}`;
}

function choices(run: ToldRun): string[] {
  return run.events
    .filter((event): event is ScanEvent & { type: "technique" } => event.type === "technique")
    .map(({ choice }) => `${choice.role} ${choice.technique} over ${choice.transport} because ${choice.because}`);
}

describe("a host behind a router", () => {
  test("is asked by ping, SYN, ACK and timestamp, and its ports when it has answered", async () => {
    const run = await runEngine({ targets: [HOST], ports: [22, 23], hostAt: only(HOST) });
    expect(kindsTo(run, HOST).slice(0, 4)).toEqual(["echo", "syn", "ack", "timestamp"]);
    expect(statusOf(run, HOST)).toBe("up echo-reply");
    expect(run.hosts.get(HOST)?.facts).toMatchObject({ ttl: 57, rttMs: expect.closeTo(10, 0), mac: undefined });
    expect(portLines(run.hosts.get(HOST))).toEqual(["22 open syn-ack", "23 closed reset"]);
    expect(run.done.counts).toMatchObject({ hosts: 1, hostsUp: 1, ports: 2 });
    expect(choices(run)).toContain("ports tcp-syn over fake wire because the test says so");
  });

  test("that drops pings is found by its RST or SYN-ACK", async () => {
    const host: FakeHost = { isPingSilent: true, ports: new Map([[443, "open"]]), otherPorts: "dropped" };
    const run = await runEngine({ targets: [HOST], ports: [443], hostAt: only(HOST, host) });
    expect(statusOf(run, HOST)).toBe("up syn-ack");
    expect(portLines(run.hosts.get(HOST))).toEqual(["443 open syn-ack"]);
  });

  test("that shows itself by a RST only is down where RSTs are ignored, and asked about no more than once", async () => {
    const host: FakeHost = { isPingSilent: true, ports: new Map() };
    const run = await runEngine({
      targets: [HOST],
      ports: [22],
      hostAt: only(HOST, host),
      plan: { isResetIgnored: true },
    });
    expect(statusOf(run, HOST)).toBe("down reset");
    expect(kindsTo(run, HOST).sort()).toEqual(["ack", "echo", "echo", "syn", "timestamp", "timestamp"]);
    const open: FakeHost = { ...host, ports: new Map([[443, "open"]]) };
    const other = await runEngine({
      targets: [HOST],
      ports: [22],
      hostAt: only(HOST, open),
      plan: { isResetIgnored: true },
    });
    expect(statusOf(other, HOST)).toBe("up syn-ack");
    expect(portLines(other.hosts.get(HOST))).toEqual(["22 closed reset"]); // of ports a RST tells as ever
  });

  test("that rejects by ICMP itself is up: it has spoken", async () => {
    const host: FakeHost = { isPingSilent: true, otherPorts: { code: 13 } };
    const run = await runEngine({ targets: [HOST], ports: [22], hostAt: only(HOST, host) });
    expect(statusOf(run, HOST)).toBe("up admin-prohibited");
    expect(portLines(run.hosts.get(HOST))).toEqual(["22 filtered admin-prohibited"]);
  });

  test("that is not there is down after two tries of each question, and its ports are never asked", async () => {
    const run = await runEngine({ targets: [HOST], ports: [22], hostAt: NOWHERE });
    expect(statusOf(run, HOST)).toBe("down no-response");
    expect(kindsTo(run, HOST).sort()).toEqual(
      ["ack", "ack", "echo", "echo", "syn", "syn", "timestamp", "timestamp"].sort(),
    );
    expect(run.network.probes.some(({ port }) => port === 22)).toBe(false);
    expect(run.done.counts).toMatchObject({ hosts: 1, hostsUp: 0, ports: 0 });
  });

  test("that a router calls unreachable is down for that reason", async () => {
    const hostAt = only(HOST, { unreachableBy: ROUTER });
    const run = await runEngine({ targets: [HOST], ports: [22], hostAt });
    expect(statusOf(run, HOST)).toBe("down host-unreach");
    expect(run.network.probeCount).toBe(4);
  });

  test("that is down is told of only when that was asked for", async () => {
    const run = await runEngine({
      targets: [HOST],
      ports: [22],
      hostAt: NOWHERE,
      plan: { isDownReported: false },
    });
    expect(statusOf(run, HOST)).toBe("untold");
    expect(run.done.counts.hosts).toBe(1);
  });

  test("is found with 0 retries as well, where nothing is lost", async () => {
    const run = await runEngine({ targets: [HOST], ports: [22], hostAt: only(HOST), plan: { maxRetries: 0 } });
    expect(portLines(run.hosts.get(HOST))).toEqual(["22 open syn-ack"]);
    expect(run.done.counts.resent).toBe(0);
  });

  test("whose discovery answers twice is up once", async () => {
    const link = { duplicateShare: 1, jitterMs: 2 };
    const run = await runEngine({ targets: [HOST], ports: [22], hostAt: only(HOST), link });
    expect(run.complaints).toEqual([]);
    expect(run.done.counts.hostsUp).toBe(1);
  });
});

describe("-Pn", () => {
  test("takes every host as up and asks for its ports at once", async () => {
    const run = await runEngine({ targets: [HOST], ports: [22], hostAt: NOWHERE, plan: { ping: "none" } });
    expect(statusOf(run, HOST)).toBe("up user-set");
    expect(portLines(run.hosts.get(HOST))).toEqual(["22 filtered no-response"]);
    expect(kindsTo(run, HOST)).toEqual(["syn", "syn"]);
  });

  test("still needs the link address of a neighbour", async () => {
    const wayTo = (): Way => "neighbour";
    const plan = { ping: "none" } as const;
    const run = await runEngine({ targets: [HOST, OTHER], ports: [22], hostAt: only(HOST), wayTo, plan });
    expect([statusOf(run, HOST), statusOf(run, OTHER)]).toEqual(["up arp-response", "down no-response"]);
    expect(kindsTo(run, OTHER)).toEqual(["arp", "arp"]);
  });
});

describe("-sn", () => {
  test("finds out who is up and asks for no port", async () => {
    const plan = { ping: "only" } as const;
    const run = await runEngine({ targets: [HOST, OTHER], ports: [22], hostAt: only(HOST), plan });
    expect([statusOf(run, HOST), statusOf(run, OTHER)]).toEqual(["up echo-reply", "down no-response"]);
    expect(run.hosts.get(HOST)?.done).toMatchObject({ end: "done", undecided: [] });
    expect(run.done.counts.ports).toBe(0);
    expect(run.network.probes.some(({ port }) => port === 22)).toBe(false);
  });
});

describe("a neighbour", () => {
  const wayTo = (): Way => "neighbour";

  test("is found by ARP alone, and its link address is told", async () => {
    const run = await runEngine({ targets: [HOST], ports: [22, 23], hostAt: only(HOST), wayTo });
    expect(kindsTo(run, HOST)).toEqual(["arp", "syn", "syn"]);
    expect(run.hosts.get(HOST)?.facts).toMatchObject({
      status: "up",
      reason: "arp-response",
      mac: [...macOf(ip(HOST))].map((byte) => byte.toString(16).padStart(2, "0")).join(":"),
    });
    expect(portLines(run.hosts.get(HOST))).toEqual(["22 open syn-ack", "23 closed reset"]);
  });

  test("that drops everything but ARP is up, its ports filtered", async () => {
    const host: FakeHost = { isPingSilent: true, otherPorts: "dropped" };
    const run = await runEngine({ targets: [HOST], ports: [22], hostAt: only(HOST, host), wayTo });
    expect(portLines(run.hosts.get(HOST))).toEqual(["22 filtered no-response"]);
  });

  test("that is slow to wake is found by the second try", async () => {
    const run = await runEngine({
      targets: [HOST],
      ports: [22],
      hostAt: only(HOST),
      wayTo,
      link: { roundTripMs: 300 },
    });
    expect(run.complaints).toEqual([]);
    expect(portLines(run.hosts.get(HOST))).toEqual(["22 open syn-ack"]);
  });
});

describe("other ways", () => {
  test("this machine's own address is up without a question", async () => {
    const wayTo = (): Way => "own";
    const run = await runEngine({ targets: [HOST], ports: [22, 23], hostAt: only(HOST), wayTo });
    expect(statusOf(run, HOST)).toBe("up localhost-response");
    expect(kindsTo(run, HOST)).toEqual(["syn", "syn"]);
  });

  test("an address without a route is down for that reason, and the user is told once", async () => {
    const wayTo = (): Way => "none";
    const run = await runEngine({ targets: ["10.0.0.0/24"], ports: [22], hostAt: NOWHERE, wayTo });
    expect(run.network.probeCount).toBe(0);
    expect(run.hosts.size).toBe(256);
    expect(new Set([...run.hosts.values()].map(({ facts }) => facts.reason))).toEqual(new Set(["no-route"]));
    expect(run.events.filter(({ type }) => type === "notice")).toMatchObject([{ level: "warning", code: "no-route" }]);
  });

  test("where the kernel connects, hosts are found by connects to ports 80 and 443", async () => {
    const wayTo = (): Way => "sockets";
    const run = await runEngine({ targets: [HOST, OTHER], ports: [22, 23], hostAt: only(HOST), wayTo });
    expect(statusOf(run, HOST)).toBe("up conn-refused");
    expect(statusOf(run, OTHER)).toBe("down no-response");
    expect(portLines(run.hosts.get(HOST))).toEqual(["22 open conn-accepted", "23 closed conn-refused"]);
    expect(new Set(run.network.probes.map(({ kind }) => kind))).toEqual(new Set(["connect"]));
    expect(run.network.openConnects).toBe(0);
  });

  test("a connect that an ICMP error ended is filtered, and says who sent the error", async () => {
    const rejected = new Map([
      [1, { code: 3, by: ROUTER }],
      [2, { code: 13 }],
    ] as const);
    const wayTo = (): Way => "sockets";
    const run = await runEngine({ targets: [HOST], ports: [1, 2, 3], hostAt: only(HOST, { ports: rejected }), wayTo });
    expect(portLines(run.hosts.get(HOST))).toEqual([
      "1 filtered port-unreach",
      "2 filtered admin-prohibited",
      "3 closed conn-refused",
    ]);
    const responders = [1, 2].map((port) => run.hosts.get(HOST)?.ports.get(port)?.responder);
    expect(responders).toEqual([{ family: 4, value: ROUTER }, undefined]);
  });

  test("a host that rejects connects to 80 and 443 by ICMP of its own is up: it has spoken", async () => {
    const hostAt = only(HOST, { ports: new Map([[22, "open"]]), otherPorts: { code: 3 } }); // iptables -j REJECT
    const run = await runEngine({ targets: [HOST], ports: [22], hostAt, wayTo: () => "sockets" });
    expect(statusOf(run, HOST)).toBe("up port-unreach");
    expect(portLines(run.hosts.get(HOST))).toEqual(["22 open conn-accepted"]);
  });

  test("a host of which only a router speaks, by ICMP, is down where the kernel connects, too", async () => {
    const hostAt = only(HOST, { unreachableBy: ROUTER });
    const run = await runEngine({ targets: [HOST], ports: [22], hostAt, wayTo: () => "sockets" });
    expect(statusOf(run, HOST)).toBe("down host-unreach");
  });

  test("connects that are refused for lack of sockets are made later", async () => {
    const ports = Array.from({ length: 300 }, (_, index) => index + 1);
    const wayTo = (): Way => "own sockets";
    const run = await runEngine({ targets: [HOST], ports, hostAt: only(HOST), wayTo, connectsMax: 5 });
    expect(run.hosts.get(HOST)?.ports.size).toBe(300);
    expect(run.hosts.get(HOST)?.ports.get(22)?.state).toBe("open");
    expect(run.done.counts).toMatchObject({ sent: 300, resent: 0 });
    expect(run.complaints).toEqual([]);
  });

  test("connects into silence are given up, and the sockets with them", async () => {
    const host: FakeHost = { otherPorts: "dropped" };
    const wayTo = (): Way => "sockets";
    const plan = { ping: "none" } as const;
    const run = await runEngine({ targets: [HOST], ports: [1, 2, 3], hostAt: only(HOST, host), wayTo, plan });
    expect(portLines(run.hosts.get(HOST))).toEqual([1, 2, 3].map((port) => `${port} filtered no-response`));
    expect(run.done.counts.sent).toBe(6);
    expect(run.network.openConnects).toBe(0);
  });

  test("-sT connects where packets could be sent, and says why", async () => {
    const plan = { techniques: ["tcp-connect"], ping: "none" } as const;
    const run = await runEngine({ targets: [HOST], ports: [22], hostAt: only(HOST), plan });
    expect(kindsTo(run, HOST)).toEqual(["connect"]);
    expect(choices(run)).toEqual(["ports tcp-connect over fake connects because -sT asks for it"]);
  });
});

describe("several hosts", () => {
  test("are asked for their own ports and no others", async () => {
    const targets = ["10.0.0.1:22", "10.0.0.2:80", "10.0.0.3"];
    const run = await runEngine({ targets, ports: [443, 8443], hostAt: () => ORDINARY, plan: { ping: "none" } });
    const asked = run.network.probes.map(({ address, port }) => `${address & 255}:${port}`).sort();
    expect(asked).toEqual(["1:22", "2:80", "3:443", "3:8443"]);
    expect(portLines(run.hosts.get("10.0.0.1"))).toEqual(["22 open syn-ack"]);
    expect(portLines(run.hosts.get("10.0.0.2"))).toEqual(["80 closed reset"]);
  });

  test("of a whole /24 are all looked at, and the excluded ones never", async () => {
    const hostAt = (address: number): FakeHost | undefined => (address % 3 === 0 ? ORDINARY : undefined);
    const run = await runEngine({ targets: ["10.0.0.0/24"], excluded: ["10.0.0.64/26"], ports: [22], hostAt });
    const up = [...run.hosts.values()].filter(({ facts }) => facts.status === "up");
    expect(run.hosts.size).toBe(192);
    expect(up.every(({ facts }) => ip(facts.address) % 3 === 0)).toBe(true);
    expect(up.every((host) => portLines(host).join() === "22 open syn-ack")).toBe(true);
    const touched = run.network.probes.filter(({ address }) => (address & 0xc0) === 0x40);
    expect(touched).toEqual([]);
    expect(run.complaints).toEqual([]);
  });

  test("with one port each are done on a lossy path, silent or not", async () => {
    const hostAt = (address: number): FakeHost | undefined => (address % 4 === 0 ? ORDINARY : undefined);
    const plan = { ping: "none", maxRetries: 1 } as const;
    const link = { lossThere: 0.1 };
    const run = await runEngine({ targets: ["10.0.0.0/22"], ports: [22], hostAt, link, plan, stopAfterMs: 60_000 });
    expect(run.done).toMatchObject({ isAborted: false, counts: { ports: 1024 } });
    expect(run.done.loss.lossShare).toBeGreaterThan(0.02);
  });

  test("get their turns: no host is finished before the others have begun", async () => {
    const ports = Array.from({ length: 200 }, (_, index) => index + 1);
    const targets = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"];
    const run = await runEngine({ targets, ports, hostAt: () => ORDINARY, plan: { ping: "none" } });
    const firstHalf = run.network.probes.slice(0, 400).map(({ address }) => address);
    for (const target of targets) {
      const share = firstHalf.filter((address) => address === ip(target)).length / 400;
      expect(share).toBeGreaterThan(0.15);
      expect(share).toBeLessThan(0.35);
    }
  });

  test("a group of host:ports whose ports are all excluded is done as soon as it is up", async () => {
    const run = await runEngine({ targets: [HOST], ports: [], hostAt: only(HOST) });
    expect(run.hosts.get(HOST)?.done).toMatchObject({ end: "done", undecided: [] });
    expect(run.done.isAborted).toBe(false);
  });
});
