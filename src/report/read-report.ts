// What all readers of others' reports share: hosts are numbered, counted and told, and what cannot be taken as it stands is
// told as a notice, so that nothing is lost without a word.
import type {
  DoneEvent,
  LossReport,
  RunCounts,
  ScriptEvent,
  StartEvent,
  TechniqueChoice,
} from "../model/scan-event.js";
import type { HostDraft } from "./host-draft.js";
import { type NoticeTaker, type ReadNoticeCode, ReadNotices } from "./read-notices.js";
import type { ReadEvent } from "./report-reader.js";

/** What the end of a report may say; what it does not say is counted. */
export interface ReadEnd {
  readonly finishedAt?: string | undefined;
  readonly elapsedMs?: number | undefined;
  readonly hosts?: number | undefined;
  readonly hostsUp?: number | undefined;
  readonly counts?: Partial<RunCounts>;
  readonly loss?: LossReport;
  readonly isAborted: boolean;
}

/** A time that no report says: the stream must have one. */
const NO_TIME = "1970-01-01T00:00:00.000Z";

/** A report that is being read. */
export class ReadReport implements NoticeTaker {
  readonly #events: ReadEvent[] = [];
  readonly #notices: ReadNotices = new ReadNotices((event) => this.#events.push(event));
  #isStarted = false;
  #hostCount = 0;
  #upCount = 0;
  #portCount = 0;
  #startedAt = NO_TIME;
  #lastAt: string | undefined;

  /** True once "start" was told. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Tells the start. What the report does not say is empty. */
  start(facts: Partial<Omit<StartEvent, "type">>): void {
    this.#startedAt = facts.startedAt ?? NO_TIME;
    this.#isStarted = true;
    this.#events.unshift({
      type: "start",
      version: "unknown",
      startedAt: NO_TIME,
      targets: [],
      addressCount: 0,
      portCount: undefined,
      portScans: [],
      seed: 0,
      ...facts,
    });
  }

  technique(choice: TechniqueChoice): void {
    this.#events.push({ type: "technique", choice });
  }

  /** Tells a whole host. */
  host(draft: HostDraft): void {
    const hostId = this.#hostCount;
    this.#hostCount += 1;
    this.#portCount += draft.portCount;
    if (draft.facts.status === "up") this.#upCount += 1;
    for (const event of draft.events(hostId)) this.#events.push(event);
    this.#lastAt = draft.endedAt ?? draft.startedAt ?? this.#lastAt;
  }

  /** Tells what a script found for no host in particular. */
  script(id: string, output: string): void {
    const event: ScriptEvent = { type: "script", hostId: undefined, port: undefined, id, output };
    this.#events.push(event);
  }

  /** Tells what the report's own scan had to say. */
  foreignNotice(level: "info" | "warning", code: string, text: string): void {
    this.#events.push({ type: "notice", level, code, text });
  }

  /** Tells that something could not be taken as it stands. */
  notice(code: ReadNoticeCode, text: string): void {
    this.#notices.notice(code, text);
  }

  /** Tells the end. */
  done(end: ReadEnd): void {
    this.#notices.finish();
    const finishedAt = end.finishedAt ?? this.#lastAt ?? this.#startedAt;
    const elapsedMs = end.elapsedMs ?? Math.max(0, Date.parse(finishedAt) - Date.parse(this.#startedAt));
    const event: DoneEvent = {
      type: "done",
      finishedAt,
      elapsedMs: this.#startedAt === NO_TIME && end.elapsedMs === undefined ? 0 : elapsedMs,
      counts: {
        hosts: Math.max(end.hosts ?? 0, this.#hostCount),
        unreachable: 0,
        hostsUp: end.hostsUp ?? this.#upCount,
        ports: this.#portCount,
        sent: 0,
        answered: 0,
        resent: 0,
        late: 0,
        kernelDrops: 0,
        ignored: 0,
        ...end.counts,
      },
      loss: end.loss ?? { lossShare: 0, missedEstimate: 0 },
      isAborted: end.isAborted,
    };
    this.#events.push(event);
  }

  /** What was told since it was last asked for; nothing before the start, since that comes first. */
  drain(): readonly ReadEvent[] {
    return this.#isStarted ? this.#events.splice(0) : [];
  }
}
