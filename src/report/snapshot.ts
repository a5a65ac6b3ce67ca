// What a report says of hosts and ports, without its order and evidence, so small that two reports fit into memory.
import type {
  HostDoneEvent,
  HostEnd,
  HostFacts,
  HostNamesEvent,
  LossReport,
  OsFacts,
  PortScanFacts,
  Protocol,
  ServiceEvent,
  ServiceFacts,
  StartEvent,
} from "../model/scan-event.js";
import { formatAddress, parseAddress } from "../target/address.js";
import { type PortRange, PortSet, PROTOCOLS } from "../target/port-set.js";
import { PortGatherer } from "./port-gatherer.js";
import { codeOf, isSilent, PortTable, type RangesPool, type SharedRanges, stateOf } from "./port-table.js";
import type { ReadEvent } from "./report-reader.js";
import { TargetCoverage } from "./target-coverage.js";

/** What is behind a port. */
export interface ServiceRow {
  readonly protocol: Protocol;
  readonly port: number;
  readonly service: ServiceFacts;
}

/** One name of a system, and how sure it is in percent. */
export interface OsRow {
  readonly name: string;
  readonly accuracy: number;
}

/** One host of a report. */
export interface HostSnapshot {
  /** Canonical text. */
  readonly address: string;
  readonly family: 4 | 6;
  readonly status: HostFacts["status"];
  readonly reason: HostFacts["reason"];
  /** As the user wrote it. */
  readonly name: string | undefined;
  /** By reverse DNS. */
  readonly names: readonly string[];
  /** In lower case. */
  readonly mac: string | undefined;
  readonly vendor: string | undefined;
  /** By protocol; what has no ports is not there. */
  readonly ports: ReadonlyMap<Protocol, PortTable>;
  /** By protocol and port. */
  readonly services: readonly ServiceRow[];
  /** The likeliest first; empty where nobody knows. */
  readonly systems: readonly OsRow[];
  readonly loss: LossReport;
  readonly end: HostEnd;
}

/** What reports do not always tell. A form that is silent about it cannot deny it. */
export interface Told {
  /** False where all ports of the report are open: then other ports were asked, too. */
  readonly closedPorts: boolean;
  readonly names: boolean;
  /** Services that answered questions, not names of a table. */
  readonly services: boolean;
  readonly systems: boolean;
  /** What was lost on the way to single hosts. */
  readonly hostLoss: boolean;
}

/** One report. */
export interface Snapshot {
  readonly version: string;
  /** ISO 8601; "" where the report does not say. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly targets: readonly string[];
  /** As the report has them. */
  readonly scanner: string | undefined;
  readonly commandLine: string | undefined;
  readonly isAborted: boolean;
  readonly loss: LossReport;
  /** By address, in the order of the report. */
  readonly hosts: ReadonlyMap<string, HostSnapshot>;
  /** Ports that hosts without ports of their own were asked, by protocol. */
  readonly asked: ReadonlyMap<Protocol, SharedRanges>;
  readonly techniques: ReadonlyMap<Protocol, string>;
  /** True where some hosts may have had ports of their own. */
  readonly hasOwnPorts: boolean;
  readonly told: Told;
  readonly coverage: TargetCoverage;
}

const NO_LOSS: LossReport = { lossShare: 0, missedEstimate: 0 };
const NO_NAMES: readonly string[] = [];
const NO_PORTS: ReadonlyMap<Protocol, PortTable> = new Map();

/** A host while its events come. */
interface Draft {
  facts: HostFacts | undefined;
  names: readonly string[];
  readonly gatherers: Map<Protocol, PortGatherer>;
  readonly services: ServiceRow[];
  systems: readonly OsRow[];
  loss: LossReport;
  end: HostEnd | undefined;
}

/** Makes a snapshot of the events of one report. */
export class SnapshotBuilder {
  readonly #pool: RangesPool;
  readonly #drafts = new Map<number, Draft>();
  readonly #hosts = new Map<string, HostSnapshot>();
  readonly #services = new Map<string, ServiceFacts>();
  #start: StartEvent | undefined;
  #finishedAt = "";
  #loss: LossReport = NO_LOSS;
  /** Addresses that were looked at. */
  #hostCount = 0;
  /** Until the last event says otherwise. */
  #isAborted = true;

