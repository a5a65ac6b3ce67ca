// A watched audit: its report is read as JSON, kept in the history, and compared with what is believed.

import type { AuditReport } from "../model/audit-report.js";
import { DatabaseError, InputError } from "../model/errors.js";
import { countOf } from "../report/quantity.js";
import { keepAudit } from "../store/watch-store.js";
import { isFault } from "../target/fault.js";
import { takeAudit } from "./audit-changes.js";
import { type AuditFacts, factsOf, packFacts, readAuditReport, unpackFacts } from "./audit-facts.js";
import type { Change } from "./change.js";
import type { CycleOutcome, LookFacts, RunKeeper, WatchCycle, Watched } from "./watch-cycle.js";

/** An audit of a hundred hosts with a thousand ports each. */
const REPORT_CHARACTERS_MAX = 128 * 1024 * 1024;
/** What is beyond is counted. */
const CHANGES_MAX = 1000;
const FILE = "the audit's report";

/** Audits. */
export const watchedAudit: Watched = {
  subject: "audit",
  lookWords: (words) => ["audit", "--json", ...words],
  begin: (belief, file) => new AuditCycle(belief, file),
};

class AuditCycle implements WatchCycle {
  readonly #belief: AuditFacts | undefined;
  #look: AuditFacts | undefined;
  #changed: ReadonlySet<string> = new Set();
  #first: ReadonlySet<string> | undefined;

  constructor(belief: Uint8Array | undefined, file: string) {
    this.#belief = belief === undefined ? undefined : unpackFacts(belief, file);
  }

  async read(output: AsyncIterable<string>, keeper: RunKeeper): Promise<LookFacts> {
    const text = await textOf(output);
    const report = readAuditReport(text);
    if (isFault(report)) throw new InputError(report.fault, { file: FILE });
    this.#look = factsOf(report);
    const changed = new Set<string>();
    const note = (change: Change): boolean => {
      changed.add(idOf(change));
      return true;
    };
    if (this.#belief !== undefined) takeAudit(this.#belief, this.#look, note);
    this.#changed = changed;
    return { summary: summaryOf(report), keptAs: keep(report, text, keeper) };
  }

  get hasChanges(): boolean {
    return this.#changed.size > 0;
  }

  confirm(): void {
    this.#first = this.#changed;
    this.#look = undefined;
  }

  settle(): CycleOutcome {
    const look = this.#look;
    if (look === undefined) throw new InputError("no second look was had", { file: FILE });
    const changes: Change[] = [];
    let [moreCount, unconfirmedCount] = [0, 0];
    const decide = (change: Change): boolean => {
      if (this.#first?.has(idOf(change)) === false) {
        unconfirmedCount++;
        return false;
      }
      if (changes.length < CHANGES_MAX) changes.push(change);
      else moreCount++;
      return true;
    };
    const isFirst = this.#belief === undefined;
    const { facts, doubtCount } =
      this.#belief === undefined ? { facts: look, doubtCount: 0 } : takeAudit(this.#belief, look, decide);
    return { isFirst, changes, moreCount, unconfirmedCount, doubtCount, belief: packFacts(facts) };
  }
}

/** What two looks must have seen alike. */
function idOf({ kind, what, place, before, after }: Change): string {
  return JSON.stringify([kind, what, place, before, after]);
}

async function textOf(output: AsyncIterable<string>): Promise<string> {
  const parts: string[] = [];
  let characters = 0;
  for await (const part of output) {
    characters += part.length;
    if (characters > REPORT_CHARACTERS_MAX) throw new InputError("longer than any report of an audit", { file: FILE });
    parts.push(part);
  }
  return parts.join("");
}

function summaryOf({ hosts }: AuditReport): string {
  const findings = hosts.flatMap((host) => host.findings).filter((finding) => finding.accepted === undefined);
  const portCount = hosts.reduce((sum, { rows }) => sum + rows.length, 0);
  return `${countOf(hosts.length, "host")}, ${countOf(portCount, "port")}, ${countOf(findings.length, "finding")}`;
}

function keep(
  report: AuditReport,
  text: string,
  { database, vantage, command, nowMs, warn }: RunKeeper,
): string | undefined {
  if (database === undefined) return undefined;
  const timeOf = (iso: unknown): number => {
    const ms = Date.parse(String(iso));
    return Number.isNaN(ms) ? nowMs() : ms;
  };
  const findingCount = report.hosts
    .flatMap(({ findings }) => findings)
    .filter(({ accepted }) => accepted === undefined).length;
  const [startedAtMs, endedAtMs] = [timeOf(report.startedAt), timeOf(report.endedAt)];
  try {
    const version = String(report.version ?? "");
    const id = keepAudit(database, { startedAtMs, endedAtMs, vantage, version, command, findingCount, report: text });
    return `audit ${id}`;
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    warn(`this run is not kept: ${error.message}`);
    return undefined;
  }
}
