// One host: what it is called, how it was seen, its ports, and what else is known of it.

import type { PortOwner } from "../model/owner-event.js";
import { REASONS } from "../model/reason.js";
import type { HostDoneEvent, HostFacts, OsFacts, ScriptEvent, ServiceFacts, TraceEvent } from "../model/scan-event.js";
import type { HostAccumulator, PortGroup } from "./host-accumulator.js";
import { osBlock, scriptBlocks, traceBlock } from "./html-host-extras.js";
import type { HostRef } from "./html-host-ref.js";
import { isolated, joined, type Markup, markup, NOTHING } from "./html-markup.js";
import { notShown, portsTable, rttText } from "./html-ports.js";
import { answersEverything, LOSSY_ESTIMATE } from "./html-totals.js";
import { isPerhapsOpen, listedGroups } from "./normal-ports.js";
import { countOf, groupDigits, percentAbout } from "./quantity.js";
import type { ReportOptions } from "./report-writer.js";

/** A host with everything that came in for it. */
export interface HostPage {
  readonly facts: HostFacts;
  readonly ports: HostAccumulator;
  names: readonly string[];
  readonly services: Map<string, ServiceFacts>;
  readonly owners: Map<string, PortOwner>;
  readonly scripts: ScriptEvent[];
  os: OsFacts | undefined;
  trace: TraceEvent | undefined;
}

/** How other parts of the page speak of the host. */
export function hostRef({ facts, names, ports }: HostPage): HostRef {
  const open = ports.groups().filter(({ state }) => state === "open");
  const openCount = open.reduce((sum, { count }) => sum + count, 0);
  return { id: facts.id, address: facts.address, name: nameOf(facts, names), openCount };
}

/** True when --open leaves the host out. */
export function isLeftOut(groups: readonly PortGroup[], { onlyOpen }: ReportOptions): boolean {
  return onlyOpen && !groups.some(isPerhapsOpen);
}

/** The section of a host that is up. */
export function hostSection(page: HostPage, done: HostDoneEvent, options: ReportOptions): Markup {
  const { facts, names, ports, services, owners } = page;
  const groups = ports.groups();
  const isListed = listedGroups(groups, answersEverything(done), options);
  const { openCount } = hostRef(page);
  const quiet = openCount === 0 ? markup` class="quiet"` : NOTHING;
  const count = openCount === 0 ? NOTHING : markup` <span class="count">${groupDigits(openCount)} open</span>`;
  const parts = [
    factsList(page, done, options),
    doubts(done),
    portsTable(ports.rows(isListed), { address: facts.address, services, owners, options }),
    notShown(groups.filter((group) => !isListed(group))),
    osBlock(page.os),
    scriptBlocks(page.scripts),
    traceBlock(page.trace),
  ];
  return markup`<article slot="hosts" id="h${facts.id}" aria-labelledby="t${facts.id}"${quiet}>
<h3 id="t${facts.id}">${hostTitle(facts, names)}${count}</h3>
${parts}</article>
`;
}

/** A line for a host that is down, or that was only listed. */
export function otherHost(facts: HostFacts, names: readonly string[]): Markup {
  const why =
    facts.status === "listed" ? NOTHING : markup`: ${facts.reason} <span class="why">(${REASONS[facts.reason]})</span>`;
  return markup`<p slot="others">${hostTitle(facts, names)}${why}</p>
`;
}

function hostTitle(facts: HostFacts, names: readonly string[]): Markup {
  const name = nameOf(facts, names);
  const address = markup`<bdi class="address">${facts.address}</bdi>`;
  return name === undefined ? address : markup`${address} ${isolated(name)}`;
}

/** The name that the user wrote, if it was none but the address; else the first by reverse DNS. */
function nameOf({ name, address }: HostFacts, names: readonly string[]): string | undefined {
  return name === undefined || name === address ? names[0] : name;
}

function factsList({ facts, names }: HostPage, { rttMs }: HostDoneEvent, options: ReportOptions): Markup {
  const { reason, ttl, mac, otherAddresses } = facts;
  const others = names.filter((name) => name !== nameOf(facts, names));
  const rows = [
    fact("Up because", markup`${REASONS[reason]}${ttl === undefined ? NOTHING : markup`, TTL ${ttl}`}`),
    fact("Round trip", rttText(rttMs ?? facts.rttMs)),
    fact("MAC address", mac === undefined ? undefined : markup`${mac} ${makerOf(facts, mac, options)}`),
    fact("Names by reverse DNS", others.length === 0 ? undefined : joined(others.map(isolated), ", ")),
    fact("Not scanned, same name", otherAddresses.length === 0 ? undefined : otherAddresses.join(", ")),
  ];
  return markup`<dl class="facts">${rows}</dl>
`;
}

function fact(name: string, value: Markup | string | undefined): Markup {
  return value === undefined ? NOTHING : markup`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function makerOf({ vendor }: HostFacts, mac: string, options: ReportOptions): Markup {
  // The second bit of the first byte: whoever runs the machine has made the address up (IEEE 802, "U/L").
  if ((Number.parseInt(mac.slice(0, 2), 16) & 2) !== 0) return markup`(locally administered)`;
  const maker = vendor ?? options.vendorOf?.(mac);
  return maker === undefined ? NOTHING : markup`(${isolated(maker)})`;
}

/** What somebody must know who believes what stands below. */
function doubts(done: HostDoneEvent): Markup {
  const lines = done.marks.map(({ text }) => markup`${text}`);
  if (done.loss.missedEstimate >= LOSSY_ESTIMATE) {
    const missed = countOf(Math.max(1, Math.round(done.loss.missedEstimate)), "port");
    lines.push(
      markup`The way to this host lost ${percentAbout(done.loss.lossShare)} of what was sent; about ${missed} may be wrongly called filtered.`,
    );
  }
  const ended = endText(done);
  if (ended !== undefined) lines.push(markup`${ended}`);
  return markup`${lines.map(
    (line) => markup`<p class="warn">${line}</p>
`,
  )}`;
}

function endText({ end, undecided }: HostDoneEvent): string | undefined {
  const count = undecided.reduce((sum, one) => sum + one.count, 0);
  const left = count === 0 ? "" : ` ${countOf(count, "port")} ${count === 1 ? "was" : "were"} not decided.`;
  switch (end) {
    case "done":
      return left === "" ? undefined : left.trim();
    case "stopped":
      return `The scan was stopped before all ports of this host were decided.${left}`;
    case "host-timeout":
      return `The time for this host was up (--host-timeout).${left}`;
    case "skipped":
      return `The user went on to the next host.${left}`;
  }
}
