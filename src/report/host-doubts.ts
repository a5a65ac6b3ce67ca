// What is doubtful about a host's ports, in sentences: what was lost on the way, and what was not decided.
import type { HostDoneEvent, UndecidedPorts } from "../model/scan-event.js";
import { nounOf } from "./normal-ports.js";
import { countOf, percentAbout } from "./quantity.js";

/** All doubts, one a line. */
export function doubtLines(done: HostDoneEvent): readonly string[] {
  return [lossDoubt(done), endDoubt(done)].filter((line) => line !== undefined);
}

/** `undefined` unless half a port or more is expected to be wrongly called filtered. */
export function lossDoubt({ loss }: HostDoneEvent): string | undefined {
  if (loss.missedEstimate < 0.5) return undefined;
  const missed = countOf(Math.max(1, Math.round(loss.missedEstimate)), "port");
  const share = percentAbout(loss.lossShare);
  return `The way to this host lost ${share} of what was sent; about ${missed} may be wrongly called filtered.`;
}

/** `undefined` for a host whose ports were all decided. */
export function endDoubt({ end, undecided }: HostDoneEvent): string | undefined {
  switch (end) {
    case "done":
      return undefined;
    case "stopped":
      return "Not all ports of this host were decided: the scan was stopped.";
    case "host-timeout":
      return `Host timeout: ${undecidedText(undecided)}`;
    case "skipped":
      return `Skipped: ${undecidedText(undecided)}`;
  }
}

/** "5 tcp, 3 udp ports, 12 ip protocols were not decided." */
function undecidedText(undecided: readonly UndecidedPorts[]): string {
  const total = sumOf(undecided);
  if (total === 0) return "all ports were decided before.";
  const parts = (["port", "protocol"] as const).flatMap((noun) => {
    const alike = undecided.filter(({ protocol, count }) => count > 0 && nounOf(protocol) === noun);
    const counts = alike.map(({ count, protocol }) => `${count} ${protocol}`).join(", ");
    return alike.length === 0 ? [] : [`${counts} ${noun}${sumOf(alike) === 1 ? "" : "s"}`];
  });
  return `${parts.join(", ")} ${total === 1 ? "was" : "were"} not decided.`;
}

function sumOf(undecided: readonly UndecidedPorts[]): number {
  return undecided.reduce((sum, { count }) => sum + count, 0);
}
