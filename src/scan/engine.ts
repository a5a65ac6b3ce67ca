// The engine: one loop that sends, receives, times out and tries again, for one port or for millions of hosts.
// Its states and rules are explained in docs/engine.md.
import type { Clock } from "../linux/clock.js";
import { ENETUNREACH, errnoName } from "../linux/errno.js";
import type { FrameFacts } from "../linux/packet-receiver.js";
import type { TechniqueChoice } from "../model/scan-event.js";
import { formatAddress } from "../target/address.js";
import { portOrder } from "../target/port-order.js";
import type { PortSet } from "../target/port-set.js";
import type { Target, TargetSet } from "../target/target-set.js";
import type { Cookies } from "../technique/cookies.js";
import { FrameView } from "../technique/frame-view.js";
import { TECHNIQUES } from "../technique/list.js";
import { createAnswer } from "../technique/technique.js";
import { Admission } from "./admission.js";
import { discoveryQuestions, portTechnique } from "./choice.js";
import { Counters } from "./counters.js";
import type { EventSink } from "./event-sink.js";
import { Host } from "./host.js";
import { Judge } from "./judge.js";
import type { ConnectSink, Network, Path } from "./network.js";
import type { ScanPlan } from "./plan.js";
import { ProbeWindow, WINDOW_CAPACITY } from "./probe-window.js";
import { ProgressMeter } from "./progress-meter.js";
import { Roster } from "./roster.js";
import { RoundTrip, RTO_INITIAL_NEAR_MS } from "./round-trip.js";
import { SendWindow } from "./send-window.js";
import { Sender } from "./sender.js";
import { TokenBucket } from "./token-bucket.js";

/** Hosts under way at once, at most. */
const HOSTS_MAX = 4096;
/** Ports of all hosts that are being scanned at once: bounds what a report has to keep until hosts are done. */
const PORTS_AT_ONCE = 4_000_000;
/** Probes between two looks at what came back: a veth's queue holds 1,000 frames (net.core.netdev_max_backlog). */
const BATCH = 256;
/** The same while another thread is sending: small, so that this thread is back when the other one needs work. */
const BATCH_BESIDE = 128;
/** Probes to one host before the next host's turn. */
const QUANTUM = 16;
const TOTAL_WINDOW = { initial: 64, floor: 64, ceiling: WINDOW_CAPACITY, silentCeiling: WINDOW_CAPACITY };
/** The longest sleep: so soon a stop is noticed. */
const IDLE_MS = 20;
/** Loss is judged over this time at least. */
const EPOCH_MS = 100;
/** The event loop gets a turn after this many rounds, whatever happens. */
const ROUNDS_A_TURN = 64;
const DROPS_EVERY_MS = 20;

/** What the engine works with; all of it can be a fake. */
export interface EngineParts {
  readonly plan: ScanPlan;
  readonly targets: TargetSet;
  readonly network: Network;
  readonly sink: EventSink;
  readonly clock: Clock;
  readonly cookies: Cookies;
}

/** Runs one plan, once. */
export class Engine {
  private readonly parts: EngineParts;
  private readonly counters = new Counters();
  private readonly window = new ProbeWindow();
  private readonly roster = new Roster();
  private readonly waiting: Host[] = [];
  private readonly admission: Admission;
  private readonly total = new SendWindow(TOTAL_WINDOW);
  private readonly bucket: TokenBucket;
  private readonly sender: Sender;
  private readonly judge: Judge;
  private readonly near = new RoundTrip(RTO_INITIAL_NEAR_MS);
  private readonly far = new RoundTrip();
  private readonly frame = new FrameView();
  private readonly answer = createAnswer();
  private readonly orders = new Map<PortSet, Uint16Array>();
  private readonly told = new Set<string>();
  private readonly progress: ProgressMeter;
  private portsUnderWay = 0;
  private hostId = 0;
  private dropsAtMs = 0;
  /** The time of this round: looking at the clock for each frame would cost more than reading the frame. */
  private nowMs = 0;

  constructor(parts: EngineParts) {
    const { plan, targets, network, sink, clock, cookies } = parts;
    this.parts = parts;
    this.admission = new Admission(targets, plan.seed);
    this.bucket = new TokenBucket(plan.maxRatePps);
    this.sender = new Sender(network, this.window, this.counters, cookies);
    this.progress = new ProgressMeter(clock.now());
    this.judge = new Judge({
      window: this.window,
      network,
      sink,
      counters: this.counters,
      total: this.total,
      triesMax: plan.maxRetries + 1,
      isDownReported: plan.isDownReported,
      priorOf: (host) => this.priorOf(host.path),
      onNoWay: (host) => this.tellNoWay(host, errnoName(ENETUNREACH)),
      onUp: (host) => this.onUp(host),
      onDone: (host) => this.onDone(host),
    });
  }

