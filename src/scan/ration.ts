// Hosts that ration their ICMP errors, as Linux does: so many at once, then one an interval, to each address that asks
// (net/ipv4/icmp.c, icmpv4_xrlim_allow; net/ipv6/icmp.c, icmpv6_xrlim_allow). A closed UDP port says so by such an error, so
// nothing is decided faster than the ration allows: each of our own addresses asks when it has an error to get, and not
// before. What stays silent is only believed beside a canary: a port that is known to be closed is asked right behind it. If
// the canary's error comes, there was one to be had, and the silence was the port's own.
import { RetryQueue } from "./retry-queue.js";

/** In place of the slice of an earlier try: the probe is a canary. */
export const CANARY = -2;

/** Linux: XRLIM_BURST_FACTOR, errors that an address can save up. */
const BURST = 6;
/** net.ipv4.icmp_ratelimit, in ms. */
const LINUX_INTERVAL_MS = 1000;
const INTERVAL_MIN_MS = 2;
const INTERVAL_MAX_MS = 3000;
/** The kernel counts in ticks of up to 10 ms: exactly on time is too early half of the time. */
const INTERVAL_SLACK = 1.003;
const INTERVAL_SLACK_MS = 3;
/** Suspects that share a canary, at most. */
const CONFIRM_MAX = 128;
/** So many suspects are worth a canary while there are ports that were never asked in earnest. */
const CONFIRM_FROM = 32;
const CONFIRM_EVERY_MS = 2000;
/** So many canaries in a row without an error, from each of our addresses: the host says no more that ports are closed. */
const CANARIES_SILENT_MAX = 20;
/** After so many of them it is not the ration: fewer suspects share a canary. */
const CANARIES_STALLED = 4;
/** Errors that must have been due before the interval is judged. */
const TRIAL_DUE = 24;
const TRIAL_DUE_SEARCHING = 8;
/** And so many intervals long: our addresses may all be too early together, and then all in time. */
const TRIAL_INTERVALS = 4;
/** After an error that did not come, an address waits for this share of an interval. */
const WAIT_AFTER_SILENCE = 0.2;
/** With fewer errors than this share of those that were due, we ask too fast; with more, perhaps too slowly. */
const TOO_FAST_BELOW = 0.85;
const TOO_SLOW_ABOVE = 0.98;
const FASTER = 0.5;
const SLOWER = 1.05;
/** Intervals that differ by less are the same. */
const CLOSE_ENOUGH = 1.04;
/** With less closed ports than this among those asked, one error serves several questions. */
const CLOSED_SHARE_HIGH = 0.7;
/** Weight of what was seen before when the share of closed ports is updated. */
const CLOSED_MEMORY = 0.98;

/** Questions of one kind from one address, up to the last answer. */
interface Batch {
  readonly kind: "ask" | "confirm";
  /** How many may be sent. */
  planned: number;
  sent: number;
  settled: number;
  errors: number;
  canary: "none" | "sent" | "answered" | "silent";
  /** Ports that were silent, packed with their try as the queues have them. */
  readonly silent: number[];
}

interface Source {
  /** Errors that this address has to get, as far as we know. */
  level: number;
  filledAtMs: number;
  batch: Batch | undefined;
}

/** Where ports go that stayed silent in a batch. */
export interface SilenceSink {
  /** Nothing is known: ask again. */
  askAgain(packed: number): void;
  /** Silent, and an error was to be had: one more such try has been passed. */
  passed(packed: number): void;
}

/** Questions in earnest have no use for it: what was silent to them becomes a suspect. */
const NOBODY: SilenceSink = { askAgain: () => {}, passed: () => {} };

/** The ration of one host, as seen from each of our own addresses. */
export class Ration {
  /** Ports that were silent once, and are to be asked beside a canary. */
  readonly confirms: RetryQueue = new RetryQueue();
  /** A port that is closed for sure. */
  readonly canaryPort: number;
  /** The present guess: one error an interval to each address, in ms. */
  intervalMs: number;
  private readonly sources: readonly Source[];
  /** The shortest interval at which all errors came, and the longest at which they did not; 0 for none. */
  private goodMs = 0;
  private badMs = 0;
  private turn = 0;
  private filling = -1;
  /** Share of closed ports among those decided lately, with one closed port to begin with. */
  private closedShare = 1;
  private closedCount = 0;
  private decidedCount = 0;
  /** Errors that were due since the interval was judged last, and those that came. */
  private due = 0;
  private errors = 0;
  private trialBeganAtMs: number;
  private confirmedAtMs: number;
  /** A closed port was silent: the host does ration its errors, or they are lost. */
  isSeen = false;
  /** Suspects that share a canary: fewer when none comes through, for a short queue on the way drops the end of a burst. */
  private confirmMost = CONFIRM_MAX;
  /** Canaries without an error since the last one that got it. */
  private silentCanaries = 0;

