// A stage behind a scan: gives hosts the names that reverse DNS has for them, while the scan goes on. A host waits for
// its names with its end; nothing else waits.
import type { CompactScanEvent, FinishedEvent, HostDoneEvent, HostEvent, ScanEvent } from "../model/scan-event.js";
import { type Address, parseAddress } from "../target/address.js";

/** Who knows the names of addresses. */
export interface NameSource {
  /** Empty when there is none. Never rejects. */
  names(address: Address): Promise<readonly string[]>;
  /** Why nobody is asked any more, once that is so. */
  readonly whyStopped: string | undefined;
}

/** What may be handed to {@link nameHosts} beside the events. */
export interface NameHostsOptions {
  /** Hosts that are down or only listed have names, too (-R). */
  readonly isForAll: boolean;
  /** The one that stops the scan: from then on names are waited for a second at most. */
  readonly signal?: AbortSignal;
}

/** So many hosts may wait for their names; then no more events are read until some have them. */
const WAITING_MAX = 4096;

const ABORT_WAIT_MS = 1000;

/**
 * Passes events on and puts a "host-names" event in front of the "host-done" of every host that has names; with
 * {@link NameHostsOptions.isForAll} also in front of the "host" of hosts that are not up. The events of one host keep
 * their order, and "done" stays last.
 */
export async function* nameHosts(
  events: AsyncIterable<CompactScanEvent>,
  source: NameSource,
  options: NameHostsOptions,
): AsyncGenerator<CompactScanEvent, void, void> {
  let wake: () => void = () => {};
  const desk = new NamingDesk(source, options.isForAll, () => wake());
  const reader = new Reader(events, () => wake());
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onAbort = (): void => {
    timer ??= setTimeout(() => desk.giveUp(), ABORT_WAIT_MS);
  };
  options.signal?.addEventListener("abort", onAbort, { once: true });
  if (options.signal?.aborted === true) onAbort();
  try {
    for (;;) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      reader.deliverTo(desk);
      yield* desk.takeReady();
      if (reader.isOver && desk.isEmpty) break;
      if (!desk.isFull) reader.read();
      await woken;
    }
    reader.throwFailure();
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", onAbort);
    await reader.close();
  }
}

/** Reads a stream one event ahead, without anybody waiting for it. */
class Reader {
  isOver = false;
  readonly #iterator: AsyncIterator<CompactScanEvent>;
  readonly #onArrival: () => void;
  #isReading = false;
  #arrived: CompactScanEvent | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(events: AsyncIterable<CompactScanEvent>, onArrival: () => void) {
    this.#iterator = events[Symbol.asyncIterator]();
    this.#onArrival = onArrival;
  }

  read(): void {
    if (this.#isReading || this.isOver || this.#arrived !== undefined) return;
    this.#isReading = true;
    void this.#readNext();
  }

  async #readNext(): Promise<void> {
    try {
      const { done, value } = await this.#iterator.next();
      if (done === true) this.isOver = true;
      else this.#arrived = value;
    } catch (error) {
      this.isOver = true;
      this.#failure = { error };
    }
    this.#isReading = false;
    this.#onArrival();
  }

  deliverTo(desk: NamingDesk): void {
    const event = this.#arrived;
    this.#arrived = undefined;
    if (event !== undefined) desk.take(event);
  }

  throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Whoever stops listening stops the scan. */
  async close(): Promise<void> {
    if (!this.isOver) await this.#iterator.return?.();
  }
}

/** A host whose names have been asked for. */
interface NamedHost {
  /** Undefined as long as nobody has said. */
  names: readonly string[] | undefined;
  /** What goes out behind the names. */
  held: HostEvent | HostDoneEvent | undefined;
}

/** Where hosts wait for their names. */
class NamingDesk {
  readonly #source: NameSource;
  readonly #isForAll: boolean;
  readonly #onNames: () => void;
  readonly #hosts: Map<number, NamedHost> = new Map();
  /** "finished" must not overtake what it speaks of: each waits for these hosts. */
  readonly #finished: { readonly event: FinishedEvent; readonly waitsFor: Set<number> }[] = [];
  #last: (ScanEvent & { type: "done" }) | undefined;
  #ready: CompactScanEvent[] = [];
  #waitingCount = 0;
  #hasToldWhy = false;
  #isGivenUp = false;

