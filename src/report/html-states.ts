// The states of all ports: one bar for all, and a table that is its text, its legend and the explanation of each word.
import { PORT_STATES, type PortState } from "../model/port-state.js";
import { glyph, STATE_CLAIMS, STATE_CODES } from "./html-glyph.js";
import { type Markup, markup, NOTHING } from "./html-markup.js";
import type { GroupTotal } from "./html-totals.js";
import { countOf, groupDigits } from "./quantity.js";

/** The section; nothing without ports. */
export function statesSection(groups: readonly GroupTotal[]): Markup {
  const total = sumOf(groups);
  if (total === 0) return NOTHING;
  const present = PORT_STATES.filter((state) => groups.some((group) => group.state === state));
  return markup`<section slot="charts" id="states" aria-labelledby="states-title">
<h2 id="states-title">States</h2>
${stateBar(present, groups, total)}
<table class="states"><caption>${countOf(total, "port")} decided, over all hosts</caption>
<thead><tr><th scope="col">State</th><th scope="col">What it means</th><th scope="col" class="n">Ports</th><th scope="col">By what was seen</th></tr></thead>
<tbody>
${present.map((state) => stateRow(state, groups))}</tbody></table>
</section>
`;
}

function stateBar(present: readonly PortState[], groups: readonly GroupTotal[], total: number): Markup {
  let startShare = 0;
  const parts = present.map((state) => {
    const share = sumOf(groups.filter((group) => group.state === state)) / total;
    const part = markup`<rect x="${percent(startShare)}" width="${percent(share)}" height="100%" fill="url(#p-${STATE_CODES[state]})"/>`;
    startShare += share;
    return part;
  });
  const words = present.map(
    (state) => `${state} ${groupDigits(sumOf(groups.filter((group) => group.state === state)))}`,
  );
  return markup`<svg class="stack" role="img" aria-labelledby="bar-title bar-text"><title id="bar-title">Ports by state</title><desc id="bar-text">${words.join(", ")}</desc>${parts}</svg>`;
}

function stateRow(state: PortState, groups: readonly GroupTotal[]): Markup {
  const own = groups.filter((group) => group.state === state);
  const reasons = own.map(({ protocol, reason, count }) => `${groupDigits(count)} ${protocol} ${reason}`);
  return markup`<tr><th scope="row">${glyph(state, "beside")}${state}</th><td>${STATE_CLAIMS[state]}</td><td class="n">${groupDigits(sumOf(own))}</td><td>${reasons.join(", ")}</td></tr>
`;
}

function sumOf(groups: readonly GroupTotal[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}