  /** `gapMs`: the time between two errors while more were asked for, to whichever of our addresses, if that was seen. */
  constructor(sourceCount: number, canaryPort: number, gapMs: number | undefined, nowMs: number) {
    this.canaryPort = canaryPort;
    this.intervalMs = gapMs === undefined ? LINUX_INTERVAL_MS : clampInterval(gapMs * sourceCount);
    // One after another, not all at once.
    this.sources = Array.from({ length: sourceCount }, (_, index) => ({
      level: index / sourceCount,
      filledAtMs: nowMs,
      batch: undefined,
    }));
    this.trialBeganAtMs = nowMs;
    this.confirmedAtMs = nowMs;
  }

  /** Which of our addresses may send the next question; -1 when none may now. `askable`: ports to be asked in earnest. */
  nextSource(askable: number, nowMs: number): number {
    const open = this.sources[this.filling]?.batch;
    if (open !== undefined && open.sent < open.planned) {
      if (open.kind === "confirm" || askable > 0) return this.filling;
      this.closeBatch(this.filling); // there is nothing left to ask: what has been sent is the whole batch
    }
    return this.beginBatch(askable, nowMs);
  }

  private beginBatch(askable: number, nowMs: number): number {
    const isConfirming = this.isTimeToConfirm(askable, nowMs);
    if (!isConfirming && askable === 0) return -1;
    const index = this.readySource(nowMs);
    const source = this.sources[index];
    if (source === undefined) return -1;
    this.filling = index;
    source.batch = isConfirming ? this.confirmBatch(nowMs) : this.askBatch(source, askable);
    return index;
  }

  /** The next of our addresses that has an error to get and waits for nothing; -1 for none. */
  private readySource(nowMs: number): number {
    const { sources } = this;
    for (let looks = 0; looks < sources.length; looks++) {
      this.turn = this.turn + 1 >= sources.length ? 0 : this.turn + 1;
      const source = sources[this.turn];
      if (source === undefined || source.batch !== undefined) continue;
      this.fill(source, nowMs);
      if (source.level >= 1) return this.turn;
    }
    return -1;
  }

  /** What kind of question is due on this address: "canary" closes a batch of suspects. */
  kindOn(source: number): "ask" | "confirm" | "canary" {
    const batch = this.sources[source]?.batch;
    if (batch?.kind !== "confirm") return "ask";
    return batch.sent + 1 >= batch.planned || this.confirms.count === 0 ? "canary" : "confirm";
  }

  /** A question was sent. After a canary nothing more joins its batch. */
  onSent(source: number, isCanary: boolean): void {
    const batch = this.sources[source]?.batch;
    if (batch === undefined) return;
    batch.sent++;
    if (!isCanary) return;
    batch.canary = "sent";
    this.filling = -1;
  }

  /** A question was answered, by the error that is rationed or otherwise. */
  onAnswered(source: number, isError: boolean, isCanary: boolean, sink: SilenceSink): void {
    const one = this.sources[source];
    const batch = one?.batch;
    if (one === undefined || batch === undefined) return;
    batch.settled++;
    if (isCanary) batch.canary = "answered";
    else this.learnClosed(isError);
    if (isError) {
      batch.errors++;
      this.errors++;
      one.level = Math.max(0, one.level - 1);
    }
    this.endIfSettled(source, sink);
  }

  /** A question's time ran out. */
  onSilent(source: number, packed: number, isCanary: boolean, sink: SilenceSink): void {
    const batch = this.sources[source]?.batch;
    if (batch === undefined) {
      if (!isCanary) sink.askAgain(packed);
      return;
    }
    batch.settled++;
    if (isCanary) batch.canary = "silent";
    else batch.silent.push(packed);
    this.endIfSettled(source, sink);
  }

  /** When the next question may be asked, in ms from now: infinite while all addresses wait for answers. */
  waitMs(nowMs: number): number {
    let waitMs = Number.POSITIVE_INFINITY;
    for (const source of this.sources) {
      if (source.batch !== undefined) continue;
      this.fill(source, nowMs);
      waitMs = Math.min(waitMs, Math.max(0, (1 - source.level) * this.pacedMs));
      if (waitMs === 0) break;
    }
    return waitMs;
  }

  private get pacedMs(): number {
    return this.intervalMs * INTERVAL_SLACK + INTERVAL_SLACK_MS;
  }

  private closeBatch(source: number): void {
    const batch = this.sources[source]?.batch;
    this.filling = -1;
    if (batch === undefined) return;
    batch.planned = batch.sent;
    this.endIfSettled(source, NOBODY);
  }

  private isTimeToConfirm(askable: number, nowMs: number): boolean {
    const { count } = this.confirms;
    if (count === 0) return false;
    return askable === 0 || count >= CONFIRM_FROM || nowMs - this.confirmedAtMs > CONFIRM_EVERY_MS;
  }

  private fill(source: Source, nowMs: number): void {
    source.level = Math.min(BURST, source.level + (nowMs - source.filledAtMs) / this.pacedMs);
    source.filledAtMs = nowMs;
  }

