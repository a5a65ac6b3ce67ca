// Tells everybody, each at its own pace: who cannot be told now is told later, with growing delays, and in order. What waits is
// bounded; what is given up is said.
import { printable } from "../report/printable.js";
import type { Notice } from "./notice.js";
import type { Notifier } from "./notifier.js";

/** After so many failures in a row the notice is given up: over ten hours. */
const DELAYS_MS: readonly number[] = [
  30_000, 120_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 14_400_000,
];
/** Notices that wait for one target. */
const WAITING_MAX = 50;

/** How deliveries are made; the default is for a service. */
export interface DeliveryOptions {
  /** How long is waited after each failure; after the last one it is given up. */
  readonly delaysMs?: readonly number[];
}

/** Everybody who is told. */
export class Deliveries {
  readonly #queues: readonly DeliveryQueue[];

  /** @param warn Says that somebody could not be told */
  constructor(
    notifiers: readonly Notifier[],
    warn: (text: string) => void,
    { delaysMs = DELAYS_MS }: DeliveryOptions = {},
  ) {
    this.#queues = notifiers.map((notifier) => new DeliveryQueue(notifier, warn, delaysMs));
  }

  /** Tells all of them, now or later. */
  send(notice: Notice): void {
    for (const queue of this.#queues) queue.add(notice);
  }

  /** Waits until everybody was told, or given up. True when nothing was lost since the last time. */
  async settled(): Promise<boolean> {
    await Promise.all(this.#queues.map((queue) => queue.idle));
    return this.#queues.map((queue) => queue.takeLostCount()).every((count) => count === 0);
  }

  /** Stops trying; what waits is tried once more, at once, and lost if that fails, too. */
  async close(): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.close()));
  }
}

class DeliveryQueue {
  readonly #notifier: Notifier;
  readonly #warn: (text: string) => void;
  readonly #delaysMs: readonly number[];
  readonly #waiting: Notice[] = [];
  #idle: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #isClosed = false;
  #lostCount = 0;

  constructor(notifier: Notifier, warn: (text: string) => void, delaysMs: readonly number[]) {
    this.#notifier = notifier;
    this.#warn = warn;
    this.#delaysMs = delaysMs;
  }

  /** Resolves when nothing waits. */
  get idle(): Promise<void> {
    return this.#idle ?? Promise.resolve();
  }

  takeLostCount(): number {
    const count = this.#lostCount;
    this.#lostCount = 0;
    return count;
  }

  add(notice: Notice): void {
    this.#waiting.push(notice);
    if (this.#waiting.length > WAITING_MAX) this.#lose(1, "too many notices wait");
    this.#start();
  }

  #start(): void {
    this.#idle ??= this.#work().finally(() => {
      this.#idle = undefined;
      if (this.#waiting.length > 0) this.#start(); // it came while the last one was ended
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake?.();
    await this.idle;
  }

  async #work(): Promise<void> {
    let failureCount = 0;
    for (let notice = this.#waiting[0]; notice !== undefined; notice = this.#waiting[0]) {
      const why = await this.#try(notice);
      // While it was told, it may have been taken out.
      const at = this.#waiting.indexOf(notice);
      if (why === undefined) {
        if (at >= 0) this.#waiting.splice(at, 1);
        failureCount = 0;
        continue;
      }
      const delayMs = this.#isClosed ? undefined : this.#delaysMs[failureCount++];
      if (delayMs === undefined) {
        // Who does not take one will not take the next either.
        this.#lose(this.#waiting.length, why);
        return;
      }
      this.#say(`could not be told and is tried again in ${Math.ceil(delayMs / 1000)} s: ${why}`);
      await this.#pause(delayMs);
    }
  }

  /** A notifier that throws is a bug of ours, and still no reason to end the watch. */
  async #try(notice: Notice): Promise<string | undefined> {
    try {
      return await this.#notifier.tell(notice);
    } catch (error) {
      return `internal error: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  #lose(count: number, why: string): void {
    this.#waiting.splice(0, count);
    this.#lostCount += count;
    this.#say(`was not told, and will not be: ${why}`);
  }

  #say(text: string): void {
    this.#warn(printable(`${this.#notifier.name} ${text}`));
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, delayMs);
      this.#wake = done;
      if (this.#isClosed) done();
    });
  }
}
