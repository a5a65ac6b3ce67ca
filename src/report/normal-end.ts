// The closing lines of the normal report: what really ran and why, what was sent and lost, and how long it took.
import { SOCKETS_TECHNIQUE } from "../model/owner-event.js";
import type { DoneEvent, LossReport, RunCounts, TechniqueChoice } from "../model/scan-event.js";
import { printable } from "./printable.js";
import { countOf, groupDigits, percentAbout, plainDecimal } from "./quantity.js";

/** From here on a wrongly judged port is to be expected rather than possible. */
const LOSSY_ESTIMATE = 0.5;

/** Smaller estimates are written as "fewer than": more digits would claim a precision that there is not. */
const ESTIMATE_MIN = 0.0001;

/** The lines after the last host, in their order. */
export function endLines(done: DoneEvent, choices: readonly TechniqueChoice[]): readonly string[] {
  const lines = choices.map(choiceLine);
  // Where only sockets were listed there was nothing to send.
  const isProbed = done.counts.sent > 0 || choices.some(({ technique }) => technique !== SOCKETS_TECHNIQUE);
  if (isProbed || choices.length === 0) lines.push(probeLine(done.counts));
  lines.push(...lossLine(done.loss));
  const hosts = `${countOf(done.counts.hosts, "address", "addresses")} (${countOf(done.counts.hostsUp, "host")} up)`;
  const seconds = `${(done.elapsedMs / 1000).toFixed(2)} seconds`;
  if (done.isAborted) {
    lines.push(
      "The scan was interrupted: this report is partial.",
      `postern stopped: ${hosts} looked at in ${seconds}`,
    );
  } else {
    lines.push(`postern done: ${hosts} scanned in ${seconds}`);
  }
  return lines;
}

const ROLES: Readonly<Record<TechniqueChoice["role"], string>> = {
  ports: "Ports",
  discovery: "Discovery",
  trace: "Trace",
};

function choiceLine(choice: TechniqueChoice): string {
  return printable(`${ROLES[choice.role]}: ${choice.technique} by ${choice.transport}, because ${choice.because}`);
}

function probeLine(counts: RunCounts): string {
  const parts = [
    `${groupDigits(counts.sent)} sent`,
    `${groupDigits(counts.answered)} answered`,
    `${groupDigits(counts.resent)} resent`,
    `${groupDigits(counts.late)} late`,
    `${groupDigits(counts.kernelDrops)} dropped by the kernel`,
  ];
  return `Probes: ${parts.join(", ")}`;
}

function lossLine(loss: LossReport): readonly string[] {
  const share = percentAbout(loss.lossShare);
  if (loss.missedEstimate >= LOSSY_ESTIMATE) {
    const missed = countOf(Math.max(1, Math.round(loss.missedEstimate)), "port");
    return [
      `This run was lossy: ${share} of probes or answers were lost, and about ${missed} may be wrongly called filtered.` +
        " Scan again more slowly (--max-rate) or with more tries (--max-retries).",
    ];
  }
  if (loss.lossShare <= 0) {
    return [];
  }
  const missed =
    loss.missedEstimate < ESTIMATE_MIN
      ? `fewer than ${ESTIMATE_MIN} ports`
      : `about ${plainDecimal(loss.missedEstimate)} ports`;
  return [`Loss: ${share} of probes or answers were lost; after all tries ${missed} may be wrongly called filtered.`];
}
