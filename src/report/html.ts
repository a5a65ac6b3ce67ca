// The report that is looked at: one HTML file without anything outside of it, and without any script (-oH). Hosts are
// written as they are done; what is about all hosts is written last, and stands first (html-frame.ts).

import { InternalError } from "../model/errors.js";
import {
  type CompactScanEvent,
  type DoneEvent,
  type HostDoneEvent,
  type HostFacts,
  type HostNamesEvent,
  type NoticeEvent,
  type PortEvent,
  type PortRunEvent,
  portEventsOf,
  type ScanEvent,
  type ScriptEvent,
  type StartEvent,
  type TechniqueChoice,
} from "../model/scan-event.js";
import { FORM_FACTS } from "./form-facts.js";
import { HostAccumulator } from "./host-accumulator.js";
import { endSection } from "./html-end.js";
import { type GrowingSlot, pageEnd, pageStart } from "./html-frame.js";
import { type HostPage, hostRef, hostSection, isLeftOut, otherHost } from "./html-host.js";
import { scriptFigure } from "./html-host-extras.js";
import { type Markup, markup, NOTHING } from "./html-markup.js";
import { Matrix } from "./html-matrix.js";
import { portText } from "./html-ports.js";
import { OpenPorts, servicesSection } from "./html-services.js";
import { statesSection } from "./html-states.js";
import { lateWarnings, verdict } from "./html-summary.js";
import { timelineSection } from "./html-timeline.js";
import { answersEverything, Totals } from "./html-totals.js";
import { listedMax } from "./normal-ports.js";
import type { ReportOptions, ReportSink, ReportWriter } from "./report-writer.js";
import { Timeline } from "./timeline.js";

/** One page for people, with charts. */
export const html: ReportWriter = {
  ...FORM_FACTS.html,
  sources: ["HTML Living Standard", "CSP Level 3", "WCAG 2.2"],
  open(options: ReportOptions): ReportSink {
    const report = new HtmlReport(options);
    return (event) => report.take(event).text;
  },
};

/** Slots that grow while the scan runs, and their headings, which are written before the first piece. */
const HEADINGS: Readonly<Record<GrowingSlot, string>> = {
  warnings: "Before you rely on it",
  hosts: "Hosts",
  others: "Other addresses",
  scripts: "Scripts before and after all hosts",
};

/** Works by the page's style alone. */
const QUIET_FILTER: Markup = markup`<p slot="hosts" class="filter"><label><input type="checkbox" id="only-open">Only hosts with open ports</label></p>
`;

/** A part of the page that the reader can go to. */
interface Section {
  readonly id: string;
  readonly name: string;
  readonly content: Markup;
}

/** What is known of a host beside its status and ports; what only journals are told. */
type Detail = Extract<
  ScanEvent,
  { type: "host-names" | "service" | "owner" | "os" | "script" | "trace" | "silence" | "finished" }
>;

class HtmlReport {
  readonly #options: ReportOptions;
  readonly #open: Map<number, HostPage> = new Map();
  /** Names of hosts that have not come yet: those that are not up are named first. */
  readonly #earlyNames: Map<number, readonly string[]> = new Map();
  readonly #choices: TechniqueChoice[] = [];
  readonly #written: Set<GrowingSlot> = new Set();
  readonly #totals: Totals = new Totals();
  readonly #openPorts: OpenPorts = new OpenPorts();
  readonly #matrix: Matrix = new Matrix();
  readonly #timeline: Timeline = new Timeline();
  #start: StartEvent | undefined;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  take(event: ScanEvent | CompactScanEvent): Markup {
    switch (event.type) {
      case "start":
        this.#start = event;
        return pageStart(event, this.#options.words ?? []);
      case "technique":
        this.#choices.push(event.choice);
        return NOTHING;
      case "host":
        return this.#host(event.host, event.at);
      case "port":
        return this.#port(event);
      case "port-run":
        return this.#portRun(event);
      case "host-done":
        return this.#hostDone(event);
      case "notice":
        return this.#notice(event);
      case "progress":
        this.#timeline.rate(event.elapsedMs, event.ratePps);
        return NOTHING;
      case "done":
        return this.#done(event);
      default:
        return this.#detail(event);
    }
  }

