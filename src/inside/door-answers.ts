// What is asked of the doors of this machine, and what the answers mean for each: the inside and the probes put together.
import type { PortResult, Protocol } from "../model/scan-event.js";
import type { Door } from "./doors.js";
import type { OwnAddress } from "./open-at.js";

/** One question: a port at an own address. */
export interface DoorProbe {
  readonly own: OwnAddress;
  readonly protocol: Protocol;
  readonly port: number;
}

/** What shall be asked; `leftOutCount` more would have been. */
export interface DoorProbes {
  readonly probes: readonly DoorProbe[];
  readonly leftOutCount: number;
}

/** Answers by {@link probeKey}. */
export type DoorResults = ReadonlyMap<string, PortResult>;

/**
 * What came of asking at one address:
 * - `open`: it answered;
 * - `silent`: nothing came back;
 * - `closed`: it was refused, as if nothing waited;
 * - `rejected`: an ICMP error came back that only a firewall sends;
 * - `held`: this machine's firewall did not let the probe out;
 * - `unasked`: nobody knows.
 */
export type DoorOutcome = "open" | "silent" | "closed" | "rejected" | "held" | "unasked";

/** An own address, and what came of asking there. */
export interface DoorAnswer {
  readonly own: OwnAddress;
  readonly outcome: DoorOutcome;
  /** Undefined where nobody asked. */
  readonly result: PortResult | undefined;
}

/** A door with its answers. */
export interface AnsweredDoor {
  readonly door: Door;
  /** Where its program waits. */
  readonly awaited: readonly DoorAnswer[];
  /** Where it does not, and something answered all the same. */
  readonly unexpected: readonly DoorAnswer[];
}

/** The name of an answer: "192.0.2.2 tcp 22". */
export function probeKey(address: string, protocol: Protocol, port: number): string {
  return `${address} ${protocol} ${port}`;
}

/**
 * Each door at the addresses where its program waits and, for TCP, at those where it should not be found. Where that is too
 * much, every door is asked at its most important address before any is asked at the next.
 */
export function doorProbes(doors: readonly Door[], protocols: ReadonlySet<Protocol>, countMax: number): DoorProbes {
  const rounds: DoorProbe[][] = [];
  const add = (round: number, probe: DoorProbe): void => {
    rounds[round] ??= [];
    rounds[round].push(probe);
  };
  const awaitedMost = doors.reduce((most, { awaited }) => Math.max(most, awaited.length), 0);
  for (const { protocol, port, awaited, unawaited } of doors) {
    if (!isProbed(protocol) || !protocols.has(protocol)) continue;
    for (const [round, own] of awaited.entries()) add(round, { own, protocol, port });
    if (protocol !== "tcp") continue;
    for (const [round, own] of unawaited.entries()) add(awaitedMost + round, { own, protocol, port });
  }
  const unique = new Map<string, DoorProbe>();
  for (const probe of rounds.flat()) {
    const key = probeKey(probe.own.text, probe.protocol, probe.port);
    if (!unique.has(key)) unique.set(key, probe);
  }
  const probes = [...unique.values()].slice(0, countMax);
  return { probes, leftOutCount: unique.size - probes.length };
}

/** True for protocols that can be asked. */
function isProbed(protocol: Door["protocol"]): protocol is Door["protocol"] & Protocol {
  return protocol === "tcp" || protocol === "udp" || protocol === "sctp";
}

/** Puts doors and answers together. */
export function joinAnswers(doors: readonly Door[], results: DoorResults): readonly AnsweredDoor[] {
  return doors.map((door) => {
    const { protocol, port } = door;
    const answerAt = (own: OwnAddress): DoorAnswer => {
      const result = isProbed(protocol) ? results.get(probeKey(own.text, protocol, port)) : undefined;
      return { own, outcome: outcomeOf(result), result };
    };
    return {
      door,
      awaited: door.awaited.map(answerAt),
      unexpected: door.unawaited.map(answerAt).filter(({ outcome }) => outcome === "open"),
    };
  });
}

function outcomeOf(result: PortResult | undefined): DoorOutcome {
  switch (result?.state) {
    case undefined:
    case "unfiltered": // no technique that is used here says so
      return "unasked";
    case "open":
      return "open";
    case "closed":
      return "closed";
    case "open|filtered":
    case "closed|filtered":
      return "silent";
    case "filtered":
      return filteredOutcome(result.reason);
  }
}

function filteredOutcome(reason: PortResult["reason"]): DoorOutcome {
  if (reason === "no-response" || reason === "no-response-lossy") return "silent";
  return reason === "local-firewall" ? "held" : "rejected";
}
