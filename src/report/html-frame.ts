// The frame of the page. A file can only grow at its end, but the summary belongs above the hosts: so the page's outline is
// a shadow tree with slots (HTML Living Standard §4.12.3, "shadowrootmode"), and what is written goes to the slot that it
// names, in whatever order it comes. Screen, paper, keyboard and screen readers follow the outline, without any script.
// What is missing in a file that was cut, the slot's own text says.
import type { PortScanFacts, StartEvent } from "../model/scan-event.js";
import { glyphSheet } from "./html-glyph.js";
import { htmlHead } from "./html-head.js";
import { isolated, joined, type Markup, markup, NOTHING } from "./html-markup.js";
import { STYLE } from "./html-style.js";
import { countOf, groupDigits } from "./quantity.js";

/** Slots that grow while the scan runs. */
export type GrowingSlot = "warnings" | "hosts" | "others" | "scripts";

const CUT_TEXT =
  "This report has no end: the scan still runs, or the program that wrote the report was killed. What stands here was found; " +
  "hosts and the summary are missing.";

/** The page from above to below. What a slot holds itself is shown as long as nothing is written for it. */
const OUTLINE: Markup = outline(["title", "verdict", "warnings", "charts", "hosts", "others", "scripts", "end"]);

/** Names and targets that the title has room for. */
const TITLE_TARGETS_MAX = 6;

/** Everything before the first host. */
export function pageStart(event: StartEvent, words: readonly string[]): Markup {
  const title = `Port scan of ${shortTargets(event.targets)}, ${event.startedAt.slice(0, 10)}`;
  return markup`${htmlHead(title, STYLE)}<body>
${glyphSheet()}<main>
${OUTLINE}
${titleBlock(event, words)}`;
}

function outline(slots: readonly string[]): Markup {
  const cut = markup`<p part="cut" role="alert">${CUT_TEXT}</p>`;
  const places = slots.map((name) => markup`<slot name="${name}">${name === "verdict" ? cut : NOTHING}</slot>`);
  return markup`<template shadowrootmode="open">${places}</template>`;
}

/** Everything after the last piece. */
export function pageEnd(): Markup {
  return markup`</main>
</body>
</html>
`;
}

function titleBlock(event: StartEvent, words: readonly string[]): Markup {
  const { targets, startedAt, version, scanner = "postern" } = event;
  const command = event.commandLine ?? words.map(shellWord).join(" ");
  const ways = event.portScans.map((scan) => markup`<dd>${portScanText(scan)}</dd>`);
  const facts = [
    markup`<div><dt>Started</dt><dd>${timeText(startedAt)}</dd></div>`,
    command === "" ? NOTHING : markup`<div><dt>Command</dt><dd><code>${command}</code></dd></div>`,
    ways.length === 0 ? NOTHING : markup`<div><dt>Asked of each host</dt>${ways}</div>`,
  ];
  return markup`<header slot="title">
<p class="brand">${scanner} ${version}</p>
<h1>Port scan of ${isolated(shortTargets(targets))}</h1>
<dl class="facts">${facts}</dl>
${allTargets(targets)}</header>
`;
}

function shortTargets(targets: readonly string[]): string {
  if (targets.length === 0) return "hosts"; // reports of other scanners need not say which
  const shown = targets.slice(0, TITLE_TARGETS_MAX).join(", ");
  const rest = targets.length - TITLE_TARGETS_MAX;
  return rest > 0 ? `${shown} and ${groupDigits(rest)} more` : shown;
}

function allTargets(targets: readonly string[]): Markup {
  if (targets.length <= TITLE_TARGETS_MAX) return NOTHING;
  const names = joined(targets.map(isolated), ", ");
  return markup`<details><summary>All ${countOf(targets.length, "target")}</summary><p>${names}</p></details>
`;
}

/** Lists of ports that are longer than this are not read, only kept. */
const PORTS_LENGTH_MAX = 60;

function portScanText({ technique, protocol, portCount, ports }: PortScanFacts): Markup {
  const count = `${countOf(portCount, protocol === "ip" ? "IP protocol" : `${protocol} port`)} by ${technique}`;
  if (ports.length <= PORTS_LENGTH_MAX) return markup`${count}: ${ports}`;
  return markup`<details><summary>${count}</summary>${ports.replaceAll(",", ", ")}</details>`;
}

/** ISO 8601 as people read it, with its zone: "2026-11-23 15:10:07 UTC". */
export function timeText(iso: string): Markup {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)$/.exec(iso);
  if (parts === null) return markup`${iso}`;
  const [, date = "", time = "", zone = ""] = parts;
  return markup`<time datetime="${iso}">${date} ${time} ${zone === "Z" ? "UTC" : zone}</time>`;
}

/** A word as a shell would have to be given it. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
