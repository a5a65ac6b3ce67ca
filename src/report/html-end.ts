// The end of the page: how it was found out, what was sent and lost, and the words of the page explained.
import { REASONS, type Reason } from "../model/reason.js";
import type { DoneEvent, RunCounts, StartEvent, TechniqueChoice } from "../model/scan-event.js";
import { timeText } from "./html-frame.js";
import { type Markup, markup, NOTHING } from "./html-markup.js";
import { groupDigits, percentAbout, plainDecimal } from "./quantity.js";

/** What the last section needs beside the end itself. */
export interface EndFacts {
  readonly choices: readonly TechniqueChoice[];
  readonly reasons: ReadonlySet<Reason>;
  readonly start: StartEvent | undefined;
}

/** The last section. */
export function endSection(done: DoneEvent, { choices, reasons, start }: EndFacts): Markup {
  const { scanner = "postern", version = "" } = start ?? {};
  const isOwn = start?.scanner === undefined;
  // The order of probes is of interest where there were any.
  const order =
    isOwn && start !== undefined && done.counts.sent > 0
      ? markup`; --seed ${start.seed} repeats the order of probes`
      : NOTHING;
  // A report of another scanner says nothing of its probes: zeros would be a claim.
  const counts =
    done.counts.sent === 0
      ? NOTHING
      : markup`${countsTable(done.counts)}<p>${lossText(done)}</p>
`;
  return markup`<section slot="end" id="how" aria-labelledby="how-title">
<h2 id="how-title">How it was found out</h2>
${choicesTable(choices)}${counts}${reasonsList(reasons)}<p class="rest">Finished ${timeText(done.finishedAt)} by ${scanner} ${version}${order}.</p>
</section>
`;
}

const ROLES: Readonly<Record<TechniqueChoice["role"], string>> = {
  ports: "ports",
  discovery: "which hosts are up",
  trace: "the ways to hosts",
};

function choicesTable(choices: readonly TechniqueChoice[]): Markup {
  if (choices.length === 0) return NOTHING;
  const rows = choices.map(
    ({
      role,
      technique,
      transport,
      because,
    }) => markup`<tr><th scope="row">${technique}</th><td>${ROLES[role]}</td><td>${transport}</td><td>${because}</td></tr>
`,
  );
  return markup`<table class="how"><caption>What really ran</caption>
<thead><tr><th scope="col">Technique</th><th scope="col">Finds out</th><th scope="col">Probes leave by</th><th scope="col">Because</th></tr></thead>
<tbody>
${rows}</tbody></table>
`;
}

const COUNTS: readonly (readonly [key: keyof RunCounts, name: string, meaning: string])[] = [
  ["sent", "Sent", "probes, resent ones included"],
  ["answered", "Answered", "probes that got a proven answer"],
  ["resent", "Resent", "probes that were a second or later try"],
  ["late", "Late", "answers that came after the probe was given up"],
  ["ignored", "Ignored", "packets that changed nothing: foreign, forged, cut, or one answer more than was needed"],
  ["kernelDrops", "Dropped", "packets lost on this machine"],
];

function countsTable(counts: RunCounts): Markup {
  const rows = COUNTS.map(
    ([
      key,
      name,
      meaning,
    ]) => markup`<tr><th scope="row">${name}</th><td class="n">${groupDigits(counts[key])}</td><td>${meaning}</td></tr>
`,
  );
  return markup`<table class="counts"><caption>Probes and answers</caption>
<thead><tr><th scope="col">Count</th><th scope="col" class="n">Number</th><th scope="col">Of what</th></tr></thead>
<tbody>
${rows}</tbody></table>
`;
}

/** Smaller estimates are written as "fewer than": more digits would claim a precision that there is not. */
const ESTIMATE_MIN = 0.0001;

function lossText({ loss }: DoneEvent): string {
  if (loss.lossShare <= 0) return "Nothing was seen to be lost on the way.";
  const estimate = loss.missedEstimate;
  const missed = estimate < ESTIMATE_MIN ? `fewer than ${ESTIMATE_MIN} ports` : `about ${plainDecimal(estimate)} ports`;
  return `Loss: ${percentAbout(loss.lossShare)} of probes or answers were lost; after all tries ${missed} may be wrongly called filtered.`;
}

function reasonsList(reasons: ReadonlySet<Reason>): Markup {
  if (reasons.size === 0) return NOTHING;
  const words = [...reasons].sort();
  return markup`<h3>Reasons</h3>
<dl class="words">${words.map((word) => markup`<dt>${word}</dt><dd>${REASONS[word]}</dd>`)}</dl>
<p class="rest">Services in grey with “usually” are the names that are registered for a port, and no finding. Tries: how many probes the port was sent. TTL: how many hops the answer could still have gone.</p>
`;
}
