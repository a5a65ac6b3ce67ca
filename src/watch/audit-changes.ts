// What has changed between what is believed of hosts and an audit of them: which findings are new, gone or otherwise, and how
// ports look now. What could not be looked at this time is neither gone nor well: it stays as it was believed.
import {
  type AuditFacts,
  COULD_NOT_LOOK,
  type FindingFacts,
  type HostFacts,
  type RowFacts,
  type ViewFacts,
} from "./audit-facts.js";
import type { Change } from "./change.js";

/** Asked about each change, as it is seen: true when it is told and believed. */
export type Decide = (change: Change) => boolean;

/** What came of a look. */
export interface AuditUpdate {
  /** What is believed from now on. */
  readonly facts: AuditFacts;
  /** What differs, but could not be seen for certain. */
  readonly doubtCount: number;
}

/** Takes an audit in. */
export function takeAudit(belief: AuditFacts, look: AuditFacts, decide: Decide): AuditUpdate {
  const seen = new Map(look.hosts.map((host) => [host.name, host]));
  const believed = new Map(belief.hosts.map((host) => [host.name, host]));
  const hosts: HostFacts[] = [];
  let doubtCount = 0;
  for (const host of belief.hosts) {
    const now = seen.get(host.name);
    if (now === undefined) {
      hosts.push(host); // it was not audited: nobody knows
      doubtCount++;
      continue;
    }
    const merge = new HostMerge(host, now, decide);
    hosts.push(merge.host());
    doubtCount += merge.doubtCount;
  }
  for (const host of look.hosts) if (!believed.has(host.name)) hosts.push(...newHost(host, decide));
  return { facts: { hosts }, doubtCount };
}

/** A host that was not audited before: it is one change, and each of its findings is another. */
function newHost(host: HostFacts, decide: Decide): readonly HostFacts[] {
  const title = "it was not audited before";
  const isTold = decide({ ...HOST, kind: "new", place: host.name, before: undefined, after: "audited", title });
  if (!isTold) return [];
  return [{ ...host, findings: host.findings.filter((finding) => decide(findingChange("new", undefined, finding))) }];
}

const HOST = { what: "host", severity: "info" } as const;

/** One host, before and now. */
class HostMerge {
  doubtCount = 0;
  readonly #was: HostFacts;
  readonly #now: HostFacts;
  readonly #decide: Decide;
  readonly #rowsWere: ReadonlyMap<string, RowFacts>;
  readonly #rowsNow: ReadonlyMap<string, RowFacts>;
  /** True when something could not be looked at that could before. */
  readonly #isBlinder: boolean;
  /** Places whose change a finding tells. */
  readonly #toldPlaces: Set<string> = new Set();

  constructor(was: HostFacts, now: HostFacts, decide: Decide) {
    this.#was = was;
    this.#now = now;
    this.#decide = decide;
    this.#rowsWere = new Map(was.rows.map((row) => [row.place, row]));
    this.#rowsNow = new Map(now.rows.map((row) => [row.place, row]));
    const hasAllVantages = was.vantages.every((name) => now.vantages.includes(name));
    this.#isBlinder = !hasAllVantages || now.blind.some((text) => !was.blind.includes(text));
  }

