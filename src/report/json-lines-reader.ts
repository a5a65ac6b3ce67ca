// Reads postern's JSON Lines (-oJ) back into the events that were written. docs/json-lines.md.
import { InputError } from "../model/errors.js";
import { quote } from "../target/fault.js";
import { PORT_MAX, PROTOCOLS } from "../target/port-set.js";
import { isJsonObject, JsonFields, parseJson } from "./json-fields.js";
import { JsonLineEvents } from "./json-line-event.js";
import { JSON_LINES_FORMAT } from "./json-lines.js";
import { ReadNotices } from "./read-notices.js";
import type { ReadEvent, ReportReader } from "./report-reader.js";
import { linesOf, type TextLine } from "./text-lines.js";

/** postern's JSON Lines. */
export const jsonLinesReader: ReportReader = {
  name: "jsonl",
  summary: "postern's JSON Lines (-oJ)",
  sources: ["docs/json-lines.md"],
  recognises(head: string): boolean {
    return /^\uFEFF?\s*\{\s*"type"\s*:\s*"start"\s*,\s*"format"\s*:/.test(head);
  },
  async *read(chunks: AsyncIterable<string>, file: string): AsyncGenerator<ReadEvent, void, void> {
    const reader = new JsonLinesReport(file);
    for await (const line of linesOf(chunks, file)) yield* reader.take(line);
    yield* reader.end();
  },
};

/** No host has more ports than there are. */
const HOST_PORTS_MAX = PROTOCOLS.length * (PORT_MAX + 1);

class JsonLinesReport {
  readonly #file: string;
  readonly #notes: ReadEvent[] = [];
  readonly #notices: ReadNotices = new ReadNotices((event) => this.#notes.push(event));
  readonly #events: JsonLineEvents = new JsonLineEvents(this.#notices);
  /** Hosts that are up and not done, with how many ports of theirs were told. */
  readonly #hosts: Map<number, number> = new Map();
  #startedAt: string | undefined;
  #hasPorts = true;
  #isDone = false;
  #hostCount = 0;
  #upCount = 0;
  #portCount = 0;
  #lastAt: string | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  *take({ text, number, isEnded }: TextLine): Generator<ReadEvent, void, void> {
    const place = { file: this.#file, line: number };
    const line = number === 1 ? text.replace(/^\uFEFF/, "") : text;
    if (line.trim() === "") return;
    if (this.#isDone) throw new InputError("more behind the end: only one report can be read", place);
    const value = parseJson(line);
    if (!isJsonObject(value)) {
      // The end of a file whose writer was killed, or whose disk was full.
      if (!isEnded && this.#startedAt !== undefined) return;
      throw new InputError("not a line of JSON with an object in it", place);
    }
    const fields = new JsonFields(value, place);
    const type = fields.text("type");
    if (this.#startedAt === undefined) this.#checkFormat(type, fields);
    else if (type === "start") throw new InputError("another report begins: only one can be read", place);
    const event = this.#events.read(type, fields, place);
    if (event === undefined) this.#notices.notice("left-out", `lines of the type ${quote(type)} are not known`);
    else {
      this.#note(event, place);
      if (event.type === "done") this.#notices.finish();
      else yield event;
    }
    yield* this.#notes.splice(0);
    if (event?.type === "done") yield event;
  }

  /** What is missing of a report that was cut. */
  *end(): Generator<ReadEvent, void, void> {
    if (this.#startedAt === undefined) throw new InputError("empty: there is no report", { file: this.#file });
    if (this.#isDone) return;
    this.#notices.notice("cut-report", "the report was cut off: what was told before that is read");
    this.#notices.finish();
    yield* this.#notes.splice(0);
    const loss = { lossShare: 0, missedEstimate: 0 };
    for (const hostId of this.#hasPorts ? this.#hosts.keys() : []) {
      yield { type: "host-done", hostId, rttMs: undefined, loss, end: "stopped", undecided: [], marks: [] };
    }
    const finishedAt = this.#lastAt ?? this.#startedAt;
    yield {
      type: "done",
      finishedAt,
      elapsedMs: Math.max(0, Date.parse(finishedAt) - Date.parse(this.#startedAt)),
      counts: {
        hosts: this.#hostCount,
        unreachable: 0,
        hostsUp: this.#upCount,
        ports: this.#portCount,
        sent: 0,
        answered: 0,
        resent: 0,
        late: 0,
        kernelDrops: 0,
        ignored: 0,
      },
      loss,
      isAborted: true,
    };
  }

  #checkFormat(type: string, fields: JsonFields): void {
    fields.oneOf("type", ["start"]);
    if (type === "start") fields.oneOf("format", [JSON_LINES_FORMAT]);
  }

  /** Looks that an event fits to those before it. */
  #note(event: ReadEvent, place: { readonly file: string; readonly line: number }): void {
    switch (event.type) {
      case "start":
        this.#startedAt = event.startedAt;
        this.#hasPorts = event.portCount !== 0;
        break;
      case "host":
        this.#hostCount += 1;
        this.#lastAt = event.at ?? this.#lastAt;
        if (event.host.status !== "up") break;
        this.#upCount += 1;
        this.#hosts.set(event.host.id, this.#hosts.get(event.host.id) ?? 0);
        break;
      case "port":
        this.#addPorts(event.hostId, 1, place);
        break;
      case "port-run":
        this.#addPorts(event.hostId, event.ports.length, place);
        break;
      case "host-done":
        this.#lastAt = event.at ?? this.#lastAt;
        this.#hosts.delete(event.hostId);
        break;
      case "done":
        this.#isDone = true;
        break;
    }
  }

  #addPorts(hostId: number, count: number, place: { readonly file: string; readonly line: number }): void {
    const known = this.#hosts.get(hostId);
    if (known === undefined) throw new InputError(`ports of host ${hostId}, which is not under way`, place);
    if (known + count > HOST_PORTS_MAX) throw new InputError(`host ${hostId} has more ports than there are`, place);
    this.#hosts.set(hostId, known + count);
    this.#portCount += count;
  }
}