  constructor(source: NameSource, isForAll: boolean, onNames: () => void) {
    this.#source = source;
    this.#isForAll = isForAll;
    this.#onNames = onNames;
  }

  get isFull(): boolean {
    return this.#waitingCount >= WAITING_MAX;
  }

  get isEmpty(): boolean {
    return this.#waitingCount === 0 && this.#ready.length === 0;
  }

  /** What may go out now. */
  takeReady(): readonly CompactScanEvent[] {
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  take(event: CompactScanEvent): void {
    switch (event.type) {
      case "host":
        this.#takeHost(event);
        break;
      case "host-done":
        this.#hold(event.hostId, event);
        break;
      case "finished":
        this.#takeFinished(event);
        break;
      case "done":
        this.#last = event;
        this.#endIfLast();
        break;
      default:
        this.#ready.push(event);
    }
  }

  /** Whoever has no names by now has none. */
  giveUp(): void {
    this.#isGivenUp = true;
    for (const [id, host] of this.#hosts) {
      if (host.names === undefined) this.#settle(id, host, []);
    }
    this.#onNames();
  }

  #takeHost(event: HostEvent): void {
    const { id, status, address } = event.host;
    const isUp = status === "up";
    if (isUp || this.#isForAll) this.#ask(id, address);
    if (isUp) this.#ready.push(event);
    else this.#hold(id, event);
  }

  #ask(id: number, text: string): void {
    const address = parseAddress(text);
    if (this.#isGivenUp || this.#hosts.has(id) || address === undefined) return;
    const host: NamedHost = { names: undefined, held: undefined };
    this.#hosts.set(id, host);
    this.#waitingCount += 1;
    void this.#lookUp(id, host, address);
  }

  async #lookUp(id: number, host: NamedHost, address: Address): Promise<void> {
    const names = await this.#source.names(address);
    if (host.names !== undefined) return; // given up before
    this.#settle(id, host, names);
    this.#onNames();
  }

  #hold(id: number, event: HostEvent | HostDoneEvent): void {
    const host = this.#hosts.get(id);
    if (host === undefined) {
      this.#ready.push(event);
      return;
    }
    host.held = event;
    if (host.names !== undefined) this.#release(id, host);
  }

  #settle(id: number, host: NamedHost, names: readonly string[]): void {
    host.names = names;
    this.#waitingCount -= 1;
    if (host.held !== undefined) this.#release(id, host);
    const why = this.#source.whyStopped;
    if (why !== undefined && !this.#hasToldWhy) {
      this.#hasToldWhy = true;
      this.#ready.push({ type: "notice", level: "warning", code: "no-reverse-dns", text: why });
    }
    this.#endIfLast();
  }

  #release(id: number, { names = [], held }: NamedHost): void {
    this.#hosts.delete(id);
    if (names.length > 0) this.#ready.push({ type: "host-names", hostId: id, names });
    if (held !== undefined) this.#ready.push(held);
    for (const { waitsFor } of this.#finished) waitsFor.delete(id);
    this.#releaseFinished();
  }

  #takeFinished(event: FinishedEvent): void {
    const waitsFor = new Set<number>();
    for (const [id, { held }] of this.#hosts) {
      if (held !== undefined && event.ranges.some(([first, last]) => first <= id && id <= last)) waitsFor.add(id);
    }
    this.#finished.push({ event, waitsFor });
    this.#releaseFinished();
  }

  /** In the order in which they came. */
  #releaseFinished(): void {
    for (let first = this.#finished[0]; first?.waitsFor.size === 0; first = this.#finished[0]) {
      this.#ready.push(first.event);
      this.#finished.shift();
    }
  }

  /** Hosts without an end of their own, as a stopped scan leaves them, get their names before the last event. */
  #endIfLast(): void {
    if (this.#last === undefined || this.#waitingCount > 0) return;
    for (const [id, host] of [...this.#hosts]) this.#release(id, host);
    this.#ready.push(this.#last);
    this.#last = undefined;
  }
}
