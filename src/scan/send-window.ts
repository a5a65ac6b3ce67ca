// How many probes may be under way at once, to one host or in total: opens as TCP's does (RFC 5681 §3.1), with silence
// counted for what it is: no evidence, neither of loss nor of health. What loss asks for is the pace's affair
// (pace-control.ts): a window full of probes that were lost says nothing of the rate that the way can bear.

/** Bounds of a window, in probes. */
export interface WindowBounds {
  readonly initial: number;
  /** Never below this, or a lossy path would stop the scan. */
  readonly floor: number;
  readonly ceiling: number;
  /** Silence alone does not raise the window above this. */
  readonly silentCeiling: number;
}

/** Probes over which the share of answers is smoothed. */
const SHARE_MEMORY = 64;
/** Below this share of answers, silence opens the window. */
const SILENCE_TRUSTED_BELOW = 0.25;

/** A window that opens with answers. */
export class SendWindow {
  private silentCeiling: number;
  private readonly bounds: WindowBounds;
  /** Probes that may be under way now. */
  size: number;
  private threshold = Number.POSITIVE_INFINITY;
  /** Share of probes that are answered, over the last hundred or so. */
  private answeredShare = 0;

  constructor(bounds: WindowBounds) {
    this.bounds = bounds;
    this.size = bounds.initial;
    this.silentCeiling = bounds.silentCeiling;
  }

  /** A probe was answered. */
  answered(): void {
    this.answeredShare += (1 - this.answeredShare) / SHARE_MEMORY;
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
    this.size = Math.max(this.bounds.floor, this.size / 2);
    this.threshold = this.size;
  }

  private grow(ceiling: number): void {
    if (this.size >= ceiling) return;
    this.size += this.size < this.threshold ? 1 : 1 / this.size;
  }
}
