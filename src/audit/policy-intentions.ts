// What a settings file intends, as an audit asks for it.
import { isLoopback } from "../inside/reach.js";
import type { Finding, IntendedFact } from "../model/audit-report.js";
import { hasEnded } from "../policy/end-date.js";
import { findingName } from "../policy/finding-name.js";
import type { Expectation, Intention, PolicyLookup } from "../policy/policy-lookup.js";
import { type Address, unmapped } from "../target/address.js";
import type { AskedPort } from "../vantage/vantage.js";
import type { AcceptedPlace, Asker, Expected, Intentions } from "./intentions.js";

/** Of an entry for thousands of ports not each is asked because it is named there. */
const PORTS_MAX = 1024;

/** The intentions of a policy. */
export class PolicyIntentions implements Intentions {
  readonly #lookup: PolicyLookup;
  readonly #nowMs: number;

  constructor(lookup: PolicyLookup, nowMs: number) {
    this.#lookup = lookup;
    this.#nowMs = nowMs;
  }

  of(port: AskedPort, { name, sources }: Asker): IntendedFact {
    const own = sources.map(unmapped).filter(({ family }) => family === unmapped(port.address).family);
    const source = own.find((one) => !isLoopback(one)) ?? own[0];
    return factOf(this.#lookup.intentionOf({ ...port, source, vantage: name }));
  }

  expected({ address, protocol, port }: AskedPort): Expected {
    const entries = this.#lookup.groupsOf(address).flatMap(({ open }) => open);
    const naming = entries.filter(({ ports, until }) => ports.has(protocol, port) && !hasEnded(until, this.#nowMs));
    const isOpenForAll = naming.some(({ processes }) => processes.length === 0);
    return {
      isExpected: naming.length > 0,
      processes: isOpenForAll ? [] : naming.flatMap(({ processes }) => processes),
    };
  }

  portsOf(address: Address): readonly AskedPort[] {
    const entries = this.#lookup.groupsOf(address).flatMap(({ open }) => open);
    return (["tcp", "udp"] as const).flatMap((protocol) =>
      entries
        .filter(({ ports }) => ports.count(protocol) <= PORTS_MAX)
        .flatMap(({ ports }) => [...ports.ports(protocol)].map((port) => ({ address, protocol, port }))),
    );
  }

  acceptance(key: string, place: AcceptedPlace): Finding["accepted"] {
    const found = this.#lookup.exceptionFor(key, placeOf(key, place));
    if (found === undefined || found.hasEnded) return undefined;
    const { reason, until, at } = found.exception;
    return { line: at.line ?? 0, reason, until: until?.text };
  }
}

function factOf({ verdict, by, groups }: Intention): IntendedFact {
  if (groups.length === 0) return { state: "unsaid", line: undefined, why: undefined };
  const [first]: readonly (Expectation | undefined)[] = by;
  const line = first?.entry.at.line ?? groups[0]?.at.line;
  if (verdict === "open") return { state: "open", line, why: first?.entry.why };
  const why = {
    elsewhere: "meant for others",
    ended: `meant until ${first?.entry.until?.text ?? ""}`,
    closed: undefined,
  };
  return { state: "closed", line, why: why[verdict] };
}

function placeOf(key: string, place: AcceptedPlace) {
  if (typeof place === "string") return findingName(key, place).place;
  if ("family" in place) return findingName(key, place).place;
  const host = "host" in place ? place.host : place.address;
  return findingName(key, host, { protocol: place.protocol, number: place.port }).place;
}
