// How many probes may be under way at once, to one host or in total: TCP's slow start and congestion avoidance
// (RFC 5681 §3.1), with silence counted for what it is: no evidence, neither of loss nor of health.

/** Bounds of a window, in probes. */
export interface WindowBounds {
  readonly initial: number;
  /** Never below this, or a lossy path would stop the scan. */
  readonly floor: number;
  readonly ceiling: number;
  /** Silence alone does not raise the window above this. */
  readonly silentCeiling: number;
}

/** Loss below this share is noise, as every path has it. */
const LOSS_TOLERATED = 0.02;
/** So many answers and losses together are evidence; a window must not be halved over two packets. */
const EVIDENCE_MIN = 50;

/** Probes over which the share of answers is smoothed. */
const SHARE_MEMORY = 64;
/** Below this share of answers, silence opens the window. */
const SILENCE_TRUSTED_BELOW = 0.25;

/** A window that opens with answers and closes with loss. */
export class SendWindow {
  private silentCeiling: number;
  private readonly bounds: WindowBounds;
  /** Probes that may be under way now. */
  size: number;
  private threshold = Number.POSITIVE_INFINITY;
  private answeredCount = 0;
  private lostCount = 0;
  /** Share of probes that are answered, over the last hundred or so. */
  private answeredShare = 0;
  private epochEndsAtMs = 0;

  constructor(bounds: WindowBounds) {
    this.bounds = bounds;
    this.size = bounds.initial;
    this.silentCeiling = bounds.silentCeiling;
  }

  /** A probe was answered; `lostBefore` tries of it had been lost. */
  answered(lostBefore: number): void {
    this.answeredCount++;
    this.answeredShare += (1 - this.answeredShare) / SHARE_MEMORY;
    this.lostCount += lostBefore;
    this.grow(this.bounds.ceiling);
  }

  /** A probe's time ran out. Where most probes are answered, silence is more likely loss than a firewall. */
  silent(): void {
    this.answeredShare -= this.answeredShare / SHARE_MEMORY;
    if (this.answeredShare < SILENCE_TRUSTED_BELOW) this.grow(this.silentCeiling);
  }

  /** Answers have shown that nothing is lost on the way: silence may open the window as wide as answers do. */
  trust(): void {
    this.silentCeiling = this.bounds.ceiling;
  }

  /** The kernel or the driver had no room: we are the congestion. */
  overrun(): void {
    this.shrink(0.5);
  }

  /** To be called now and then: judges the loss since the last judgement, at most once in `epochMs`. */
  judge(nowMs: number, epochMs: number): void {
    if (nowMs < this.epochEndsAtMs || this.answeredCount + this.lostCount < EVIDENCE_MIN) return;
    this.epochEndsAtMs = nowMs + epochMs;
    const share = this.lostCount === 0 ? 0 : this.lostCount / (this.answeredCount + this.lostCount);
    if (share > LOSS_TOLERATED) this.shrink(Math.min(0.5, share));
    this.answeredCount = 0;
    this.lostCount = 0;
  }

  private grow(ceiling: number): void {
    if (this.size >= ceiling) return;
    this.size += this.size < this.threshold ? 1 : 1 / this.size;
  }

  private shrink(share: number): void {
    this.size = Math.max(this.bounds.floor, this.size * (1 - share));
    this.threshold = this.size;
  }
}