  #detail(event: Detail): Markup {
    switch (event.type) {
      case "host-names":
        return this.#hostNames(event);
      case "service":
        this.#open.get(event.hostId)?.services.set(portText(event), event.service);
        return NOTHING;
      case "owner":
        this.#open.get(event.hostId)?.owners.set(portText(event), event.owner);
        return NOTHING;
      case "os":
        this.#change(event.hostId, (page) => {
          page.os = event.os;
        });
        return NOTHING;
      case "trace":
        this.#change(event.hostId, (page) => {
          page.trace = event;
        });
        return NOTHING;
      case "script":
        return this.#script(event);
      case "silence":
      case "finished":
        return NOTHING;
      default:
        return assertNever(event);
    }
  }

  #change(hostId: number, change: (page: HostPage) => void): void {
    const page = this.#open.get(hostId);
    if (page !== undefined) change(page);
  }

  #host(facts: HostFacts, at: string | undefined): Markup {
    const known = this.#open.get(facts.id);
    const names = known?.names ?? this.#earlyNames.get(facts.id) ?? [];
    this.#earlyNames.delete(facts.id);
    if (facts.status === "up") {
      if (known === undefined) this.#atTime(at, (ms) => this.#timeline.hostFound(ms));
      this.#open.set(facts.id, known === undefined ? newPage(facts, names, this.#options) : { ...known, facts });
      return NOTHING;
    }
    this.#open.delete(facts.id);
    if (facts.status === "listed") this.#totals.listedCount += 1;
    const isWanted = facts.status === "listed" || (this.#options.verbosity > 0 && !this.#options.onlyOpen);
    return isWanted ? this.#under("others", otherHost(facts, names)) : NOTHING;
  }

  #hostNames({ hostId, names }: HostNamesEvent): Markup {
    const page = this.#open.get(hostId);
    if (page === undefined) this.#earlyNames.set(hostId, names);
    else page.names = names;
    return NOTHING;
  }

  #script(event: ScriptEvent): Markup {
    if (event.hostId === undefined) return this.#under("scripts", scriptFigure(event, "scripts"));
    this.#open.get(event.hostId)?.scripts.push(event);
    return NOTHING;
  }

  #port(event: PortEvent): Markup {
    const page = this.#open.get(event.hostId);
    if (page === undefined) {
      // The stream promises that this does not happen; if it does, the result must not vanish.
      const { state, reason } = event.result;
      return this.#warning(
        markup`Result outside its host's section (host number ${event.hostId}): ${portText(event.result)} ${state} (${reason})`,
      );
    }
    page.ports.add(event.result);
    return NOTHING;
  }

  #portRun(event: PortRunEvent): Markup {
    const page = this.#open.get(event.hostId);
    if (page === undefined) return markup`${[...portEventsOf(event)].map((one) => this.#port(one))}`;
    page.ports.addRun(event);
    return NOTHING;
  }

  #hostDone(event: HostDoneEvent): Markup {
    const page = this.#open.get(event.hostId);
    if (page === undefined) return NOTHING;
    this.#open.delete(event.hostId);
    this.#atTime(event.at, (ms) => this.#timeline.hostDone(ms));
    const groups = page.ports.groups();
    this.#totals.addGroups(groups);
    if (isLeftOut(groups, this.#options)) return NOTHING;
    const ref = hostRef(page);
    this.#totals.addHost(ref, event);
    this.#totals.addReason(page.facts.reason);
    if (ref.openCount > 0 && !answersEverything(event)) {
      this.#matrix.add(ref, page.ports);
      const open = page.ports.rows(({ state }) => state === "open");
      for (const row of open) this.#openPorts.add(ref, row, page.services.get(portText(row)));
    }
    return this.#under("hosts", hostSection(page, event, this.#options));
  }

  #notice({ level, text }: NoticeEvent): Markup {
    const isWanted = level === "warning" || this.#options.verbosity > 0;
    return this.#options.showNotices === true && isWanted ? this.#warning(markup`${text}`) : NOTHING;
  }

  #warning(text: Markup): Markup {
    return this.#under(
      "warnings",
      markup`<p class="warn" slot="warnings">${text}</p>
`,
    );
  }

  #done(event: DoneEvent): Markup {
    const hasPorts = this.#start?.portCount !== 0;
    // A scan that was stopped, or that asked for no ports, need not have said host-done for every host.
    const left = [...this.#open.keys()].map((hostId) => {
      const loss = { lossShare: 0, missedEstimate: 0 };
      const end = hasPorts ? "stopped" : "done";
      return this.#hostDone({ type: "host-done", hostId, rttMs: undefined, loss, end, undecided: [], marks: [] });
    });
    const warnings = lateWarnings(this.#totals, event).map((warning) => this.#warning(warning));
    const charts: readonly Section[] = [
      { id: "matrix", name: "Hosts and open ports", content: this.#matrix.toMarkup(this.#openPorts, this.#options) },
      { id: "services", name: "Services", content: this.#services() },
      { id: "states", name: "States", content: statesSection(this.#totals.groups()) },
      { id: "time", name: "Time line", content: timelineSection(this.#timeline.slices(event.elapsedMs)) },
    ];
    const end = endSection(event, {
      choices: this.#choices,
      reasons: this.#totals.reasons(),
      start: this.#start,
    });
    const links = this.#links(charts);
    return markup`${left}${warnings}${charts.map(({ content }) => content)}${end}${verdict(this.#totals, event, links)}${pageEnd()}`;
  }

  #services(): Markup {
    return servicesSection(this.#openPorts, this.#totals.hostCount, this.#options);
  }

  #links(charts: readonly Section[]): readonly Markup[] {
    const growing = (id: GrowingSlot): readonly Pick<Section, "id" | "name">[] =>
      this.#written.has(id) ? [{ id, name: HEADINGS[id] }] : [];
    const sections = [
      ...growing("warnings"),
      ...charts.filter(({ content }) => content.text !== ""),
      ...growing("hosts"),
      ...growing("others"),
      ...growing("scripts"),
      { id: "how", name: "How it was found out" },
    ];
    return sections.map(({ id, name }) => markup`<a href="#${id}">${name}</a> `);
  }

  /** A piece of a slot, with the slot's heading before the first. */
  #under(slot: GrowingSlot, content: Markup): Markup {
    if (this.#written.has(slot)) return content;
    this.#written.add(slot);
    return markup`<h2 slot="${slot}" id="${slot}">${HEADINGS[slot]}</h2>
${slot === "hosts" ? QUIET_FILTER : NOTHING}${content}`;
  }

  #atTime(at: string | undefined, note: (sinceStartMs: number) => void): void {
    const startMs = Date.parse(this.#start?.startedAt ?? "");
    const atMs = Date.parse(at ?? "");
    if (!Number.isNaN(startMs) && !Number.isNaN(atMs)) note(atMs - startMs);
  }
}

function newPage(facts: HostFacts, names: readonly string[], { verbosity }: ReportOptions): HostPage {
  const ports = new HostAccumulator(listedMax(verbosity) + 1);
  return { facts, ports, names, services: new Map(), owners: new Map(), scripts: [], os: undefined, trace: undefined };
}

function assertNever(event: never): never {
  throw new InternalError(`the HTML report does not know the event ${JSON.stringify(event)}`);
}
