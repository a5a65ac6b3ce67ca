import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TCP_ACK, TCP_RST } from "../packet/tcp.js";
import type { FakeHost, PortBehaviour } from "./fake-host.test.data.js";
import type { LinkShape } from "./fake-network.test.data.js";
import { forgeriesOf, staleCopiesOf } from "./forgeries.test.data.js";
import { ip, portLines, runEngine, type Scenario, type ToldRun } from "./run-engine.test.data.js";

const HOST = "10.0.0.1";
const ROUTER = ip("10.9.9.9");
const ADMIN_PROHIBITED = 13;

/** Ports first … last. */
function ports(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** By turns open, closed, silent and rejected by a router. */
function mixedBehaviour(port: number): PortBehaviour {
  const kinds: readonly PortBehaviour[] = ["open", "closed", "dropped", { code: ADMIN_PROHIBITED, by: ROUTER }];
  return kinds[port % 4] ?? "closed";
}

function expectedState(behaviour: PortBehaviour): string {
  return behaviour === "open" || behaviour === "closed" ? behaviour : "filtered";
}

function hostWith(list: readonly number[], behaviour: (port: number) => PortBehaviour): FakeHost {
  return { ports: new Map(list.map((port) => [port, behaviour(port)] as const)) };
}

/** One host with mixed ports. */
function mixedScenario(portCount: number, link: Partial<LinkShape>, seed = 1): Scenario {
  const list = ports(1, portCount);
  const host = hostWith(list, mixedBehaviour);
  return { targets: [HOST], ports: list, hostAt: () => host, link, seed, plan: { ping: "none" } };
}

/** Ports whose state is not what the host's behaviour makes it, as "22 open filtered": expected, then told. */
function wrongPorts(run: ToldRun, address: string, behaviour: (port: number) => PortBehaviour): string[] {
  const told = [...(run.hosts.get(address)?.ports.values() ?? [])];
  return told
    .filter(({ port, state }) => state !== expectedState(behaviour(port)))
    .map(({ port, state }) => `${port} ${expectedState(behaviour(port))} ${state}`);
}

describe("states", () => {
  test("are open, closed or filtered, each with its evidence", async () => {
    const run = await runEngine(mixedScenario(4, {}));
    expect(portLines(run.hosts.get(HOST))).toEqual([
      "1 closed reset",
      "2 filtered no-response",
      "3 filtered admin-prohibited",
      "4 open syn-ack",
    ]);
    const verdicts = run.hosts.get(HOST)?.ports;
    expect(verdicts?.get(3)).toMatchObject({ responder: { family: 4, value: ROUTER }, tries: 1 });
    expect(verdicts?.get(4)).toMatchObject({ responder: undefined, tries: 1, ttl: 57, rttMs: expect.closeTo(10, 0) });
    expect(run.complaints).toEqual([]);
  });

  test.each([
    [0, "net-unreach"],
    [1, "host-unreach"],
    [2, "proto-unreach"],
    [3, "port-unreach"],
    [9, "net-prohibited"],
    [10, "host-prohibited"],
    [13, "admin-prohibited"],
    [5, "dest-unreach"],
  ])("ICMP unreachable with code %i means filtered, reason %s", async (code, reason) => {
    const hostAt = (): FakeHost => ({ otherPorts: { code } });
    const run = await runEngine({ targets: [HOST], ports: [80], hostAt, plan: { ping: "none" } });
    expect(portLines(run.hosts.get(HOST))).toEqual([`80 filtered ${reason}`]);
  });

  test.each([0, 0.01, 0.05, 0.1, 0.25])("are right on a path that loses %f of all round trips", async (loss) => {
    const each = 1 - Math.sqrt(1 - loss);
    const link = { lossThere: each, lossBack: each, jitterMs: 5 };
    for (const seed of [1, 2, 3]) {
      const run = await runEngine(mixedScenario(800, link, seed));
      expect(run.hosts.get(HOST)?.ports.size).toBe(800);
      expect(wrongPorts(run, HOST, mixedBehaviour)).toEqual([]);
      expect(run.complaints).toEqual([]);
      expect(run.done.loss.lossShare).toBeCloseTo(loss, 1);
    }
  });

  test("are right, told once and asked of the planned ports only, whatever the link does", async () => {
    const links = fc.record({
      lossThere: fc.constantFrom(0, 0.01, 0.1),
      lossBack: fc.constantFrom(0, 0.01, 0.15),
      roundTripMs: fc.constantFrom(1, 20, 300),
      jitterMs: fc.constantFrom(0, 3, 100),
      duplicateShare: fc.constantFrom(0, 0.3),
    });
    const run = fc.asyncProperty(links, fc.integer({ min: 1, max: 2 ** 31 }), async (link, seed) => {
      const scenario = mixedScenario(400, link, seed);
      const told = await runEngine(scenario);
      expect(told.complaints).toEqual([]);
      expect([...(told.hosts.get(HOST)?.ports.keys() ?? [])].sort((one, other) => one - other)).toEqual(scenario.ports);
      expect(new Set(told.network.probes.map(({ kind, address }) => `${kind} ${address}`))).toEqual(
        new Set([`syn ${ip(HOST)}`]),
      );
      expect(new Set(told.network.probes.map(({ port }) => port))).toEqual(new Set(scenario.ports));
      expect(told.done.counts.sent).toBe(told.network.probeCount);
      // Where hardly anything is lost, a port may lose both of its tries unnoticed: that is one in ten thousand.
      const wrong = wrongPorts(told, HOST, mixedBehaviour);
      expect(wrong.length).toBeLessThanOrEqual(1);
      expect(wrong.filter((line) => !line.endsWith("filtered"))).toEqual([]);
    });
    await fc.assert(run, { numRuns: 100, seed: 20_260_101 });
  });

  test("come one by one for ports in any order, number 0 and 65535 among them", async () => {
    const list = [0, 65_535, 443, 22];
    const run = await runEngine({ targets: [HOST], ports: list, hostAt: () => hostWith([443], () => "open") });
    expect(portLines(run.hosts.get(HOST))).toEqual([
      "0 closed reset",
      "22 closed reset",
      "443 open syn-ack",
      "65535 closed reset",
    ]);
  });
});

describe("what is no answer", () => {
  test("changes nothing: forged, cut and broken frames are ignored, one and all", async () => {
    const list = ports(1, 60);
    // Half of the ports are silent: a forgery that got through would make them something else.
    const behaviour = (port: number): PortBehaviour => (port % 2 === 0 ? "open" : "dropped");
    const host = hostWith(list, behaviour);
    const scenario = { targets: [HOST], ports: list, hostAt: () => host, plan: { ping: "none" } } as const;
    const calm = await runEngine(scenario);
    const attacked = await runEngine({ ...scenario, injectBefore: forgeriesOf });
    expect(portLines(attacked.hosts.get(HOST))).toEqual(portLines(calm.hosts.get(HOST)));
    expect(attacked.network.injectedCount).toBeGreaterThan(300);
    expect(attacked.done.counts).toEqual({ ...calm.done.counts, ignored: attacked.network.injectedCount });
    expect(attacked.complaints).toEqual([]);
  });

  test("a copy of an answer is counted as ignored and decides nothing", async () => {
    const list = ports(1, 40);
    const host = hostWith(list, () => "open");
    const run = await runEngine({ targets: [HOST], ports: list, hostAt: () => host, injectBefore: staleCopiesOf });
    expect(run.complaints).toEqual([]);
    expect(run.hosts.get(HOST)?.ports.size).toBe(40);
    expect(run.done.counts.ignored).toBeGreaterThanOrEqual(2 * 40);
    expect(run.done.counts.late).toBe(0);
    expect(run.done.counts.answered).toBeLessThanOrEqual(41);
  });

  test("a RST without ACK, as a blind attacker sends it, closes nothing", async () => {
    const injectBefore = (answer: Uint8Array, etherType: number) =>
      forgeriesOf(answer, etherType).filter(({ frame }) => frame[33] === TCP_RST || frame[33] === (TCP_RST | TCP_ACK));
    const host = hostWith([80], () => "open");
    const run = await runEngine({
      targets: [HOST],
      ports: [80],
      hostAt: () => host,
      plan: { ping: "none" },
      injectBefore,
    });
    expect(run.network.injectedCount).toBeGreaterThan(0);
    expect(portLines(run.hosts.get(HOST))).toEqual(["80 open syn-ack"]);
  });
});

describe("tries", () => {
  function silentHalf(port: number): PortBehaviour {
    return port % 2 === 0 ? "closed" : "dropped";
  }

  async function scanHalf(link: Partial<LinkShape>, maxRetries = 10): Promise<ToldRun> {
    const list = ports(1, 400);
    const host = hostWith(list, silentHalf);
    const plan = { ping: "none", maxRetries } as const;
    return runEngine({ targets: [HOST], ports: list, hostAt: () => host, link, plan });
  }

  test("are two for a silent port and one for any other, where nothing is lost", async () => {
    const { done, hosts } = await scanHalf({});
    const controls = done.counts.sent - 600; // one try in 64
    expect(controls).toBeGreaterThan(0);
    expect(controls).toBeLessThanOrEqual(200 / 64);
    const answered = 200 + controls;
    expect(done.counts).toMatchObject({ resent: answered, answered, ports: 400, late: 0, ignored: 0 });
    for (const { port, tries, reason } of hosts.get(HOST)?.ports.values() ?? []) {
      expect([port, tries, reason]).toEqual(port % 2 === 0 ? [port, 1, "reset"] : [port, 2, "no-response"]);
    }
    expect(done.loss).toEqual({ lossShare: 0, missedEstimate: 0 });
  });

  test("are the more, the more is lost", async () => {
    const triesAt = async (loss: number): Promise<number> => {
      const { hosts } = await scanHalf({ lossThere: loss });
      return hosts.get(HOST)?.ports.get(1)?.tries ?? 0;
    };
    const tries = [await triesAt(0), await triesAt(0.05), await triesAt(0.25)];
    expect(tries[0]).toBe(2);
    expect(tries[1]).toBeGreaterThan(2);
    expect(tries[2]).toBeGreaterThan(tries[1] ?? 0);
    expect(tries[2]).toBeLessThanOrEqual(11);
  });

  test("are one with --max-retries 0", async () => {
    const { done, hosts } = await scanHalf({}, 0);
    expect(done.counts).toMatchObject({ sent: 400, resent: 0 });
    expect(hosts.get(HOST)?.ports.get(1)).toMatchObject({ state: "filtered", tries: 1 });
  });

  test("never exceed --max-retries, however much is lost", async () => {
    const { network, done, hosts } = await scanHalf({ lossThere: 0.4 }, 3);
    const triesOf = new Map<number, number>();
    for (const { port } of network.probes) triesOf.set(port, (triesOf.get(port) ?? 0) + 1);
    const silent = hosts.get(HOST)?.ports.values() ?? [];
    for (const { port, state } of silent) if (state === "filtered") expect(triesOf.get(port)).toBe(4);
    expect(done.loss.missedEstimate).toBeGreaterThan(0.5);
  });

  test("that were too few leave a mark: silence on a lossy path has a reason of its own", async () => {
    const { hosts } = await scanHalf({ lossThere: 0.4 }, 2);
    expect(hosts.get(HOST)?.ports.get(1)).toMatchObject({ state: "filtered", reason: "no-response-lossy" });
    expect(hosts.get(HOST)?.done?.loss.missedEstimate).toBeGreaterThan(0.5);
  });

  test("rationed ICMP errors are no loss: silence between them costs two tries", async () => {
    const list = ports(1, 300);
    const hostAt = (): FakeHost => ({ otherPorts: { code: ADMIN_PROHIBITED }, errorsPerSec: 1 });
    const run = await runEngine({ targets: [HOST], ports: list, hostAt, plan: { ping: "none" } });
    const verdicts = [...(run.hosts.get(HOST)?.ports.values() ?? [])];
    expect(new Set(verdicts.map(({ state }) => state))).toEqual(new Set(["filtered"]));
    expect(verdicts.filter(({ reason }) => reason === "admin-prohibited").length).toBeGreaterThanOrEqual(6);
    expect(run.done.counts.sent).toBeLessThanOrEqual(2 * 300);
    expect(run.done.loss.lossShare).toBe(0);
  });

  test("a host that rations its RSTs is found closed all the same", async () => {
    const list = ports(1, 600);
    const hostAt = (): FakeHost => ({ resetsPerSec: 200 });
    const run = await runEngine({ targets: [HOST], ports: list, hostAt, plan: { ping: "none" } });
    const states = [...(run.hosts.get(HOST)?.ports.values() ?? [])].map(({ state }) => state);
    expect(states.filter((state) => state !== "closed").length).toBeLessThanOrEqual(6);
  });

  test("a full batch of frames loses nothing: what found no room is sent in the next round", async () => {
    const scenario = mixedScenario(200, {});
    const narrow = await runEngine({ ...scenario, roomFrames: 3 });
    const wide = await runEngine(scenario);
    expect(portLines(narrow.hosts.get(HOST))).toEqual(portLines(wide.hosts.get(HOST)));
    expect(narrow.done.counts.sent).toBe(narrow.network.probeCount);
    expect(narrow.done.counts.resent).toBe(wide.done.counts.resent);
  });
});

test("a transmitter on a thread of its own makes no difference to what is found", async () => {
  const scenario = mixedScenario(500, { lossBack: 0.05 });
  const run = await runEngine({ ...scenario, isThreaded: true });
  expect(wrongPorts(run, HOST, mixedBehaviour)).toEqual([]);
  expect(run.hosts.get(HOST)?.ports.size).toBe(500);
  expect(run.done.counts.sent).toBe(run.network.probeCount);
  expect(run.network.isSending).toBe(false);
});

describe("late answers", () => {
  test("correct a state as long as the host is not done", async () => {
    const list = ports(1, 300);
    const slow = 150;
    const host: FakeHost = { delayMs: (port) => (port === slow ? 900 : 0) };
    // The rate keeps the host busy until the answer is there; by then both tries have run out.
    const plan = { ping: "none", maxRatePps: 100, isSequential: true } as const;
    const run = await runEngine({ targets: [HOST], ports: list, hostAt: () => host, plan });
    expect(run.complaints).toEqual([]);
    expect(run.hosts.get(HOST)?.ports.get(slow)).toMatchObject({ state: "closed", reason: "reset" });
    expect(run.done.counts.late).toBeGreaterThan(0);
  });

  test("to an earlier try count while a later one is under way, and the wait becomes longer", async () => {
    const list = ports(1, 50);
    const host: FakeHost = { delayMs: (port) => (port > 40 ? 130 : 0) };
    const plan = { ping: "none", isSequential: true, maxRatePps: 1000 } as const;
    const run = await runEngine({ targets: [HOST], ports: list, hostAt: () => host, plan });
    expect(wrongPorts(run, HOST, () => "closed")).toEqual([]);
    expect(run.done.counts.resent).toBeGreaterThan(0);
    expect(run.complaints).toEqual([]);
  });

  test("that come when the host is done change nothing", async () => {
    const host: FakeHost = { delayMs: (port) => (port === 2 ? 60_000 : 0) };
    const run = await runEngine({ targets: [HOST, "10.0.0.2"], ports: [1, 2], hostAt: () => host });
    expect(run.complaints).toEqual([]);
    expect(portLines(run.hosts.get(HOST))).toEqual(["1 closed reset", "2 filtered no-response"]);
  });
});
