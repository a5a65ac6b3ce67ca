// The stage between a scan that goes on from a report and its reports: what counts for all runs counts for all of them.
import type { CompactScanEvent, DoneEvent, RunCounts } from "../model/scan-event.js";
import type { ResumedReport } from "./resume-report.js";

type Earlier = Pick<ResumedReport, "finished" | "earlier" | "nextHostId">;

/**
 * Says behind the start that earlier hosts are from an earlier run, gives hosts numbers that none of those has, and adds up
 * at the end what all runs have done.
 */
export async function* goneOnWith(
  events: AsyncIterable<CompactScanEvent>,
  resumed: Earlier,
): AsyncGenerator<CompactScanEvent, void, void> {
  for await (const event of events) {
    yield event.type === "done" ? summed(event, resumed) : renumbered(event, resumed.nextHostId);
    if (event.type !== "start") continue;
    const text = `the scan was gone on with at ${event.startedAt}: what stands before is of earlier runs`;
    yield { type: "notice", level: "info", code: "resumed", text };
  }
}

function renumbered(event: CompactScanEvent, by: number): CompactScanEvent {
  if (event.type === "host") return { ...event, host: { ...event.host, id: event.host.id + by } };
  return "hostId" in event && event.hostId !== undefined ? { ...event, hostId: event.hostId + by } : event;
}

function summed(done: DoneEvent, { finished, earlier }: Earlier): DoneEvent {
  const upCount = [...finished.values()].filter((outcome) => outcome === "up").length;
  const { counts, loss } = done;
  const before: Partial<RunCounts> = earlier?.counts ?? {};
  const plus = (name: keyof RunCounts): number => counts[name] + (before[name] ?? 0);
  return {
    ...done,
    elapsedMs: done.elapsedMs + (earlier?.elapsedMs ?? 0),
    counts: {
      // A host that was under way in an earlier run counts where it was done.
      hosts: counts.hosts + finished.size,
      hostsUp: counts.hostsUp + upCount,
      unreachable: counts.unreachable,
      ports: plus("ports"),
      sent: plus("sent"),
      answered: plus("answered"),
      resent: plus("resent"),
      late: plus("late"),
      kernelDrops: plus("kernelDrops"),
      ignored: plus("ignored"),
    },
    loss: {
      lossShare: Math.max(loss.lossShare, earlier?.loss.lossShare ?? 0),
      missedEstimate: loss.missedEstimate + (earlier?.loss.missedEstimate ?? 0),
    },
  };
}