  private askBatch(source: Source, askable: number): Batch {
    const tokens = Math.floor(source.level);
    const isDense = this.closedShare > CLOSED_SHARE_HIGH && !this.isMute;
    const planned = isDense ? tokens : Math.max(1, Math.min(CONFIRM_MAX, Math.floor(tokens / this.closedShare)));
    return {
      kind: "ask",
      planned: Math.min(planned, askable),
      sent: 0,
      settled: 0,
      errors: 0,
      canary: "none",
      silent: [],
    };
  }

  private confirmBatch(nowMs: number): Batch {
    this.confirmedAtMs = nowMs;
    const planned = Math.min(this.confirmMost, this.confirms.count) + 1;
    return { kind: "confirm", planned, sent: 0, settled: 0, errors: 0, canary: "none", silent: [] };
  }

  private endIfSettled(source: number, sink: SilenceSink): void {
    const one = this.sources[source];
    const batch = one?.batch;
    if (one === undefined || batch === undefined || batch.settled < batch.sent) return;
    if (batch.sent < batch.planned && batch.canary === "none") return;
    one.batch = undefined;
    if (this.filling === source) this.filling = -1;
    this.due +=
      batch.kind === "ask" ? Math.max(batch.errors, batch.sent * this.closedShare) : Math.max(1, batch.errors);
    if (batch.canary !== "none") this.learnCanary(batch.canary === "answered");
    const isDue = batch.canary === "silent" || (batch.kind === "ask" && this.closedShare > CLOSED_SHARE_HIGH);
    if (batch.errors === 0 && isDue) one.level = Math.min(one.level, 1 - WAIT_AFTER_SILENCE);
    this.passOn(batch, sink);
  }

  private learnCanary(isAnswered: boolean): void {
    if (!isAnswered) this.isSeen = true;
    this.silentCanaries = isAnswered ? 0 : this.silentCanaries + 1;
    const isStalled = this.silentCanaries > CANARIES_STALLED * this.sources.length;
    if (isAnswered) this.confirmMost = Math.min(CONFIRM_MAX, this.confirmMost * 2);
    else if (isStalled) this.confirmMost = Math.max(1, Math.floor(this.confirmMost / 2));
  }

  /** Nothing can be proven any more by a host that has gone, or that will not talk to us. */
  private get isMute(): boolean {
    return this.silentCanaries > CANARIES_SILENT_MAX * this.sources.length;
  }

  private passOn(batch: Batch, sink: SilenceSink): void {
    const isProven = batch.canary === "answered" || this.isMute;
    for (const packed of batch.silent) {
      if (batch.kind === "ask") this.confirms.push(packed & 0xffff, packed >>> 16, 0);
      else if (isProven) {
        this.learnClosed(false);
        sink.passed(packed);
      } else sink.askAgain(packed);
    }
  }

  /** Only what is proven counts: a silence may be that of an error too many. */
  private learnClosed(isClosed: boolean): void {
    this.closedCount = this.closedCount * CLOSED_MEMORY + (isClosed ? 1 : 0);
    this.decidedCount = this.decidedCount * CLOSED_MEMORY + 1;
    this.closedShare = (this.closedCount + 1) / (this.decidedCount + 1);
  }

  /** To be called now and then: corrects the interval by what came of the questions since the last time. */
  judge(nowMs: number): void {
    const spanMs = nowMs - this.trialBeganAtMs;
    const isSearching = this.badMs === 0;
    if (this.due < (isSearching ? TRIAL_DUE_SEARCHING : TRIAL_DUE) || spanMs < this.intervalMs * TRIAL_INTERVALS)
      return;
    const share = this.errors / this.due;
    const seenMs = (spanMs * this.sources.length) / Math.max(1, this.errors);
    if (share < TOO_FAST_BELOW) this.onTooFast(seenMs);
    else if (share > TOO_SLOW_ABOVE) this.onFastEnough();
    this.due = 0;
    this.errors = 0;
    this.trialBeganAtMs = nowMs;
  }

  /** All errors came: a shorter interval is tried, as far as none has been too short yet. */
  private onFastEnough(): void {
    this.goodMs = this.intervalMs;
    const isFound = this.badMs > 0 && this.intervalMs < this.badMs * CLOSE_ENOUGH;
    if (isFound) return;
    this.intervalMs = clampInterval(
      this.badMs === 0 ? this.intervalMs * FASTER : Math.sqrt(this.intervalMs * this.badMs),
    );
  }

  /** More was asked for than there was. What came then is the ration itself, at least. */
  private onTooFast(seenMs: number): void {
    const isNew = this.goodMs <= this.intervalMs;
    this.badMs = this.intervalMs;
    if (isNew) {
      // What was good is so no more, or nothing has been good yet.
      this.intervalMs = clampInterval(Math.max(this.intervalMs * SLOWER, seenMs));
      this.goodMs = 0;
      return;
    }
    const isFound = this.goodMs < this.badMs * CLOSE_ENOUGH;
    this.intervalMs = isFound ? this.goodMs : Math.sqrt(this.goodMs * this.badMs);
  }
}

function clampInterval(ms: number): number {
  return Math.min(INTERVAL_MAX_MS, Math.max(INTERVAL_MIN_MS, ms));
}
