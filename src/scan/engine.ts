// The engine: one loop that sends, receives, times out and tries again, for one port or for millions of hosts.
// Its states and rules are explained in docs/engine.md.
import type { Clock } from "../linux/clock.js";
import { ENETUNREACH, errnoName } from "../linux/errno.js";
import type { FrameFacts } from "../linux/packet-receiver.js";
import type { NoticeEvent, TechniqueChoice } from "../model/scan-event.js";
import { formatAddress } from "../target/address.js";
import { shardKindOf } from "../target/shard.js";
import type { Target, TargetSet } from "../target/target-set.js";
import type { Cookies } from "../technique/cookies.js";
import { FrameView } from "../technique/frame-view.js";
import { TECHNIQUES } from "../technique/list.js";
import { createAnswer } from "../technique/technique.js";
import { UdpPayloads } from "../technique/udp-payloads.js";
import { Admission } from "./admission.js";
import { type Bounds, boundsOf } from "./bounds.js";
import { Choices, techniquesInUse } from "./choice.js";
import { Counters } from "./counters.js";
import type { EventSink } from "./event-sink.js";
import { FinishedHosts } from "./finished-hosts.js";
import { Host } from "./host.js";
import { listedEvent } from "./host-events.js";
import { Judge } from "./judge.js";
import type { ConnectSink, Network, Path } from "./network.js";
import { beginSample } from "./open-sample.js";
import { PaceControl } from "./pace-control.js";
import type { ScanPlan } from "./plan.js";
import { PortWork } from "./port-work.js";
import { ProbeWindow, WINDOW_CAPACITY } from "./probe-window.js";
import { ProgressMeter } from "./progress-meter.js";
import { Roster } from "./roster.js";
import { RoundTrip } from "./round-trip.js";
import { SendWindow } from "./send-window.js";
import { type LateHandler, Sender } from "./sender.js";
import { TokenBucket } from "./token-bucket.js";
import { beginTrace } from "./trace-choice.js";
import { Turns } from "./turns.js";
import { Upkeep } from "./upkeep.js";

/** Hosts under way at once, at most. */
const HOSTS_MAX = 16_384;
/** So many that are known to be up may wait for room: then there is no need to look for more. */
const WAITING_MAX = 1024;
/** Ports of all hosts that are being scanned at once: bounds what a report has to keep until hosts are done. */
const PORTS_AT_ONCE = 4_000_000;
/** From so many ports on, a host's pace is its own affair. What is kept for that takes as much room as so many ports. */
const OWN_PACE_FROM = 256;
const OWN_PACE_WEIGHT = 6000;
/** Looks at new hosts in one round. */
const ADMITTED_A_ROUND = 256;
/** The longest sleep: so soon a stop is noticed. */
const IDLE_MS = 20;
/** The event loop gets a turn after this many rounds, whatever happens. */
const ROUNDS_A_TURN = 64;
const UPKEEP_EVERY_MS = 20;

/** What the engine works with; all of it can be a fake. */
export interface EngineParts {
  readonly plan: ScanPlan;
  readonly targets: TargetSet;
  readonly network: Network;
  readonly sink: EventSink;
  readonly clock: Clock;
  readonly cookies: Cookies;
}

/** What somebody may ask of a running engine. */
export interface EngineControl {
  isStopped(): boolean;
  /** True once for each time that somebody wished to skip the present host. */
  takeSkip(): boolean;
}

/** Runs one plan, once. */
export class Engine {
  private readonly parts: EngineParts;
  private readonly bounds: Bounds;
  private readonly counters = new Counters();
  private readonly window = new ProbeWindow();
  private readonly roster = new Roster();
  private readonly waiting: Host[] = [];
  private readonly choices: Choices;
  private readonly admission: Admission;
  private readonly work: PortWork;
  private readonly total: SendWindow;
  private readonly turns: Turns;
  private readonly judge: Judge;
  private readonly upkeep: Upkeep;
  private readonly finished: FinishedHosts;
  private readonly near: RoundTrip;
  private readonly far: RoundTrip;
  private readonly frame: FrameView;
  private readonly answer = createAnswer();
  private readonly readers: readonly number[];
  private readonly told = new Set<string>();
  private readonly progress: ProgressMeter;
  private portsUnderWay = 0;
  private hostId = 0;
  private upkeepAtMs = 0;
  /** The time of this round: looking at the clock for each frame would cost more than reading the frame. */
  private nowMs = 0;

