// Gathers what a scan tells of each host until it is done: for reports that write hosts as wholes, one after the other.
import type { PortOwner } from "../model/owner-event.js";
import {
  type CompactScanEvent,
  type HostDoneEvent,
  type HostFacts,
  NO_RTT_US,
  type OsFacts,
  type PortResult,
  type PortRunEvent,
  type Protocol,
  type ScanEvent,
  type ScriptEvent,
  type ServiceFacts,
  type TraceEvent,
} from "../model/scan-event.js";
import { HostAccumulator } from "./host-accumulator.js";
import { isPerhapsOpen, unfoldedMax } from "./port-folding.js";
import type { ReportOptions } from "./report-writer.js";
import { RoundTripSpread } from "./round-trip-spread.js";

/** Everything that came in for one host. */
export interface BookedHost {
  readonly facts: HostFacts;
  /** When it was known to be up: ISO 8601. */
  readonly foundAt: string | undefined;
  /** By reverse DNS; empty where there are none. */
  names: readonly string[];
  readonly ports: HostAccumulator;
  readonly roundTrips: RoundTripSpread;
  /** By {@link portKey}. */
  readonly services: Map<string, ServiceFacts>;
  /** By {@link portKey}. */
  readonly owners: Map<string, PortOwner>;
  /** In the order in which they came. */
  readonly scripts: ScriptEvent[];
  os: OsFacts | undefined;
  trace: TraceEvent | undefined;
}

/** A host of which nothing more will come. Those that are not up have no end, since nothing was asked of them. */
export interface EndedHost {
  readonly host: BookedHost;
  readonly done: HostDoneEvent | undefined;
}

/** What services are kept by. */
export function portKey(protocol: Protocol, port: number): string {
  return `${protocol} ${port}`;
}

/** The hosts that are under way. Gives out those that the report shall have. */
export class HostBook {
  readonly #options: ReportOptions;
  readonly #hosts: Map<number, BookedHost> = new Map();
  /** Names of hosts that have not come yet: those that are not up are named first. */
  readonly #earlyNames: Map<number, readonly string[]> = new Map();
  #hasPorts = true;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  /** False when no ports are asked. */
  get hasPorts(): boolean {
    return this.#hasPorts;
  }

  /** The host that has ended with this event, if one has and is to be shown. Events that are not of hosts pass by. */
  take(event: ScanEvent | CompactScanEvent): EndedHost | undefined {
    switch (event.type) {
      case "start":
        this.#hasPorts = event.portCount !== 0;
        return undefined;
      case "host":
        return this.#open(event.host, event.at);
      case "host-names":
        this.#name(event.hostId, event.names);
        return undefined;
      case "port":
        this.#addPort(event.hostId, event.result);
        return undefined;
      case "port-run":
        this.#addRun(event);
        return undefined;
      case "service":
        this.#hosts.get(event.hostId)?.services.set(portKey(event.protocol, event.port), event.service);
        return undefined;
      case "owner":
        this.#hosts.get(event.hostId)?.owners.set(portKey(event.protocol, event.port), event.owner);
        return undefined;
      case "os":
        this.#change(event.hostId, (host) => {
          host.os = event.os;
        });
        return undefined;
      case "script":
        if (event.hostId !== undefined) this.#hosts.get(event.hostId)?.scripts.push(event);
        return undefined;
      case "trace":
        this.#change(event.hostId, (host) => {
          host.trace = event;
        });
        return undefined;
      case "host-done":
        return this.#close(event);
      default:
        return undefined;
    }
  }

  /**
   * The hosts that are still under way when the scan is over: it was stopped, or it asked for no ports, and then the end of
   * each host need not be told.
   */
  rest(): readonly EndedHost[] {
    const loss = { lossShare: 0, missedEstimate: 0 };
    const end = this.#hasPorts ? "stopped" : "done";
    const rest = [...this.#hosts].map(([hostId, host]): EndedHost => {
      return { host, done: { type: "host-done", hostId, rttMs: undefined, loss, end, undecided: [], marks: [] } };
    });
    this.#hosts.clear();
    return rest.filter((ended) => this.#isShown(ended));
  }

  /** nmap leaves out hosts that are down, without -v, and with --open those whose ports are all closed or filtered. */
  #isShown({ host }: EndedHost): boolean {
    const { onlyOpen, verbosity, debugging = 0 } = this.#options;
    switch (host.facts.status) {
      case "listed":
        return true;
      case "down":
        return (verbosity > 0 || debugging > 0) && !onlyOpen;
      case "up":
        return !(onlyOpen && this.#hasPorts) || host.ports.groups().some(({ state }) => isPerhapsOpen(state));
    }
  }

  #open(facts: HostFacts, foundAt: string | undefined): EndedHost | undefined {
    const known = this.#hosts.get(facts.id);
    const host: BookedHost =
      known === undefined ? this.#newHost(facts, foundAt) : { ...known, facts, foundAt: known.foundAt ?? foundAt };
    this.#earlyNames.delete(facts.id);
    if (facts.status === "up") {
      this.#hosts.set(facts.id, host);
      return undefined;
    }
    this.#hosts.delete(facts.id);
    const ended = { host, done: undefined };
    return this.#isShown(ended) ? ended : undefined;
  }

  #newHost(facts: HostFacts, foundAt: string | undefined): BookedHost {
    return {
      facts,
      foundAt,
      names: this.#earlyNames.get(facts.id) ?? [],
      ports: new HostAccumulator(unfoldedMax(this.#options) + 1),
      roundTrips: new RoundTripSpread(),
      services: new Map(),
      owners: new Map(),
      scripts: [],
      os: undefined,
      trace: undefined,
    };
  }

  #close(done: HostDoneEvent): EndedHost | undefined {
    const host = this.#hosts.get(done.hostId);
    this.#hosts.delete(done.hostId);
    return host !== undefined && this.#isShown({ host, done }) ? { host, done } : undefined;
  }

  #change(hostId: number, change: (host: BookedHost) => void): void {
    const host = this.#hosts.get(hostId);
    if (host !== undefined) change(host);
  }

  #name(hostId: number, names: readonly string[]): void {
    const host = this.#hosts.get(hostId);
    if (host === undefined) this.#earlyNames.set(hostId, names);
    else host.names = names;
  }

  #addPort(hostId: number, result: PortResult): void {
    const host = this.#hosts.get(hostId);
    host?.ports.add(result);
    if (result.rttMs !== undefined) host?.roundTrips.add(result.rttMs * 1000);
  }

  #addRun(run: PortRunEvent): void {
    const host = this.#hosts.get(run.hostId);
    if (host === undefined) return;
    host.ports.addRun(run);
    for (const rttUs of run.rttsUs) {
      if (rttUs !== NO_RTT_US) host.roundTrips.add(rttUs);
    }
  }
}
