// What a journal's records add up to: results as a report writer takes them, and the point to go on from. What a lost
// record leaves in doubt counts as not known, so that it is asked again.
import {
  type CompactScanEvent,
  type DoneEvent,
  type HostEvent,
  NO_RTT_US,
  type Protocol,
} from "../model/scan-event.js";
import { PORT_MAX, PROTOCOLS } from "../target/port-set.js";
import type { HostProgress, HostRange, ResumePoint } from "../target/resume-point.js";
import {
  type FinishedRecord,
  HOST_MAX,
  type HostDoneRecord,
  type JournalRecord,
  type PortsRecord,
  type SilenceRecord,
  type ToldCounts,
} from "./journal-record.js";
import { PortMarks } from "./port-marks.js";
import { mergedRanges, numbersOf, parseRanges, type Range, rangesWithout } from "./ranges.js";

/** The engine works on some thousand hosts at a time; more pages than these hosts can fill come from no engine. */
const PAGES_MAX = 2 ** 21;

/** Ranges of finished hosts are merged when so many have gathered, or as many as there were. */
const UNMERGED_MAX = 4096;

/** A host that is up and not finished. */
interface OpenHost {
  readonly marks: Map<Protocol, PortMarks>;
  names: number;
  hops: number;
}

/** Takes the records of a journal in their order. */
export class JournalState {
  /** How the last run ended; undefined when it was killed. */
  done: DoneEvent | undefined;
  /** Records that nothing can be made of, since others before them are lost. */
  doubtCount = 0;
  readonly #emit: (event: CompactScanEvent) => void;
  readonly #hosts: Map<number, OpenHost> = new Map();
  /** Names that came before their host. */
  readonly #earlyNames: Map<number, CompactScanEvent> = new Map();
  readonly #choices: Set<string> = new Set();
  #finished: readonly HostRange[] = [];
  #unmerged: HostRange[] = [];
  #pageCount = 0;

  /** `emit` takes what a report shows, each host before its ports and each port once. */
  constructor(emit: (event: CompactScanEvent) => void) {
    this.#emit = emit;
  }

  /** True when there is more than any engine leaves unfinished. */
  get isFull(): boolean {
    return this.#pageCount > PAGES_MAX;
  }

  /** Takes the next record; the header is the reader's. */
  take(record: Exclude<JournalRecord, { type: "journal" }>): void {
    switch (record.type) {
      case "segment":
        this.done = undefined;
        break;
      case "technique":
        this.#technique(record);
        break;
      case "host":
        this.#host(record);
        break;
      case "host-names":
      case "trace":
        this.#extra(record);
        break;
      case "ports":
        this.#ports(record);
        break;
      case "silence":
        this.#silence(record);
        break;
      case "host-done":
        this.#hostDone(record);
        break;
      case "finished":
        this.#finish(record);
        break;
      case "notice":
        this.#emit(record);
        break;
      case "done":
        this.done = record;
        break;
      default:
        record satisfies never;
    }
  }

  /** Where to go on. */
  resumePoint(): ResumePoint {
    const finished = this.#mergedFinished();
    const open = [...this.#hosts.keys()].sort((one, other) => one - other).map((id): Range => [id, id]);
    const hosts = [...numbersOf(rangesWithout(open, finished))].map((id) => this.#progressOf(id));
    return { finished, hosts };
  }

  /** How much was told of each host that is not finished. */
  toldCounts(): ReadonlyMap<number, ToldCounts> {
    return new Map([...this.#hosts].map(([id, host]) => [id, toldOf(host)]));
  }

  #technique(event: CompactScanEvent & { type: "technique" }): void {
    const key = JSON.stringify(event.choice);
    if (this.#choices.has(key)) return;
    this.#choices.add(key);
    this.#emit(event);
  }

  #host(event: HostEvent): void {
    const { id, status } = event.host;
    // A later run may tell a host again that it goes on with.
    if (this.#hosts.has(id)) return;
    const names = this.#earlyNames.get(id);
    this.#earlyNames.delete(id);
    if (names !== undefined) this.#emit(names);
    this.#emit(event);
    if (status === "up") this.#hosts.set(id, { marks: new Map(), names: 0, hops: 0 });
    else this.#addFinished([[id, id]]);
  }

  #extra(event: CompactScanEvent & { type: "host-names" | "trace" }): void {
    const host = this.#hosts.get(event.hostId);
    if (host === undefined) {
      if (event.type === "host-names") this.#earlyNames.set(event.hostId, event);
      else this.doubtCount++;
      return;
    }
    if (event.type === "host-names") host.names += event.names.length;
    else host.hops += event.hops.length;
    this.#emit(event);
  }

  #ports({ hostId, result, ports, rttsUs }: PortsRecord): void {
    const marks = this.#marksOf(hostId, result.protocol);
    if (marks === undefined) return;
    const fresh: number[] = [];
    const freshRttsUs: number[] = [];
    let at = 0;
    for (const port of numbersOf(parseRanges(ports, PORT_MAX) ?? [])) {
      const rttUs = rttsUs?.[at++] ?? NO_RTT_US;
      if (!marks.decide(port)) continue;
      fresh.push(port);
      freshRttsUs.push(rttUs);
    }
    if (fresh.length === 0) return;
    this.#emit({
      type: "port-run",
      hostId,
      result,
      ports: Uint16Array.from(fresh),
      rttsUs: Uint32Array.from(freshRttsUs),
    });
  }

