// What a probe of one port is and finds, whatever the protocol, and many of them side by side.
import type { Clock } from "../linux/clock.js";
import type { IcmpError } from "../linux/error-queue.js";
import { PollSet } from "../linux/poll.js";
import type { SocketPlace } from "../linux/socket-address.js";

/** What is claimed of a port. The first four are TCP's and UDP's, as far as they have them; the rest concern both. */
export type ProbeState =
  /** TCP: the connection was established. UDP: an answer came back. */
  | "open"
  /** TCP: refused by a RST, or by an ICMP port unreachable. UDP: the host itself has said that nobody listens. */
  | "closed"
  /** TCP: nothing came back. */
  | "timed out"
  /** UDP: nothing came back, which says nothing. */
  | "no answer"
  /** An ICMP error came back that is about the way or a filter, not about the port. */
  | "unreachable"
  /** This machine has no way to the address. */
  | "no route"
  /** This machine's own rules, or its kernel, did not let the probe out. */
  | "not sent";

/** What came of one probe. */
export interface ProbeFinding {
  readonly state: ProbeState;
  /** What the kernel said; 0 for nothing. */
  readonly errno: number;
  /** The ICMP error that led to the state. */
  readonly icmp: IcmpError | undefined;
  /** From the sending that was answered, in ms; undefined without an answer. */
  readonly roundTripMs: number | undefined;
  /** The own end of a TCP connection that was established. */
  readonly local?: SocketPlace | undefined;
  /** What a UDP service has answered. */
  readonly answer?: UdpAnswer;
}

/** An answer of a UDP service. */
export interface UdpAnswer {
  readonly byteCount: number;
  /** The port that it came from, mostly the one that was asked. */
  readonly port: number;
}

/** A probe under way. */
export interface Attempt {
  /** What is waited for. */
  readonly fd: number;
  /** True when only what can be read counts. */
  readonly isRead: boolean;
  /** When {@link look} wants to be called again although nothing came, by the clock. */
  readonly wakeAtMs: number;
  /** Looks what has come; `nowMs` may be past {@link wakeAtMs}. Undefined while the probe goes on. */
  look(isWritable: boolean, nowMs: number): ProbeFinding | undefined;
  close(): void;
}

/** How many probes there are, and how they begin. */
export interface ProbeWork {
  readonly count: number;
  readonly atOnce: number;
  readonly clock: Clock;
  /** Begins the probe of this number, from 0 on. */
  begin(index: number): Attempt;
}

/** Runs all probes, so many at a time, and tells of each when it has ended: its number and what it found. */
export function* runProbes(work: ProbeWork): Generator<readonly [index: number, finding: ProbeFinding]> {
  const underWay = new Map<number, Attempt>();
  const polled = new PollSet(work.atOnce);
  let next = 0;
  try {
    while (next < work.count || underWay.size > 0) {
      for (; next < work.count && underWay.size < work.atOnce; next++) underWay.set(next, work.begin(next));
      yield* endedOf(underWay, polled, work.clock);
    }
  } finally {
    for (const attempt of underWay.values()) attempt.close();
  }
}

/** Waits until something can be said of one of the attempts, and takes out what has ended. */
function endedOf(underWay: Map<number, Attempt>, polled: PollSet, clock: Clock): [number, ProbeFinding][] {
  const attempts = [...underWay];
  polled.clear();
  for (const [, { fd, isRead }] of attempts) polled.add(fd, isRead);
  polled.poll(Math.min(...attempts.map(([, { wakeAtMs }]) => wakeAtMs)) - clock.now());
  const nowMs = clock.now();
  return attempts.flatMap(([index, attempt], place): [number, ProbeFinding][] => {
    if (!polled.isReady(place) && nowMs < attempt.wakeAtMs) return [];
    const finding = attempt.look(polled.isWritable(place), nowMs);
    if (finding === undefined) return [];
    attempt.close();
    underWay.delete(index);
    return [[index, finding]];
  });
}
