// How a port's state looks in a page: a shape, a colour and a hatching each, so that no state needs its colour to be told.
import { PORT_STATES, type PortState } from "../model/port-state.js";
import { type Markup, markup } from "./html-markup.js";

/** The name of a state in classes and ids; `|` would have to be escaped in every selector. */
export const STATE_CODES: Readonly<Record<PortState, string>> = {
  open: "o",
  "open|filtered": "of",
  unfiltered: "u",
  closed: "c",
  "closed|filtered": "cf",
  filtered: "f",
};

/** What a state claims, in words for somebody who has never scanned. */
export const STATE_CLAIMS: Readonly<Record<PortState, string>> = {
  open: "Something answers there: it accepts connections or sends data back. These are the doors.",
  "open|filtered": "Open, or kept from us: nothing came back, and an open port of this kind need not answer.",
  unfiltered: "Probes reach the port; whether it is open or closed this technique cannot tell.",
  closed: "The host answers, and nothing listens there.",
  "closed|filtered": "Closed, or kept from us: the host sends fewer answers than it was asked questions.",
  filtered: "Something on the way, or on the host, drops or refuses the probes. What is behind it is not known.",
};

/** Shapes of 12 by 12, by state. They take the colour of the text around them. */
const SHAPES: Readonly<Record<PortState, Markup>> = {
  open: markup`<circle cx="6" cy="6" r="5" fill="currentColor"/>`,
  "open|filtered": markup`<circle cx="6" cy="6" r="4.25" class="line"/><path d="M6 1.75a4.25 4.25 0 0 0 0 8.5z" fill="currentColor"/>`,
  unfiltered: markup`<circle cx="6" cy="6" r="4.25" class="line"/><circle cx="6" cy="6" r="1.5" fill="currentColor"/>`,
  closed: markup`<circle cx="6" cy="6" r="4.25" class="line"/>`,
  "closed|filtered": markup`<circle cx="6" cy="6" r="4.25" class="line"/><path d="M3 9l6-6" class="line"/>`,
  filtered: markup`<path d="M2 2l8 8M10 2l-8 8" class="line"/>`,
};

/** Fillings of bars, by state: 6 by 6, repeated. */
const HATCHINGS: Readonly<Record<PortState, Markup>> = {
  open: markup`<path d="M0 0h6v6h-6z" class="fill"/>`,
  "open|filtered": markup`<path d="M0 0h6v3h-6z" class="fill"/>`,
  unfiltered: markup`<circle cx="3" cy="3" r="1.6" class="fill"/>`,
  closed: markup`<path d="M0 0h6v6h-6z" class="fill pale"/>`,
  "closed|filtered": markup`<path d="M0 0h6v6h-6z" class="fill pale"/><path d="M-1 7l8-8" class="line"/>`,
  filtered: markup`<path d="M-1 7l8-8M-1 1l2-2M5 7l2-2" class="line"/>`,
};

/** All shapes and hatchings, once a page, before they are used. */
export function glyphSheet(): Markup {
  const shapes = PORT_STATES.map(
    (state) => markup`<symbol id="g-${STATE_CODES[state]}" viewBox="0 0 12 12">${SHAPES[state]}</symbol>`,
  );
  const hatchings = PORT_STATES.map(
    (state) =>
      markup`<pattern id="p-${STATE_CODES[state]}" class="${STATE_CODES[state]}" width="6" height="6" patternUnits="userSpaceOnUse">${HATCHINGS[state]}</pattern>`,
  );
  return markup`<svg class="sheet" width="0" height="0" aria-hidden="true">${shapes}<defs>${hatchings}</defs></svg>
`;
}

/** The shape of a state beside its name, or in its place. */
export function glyph(state: PortState, use: "beside" | "instead"): Markup {
  const code = STATE_CODES[state];
  const words = use === "beside" ? markup`aria-hidden="true"` : markup`role="img" aria-label="${state}"`;
  return markup`<svg class="g ${code}" ${words}><use href="#g-${code}"/></svg>`;
}