  #silence({ hostId, protocol, tries, ports }: SilenceRecord): void {
    const marks = this.#marksOf(hostId, protocol);
    if (marks === undefined) return;
    for (const port of numbersOf(parseRanges(ports, PORT_MAX) ?? [])) marks.silence(port, tries);
  }

  /** A host is done only if everything that was told of it is here. */
  #hostDone({ told, ...event }: HostDoneRecord): void {
    const host = this.#hosts.get(event.hostId);
    const known = host === undefined ? undefined : toldOf(host);
    if (known?.ports !== told.ports || known.names !== told.names || known.hops !== told.hops) {
      this.doubtCount++;
      return;
    }
    this.#close(event.hostId);
    this.#emit(event);
  }

  #finish(record: FinishedRecord): void {
    const [hosts = [], ended = [], up = []] = [record.hosts, record.ended, record.up].map((text) =>
      parseRanges(text, HOST_MAX),
    );
    this.#addFinished(rangesWithout(rangesWithout(hosts, ended), up));
    for (const id of numbersOf(up)) {
      if (this.#close(id)) continue;
      // Ranges in a file that somebody made may be endless, so the first host that is missing ends the walk.
      this.doubtCount++;
      return;
    }
  }

  #close(id: number): boolean {
    const host = this.#hosts.get(id);
    if (host === undefined) return false;
    for (const marks of host.marks.values()) this.#pageCount -= marks.pageCount;
    this.#hosts.delete(id);
    this.#addFinished([[id, id]]);
    return true;
  }

  #marksOf(hostId: number, protocol: Protocol): PortMarks | undefined {
    const host = this.#hosts.get(hostId);
    if (host === undefined) {
      this.doubtCount++;
      return undefined;
    }
    let marks = host.marks.get(protocol);
    if (marks === undefined) {
      marks = new PortMarks(() => this.#pageCount++);
      host.marks.set(protocol, marks);
    }
    return marks;
  }

  #addFinished(ranges: readonly HostRange[]): void {
    for (const range of ranges) this.#unmerged.push(range);
    if (this.#unmerged.length > Math.max(UNMERGED_MAX, this.#finished.length)) this.#mergedFinished();
  }

  #mergedFinished(): readonly HostRange[] {
    this.#finished = mergedRanges([...this.#finished, ...this.#unmerged]);
    this.#unmerged = [];
    return this.#finished;
  }

  #progressOf(hostId: number): HostProgress {
    const marks = this.#hosts.get(hostId)?.marks;
    const known = PROTOCOLS.flatMap((protocol) => {
      const own = marks?.get(protocol);
      return own === undefined ? [] : [{ protocol, own }];
    });
    return {
      hostId,
      decided: known
        .map(({ protocol, own }) => ({ protocol, ranges: own.decided() }))
        .filter(({ ranges }) => ranges.length > 0),
      silent: known.flatMap(({ protocol, own }) => own.silent().map((silent) => ({ protocol, ...silent }))),
    };
  }
}

function toldOf({ marks, names, hops }: OpenHost): ToldCounts {
  let ports = 0;
  for (const own of marks.values()) ports += own.decidedCount;
  return { ports, names, hops };
}
