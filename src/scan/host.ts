// One host while it is being scanned: what is still to be asked, what was answered, and how its path behaves.
import type { Reason } from "../model/reason.js";
import type { Target } from "../target/target-set.js";
import { LossMeter } from "./loss-meter.js";
import type { Path } from "./network.js";
import { RetryQueue } from "./retry-queue.js";
import { RoundTrip } from "./round-trip.js";
import { SendWindow } from "./send-window.js";

/** A question to a host: a technique, by its number, and a port where it has ports. */
export interface Question {
  readonly technique: number;
  readonly port: number;
}

/** One more than the highest port, in bits. */
const PORT_BITMAP_BYTES = 65_536 / 8;

/** A few probes to begin with; a neighbour's window may open wide in silence, one behind routers only slowly. */
const FAR_WINDOW = { initial: 16, floor: 16, ceiling: 16_384, silentCeiling: 2048 };
const NEAR_WINDOW = { ...FAR_WINDOW, silentCeiling: 16_384 };

const NO_PORTS = new Uint16Array(0);

/** The state of one host. The engine alone changes it. */
export class Host {
  readonly id: number;
  readonly target: Target;
  path: Path;
  phase: "discovery" | "waiting" | "ports" | "done" = "discovery";
  /** Which port technique, by its number. */
  portTechnique = 0;
  /** Discovery: what is asked of the host; each stands for its index in the queue of retries. */
  questions: readonly Question[] = [];
  /** Ports: in the order in which they are asked. */
  order: Uint16Array = NO_PORTS;
  /** How far fresh questions or ports have been asked. */
  cursor = 0;
  readonly retries: RetryQueue = new RetryQueue();
  /** Probes under way. */
  outstanding = 0;
  /** Ports decided for good. */
  decided = 0;
  readonly roundTrip: RoundTrip = new RoundTrip();
  readonly loss: LossMeter = new LossMeter();
  readonly window: SendWindow;
  /** How many tries every silent port has had. */
  silentTries = 0;
  /** What spoke against the host being up, when something did. */
  downReason: Reason = "no-response";
  /** How the host showed itself. */
  upTtl = 0;
  upRttMs: number | undefined;
  /** Ports that have been silent in all their tries so far, or wait for another. */
  silentCount = 0;
  /** Ports that were asked and whose time ran out, until an answer comes after all. */
  private unanswered: Uint8Array | undefined;

  constructor(id: number, target: Target, path: Path) {
    this.id = id;
    this.target = target;
    this.path = path;
    this.window = new SendWindow(path.isNear ? NEAR_WINDOW : FAR_WINDOW);
  }

  /** Fresh questions that are left in this phase. */
  get freshCount(): number {
    return (this.phase === "ports" ? this.order.length : this.questions.length) - this.cursor;
  }

  /** True while there is something to be sent now. */
  get hasWork(): boolean {
    return this.outstanding < this.window.size && (this.freshCount > 0 || this.retries.count > 0);
  }

  /** True when everything was asked and nothing is under way. */
  get isIdle(): boolean {
    return this.outstanding === 0 && this.freshCount === 0 && this.retries.count === 0;
  }

  isUnanswered(port: number): boolean {
    return ((this.unanswered?.[port >> 3] ?? 0) & (1 << (port & 7))) !== 0;
  }

  /** Notes that a port's time ran out. */
  setUnanswered(port: number): void {
    if (this.isUnanswered(port)) return;
    this.unanswered ??= new Uint8Array(PORT_BITMAP_BYTES);
    this.unanswered[port >> 3] = (this.unanswered[port >> 3] ?? 0) | (1 << (port & 7));
    this.silentCount++;
  }

  /** Notes that a port answered after all. */
  clearUnanswered(port: number): void {
    if (!this.isUnanswered(port) || this.unanswered === undefined) return;
    this.unanswered[port >> 3] = (this.unanswered[port >> 3] ?? 0) & ~(1 << (port & 7));
    this.silentCount--;
  }

  /** The silent ports in ascending order. */
  *silentPorts(): Generator<number> {
    for (const [index, bits] of (this.unanswered ?? []).entries()) {
      if (bits === 0) continue;
      for (let bit = 0; bit < 8; bit++) if ((bits & (1 << bit)) !== 0) yield index * 8 + bit;
    }
  }

  /** Leaves discovery behind: the questions that follow are the ports. */
  beginPorts(technique: number, order: Uint16Array): void {
    this.phase = "ports";
    this.portTechnique = technique;
    this.order = order;
    this.cursor = 0;
    this.retries.clear();
  }
}
