// What a reader wants first and a writer knows last: the verdict, and what speaks against believing it.
import type { DoneEvent, HostMark } from "../model/scan-event.js";
import type { HostRefs } from "./html-host-ref.js";
import { type Markup, markup, NOTHING } from "./html-markup.js";
import { LOSSY_ESTIMATE, type Totals } from "./html-totals.js";
import { countOf, durationText, groupDigits, percentAbout } from "./quantity.js";

/** The verdict with its numbers, and the way to the other sections. */
export function verdict(totals: Totals, done: DoneEvent, sections: readonly Markup[]): Markup {
  const { hosts, hostsUp } = done.counts;
  return markup`<section slot="verdict" id="verdict" aria-label="Verdict"${done.isAborted ? markup` class="aborted"` : NOTHING}>
<p class="verdict">${verdictText(totals, done)}</p>
<dl class="tiles">${tile("hosts up", hostsUp)}${tile("open ports", totals.openPortCount)}${tile("addresses", hosts)}${tile("ports decided", done.counts.ports)}</dl>
<nav aria-label="Sections">${sections}</nav>
</section>
`;
}

function tile(name: string, count: number): Markup {
  return markup`<div><dt>${name}</dt><dd>${groupDigits(count)}</dd></div>`;
}

function verdictText(totals: Totals, done: DoneEvent): string {
  const { hosts, hostsUp } = done.counts;
  const first = done.isAborted
    ? "The scan was stopped before its end: this report is partial. What was found until then: "
    : "";
  if (totals.listedCount > 0 && hostsUp === 0) {
    return `${first}${countOf(totals.listedCount, "address was", "addresses were")} listed; none of them was asked anything.`;
  }
  const { openPortCount, openHostCount } = totals;
  const open =
    done.counts.ports === 0
      ? "no ports were asked"
      : openPortCount === 0
        ? "no open port was found"
        : `${countOf(openPortCount, "port is", "ports are")} open on ${countOf(openHostCount, "of them", "of them")}`;
  const up = `${countOf(hostsUp, "host is", "hosts are")} up`;
  const time = done.elapsedMs > 0 ? ` in ${elapsedText(done.elapsedMs)}` : "";
  return `${first}${up}, ${open}. ${countOf(hosts, "address was", "addresses were")} looked at${time}.`;
}

function elapsedText(elapsedMs: number): string {
  return elapsedMs < 60_000 ? `${(elapsedMs / 1000).toFixed(2)} s` : durationText(elapsedMs);
}

const MARK_TEXTS: Readonly<Record<HostMark["code"], readonly [one: string, many: string]>> = {
  "answers-everything": [
    "host answers everything: its open ports say nothing, and are not counted above",
    "hosts answer everything: their open ports say nothing, and are not counted above",
  ],
  "reset-by-other": [
    "host has resets in its name that somebody else on the way sends: its closed ports may be filtered",
    "hosts have resets in their names that somebody else on the way sends: their closed ports may be filtered",
  ],
  "resets-differ": [
    "host has resets from two different senders, and nobody knows which of them is the host: some closed ports may be filtered",
    "hosts have resets from two different senders each, and nobody knows which is the host: some closed ports may be filtered",
  ],
  rationed: [
    "host sends only so many answers a second: it was asked as slowly as that allows",
    "hosts send only so many answers a second: they were asked as slowly as that allows",
  ],
};

/** Warnings that only the end of a scan can give. */
export function lateWarnings(totals: Totals, done: DoneEvent): readonly Markup[] {
  const warnings: Markup[] = [];
  if (done.isAborted)
    warnings.push(
      markup`The scan was stopped. What is listed was found; hosts and ports that are not listed may not have been asked.`,
    );
  if (done.loss.missedEstimate >= LOSSY_ESTIMATE) {
    const missed = countOf(Math.max(1, Math.round(done.loss.missedEstimate)), "port");
    warnings.push(
      markup`This run was lossy: ${percentAbout(done.loss.lossShare)} of probes or answers were lost, and about ${missed} may be wrongly called filtered. Scan again more slowly (--max-rate) or with more tries (--max-retries).`,
    );
  }
  if (totals.lossy.count > 0)
    warnings.push(
      aboutHosts(
        totals.lossy,
        "host lies behind a way on which much was lost",
        "hosts lie behind ways on which much was lost",
      ),
    );
  for (const [code, refs] of totals.marked) warnings.push(aboutHosts(refs, ...MARK_TEXTS[code]));
  if (totals.unfinished.count > 0) {
    const undecided = totals.undecidedCount === 0 ? "" : ` (${countOf(totals.undecidedCount, "port")})`;
    warnings.push(
      aboutHosts(
        totals.unfinished,
        `host was left before all its ports were decided${undecided}`,
        `hosts were left before all their ports were decided${undecided}`,
      ),
    );
  }
  const { unreachable, kernelDrops } = done.counts;
  if (unreachable > 0)
    warnings.push(markup`This machine has no way to ${countOf(unreachable, "address", "addresses")}.`);
  if (kernelDrops > 0)
    warnings.push(
      markup`This machine itself lost ${countOf(kernelDrops, "packet")}: it was too busy to take or send them.`,
    );
  return warnings;
}

function aboutHosts(refs: HostRefs, one: string, many: string): Markup {
  return markup`${countOf(refs.count, one, many)}: ${refs.toMarkup()}.`;
}