  /** @param pool The same for both reports that are compared */
  constructor(pool: RangesPool) {
    this.#pool = pool;
  }

  take(event: ReadEvent): void {
    switch (event.type) {
      case "start":
        this.#start = event;
        break;
      case "host":
        this.#draftOf(event.host.id).facts = event.host;
        if (event.host.status !== "up") this.#close(event.host.id);
        break;
      case "host-names":
        this.#takeNames(event);
        break;
      case "port":
        this.#gathererOf(event.hostId, event.result.protocol).add(
          event.result.port,
          codeOf(event.result.state, event.result.reason),
        );
        break;
      case "port-run":
        this.#gathererOf(event.hostId, event.result.protocol).addAll(
          event.ports,
          codeOf(event.result.state, event.result.reason),
        );
        break;
      case "service":
        this.#takeService(event);
        break;
      case "os":
        this.#draftOf(event.hostId).systems = rowsOf(event.os);
        break;
      case "host-done":
        this.#takeEnd(event);
        break;
      case "done":
        this.#finishedAt = event.finishedAt;
        this.#loss = event.loss;
        this.#isAborted = event.isAborted;
        this.#hostCount = event.counts.hosts;
        break;
      default: // techniques, traces, scripts, progress and notices say nothing that is compared
    }
  }

  /** The snapshot, when all events were taken. */
  build(): Snapshot {
    for (const id of [...this.#drafts.keys()]) this.#close(id);
    const start = this.#start;
    const portScans = start?.portScans ?? [];
    const told = toldBy(this.#hosts.values());
    // Lists of open ports leave hosts out, and count what they have.
    const areAll = !this.#isAborted && told.closedPorts && this.#hosts.size === this.#hostCount;
    return {
      version: start?.version ?? "",
      startedAt: start?.startedAt ?? "",
      finishedAt: this.#finishedAt,
      targets: start?.targets ?? [],
      scanner: start?.scanner,
      commandLine: start?.commandLine,
      isAborted: this.#isAborted,
      loss: this.#loss,
      hosts: this.#hosts,
      asked: this.#askedOf(portScans),
      techniques: new Map(portScans.map(({ protocol, technique }) => [protocol, technique])),
      hasOwnPorts: start?.portCount === undefined,
      told,
      coverage: new TargetCoverage(start?.targets ?? [], { addresses: this.#hosts, areAll }),
    };
  }

  #takeNames({ hostId, names }: HostNamesEvent): void {
    this.#draftOf(hostId).names = names;
  }

  #takeService({ hostId, protocol, port, service }: ServiceEvent): void {
    const key = JSON.stringify(service);
    let shared = this.#services.get(key);
    if (shared === undefined) {
      shared = structuredClone(service);
      this.#services.set(key, shared);
    }
    this.#draftOf(hostId).services.push({ protocol, port, service: shared });
  }

  #takeEnd({ hostId, loss, end, undecided }: HostDoneEvent): void {
    const draft = this.#draftOf(hostId);
    draft.loss = loss;
    draft.end = end === "done" && undecided.some(({ count }) => count > 0) ? "stopped" : end;
    this.#close(hostId);
  }

  #draftOf(id: number): Draft {
    const known = this.#drafts.get(id);
    if (known !== undefined) return known;
    const draft: Draft = {
      facts: undefined,
      names: [],
      gatherers: new Map(),
      services: [],
      systems: [],
      loss: NO_LOSS,
      end: undefined,
    };
    this.#drafts.set(id, draft);
    return draft;
  }

  #gathererOf(id: number, protocol: Protocol): PortGatherer {
    const { gatherers } = this.#draftOf(id);
    const known = gatherers.get(protocol);
    if (known !== undefined) return known;
    const gatherer = new PortGatherer();
    gatherers.set(protocol, gatherer);
    return gatherer;
  }

  #close(id: number): void {
    const draft = this.#drafts.get(id);
    if (draft?.facts === undefined) return; // the names of a host that is not up come before the host
    this.#drafts.delete(id);
    const { facts } = draft;
    const address = canonical(facts.address);
    // Lists of masscan's have a line a port: a host may come again.
    const earlier = this.#hosts.get(address);
    const isUp = facts.status === "up" || earlier?.status === "up";
    this.#hosts.set(address, {
      address,
      family: facts.family,
      status: isUp ? "up" : facts.status,
      reason: facts.reason,
      name: facts.name === address || facts.name === undefined ? earlier?.name : ownText(facts.name),
      names: draft.names.length > 0 ? draft.names.map(ownText) : (earlier?.names ?? NO_NAMES),
      mac: facts.mac === undefined ? earlier?.mac : ownText(facts.mac.toLowerCase()),
      vendor: facts.vendor === undefined ? earlier?.vendor : ownText(facts.vendor),
      ports: this.#tablesOf(draft, earlier),
      services: servicesOf(draft, earlier),
      systems: draft.systems.length > 0 ? draft.systems : (earlier?.systems ?? []),
      loss: draft.loss,
      end: draft.end ?? (this.#isAborted ? "stopped" : "done"),
    });
  }

  #tablesOf({ gatherers }: Draft, earlier: HostSnapshot | undefined): ReadonlyMap<Protocol, PortTable> {
    if (gatherers.size === 0) return earlier?.ports ?? NO_PORTS;
    const tables = new Map(earlier?.ports);
    for (const [protocol, gatherer] of gatherers) {
      const before = tables.get(protocol);
      if (before !== undefined) gatherer.addRuns(before.runs());
      tables.set(protocol, PortTable.of(gatherer.runs(), this.#pool));
    }
    return tables;
  }

  #askedOf(portScans: readonly PortScanFacts[]): ReadonlyMap<Protocol, SharedRanges> {
    const asked = new Map<Protocol, SharedRanges>();
    for (const { protocol, ports } of portScans) {
      const ranges = PortSet.of({ [protocol]: readRanges(ports) }).ranges(protocol);
      if (ranges.length > 0) asked.set(protocol, this.#pool.shareRanges(ranges));
    }
    return asked;
  }
}