  constructor(parts: EngineParts) {
    const { plan, targets, network, sink, clock, cookies } = parts;
    this.parts = parts;
    this.bounds = boundsOf(plan.timing);
    const hasPorts = plan.ping !== "only" && plan.ping !== "list";
    const shardKind =
      plan.shard === undefined ? undefined : hasPorts ? shardKindOf(targets.count, plan.shard) : "addresses";
    this.choices = new Choices(plan);
    this.admission = new Admission(targets, plan.seed, shardKind === "addresses" ? plan.shard : undefined);
    this.work = new PortWork(plan, shardKind === "ports" ? plan.shard : undefined);
    this.total = new SendWindow(this.bounds.total);
    this.near = new RoundTrip(this.bounds.near.timeout);
    this.far = new RoundTrip(this.bounds.far.timeout);
    this.frame = new FrameView(cookies);
    this.readers = techniquesInUse(plan);
    this.progress = new ProgressMeter(clock.now());
    this.finished = new FinishedHosts(plan.resume?.finished ?? [], plan.isJournaled);
    const pace = new PaceControl(plan.timing.minRatePps);
    const payloads = UdpPayloads.fromData(plan.udpPayloads);
    const { window, counters, roster, total } = this;
    const onLate: LateHandler = (host, slice) => (host.pace ?? pace).onLate(slice);
    this.turns = new Turns({
      sender: new Sender(network, window, counters, cookies, payloads, onLate),
      roster,
      window,
      network,
      total,
      pace,
      bucket: new TokenBucket(plan.timing.maxRatePps),
      scanDelayMs: plan.timing.scanDelayMs ?? 0,
      priorOf: (host) => this.priorOf(host.path),
      onIdle: (host) => this.judge.settle(host, this.nowMs),
    });
    this.judge = new Judge({
      window,
      network,
      sink,
      counters,
      total,
      pace,
      triesMax: plan.timing.maxRetries + 1,
      isDownReported: plan.isDownReported,
      isSilenceOmitted: plan.isSilenceOmitted && !plan.isJournaled,
      isJournaled: plan.isJournaled,
      isResetRationDefeated: plan.isResetRationDefeated,
      isIcmpRationDefeated: plan.isIcmpRationDefeated,
      isResetIgnored: plan.isResetIgnored === true,
      priorOf: (host) => this.priorOf(host.path),
      onNoWay: (host) => this.tellNoWay(host, errnoName(ENETUNREACH)),
      onUp: (host) => this.onUp(host),
      onPortsDone: (host) => this.onPortsDone(host),
      onDone: (host) => this.onDone(host),
      onWork: (host) => roster.wake(host),
    });
    this.upkeep = new Upkeep({ plan, network, roster, counters, total, pace, judge: this.judge });
  }

