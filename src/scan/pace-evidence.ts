// What is known of the probes that left in some stretch of time, and what it says of the loss there.

/** Answers and losses together that a slice's judgement needs. */
export const EVIDENCE_MIN = 40;
/** Ports that had answered before and were asked again that a judgement by them alone needs. */
const CONTROLS_MIN = 20;
/** So few are enough when nothing more has come for long. */
const HINTS_MIN = 8;

/** A share that was lost, and how far chance may have moved it. */
export interface Finding {
  readonly loss: number;
  readonly deviation: number;
  /** There is evidence enough for a judgement, or for one that cannot wait. */
  readonly isFound: boolean;
  readonly isHinted: boolean;
}

/** Counts of probes, by what became of them. */
export class Evidence {
  /** Slices of time that were added up. */
  slices = 0;
  sent = 0;
  /** The sent ones of each slice weighted by themselves: what rate they met, whatever pauses lay between them. */
  sentSquares = 0;
  answered = 0;
  /** Whose port will be asked again; of those, how many have been and were answered then, and how many were silent again. */
  silent = 0;
  lost = 0;
  mute = 0;
  /** Ports that had answered before and were asked again, and how many of those in vain. */
  controls = 0;
  controlsLost = 0;

  clear(): void {
    this.slices = 0;
    this.sent = 0;
    this.sentSquares = 0;
    this.answered = 0;
    this.silent = 0;
    this.lost = 0;
    this.mute = 0;
    this.controls = 0;
    this.controlsLost = 0;
  }

  /** What it all comes to: by retries, or by controls where they say it more exactly. */
  finding(): Finding {
    const byRetries = this.findingByRetries();
    if (this.controls < HINTS_MIN) return byRetries;
    const areEnough = this.controls >= CONTROLS_MIN;
    const share = (this.controlsLost + 0.5) / (this.controls + 1);
    const deviation = Math.sqrt((share * (1 - share)) / this.controls);
    if (byRetries.isFound && (!areEnough || byRetries.deviation <= deviation)) return byRetries;
    return { loss: this.controlsLost / this.controls, deviation, isFound: areEnough, isHinted: true };
  }

  private findingByRetries(): Finding {
    const lost = this.lostCount();
    const evidence = this.answered + lost;
    const loss = evidence === 0 ? 0 : lost / evidence;
    const deviation = loss * Math.sqrt(1 / Math.max(1, this.lost) + 1 / Math.max(1, this.answered));
    return { loss, deviation, isFound: evidence >= EVIDENCE_MIN, isHinted: this.answered >= HINTS_MIN };
  }

  /**
   * How many probes were lost. Of the silent ports only some have been asked again: the others are taken to be like them.
   * And what asks again is lost as often as what asked first, so more were lost than were answered then.
   */
  private lostCount(): number {
    const { answered, silent, lost, mute } = this;
    const asked = lost + mute;
    if (asked === 0) return 0;
    let count = 0;
    for (let step = 0; step < 4; step++) {
      const through = 1 - count / Math.max(1, answered + count);
      count = Math.max(silent, asked) * Math.min(1, lost / asked / Math.max(0.05, through));
    }
    return count;
  }
}
