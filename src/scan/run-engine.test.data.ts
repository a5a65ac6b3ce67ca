// Runs the engine over a fake network and gathers what it told, checking that it told it once.
import type { DoneEvent, HostDoneEvent, HostFacts, ScanEvent } from "../model/scan-event.js";
import { parseAddress } from "../target/address.js";
import { blockAround } from "../target/address-block.js";
import { parseIpv4 } from "../target/ipv4.js";
import { PortSet, type Protocol } from "../target/port-set.js";
import { type TargetGroup, TargetSet } from "../target/target-set.js";
import { Cookies } from "../technique/cookies.js";
import { Engine } from "./engine.js";
import type { EventSink, PortVerdict } from "./event-sink.js";
import { FakeClock } from "./fake-clock.test.data.js";
import { FakeNetwork, type FakeNetworkOptions } from "./fake-network.test.data.js";
import { DEFAULT_TIMING, type ScanPlan, type Timing } from "./plan.js";

/** What a plan has otherwise than an ordinary one; bounds of time and pace without the word around them. */
export type PlanChanges = Partial<ScanPlan> & Partial<Timing>;

/** A run to be made. */
export interface Scenario extends Omit<FakeNetworkOptions, "clock" | "seed" | "hostAt"> {
  /** "10.0.0.1", "10.0.0.0/24" or "fd00::a00:1"; with ports of its own "10.0.0.1:22". */
  readonly targets: readonly string[];
  readonly excluded?: readonly string[];
  readonly ports: readonly number[];
  readonly plan?: PlanChanges;
  readonly hostAt: FakeNetworkOptions["hostAt"];
  readonly seed?: number;
  /** Stops the scan after so much fake time. */
  readonly stopAfterMs?: number;
  /** After so much fake time somebody wishes to skip the present host. */
  readonly skipAfterMs?: number;
}

/** A verdict, and when it was told. */
export interface ToldVerdict extends PortVerdict {
  readonly toldAtMs: number;
}

/** A port that was silent in so many tries, as a journal is told. */
export interface ToldSilence {
  readonly hostId: number;
  readonly protocol: Protocol;
  readonly tries: number;
  readonly port: number;
}

/** What was told of a host. */
export interface ToldHost {
  readonly facts: HostFacts;
  /** TCP ports, and those of the other protocols. */
  readonly ports: Map<number, ToldVerdict>;
  readonly udp: Map<number, ToldVerdict>;
  readonly sctp: Map<number, ToldVerdict>;
  readonly ip: Map<number, ToldVerdict>;
  done: HostDoneEvent | undefined;
}

/** What came of a run. */
export interface ToldRun {
  /** By address. */
  readonly hosts: ReadonlyMap<string, ToldHost>;
  readonly events: readonly ScanEvent[];
  readonly done: DoneEvent;
  readonly network: FakeNetwork;
  readonly silences: readonly ToldSilence[];
  /** Complaints about the order of events or about what was told twice. */
  readonly complaints: readonly string[];
}

/** Keeps what it is told, and complains when it is told twice. */
class GatheringSink implements EventSink {
  readonly events: ScanEvent[] = [];
  readonly byId = new Map<number, ToldHost>();
  readonly complaints: string[] = [];
  readonly silences: ToldSilence[] = [];
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  event(event: ScanEvent): void {
    if (this.events.at(-1)?.type === "done") this.complaints.push(`${event.type} after done`);
    if (event.type !== "progress") this.events.push(event);
    if (event.type === "host") this.#onHost(event.host);
    if (event.type === "host-done") this.#onHostDone(event);
  }

  port(verdict: PortVerdict): void {
    const host = this.byId.get(verdict.hostId);
    if (host === undefined || host.done !== undefined) {
      this.complaints.push(`port ${verdict.port} of host ${verdict.hostId}, which is not being scanned`);
      return;
    }
    const ports = portsOf(host, verdict.protocol);
    if (ports.has(verdict.port)) this.complaints.push(`port ${verdict.port} of ${host.facts.address} twice`);
    ports.set(verdict.port, { ...verdict, toldAtMs: this.#clock.now() });
  }

  silence(hostId: number, protocol: Protocol, tries: number, port: number): void {
    this.silences.push({ hostId, protocol, tries, port });
  }

  #onHost(facts: HostFacts): void {
    if (this.byId.has(facts.id)) this.complaints.push(`host ${facts.address} twice`);
    this.byId.set(facts.id, {
      facts,
      ports: new Map(),
      udp: new Map(),
      sctp: new Map(),
      ip: new Map(),
      done: undefined,
    });
  }

  #onHostDone(event: HostDoneEvent): void {
    const host = this.byId.get(event.hostId);
    if (host === undefined || host.done !== undefined) this.complaints.push(`host ${event.hostId} done out of turn`);
    else host.done = event;
  }
}

