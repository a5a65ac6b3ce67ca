// Whether a TCP port is open: a connection by the kernel, closed at once (connect(2)). What each end means: RFC 9293
// §3.10.7 for a RST, RFC 1122 §4.2.3.9 and RFC 4443 for ICMP errors.

import type { SourcePlace } from "../linux/bind-source.js";
import type { Clock } from "../linux/clock.js";
import {
  EACCES,
  EADDRNOTAVAIL,
  ECONNREFUSED,
  ECONNRESET,
  EHOSTUNREACH,
  ENETUNREACH,
  EPERM,
  ETIMEDOUT,
} from "../linux/errno.js";
import { type DialEnd, TcpDial } from "../linux/tcp-dial.js";
import type { TransmitGuard } from "../linux/transmit-guard.js";
import type { Address } from "../target/address.js";
import { unreachableReason, unreachableReasonIpv6 } from "../technique/unreachable.js";
import type { Attempt, ProbeFinding, ProbeState } from "./probe.js";

/** What all probes of one run share. */
export interface ProbeOptions {
  readonly guard: TransmitGuard;
  readonly clock: Clock;
  readonly source: SourcePlace;
  /** How long a probe waits for an answer. */
  readonly timeoutMs: number;
}

/** What an errno means where no ICMP error is known. Other ones say nothing about the port: there was no probe. */
const STATES: ReadonlyMap<number, ProbeState> = new Map([
  [0, "open"],
  [ECONNREFUSED, "closed"],
  [ECONNRESET, "closed"],
  [ETIMEDOUT, "timed out"],
  [ENETUNREACH, "no route"],
  [EHOSTUNREACH, "no route"],
  [EPERM, "not sent"],
  [EACCES, "not sent"],
  [EADDRNOTAVAIL, "not sent"],
]);

/** What the end of a connect says of the port. */
export function judgeDial({ errno, error }: DialEnd, roundTripMs: number): ProbeFinding {
  const reason =
    error === undefined
      ? undefined
      : error.family === 4
        ? unreachableReason(error.type, error.code)
        : unreachableReasonIpv6(error.type, error.code);
  if (error !== undefined && reason !== undefined) {
    const state = reason === "port-unreach" ? "closed" : "unreachable";
    return { state, errno, icmp: error, roundTripMs };
  }
  const state = STATES.get(errno) ?? "not sent";
  const isAnswered = state === "open" || state === "closed";
  return { state, errno, icmp: undefined, roundTripMs: isAnswered ? roundTripMs : undefined };
}

/**
 * Begins to probe a port.
 *
 * @throws ScopeError when the address may not be connected to
 * @throws SystemCallError when there is no socket, or it cannot come from where it shall
 */
export function beginTcpProbe(options: ProbeOptions, address: Address, port: number): Attempt {
  const { guard, clock, source, timeoutMs } = options;
  const begunAtMs = clock.now();
  const dial = new TcpDial(guard, address, port, source);
  const wakeAtMs = begunAtMs + timeoutMs;
  return {
    fd: dial.fd,
    isRead: false,
    wakeAtMs,
    look(isWritable, nowMs) {
      const end = dial.end(isWritable);
      if (end !== undefined)
        return { ...judgeDial(end, nowMs - begunAtMs), local: end.errno === 0 ? dial.local() : undefined };
      if (nowMs < wakeAtMs) return undefined;
      return { state: "timed out", errno: 0, icmp: undefined, roundTripMs: undefined };
    },
    close: () => dial.close(),
  };
}