/** True where nobody has seen the host: -Pn took it as up, and all its ports were silent. */
export function isUnseen({ reason, ports }: HostSnapshot): boolean {
  return reason === "user-set" && [...ports.values()].every((table) => !table.some((code) => !isSilent(code)));
}

/**
 * The same text in memory of its own. V8 keeps a piece of a text as a view of the whole: the names of a report would hold all
 * of the report. Measured with two reports of 260 MB: 930 MB at most, and 500 MB with this.
 */
function ownText(text: string): string {
  return Buffer.from(text, "utf16le").toString("utf16le");
}

/** One spelling for one address: forms that are read may have others. */
function canonical(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? ownText(text) : formatAddress(address);
}

/** What cannot be read is left out: a report that says nonsense of what it asked says nothing of it. */
function readRanges(text: string): readonly PortRange[] {
  return text.split(",").flatMap((part): readonly PortRange[] => {
    const [, first, last] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim()) ?? [];
    return first === undefined ? [] : [[Number(first), Number(last ?? first)]];
  });
}

function servicesOf({ services }: Draft, earlier: HostSnapshot | undefined): readonly ServiceRow[] {
  const rows = [...(earlier?.services ?? []), ...services];
  return rows.sort((a, b) => PROTOCOLS.indexOf(a.protocol) - PROTOCOLS.indexOf(b.protocol) || a.port - b.port);
}

function rowsOf({ matches }: OsFacts): readonly OsRow[] {
  return matches.map(({ name, accuracy }) => ({ name: ownText(name), accuracy }));
}

function toldBy(hosts: Iterable<HostSnapshot>): Told {
  let [hasPorts, closedPorts, names, services, systems, hostLoss] = [false, false, false, false, false, false];
  for (const host of hosts) {
    for (const table of host.ports.values()) {
      hasPorts = true;
      closedPorts ||= table.some((code) => stateOf(code) !== "open");
    }
    names ||= host.names.length > 0;
    services ||= host.services.some(({ service }) => service.method === "probed");
    systems ||= host.systems.length > 0;
    hostLoss ||= host.loss.lossShare > 0 || host.loss.missedEstimate > 0;
  }
  return { closedPorts: closedPorts || !hasPorts, names, services, systems, hostLoss };
}