  /** Scans until all is decided, or until `isStopped` says so. Ends with the "done" event. */
  async run(isStopped: () => boolean): Promise<void> {
    const { network, sink, clock } = this.parts;
    const startedAtMs = clock.now();
    for (let round = 1; !isStopped() && !this.isFinished(); round++) {
      const nowMs = clock.now();
      this.nowMs = nowMs;
      const received = network.receive(this.onFrame, this.onConnect);
      this.window.expire(nowMs, this.judge.onExpiry);
      this.judgeLoss(nowMs);
      const isAdmitting = this.admit();
      const sent = this.fill(nowMs);
      network.flush();
      if (this.progress.isDue(nowMs)) sink.event(this.progressEvent(nowMs));
      const isIdle = sent === 0 && received === 0 && !isAdmitting && !network.isSending;
      if (isIdle) await network.idle(this.idleMs(nowMs));
      // Whoever listens in this thread, signals and other threads' ends have their turn.
      if (isIdle || network.isSending || round % ROUNDS_A_TURN === 0) await new Promise(setImmediate);
    }
    const isAborted = !this.isFinished();
    for (const host of [...this.roster, ...this.waiting]) this.judge.abandon(host);
    while (network.isSending) await new Promise(setImmediate);
    this.readDrops();
    sink.event({
      type: "done",
      finishedAt: clock.isoNow(),
      elapsedMs: clock.now() - startedAtMs,
      counts: this.counters.snapshot(),
      loss: this.judge.runLoss(),
      isAborted,
    });
  }

  private isFinished(): boolean {
    return this.admission.isExhausted && this.roster.count === 0 && this.waiting.length === 0;
  }

  private readonly onFrame = (bytes: Uint8Array, at: number, end: number, facts: FrameFacts): void => {
    const { cookies, network } = this.parts;
    const isWhole = this.frame.parse(bytes, at, end, facts.etherType, facts.isChecksumTrusted && !facts.isCut);
    const number = isWhole ? this.techniqueOf(cookies) : -1;
    if (number < 0) {
      this.counters.ignored++;
      return;
    }
    const host = this.roster.find(this.answer.address);
    const receivedAtMs = facts.receivedAtMs - network.frameTimeOffsetMs;
    this.judge.onAnswer(host, number, this.answer, receivedAtMs, this.nowMs);
  };

  /** The technique whose cookie the frame carries, with the answer filled in; -1 when there is none. */
  private techniqueOf(cookies: Cookies): number {
    for (let number = 0; number < TECHNIQUES.length; number++) {
      const technique = TECHNIQUES[number];
      if (technique?.kind === "frame" && technique.read(this.frame, cookies, this.answer)) return number;
    }
    return -1;
  }

  private readonly onConnect: ConnectSink = (slot, errno, error) => {
    this.judge.onConnectEnd(slot, errno, error, this.answer, this.nowMs);
  };

  /** Lets hosts in: those that are known to be up first, then new ones. True when there may be more to let in at once. */
  private admit(): boolean {
    while (this.waiting.length > 0 && this.roster.count < HOSTS_MAX && this.hasRoomFor(this.waiting[0])) {
      const host = this.waiting.shift();
      if (host !== undefined) this.beginPorts(host);
    }
    for (let looks = 0; looks < BATCH && this.roster.count < HOSTS_MAX && this.waiting.length < HOSTS_MAX; looks++) {
      if (this.total.size <= this.window.count) return false; // no probe could leave now anyway
      const target = this.admission.next();
      if (target === undefined) return !this.admission.isExhausted;
      this.enter(target);
    }
    return this.roster.count < HOSTS_MAX && this.waiting.length < HOSTS_MAX;
  }

  private enter(target: Target): void {
    const { plan, network } = this.parts;
    const host = new Host(this.hostId++, target, network.pathTo(target.address));
    this.counters.hosts++;
    if (host.path.kind === "none") {
      this.tellNoWay(host, host.path.because);
      this.judge.markDown(host, host.path.reason);
      return;
    }
    host.questions = discoveryQuestions(plan, host.path);
    if (host.questions.length === 0) {
      this.judge.markUp(host, host.path.isOwn ? "localhost-response" : "user-set");
      return;
    }
    for (const { technique } of host.questions) this.tell("discovery", technique, host.path);
    this.roster.add(host);
  }

  private onUp(host: Host): void {
    this.roster.remove(host);
    if (this.parts.plan.ping === "only" || host.target.ports.count("tcp") === 0) {
      this.judge.finish(host);
      return;
    }
    host.phase = "waiting";
    this.waiting.push(host);
  }

  private hasRoomFor(host: Host | undefined): boolean {
    const count = host?.target.ports.count("tcp") ?? 0;
    return this.portsUnderWay === 0 || this.portsUnderWay + count <= PORTS_AT_ONCE;
  }

