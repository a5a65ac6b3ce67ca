// Whether a UDP port is open: it is asked what its usual service answers, a few times, and nothing is claimed without an
// answer. A port unreachable counts as "closed" only when the host itself says it (RFC 1122 §4.1.3.1).
import { EACCES, EHOSTUNREACH, ENETUNREACH, EPERM } from "../linux/errno.js";
import type { IcmpError } from "../linux/error-queue.js";
import { UdpQuestion } from "../linux/udp-question.js";
import { type Address, isSameHost } from "../target/address.js";
import { unreachableReason, unreachableReasonIpv6 } from "../technique/unreachable.js";
import type { Attempt, ProbeFinding } from "./probe.js";
import type { ProbeOptions } from "./tcp-probe.js";

const EMPTY = new Uint8Array(0);
/** A question is sent about once a second, and the last one has as long for its answer as the others. */
const TRY_EVERY_MS = 1000;
const TRIES_MAX = 6;
/** With so many different questions each must get its turn, whatever the time. */
const QUESTIONS_MAX = 8;

/** This machine refuses to send: what that means. Any other errno is of the moment, and the next try may pass. */
const REFUSALS: ReadonlyMap<number, ProbeFinding["state"]> = new Map([
  [ENETUNREACH, "no route"],
  [EHOSTUNREACH, "no route"],
  [EPERM, "not sent"],
  [EACCES, "not sent"],
]);

/** How often a port is asked within this time, with so many different questions. */
export function triesOf(timeoutMs: number, questionCount: number): number {
  const byTime = Math.min(TRIES_MAX, Math.max(1, Math.floor(timeoutMs / TRY_EVERY_MS)));
  return Math.max(byTime, Math.min(QUESTIONS_MAX, questionCount));
}

/** What an ICMP error says of a port of this host; undefined when it decides nothing. */
export function judgeIcmp(error: IcmpError, host: Address, roundTripMs: number): ProbeFinding | undefined {
  const { family, type, code, from } = error;
  const reason = family === 4 ? unreachableReason(type, code) : unreachableReasonIpv6(type, code);
  if (reason === undefined) return undefined;
  const isHost = from !== undefined && isSameHost(from, host);
  const state = reason === "port-unreach" && isHost ? "closed" : "unreachable";
  return { state, errno: 0, icmp: error, roundTripMs };
}

/**
 * Begins to ask a port. `payloads` are sent in turn, one a try; without any the datagram is empty.
 *
 * @throws ScopeError when the address may not be sent to
 * @throws SystemCallError when there is no socket, or it cannot come from where it shall
 */
export function beginUdpProbe(
  options: ProbeOptions,
  address: Address,
  port: number,
  payloads: readonly Uint8Array[],
): Attempt {
  return new UdpAttempt(options, address, port, payloads);
}

class UdpAttempt implements Attempt {
  readonly isRead = true;
  wakeAtMs: number;
  readonly #question: UdpQuestion;
  readonly #address: Address;
  readonly #payloads: readonly Uint8Array[];
  readonly #everyMs: number;
  #triesLeft: number;
  #tryIndex = 0;
  #sentAtMs: number;
  #refusal = 0;

  constructor(options: ProbeOptions, address: Address, port: number, payloads: readonly Uint8Array[]) {
    this.#question = new UdpQuestion(options.guard, address, port, options.source);
    this.#address = address;
    this.#payloads = payloads;
    this.#triesLeft = triesOf(options.timeoutMs, payloads.length);
    this.#everyMs = options.timeoutMs / this.#triesLeft;
    this.#sentAtMs = options.clock.now();
    this.wakeAtMs = this.#sentAtMs;
  }

  get fd(): number {
    return this.#question.fd;
  }

  look(_isWritable: boolean, nowMs: number): ProbeFinding | undefined {
    return this.#heard(nowMs) ?? (nowMs < this.wakeAtMs ? undefined : this.#ask(nowMs));
  }

  close(): void {
    this.#question.close();
  }

  #heard(nowMs: number): ProbeFinding | undefined {
    const roundTripMs = nowMs - this.#sentAtMs;
    const answer = this.#question.takeAnswer();
    if (answer !== undefined) {
      const facts = { byteCount: answer.bytes.length, port: answer.port };
      return { state: "open", errno: 0, icmp: undefined, roundTripMs, answer: facts };
    }
    for (let error = this.#question.takeError(); error !== undefined; error = this.#question.takeError()) {
      const finding = judgeIcmp(error, this.#address, roundTripMs);
      if (finding !== undefined) return finding;
    }
    return undefined;
  }

  /** Sends the next question, or gives up. */
  #ask(nowMs: number): ProbeFinding | undefined {
    if (this.#triesLeft === 0) {
      const state = REFUSALS.get(this.#refusal) ?? (this.#refusal === 0 ? "no answer" : "not sent");
      return { state, errno: this.#refusal, icmp: undefined, roundTripMs: undefined };
    }
    this.#triesLeft--;
    const payload = this.#payloads[this.#tryIndex % Math.max(1, this.#payloads.length)] ?? EMPTY;
    this.#tryIndex++;
    this.#sentAtMs = nowMs;
    this.wakeAtMs = nowMs + this.#everyMs;
    this.#refusal = this.#question.send(payload);
    if (this.#refusal === 0) return undefined;
    const error = this.#heard(nowMs); // an earlier try's ICMP error may be what the kernel refuses with
    if (error !== undefined) return error;
    const state = REFUSALS.get(this.#refusal);
    return state === undefined ? undefined : { state, errno: this.#refusal, icmp: undefined, roundTripMs: undefined };
  }
}