  /** Scans until all is decided, or until somebody stops it. Ends with the "done" event. */
  async run(control: EngineControl): Promise<void> {
    const { network, sink, clock } = this.parts;
    const startedAtMs = clock.now();
    for (let round = 1; !control.isStopped() && !this.isFinished(); round++) {
      const nowMs = clock.now();
      this.nowMs = nowMs;
      const received = network.receive(this.onFrame, this.onConnect);
      this.window.expire(nowMs, this.judge.onExpiry);
      if (nowMs >= this.upkeepAtMs) this.keepUp(nowMs, control);
      const isAdmitting = this.admit();
      const sent = this.turns.fill(nowMs);
      network.flush();
      if (this.progress.isDue(nowMs)) this.tellProgress(nowMs);
      const isIdle = sent === 0 && received === 0 && !isAdmitting && !network.isSending;
      if (isIdle) await network.idle(this.turns.idleMs(this.window.nextExpiryMs(nowMs, IDLE_MS)));
      // Whoever listens in this thread, signals and other threads' ends have their turn.
      if (isIdle || network.isSending || round % ROUNDS_A_TURN === 0) await new Promise(setImmediate);
    }
    const isAborted = !this.isFinished();
    for (const host of [...this.roster, ...this.waiting]) this.judge.abandon(host, "stopped");
    while (network.isSending) await new Promise(setImmediate);
    this.upkeep.readDrops();
    this.finished.flush(sink);
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

  private keepUp(nowMs: number, control: EngineControl): void {
    this.upkeepAtMs = nowMs + UPKEEP_EVERY_MS;
    this.upkeep.run(nowMs, (host) => this.priorOf(host.path), this.far);
    if (control.takeSkip()) this.upkeep.skipPresentHost();
  }

  private readonly onFrame = (bytes: Uint8Array, at: number, end: number, facts: FrameFacts): void => {
    const { cookies, network } = this.parts;
    const { frame, answer } = this;
    const isWhole = frame.parse(bytes, at, end, facts.etherType, facts.isChecksumTrusted && !facts.isCut);
    const number = isWhole ? this.techniqueOf(cookies) : -1;
    const host = number < 0 ? undefined : this.roster.find(frame);
    if (host === undefined) {
      this.counters.ignored++;
      return;
    }
    const receivedAtMs = facts.receivedAtMs - network.frameTimeOffsetMs;
    if (host.phase === "trace") this.judge.onTraceAnswer(host, answer, frame.quotedMark, receivedAtMs, this.nowMs);
    else this.judge.onAnswer(host, number, answer, receivedAtMs, this.nowMs);
  };

  /** The technique whose cookie the frame carries, with the answer filled in; -1 when there is none. */
  private techniqueOf(cookies: Cookies): number {
    const { readers, frame, answer } = this;
    for (let index = 0; index < readers.length; index++) {
      const number = readers[index] ?? 0;
      const technique = TECHNIQUES[number];
      if (technique?.kind === "frame" && technique.read(frame, cookies, answer)) return number;
    }
    return -1;
  }

  private readonly onConnect: ConnectSink = (slot, errno, error) => {
    this.judge.onConnectEnd(slot, errno, error, this.answer, this.nowMs);
  };

  /** Lets hosts in: those that are known to be up first, then new ones. True when there may be more to let in at once. */
  private admit(): boolean {
    const { roster, waiting } = this;
    while (waiting.length > 0 && roster.count < HOSTS_MAX && this.hasRoomFor(waiting[0])) {
      const host = waiting.shift();
      if (host !== undefined) this.beginPorts(host);
    }
    for (let looks = 0; looks < ADMITTED_A_ROUND && roster.count < HOSTS_MAX && waiting.length < WAITING_MAX; looks++) {
      if (this.total.size <= this.window.count || roster.readyCount > WINDOW_CAPACITY) return false; // nothing could leave
      const target = this.admission.next();
      if (target === undefined) return !this.admission.isExhausted;
      this.enter(target);
    }
    return roster.count < HOSTS_MAX && waiting.length < WAITING_MAX;
  }

  private enter(target: Target): void {
    const { plan, network, sink, cookies } = this.parts;
    const { address } = target;
    const id = this.hostId++;
    this.counters.hosts++;
    if (this.finished.has(id)) return;
    if (plan.ping === "list") {
      sink.event(listedEvent(id, target));
      this.finished.add(id);
      return;
    }
    const path = network.pathTo(address);
    const key = address.family === 4 ? address.value : cookies.keyOf(address.bytes, 0);
    const host = new Host(id, target, key, path, path.isNear ? this.bounds.near : this.bounds.far);
    if (path.kind === "none") {
      this.tellNoWay(host, path.because);
      this.judge.markDown(host, path.reason);
      return;
    }
    host.questions = this.choices.discoveryQuestions(path, address.family);
    const isKnownUp = this.work.progressOf(host) !== undefined && !path.isNeighbour;
    if (host.questions.length === 0 && !path.isOwn && plan.ping !== "none" && !isKnownUp) {
      this.tellUnasked(host);
      this.judge.markDown(host, "no-response");
      return;
    }
    if (host.questions.length === 0 || isKnownUp) {
      host.questions = [];
      this.judge.markUp(host, path.isOwn ? "localhost-response" : "user-set");
      return;
    }
    for (const { technique } of host.questions) this.tell("discovery", technique, path);
    this.roster.add(host);
  }

  private onUp(host: Host): void {
    const { plan } = this.parts;
    this.roster.remove(host);
    const techniques = plan.ping === "only" ? [] : this.choices.portTechniques(host.path);
    if (this.work.countOf(host.target.ports, techniques) === 0) {
      this.onPortsDone(host);
      return;
    }
    host.phase = "waiting";
    this.waiting.push(host);
  }

  private hasRoomFor(host: Host | undefined): boolean {
    if (host === undefined || this.portsUnderWay === 0) return true;
    const count = this.work.countOf(host.target.ports, this.choices.portTechniques(host.path));
    return this.portsUnderWay + weightOf(count) <= PORTS_AT_ONCE;
  }

  private beginPorts(host: Host): void {
    const techniques = this.choices.portTechniques(host.path);
    host.phase = "ports";
    host.questionRetries.clear();
    host.tracks = this.work.tracksFor(host, techniques);
    for (const { technique } of host.tracks) this.tell("ports", technique, host.path);
    const { portCount } = host;
    this.portsUnderWay += weightOf(portCount);
    if (portCount >= OWN_PACE_FROM) {
      const { minRatePps = 0, maxScanDelayMs = Number.POSITIVE_INFINITY } = this.parts.plan.timing;
      host.pace = new PaceControl(Math.max(minRatePps, 1000 / Math.max(1, maxScanDelayMs)));
    }
    this.roster.add(host);
    if (host.isIdle) this.judge.settle(host, this.nowMs); // all of it was decided by an earlier run
  }

  /** What remains is to ask again where too much was open, and the way to the host if anybody wishes to know it. */
  private onPortsDone(host: Host): void {
    if (this.parts.plan.isOwnOnly !== true && beginSample(host)) {
      host.phase = "sample";
      this.roster.add(host);
      return;
    }
    if (this.parts.plan.isTraced && beginTrace(host)) {
      this.tell("trace", host.trace?.technique ?? 0, host.path);
      host.phase = "trace";
      this.roster.add(host);
      if (host.trace?.isDone !== true) return;
    }
    this.judge.finish(host);
  }

  private onDone(host: Host): void {
    this.roster.remove(host);
    if (host.tracks.length > 0) this.portsUnderWay -= weightOf(host.portCount);
    const place = this.waiting.indexOf(host);
    if (place >= 0) this.waiting.splice(place, 1);
    if (host.end === "done" || host.end === "skipped") this.finished.add(host.id);
  }

  private priorOf(path: Path): RoundTrip {
    return path.isNear ? this.near : this.far;
  }

  private tellProgress(nowMs: number): void {
    const { sink, targets } = this.parts;
    let partly = 0;
    for (const host of this.roster) {
      if (host.phase === "ports") partly += host.decided / Math.max(1, host.portCount);
    }
    const unfinished = this.roster.count + this.waiting.length - partly;
    const share = targets.count === 0 ? 1 : Math.max(0, this.admission.share - unfinished / targets.count);
    const phase = this.portsUnderWay > 0 ? "ports" : "discovery";
    sink.event(this.progress.event(nowMs, share, phase, this.counters.snapshot()));
    this.finished.flush(sink);
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
    const text = `${formatAddress(host.target.address)} cannot be reached: ${because}`;
    this.tellUnreachable({ type: "notice", level: "warning", code: "no-route", text });
  }

  private tellUnasked({ target: { address } }: Host): void {
    const why = `none of the chosen questions exists for IPv${address.family}; -PE, -PS, -PA and -PU do for both families`;
    const text = `${formatAddress(address)} is not asked whether it is up: ${why}`;
    this.tellUnreachable({ type: "notice", level: "warning", code: "no-question", text });
  }

  /** Counts the host, and tells each kind once a run: a /8 without a route is one piece of news. */
  private tellUnreachable(notice: NoticeEvent): void {
    this.counters.unreachable++;
    if (this.told.has(notice.code)) return;
    this.told.add(notice.code);
    this.parts.sink.event(notice);
  }
}

/** What a host with so many ports takes of the room that there is for ports at once. */
function weightOf(portCount: number): number {
  return portCount < OWN_PACE_FROM ? portCount : portCount + OWN_PACE_WEIGHT;
}