/** "10.0.0.1" as a number. */
export function ip(text: string): number {
  const value = parseIpv4(text);
  if (value === undefined) throw new Error(`${text} is no address`);
  return value;
}

/** The ports of one protocol. */
export function portsOf(host: ToldHost, protocol: Protocol): Map<number, ToldVerdict> {
  return protocol === "tcp" ? host.ports : host[protocol];
}

function groupOf(text: string): TargetGroup {
  const whole = parseAddress(text);
  if (whole?.family === 6) return { block: blockAround(whole, 128) };
  const [place = "", port] = text.split(":");
  const [address = "", prefix = "32"] = place.split("/");
  const group: TargetGroup = { block: { kind: "ipv4-range", base: ip(address), count: 2 ** (32 - Number(prefix)) } };
  if (port === undefined) return group;
  return { ...group, ports: PortSet.of({ tcp: [[Number(port), Number(port)]] }).toData() };
}

/** A plan with these targets, and otherwise as an ordinary scan by root has it. */
export function planOf(targets: TargetSet, changes: PlanChanges = {}): ScanPlan {
  const timing = Object.fromEntries(
    Object.entries(DEFAULT_TIMING).map(([name, value]) => [name, changes[name as keyof Timing] ?? value]),
  ) as unknown as Timing;
  return {
    targets: targets.toData(),
    targetTexts: ["fake"],
    scope: { own: [], authorized: [] },
    techniques: ["tcp-auto"],
    scanFlags: undefined,
    ping: "default",
    discovery: undefined,
    isLinkAsked: true,
    transport: "auto",
    isPrivileged: true,
    likelyPorts: {},
    isSequential: false,
    timing,
    seed: 1,
    isDownReported: true,
    isSilenceOmitted: false,
    sourceAddresses: [],
    borrowCount: 0,
    udpPayloads: { rows: [], isPrinterAllowed: false },
    isIcmpRationDefeated: false,
    isResetRationDefeated: false,
    isTraced: false,
    shard: undefined,
    resume: undefined,
    isJournaled: false,
    ...changes,
  };
}

/** The targets of a scenario. */
export function targetsOf(scenario: Pick<Scenario, "targets" | "excluded" | "ports">): TargetSet {
  const ranges = scenario.ports.map((port) => [port, port] as const);
  const ports = PortSet.of({ tcp: ranges, udp: ranges, sctp: ranges, ip: ranges.filter(([port]) => port < 256) });
  const excluded = (scenario.excluded ?? []).map((text) => groupOf(text).block);
  return TargetSet.of(scenario.targets.map(groupOf), excluded, ports);
}

/** Runs a scenario to its end. */
export async function runEngine(scenario: Scenario): Promise<ToldRun> {
  const { seed = 1, stopAfterMs = Number.POSITIVE_INFINITY, skipAfterMs = Number.POSITIVE_INFINITY } = scenario;
  const clock = new FakeClock();
  const network = new FakeNetwork({ ...scenario, clock, seed });
  const sink = new GatheringSink(clock);
  const targets = targetsOf(scenario);
  const plan = planOf(targets, { seed, ...scenario.plan });
  const cookies = new Cookies(seed ^ 0x5bd1e995, seed * 77, 40_000, plan.scanFlags);
  const stopAtMs = clock.now() + stopAfterMs;
  const engine = new Engine({ plan, targets, network, sink, clock, cookies });
  let skipAtMs = clock.now() + skipAfterMs;
  const takeSkip = (): boolean => {
    if (clock.now() < skipAtMs) return false;
    skipAtMs = Number.POSITIVE_INFINITY;
    return true;
  };
  await engine.run({ isStopped: () => clock.now() >= stopAtMs, takeSkip });
  const done = sink.events.at(-1);
  if (done?.type !== "done") throw new Error("the scan did not end with done");
  const hosts = new Map([...sink.byId.values()].map((host) => [host.facts.address, host] as const));
  const { events, silences, complaints } = sink;
  return { hosts, events, done, network, silences, complaints };
}

/** The ports of a host as "22 open syn-ack", ascending. */
export function portLines(host: ToldHost | undefined, protocol: Protocol = "tcp"): string[] {
  const told = host === undefined ? [] : portsOf(host, protocol).values();
  const verdicts = [...told].sort((one, other) => one.port - other.port);
  return verdicts.map(({ port, state, reason }) => `${port} ${state} ${reason}`);
}
