// The time line: how fast was asked, and when hosts were found and done. The shapes stretch with the page; the words around
// them do not, so they are not in the picture.
import { type Markup, markup, NOTHING } from "./html-markup.js";
import { countOf, groupDigits } from "./quantity.js";
import type { TimeSlice } from "./timeline.js";

/** Fewer say nothing that the summary does not say. */
const RATES_MIN = 4;
const HOSTS_MIN = 2;

/** Rows of the table that stands for the pictures. */
const TABLE_ROWS_MAX = 12;

/** Units of the pictures, which stretch. */
const WIDTH = 1000;
const HEIGHT = 100;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The section; nothing when too little is known. */
export function timelineSection(slices: readonly TimeSlice[]): Markup {
  const hasRates = slices.filter(({ ratePps }) => ratePps !== undefined).length >= RATES_MIN;
  const hasHosts = slices.reduce((sum, { foundCount }) => sum + foundCount, 0) >= HOSTS_MIN;
  if (!(hasRates || hasHosts)) return NOTHING;
  return markup`<section slot="charts" id="time" aria-labelledby="time-title">
<h2 id="time-title">Time line</h2>
<div class="charts">
${hasRates ? rateChart(slices) : NOTHING}${hasHosts ? hostsChart(slices) : NOTHING}</div>
${timeTable(slices)}</section>
`;
}

function rateChart(slices: readonly TimeSlice[]): Markup {
  const rates = slices.filter((slice): slice is TimeSlice & { ratePps: number } => slice.ratePps !== undefined);
  const peakPps = Math.max(...rates.map(({ ratePps }) => ratePps));
  const lastMs = lastOf(slices);
  const points = rates.map(({ endMs, ratePps }) => ({ x: endMs / lastMs, y: ratePps / Math.max(peakPps, 1) }));
  const [first] = points;
  const last = points.at(-1);
  const area =
    first === undefined || last === undefined
      ? ""
      : `M${place({ ...first, y: 0 })}${lineTo(points)}L${place({ ...last, y: 0 })}z`;
  const text = `Up to ${groupDigits(peakPps)} probes a second`;
  return chart(
    { id: "rate", title: "Probes a second", text, lastMs },
    markup`<path class="area" d="${area}"/><path class="curve" d="M${lineTo(points).slice(1)}"/>`,
  );
}

function hostsChart(slices: readonly TimeSlice[]): Markup {
  const lastMs = lastOf(slices);
  const sums = runningSums(slices);
  const { foundCount, doneCount } = sums.at(-1) ?? { foundCount: 0, doneCount: 0 };
  const top = Math.max(foundCount, doneCount, 1);
  const found = steps(sums.map(({ endMs, foundCount: count }) => ({ x: endMs / lastMs, y: count / top })));
  const done = steps(sums.map(({ endMs, doneCount: count }) => ({ x: endMs / lastMs, y: count / top })));
  const text = `${countOf(foundCount, "host")} found (full line), ${groupDigits(doneCount)} done (broken line)`;
  return chart(
    { id: "found", title: "Hosts", text, lastMs },
    markup`<path class="curve" d="${found}"/><path class="curve broken" d="${done}"/>`,
  );
}

interface Caption {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly lastMs: number;
}

function chart({ id, title, text, lastMs }: Caption, shapes: Markup): Markup {
  const frame = markup`<path class="grid" d="M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT}H${WIDTH}"/>`;
  return markup`<figure class="chart"><figcaption><b>${title}</b> ${text}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-labelledby="${id}-title ${id}-text"><title id="${id}-title">${title}</title><desc id="${id}-text">${text}, over ${timeText(lastMs)}. The numbers are in the table below.</desc>${frame}${shapes}</svg>
<p class="axis" aria-hidden="true"><span>0</span><span>${timeText(lastMs / 2)}</span><span>${timeText(lastMs)}</span></p></figure>
`;
}

/** "0.25 s", "12 s", "5.5 min", "3.2 h": one unit, so that it fits below a picture. */
function timeText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${(seconds / 60).toFixed(1)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

function timeTable(slices: readonly TimeSlice[]): Markup {
  const perRow = Math.ceil(slices.length / TABLE_ROWS_MAX);
  const sums = runningSums(slices);
  const rows: Markup[] = [];
  for (let from = 0; from < slices.length; from += perRow) {
    const part = slices.slice(from, from + perRow);
    const sum = sums[Math.min(from + perRow, sums.length) - 1];
    const rates = part.map(({ ratePps }) => ratePps).filter((rate) => rate !== undefined);
    const mean = rates.length === 0 ? "" : groupDigits(rates.reduce((total, rate) => total + rate, 0) / rates.length);
    rows.push(markup`<tr><th scope="row" class="n">${timeText(sum?.endMs ?? 0)}</th><td class="n">${mean}</td><td class="n">${groupDigits(sum?.foundCount ?? 0)}</td><td class="n">${groupDigits(sum?.doneCount ?? 0)}</td></tr>
`);
  }
  return markup`<details><summary>The time line in numbers</summary>
<table class="times"><caption>Mean rate in each stretch of time, and hosts at its end</caption>
<thead><tr><th scope="col" class="n">Until</th><th scope="col" class="n">Probes/s</th><th scope="col" class="n">Hosts found</th><th scope="col" class="n">Hosts done</th></tr></thead>
<tbody>
${rows}</tbody></table></details>
`;
}

function lastOf(slices: readonly TimeSlice[]): number {
  return slices.at(-1)?.endMs ?? 1;
}

function runningSums(slices: readonly TimeSlice[]): readonly TimeSlice[] {
  let foundCount = 0;
  let doneCount = 0;
  return slices.map((slice) => {
    foundCount += slice.foundCount;
    doneCount += slice.doneCount;
    return { ...slice, foundCount, doneCount };
  });
}

/** Counts do not grow between the moments at which they grow. */
function steps(points: readonly Point[]): string {
  return `M${place({ x: 0, y: 0 })}${points.map(({ x, y }) => `H${(x * WIDTH).toFixed(1)}V${((1 - y) * HEIGHT).toFixed(1)}`).join("")}`;
}

function lineTo(points: readonly Point[]): string {
  return points.map((point) => `L${place(point)}`).join("");
}

function place({ x, y }: Point): string {
  return `${(x * WIDTH).toFixed(1)} ${((1 - y) * HEIGHT).toFixed(1)}`;
}
