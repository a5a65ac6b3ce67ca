// The hours in which the settings file lets scans send: one does not begin outside of them, and stops when they end.
import { ScopeError } from "../model/errors.js";
import { type HoursState, hoursAt } from "../policy/hours.js";
import { placeText } from "../policy/place-text.js";
import type { Hours, Policy } from "../policy/policy.js";
import { TimeZone } from "../policy/time-zone.js";
import { isFault } from "../target/fault.js";

/** The wall clock may be set, and the machine may sleep: it is looked at so often, and at the end itself. */
const LOOK_MS = 30_000;

/** Watches the hours while a scan runs. */
export class ScanHours {
  readonly #controller = new AbortController();
  readonly #policy: Policy;
  readonly #hours: Hours;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;

  private constructor(policy: Policy, hours: Hours, now: () => number) {
    this.#policy = policy;
    this.#hours = hours;
    this.#now = now;
  }

  /**
   * Begins to watch. Undefined where every hour is as good as another.
   *
   * @param now Ms since 1970
   * @throws ScopeError outside of the hours
   */
  static begin(policy: Policy, now: () => number = Date.now): ScanHours | undefined {
    const { hours } = policy.limits;
    if (hours === undefined) return undefined;
    const watch = new ScanHours(policy, hours, now);
    const state = watch.#state();
    if (!state.isWithin) {
      const message = `nothing is probed at this hour: ${placeText(hours.at)} allows ${watch.#shown()}`;
      throw new ScopeError(message, { hint: watch.#beginning(state) });
    }
    watch.#wait(state);
    return watch;
  }

  /** Aborted when the hours end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** How the scan ended that they have stopped; undefined while they last. */
  get fault(): ScopeError | undefined {
    if (!this.signal.aborted) return undefined;
    const message = `stopped, since the hours that ${placeText(this.#hours.at)} allows have ended: the report is partial`;
    return new ScopeError(message, { hint: this.#beginning(this.#state()) });
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #wait({ endMs }: Extract<HoursState, { isWithin: true }>): void {
    const leftMs = (endMs ?? Number.POSITIVE_INFINITY) - this.#now();
    this.#timer = setTimeout(() => this.#look(), Math.max(0, Math.min(LOOK_MS, leftMs)));
    this.#timer.unref();
  }

  #look(): void {
    const state = this.#state();
    if (state.isWithin) this.#wait(state);
    else this.#controller.abort();
  }

  #state(): HoursState {
    return hoursAt(this.#hours.spans, this.#zone(), this.#now());
  }

  #zone(): TimeZone {
    const zone = TimeZone.of(this.#policy.zoneName);
    if (isFault(zone)) throw new RangeError(zone.fault); // it was read by this name
    return zone;
  }

  #shown(): string {
    return `${this.#hours.texts.join(", ")} (${this.#policy.zoneName})`;
  }

  #beginning(state: HoursState): string {
    if (state.isWithin) return "they have begun again";
    return state.beginMs === undefined
      ? "they do not begin soon"
      : `they begin ${wallText(this.#zone(), state.beginMs)}`;
  }
}

/** "2026-11-30 22:00 (Europe/Berlin)". */
export function wallText(zone: TimeZone, instantMs: number): string {
  const { year, month, day, hour, minute } = zone.wallAt(instantMs);
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)} (${zone.name})`;
}
