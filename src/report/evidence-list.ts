// The evidence for ports of one host that share protocol, state and reason, as two numbers a port: as objects it took ten
// times as much memory, and thousands of hosts are under way at once.
import { NO_RTT_US, type PortResult, type PortRunEvent } from "../model/scan-event.js";

/** What a {@link PortResult} says beside the port and what its group shares. */
export type Evidence = Pick<PortResult, "technique" | "ttl" | "rttMs" | "tries" | "responder">;

/** Who found it out, and who answered. */
type Source = Pick<PortResult, "technique" | "responder">;

const NUMBERS_EACH = 2;
const FIRST_SIZE = 8 * NUMBERS_EACH;

/** The second number is made of three, from the lowest up: TTL and one more, 0 for none; tries; place of the source. */
const TTL_RANGE = 512;
const TRIES_RANGE = 65_536;

/** So many sources are looked through one by one: a host has one, and rarely some routers beside. */
const FEW_SOURCES = 8;

/** Evidence by its place in the list. */
export class EvidenceList {
  /** The round trip in ms, NaN for none, and the rest, for one port after the other. */
  #numbers: Float64Array = new Float64Array(FIRST_SIZE);
  readonly #sources: Source[] = [];
  /** Places of sources, from {@link FEW_SOURCES} on. */
  #places: Map<string, number> | undefined;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  push(evidence: Evidence): void {
    this.#reserve(1);
    this.#put(evidence.rttMs ?? Number.NaN, this.#restOf(evidence));
  }

  /** The first so many ports of a run. */
  pushRun({ result, rttsUs }: Pick<PortRunEvent, "result" | "rttsUs">, count: number): void {
    if (count <= 0) return;
    this.#reserve(count);
    const rest = this.#restOf(result);
    for (let at = 0; at < count; at += 1) {
      const rttUs = rttsUs[at] ?? NO_RTT_US;
      this.#put(rttUs === NO_RTT_US ? Number.NaN : rttUs / 1000, rest);
    }
  }

  /** `undefined` beyond the end. */
  at(place: number): Evidence | undefined {
    if (place >= this.#count) return undefined;
    const rttMs = this.#numbers[place * NUMBERS_EACH] ?? Number.NaN;
    const rest = this.#numbers[place * NUMBERS_EACH + 1] ?? 0;
    const ttl = (rest % TTL_RANGE) - 1;
    const upper = Math.floor(rest / TTL_RANGE);
    const source = this.#sources[Math.floor(upper / TRIES_RANGE)];
    if (source === undefined) return undefined;
    return {
      ...source,
      ttl: ttl < 0 ? undefined : ttl,
      rttMs: Number.isNaN(rttMs) ? undefined : rttMs,
      tries: upper % TRIES_RANGE,
    };
  }

  #put(rttMs: number, rest: number): void {
    this.#numbers[this.#count * NUMBERS_EACH] = rttMs;
    this.#numbers[this.#count * NUMBERS_EACH + 1] = rest;
    this.#count += 1;
  }

  #restOf({ technique, responder, ttl, tries }: Omit<Evidence, "rttMs">): number {
    const lower = Math.min(tries, TRIES_RANGE - 1) * TTL_RANGE + (ttl ?? -1) + 1;
    return this.#placeOf({ technique, responder }) * TRIES_RANGE * TTL_RANGE + lower;
  }

  #placeOf(source: Source): number {
    if (this.#sources.length < FEW_SOURCES) {
      const isSame = (one: Source): boolean => one.technique === source.technique && one.responder === source.responder;
      const known = this.#sources.findIndex(isSame);
      return known >= 0 ? known : this.#sources.push(source) - 1;
    }
    this.#places ??= new Map(this.#sources.map((one, place) => [keyOf(one), place]));
    const key = keyOf(source);
    const place = this.#places.get(key) ?? this.#sources.push(source) - 1;
    this.#places.set(key, place);
    return place;
  }

  #reserve(count: number): void {
    const needed = (this.#count + count) * NUMBERS_EACH;
    if (needed <= this.#numbers.length) return;
    const larger = new Float64Array(Math.max(this.#numbers.length * 2, needed));
    larger.set(this.#numbers);
    this.#numbers = larger;
  }
}

function keyOf({ technique, responder }: Source): string {
  return `${technique} ${responder ?? ""}`;
}
