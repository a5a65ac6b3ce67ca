// Which hosts need nothing more: those of an earlier run, and those of this one, told now and then for a journal.
import type { HostRange } from "../target/resume-point.js";
import type { EventSink } from "./event-sink.js";

/** The numbers of hosts that are finished. */
export class FinishedHosts {
  private readonly earlier: readonly HostRange[];
  private readonly isTold: boolean;
  private fresh: number[] = [];
  /** Where the last question was found: hosts are asked for in ascending order. */
  private at = 0;

  /** `isTold`: keep what is finished until the next {@link flush}. */
  constructor(earlier: readonly HostRange[], isTold: boolean) {
    this.earlier = earlier;
    this.isTold = isTold;
  }

  /** True for a host that an earlier run has finished. To be asked in ascending order. */
  has(id: number): boolean {
    while ((this.earlier[this.at]?.[1] ?? Number.POSITIVE_INFINITY) < id) this.at++;
    return (this.earlier[this.at]?.[0] ?? Number.POSITIVE_INFINITY) <= id;
  }

  add(id: number): void {
    if (this.isTold) this.fresh.push(id);
  }

  /** Tells what was added since the last time. */
  flush(sink: EventSink): void {
    if (this.fresh.length === 0) return;
    const ids = this.fresh.sort((one, other) => one - other);
    const ranges: [number, number][] = [];
    for (const id of ids) {
      const last = ranges.at(-1);
      if (last !== undefined && id <= last[1] + 1) last[1] = id;
      else ranges.push([id, id]);
    }
    this.fresh = [];
    sink.event({ type: "finished", ranges });
  }
}
