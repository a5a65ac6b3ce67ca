// Where the engine's findings go: port results as rows of numbers, because there may be millions; all else as events.
import { PORT_STATES, type PortState } from "../model/port-state.js";
import { REASON_NAMES, type Reason } from "../model/reason.js";
import type { PortResult, Protocol, ScanEvent } from "../model/scan-event.js";
import { formatIpv4 } from "../target/ipv4.js";

/** A port's state as the engine has it. Addresses are numbers, 0 for none; one object is used for all. */
export interface PortVerdict {
  hostId: number;
  protocol: Protocol;
  port: number;
  state: PortState;
  reason: Reason;
  technique: number;
  /** 0 for none. */
  ttl: number;
  tries: number;
  /** Below 0 for none. */
  rttMs: number;
  responder: number;
}

/** Takes what the engine finds. */
export interface EventSink {
  event(event: ScanEvent): void;
  port(verdict: PortVerdict): void;
}

/** What crosses from the worker to the main thread: events, or rows of ports. */
export type ScanMessage = { readonly event: ScanEvent } | { readonly rows: Uint32Array };

const WORDS_A_ROW = 5;
const ROWS_A_BATCH = 4096;
const NO_RTT = 0xffffffff;
const PROTOCOLS: readonly Protocol[] = ["tcp", "udp", "sctp"];
const STATE_NUMBERS = new Map<PortState, number>(PORT_STATES.map((state, index) => [state, index]));
const REASON_NUMBERS = new Map<Reason, number>(REASON_NAMES.map((reason, index) => [reason, index]));

/** Packs port results into rows and posts them in batches, in order with all other events. */
export class BatchingSink implements EventSink {
  readonly #post: (message: ScanMessage, transfer: ArrayBuffer[]) => void;
  #rows = new Uint32Array(WORDS_A_ROW * ROWS_A_BATCH);
  #at = 0;

  constructor(post: (message: ScanMessage, transfer: ArrayBuffer[]) => void) {
    this.#post = post;
  }

  event(event: ScanEvent): void {
    this.flush();
    this.#post({ event }, []);
  }

  port(verdict: PortVerdict): void {
    const rows = this.#rows;
    const at = this.#at;
    rows[at] = verdict.hostId;
    rows[at + 1] =
      (verdict.port << 16) | ((STATE_NUMBERS.get(verdict.state) ?? 0) << 8) | (REASON_NUMBERS.get(verdict.reason) ?? 0);
    rows[at + 2] =
      (verdict.ttl << 24) | (verdict.tries << 16) | (verdict.technique << 8) | PROTOCOLS.indexOf(verdict.protocol);
    rows[at + 3] = verdict.rttMs < 0 ? NO_RTT : Math.min(NO_RTT - 1, Math.round(verdict.rttMs * 1000));
    rows[at + 4] = verdict.responder;
    this.#at = at + WORDS_A_ROW;
    if (this.#at === rows.length) this.flush();
  }

  /** Posts what has gathered. */
  flush(): void {
    if (this.#at === 0) return;
    const rows = this.#at === this.#rows.length ? this.#rows : this.#rows.slice(0, this.#at);
    if (rows === this.#rows) this.#rows = new Uint32Array(WORDS_A_ROW * ROWS_A_BATCH);
    this.#at = 0;
    this.#post({ rows }, [rows.buffer]);
  }
}

/** Makes events of rows again. `techniqueNames` are in the order of their numbers. */
export function* eventsOf(rows: Uint32Array, techniqueNames: readonly string[]): Generator<ScanEvent> {
  for (let at = 0; at < rows.length; at += WORDS_A_ROW) {
    yield { type: "port", hostId: rows[at] ?? 0, result: resultOf(rows, at, techniqueNames) };
  }
}

function resultOf(rows: Uint32Array, at: number, techniqueNames: readonly string[]): PortResult {
  const what = rows[at + 1] ?? 0;
  const how = rows[at + 2] ?? 0;
  const rtt = rows[at + 3] ?? NO_RTT;
  const responder = rows[at + 4] ?? 0;
  return {
    protocol: PROTOCOLS[how & 0xff] ?? "tcp",
    port: what >>> 16,
    state: PORT_STATES[(what >>> 8) & 0xff] ?? "filtered",
    reason: REASON_NAMES[what & 0xff] ?? "no-response",
    technique: techniqueNames[(how >>> 8) & 0xff] ?? "?",
    ttl: how >>> 24 === 0 ? undefined : how >>> 24,
    rttMs: rtt === NO_RTT ? undefined : rtt / 1000,
    tries: (how >>> 16) & 0xff,
    responder: responder === 0 ? undefined : formatIpv4(responder),
  };
}