  private beginPorts(host: Host): void {
    const technique = portTechnique(this.parts.plan, host.path);
    const order = this.orderOf(host.target.ports);
    this.portsUnderWay += order.length;
    host.beginPorts(technique, order);
    this.tell("ports", technique, host.path);
    this.roster.add(host);
  }

  private onDone(host: Host): void {
    this.roster.remove(host);
    if (host.phase === "ports") this.portsUnderWay -= host.order.length;
  }

  /** The order is the same for all hosts with the same ports: hosts take turns, so no port is hit on all at once. */
  private orderOf(ports: PortSet): Uint16Array {
    let order = this.orders.get(ports);
    if (order === undefined) {
      const { likelyPorts, seed, isSequential } = this.parts.plan;
      order = portOrder(ports, "tcp", likelyPorts, seed, isSequential);
      if (this.orders.size >= HOSTS_MAX) this.orders.clear();
      this.orders.set(ports, order);
    }
    return order;
  }

  /** Sends what the windows, the rate and the ring allow. Returns how much. */
  private fill(nowMs: number): number {
    const room = Math.min(Math.floor(this.total.size) - this.window.count, WINDOW_CAPACITY - this.window.count);
    const batch = this.parts.network.isSending ? BATCH_BESIDE : BATCH;
    const most = Math.min(batch, room, this.bucket.available(nowMs));
    let sent = 0;
    while (sent < most) {
      const host = this.roster.nextWithWork();
      if (host === undefined) break;
      const count = this.serve(host, nowMs, Math.min(QUANTUM, most - sent));
      sent += count;
      if (count === 0) break;
    }
    this.bucket.take(sent);
    return sent;
  }

  private serve(host: Host, nowMs: number, most: number): number {
    const prior = this.priorOf(host.path);
    let count = 0;
    while (count < most && host.hasWork && this.sender.sendNext(host, nowMs, prior)) count++;
    // A retry that was answered meanwhile can leave a host with nothing to do and nothing to wait for.
    if (host.isIdle) this.judge.settle(host);
    return count;
  }

  private priorOf(path: Path): RoundTrip {
    return path.isNear ? this.near : this.far;
  }

  private judgeLoss(nowMs: number): void {
    this.total.judge(nowMs, EPOCH_MS);
    if (nowMs < this.dropsAtMs) return;
    this.dropsAtMs = nowMs + DROPS_EVERY_MS;
    for (const host of this.roster) host.window.judge(nowMs, EPOCH_MS);
    if (this.readDrops()) this.total.overrun();
  }

  /** True when frames were dropped on this machine since the last look. */
  private readDrops(): boolean {
    const { received, sent } = this.parts.network.drops;
    const hasMore = received + sent > this.counters.kernelDrops;
    this.counters.kernelDrops = received + sent;
    return hasMore;
  }

  private idleMs(nowMs: number): number {
    const rateMs = this.bucket.waitMs();
    const untilExpiryMs = this.window.nextExpiryMs(nowMs, IDLE_MS);
    return rateMs > 0 ? Math.min(rateMs, untilExpiryMs) : untilExpiryMs;
  }

  private progressEvent(nowMs: number): ReturnType<ProgressMeter["event"]> {
    let partly = 0;
    for (const host of this.roster) {
      if (host.phase === "ports") partly += host.decided / Math.max(1, host.order.length);
    }
    const total = this.parts.targets.count;
    const unfinished = this.roster.count + this.waiting.length - partly;
    const share = total === 0 ? 1 : Math.max(0, this.admission.share - unfinished / total);
    return this.progress.event(nowMs, share, this.portsUnderWay > 0 ? "ports" : "discovery", this.counters.snapshot());
  }

  private tell(role: TechniqueChoice["role"], number: number, path: Path): void {
    const technique = TECHNIQUES[number];
    if (technique === undefined) return;
    const isFrame = technique.kind === "frame";
    const transport = isFrame ? path.transport : this.parts.network.connectTransport;
    const key = `${role} ${technique.name} ${transport}`;
    if (this.told.has(key)) return;
    this.told.add(key);
    const isAsked = !isFrame && path.kind === "frames";
    const { transport: asked } = this.parts.plan;
    const why = asked === "auto" ? "-sT asks for it" : `--transport ${asked} asks for it`;
    const because = isAsked ? why : path.because;
    this.parts.sink.event({ type: "technique", choice: { role, technique: technique.name, transport, because } });
  }

  private tellNoWay(host: Host, because: string): void {
    this.counters.unreachable++;
    if (this.told.has("no way")) return; // once a run: a /8 without a route is one piece of news
    this.told.add("no way");
    const text = `${formatAddress(host.target.address)} cannot be reached: ${because}`;
    this.parts.sink.event({ type: "notice", level: "warning", code: "no-route", text });
  }
}