  host(): HostFacts {
    const findings = this.#findings();
    const vantages = [...new Set([...this.#was.vantages, ...this.#now.vantages])];
    return { name: this.#now.name, vantages, blind: this.#now.blind, findings, rows: this.#rows() };
  }

  #findings(): readonly FindingFacts[] {
    const were = new Map(this.#was.findings.map((finding) => [idOf(finding), finding]));
    const are = new Set(this.#now.findings.map(idOf));
    const kept = this.#now.findings.flatMap((finding) => this.#findingNow(were.get(idOf(finding)), finding));
    const missing = this.#was.findings.filter((finding) => !are.has(idOf(finding)));
    return [...kept, ...missing.filter((finding) => !this.#isGone(finding))];
  }

  #findingNow(was: FindingFacts | undefined, now: FindingFacts): readonly FindingFacts[] {
    const isSame = was !== undefined && this.#stateOf(was) === this.#stateOf(now);
    if (isSame) return [{ ...now, vantages: was.vantages }];
    if (!this.#isCertain(now)) {
      this.doubtCount++;
      return was === undefined ? [] : [was];
    }
    const change = findingChange(was === undefined ? "new" : "changed", was, now);
    this.#toldPlaces.add(now.place);
    return this.#decide(change) ? [now] : was === undefined ? [] : [was];
  }

  #isGone(finding: FindingFacts): boolean {
    if (!this.#isSeenToBeGone(finding)) {
      this.doubtCount++;
      return false;
    }
    this.#toldPlaces.add(finding.place);
    return this.#decide(findingChange("gone", finding, undefined));
  }

  /** Severity, acceptance, and the vantage points that both runs had. */
  #stateOf({ severity, isAccepted, vantages }: FindingFacts): string {
    const both = vantages.filter((name) => this.#was.vantages.includes(name) && this.#now.vantages.includes(name));
    return JSON.stringify([severity, isAccepted, both.sort()]);
  }

  /** False where silence that may be loss made the finding. */
  #isCertain({ place, vantages }: FindingFacts): boolean {
    const row = this.#rowsNow.get(place);
    return row === undefined || viewsOf(row, vantages).every(({ isSeen }) => isSeen);
  }

  #isSeenToBeGone(finding: FindingFacts): boolean {
    if (finding.key === COULD_NOT_LOOK) return true;
    const [was, now] = [this.#rowsWere.get(finding.place), this.#rowsNow.get(finding.place)];
    // Of the host as a whole; or of a port that nobody names any more, for nothing listens there.
    if (now === undefined) return !this.#isBlinder;
    const isInsideSeen = now.isInsideKnown || was?.isInsideKnown !== true;
    const areRulesSeen = now.areRulesKnown || was?.areRulesKnown !== true;
    const views = viewsOf(now, finding.vantages);
    const hasViews = finding.vantages.every((name) => views.some(({ vantage }) => vantage === name));
    return isInsideSeen && areRulesSeen && hasViews && views.every(({ isSeen }) => isSeen);
  }

  #rows(): readonly RowFacts[] {
    const kept = this.#isBlinder ? this.#was.rows.filter(({ place }) => !this.#rowsNow.has(place)) : [];
    return [...this.#now.rows.map((row) => this.#rowNow(this.#rowsWere.get(row.place), row)), ...kept];
  }

  #rowNow(was: RowFacts | undefined, now: RowFacts): RowFacts {
    if (was === undefined) return now;
    // A verdict of less than was known before is another one for that alone.
    const isBlinder = (was.isInsideKnown && !now.isInsideKnown) || (was.areRulesKnown && !now.areRulesKnown);
    const views = now.views.map((seen) => {
      const view = isBlinder ? { ...seen, isSeen: false } : seen;
      const before = was.views.find(({ vantage }) => vantage === view.vantage);
      return before === undefined ? view : this.#viewNow(now.place, before, view);
    });
    const lost = was.views.filter(({ vantage }) => !now.views.some((view) => view.vantage === vantage));
    return {
      ...now,
      isInsideKnown: now.isInsideKnown || was.isInsideKnown,
      areRulesKnown: now.areRulesKnown || was.areRulesKnown,
      views: [...views, ...lost],
    };
  }

  #viewNow(place: string, was: ViewFacts, now: ViewFacts): ViewFacts {
    if (was.verdict === now.verdict) return { ...now, isSeen: was.isSeen || now.isSeen };
    if (!now.isSeen) {
      this.doubtCount++;
      return was;
    }
    // A view that was never seen is no change; and a finding tells more than a view.
    if (!was.isSeen || this.#toldPlaces.has(place)) return now;
    const change = { kind: "changed", what: "view", place, severity: "info" } as const;
    const title = `from ${now.vantage}`;
    return this.#decide({ ...change, before: was.verdict, after: now.verdict, title }) ? now : was;
  }
}

function idOf({ key, place }: FindingFacts): string {
  return `${key}@${place}`;
}

/** From the vantage points of a finding; from all, where they do not matter. */
function viewsOf({ views }: RowFacts, vantages: readonly string[]): readonly ViewFacts[] {
  return vantages.length === 0 ? views : views.filter(({ vantage }) => vantages.includes(vantage));
}

function findingChange(kind: Change["kind"], was: FindingFacts | undefined, now: FindingFacts | undefined): Change {
  const { place = "", title = "", severity = "info", isAccepted = false } = now ?? was ?? {};
  return {
    kind,
    what: "finding",
    place,
    // What has gone, or was accepted, needs nobody.
    severity: kind === "gone" || isAccepted ? "info" : severity,
    before: stateText(was),
    after: stateText(now),
    title,
  };
}

function stateText(finding: FindingFacts | undefined): string | undefined {
  if (finding === undefined) return undefined;
  const { key, severity, isAccepted, vantages } = finding;
  const from = vantages.length === 0 ? "" : ` from ${vantages.join(", ")}`;
  return `${key} (${severity}${isAccepted ? ", accepted" : ""}${from})`;
}
