// What a scan is looked for by: its hosts with their names, their open ports and the services behind them, as rows of the
// history. It gathers while the scan runs, and is written with the records of the same second.
import type { CompactScanEvent, Protocol, ScanEvent, ServiceEvent } from "../model/scan-event.js";
import { type Address, parseAddress } from "../target/address.js";
import { PORT_MAX } from "../target/port-set.js";
import type { HistoryDatabase } from "./history-database.js";
import { mergedRanges, type Range, rangesOf, rangesText } from "./ranges.js";

/** Names and services come from the network: what is longer is found by its beginning. */
const TEXT_MAX = 255;

/** A host that is up and not done. */
interface OpenHost {
  readonly address: Uint8Array | undefined;
  readonly names: Set<string>;
  readonly ports: Map<Protocol, number[]>;
  readonly services: Map<string, ServiceEvent>;
  isKept: boolean;
  isDone: boolean;
}

/** The index of one scan. */
export class HistoryIndex {
  /** Hosts that are up. */
  hostCount = 0;
  /** Open ports over all hosts. */
  openCount = 0;
  readonly #hosts: Map<number, OpenHost> = new Map();
  /** Names that came before their host. */
  readonly #earlyNames: Map<number, readonly string[]> = new Map();
  readonly #changed: Set<number> = new Set();
  readonly #openPorts: Map<Protocol, Uint8Array> = new Map();
  readonly #changedProtocols: Set<Protocol> = new Set();

  /** True when there is something to write. */
  get hasNews(): boolean {
    return this.#changed.size > 0;
  }

  take(event: ScanEvent | CompactScanEvent): void {
    switch (event.type) {
      case "host":
        this.#host(event.host.id, event.host);
        break;
      case "host-names":
        this.#names(event.hostId, event.names);
        break;
      case "port":
        if (event.result.state === "open") this.#open(event.hostId, event.result.protocol, [event.result.port]);
        break;
      case "port-run":
        if (event.result.state === "open") this.#open(event.hostId, event.result.protocol, event.ports);
        break;
      case "service":
        // Names from a table say nothing that the number does not.
        if (event.service.method === "probed") this.#service(event);
        break;
      case "host-done":
        this.#end(event.hostId);
        break;
    }
  }

  /** Writes what is new, within the caller's transaction. */
  write(database: HistoryDatabase, scanId: number): void {
    for (const number of this.#changed) {
      const host = this.#hosts.get(number);
      if (host?.address !== undefined) writeHost(database, scanId, number, host, host.address);
    }
    for (const protocol of this.#changedProtocols) {
      const ports = rangesText(rangesOfMarks(this.#openPorts.get(protocol)));
      database.run("INSERT OR REPLACE INTO open_port VALUES (?, ?, ?)", [scanId, protocol, ports]);
    }
  }

  /** What was written is safe: hosts that are done are forgotten. */
  committed(): void {
    for (const number of this.#changed) {
      const host = this.#hosts.get(number);
      if (host === undefined) continue;
      host.isKept = true;
      if (host.isDone) this.#hosts.delete(number);
    }
    this.#changed.clear();
    this.#changedProtocols.clear();
  }

  #host(number: number, { status, address, name }: (ScanEvent & { type: "host" })["host"]): void {
    const early = this.#earlyNames.get(number) ?? [];
    this.#earlyNames.delete(number);
    if (status !== "up" || this.#hosts.has(number)) return;
    this.hostCount += 1;
    const parsed = parseAddress(address);
    this.#hosts.set(number, {
      address: parsed === undefined ? undefined : addressBytes(parsed),
      names: new Set([...(name === undefined ? [] : [name]), ...early].map(searchText)),
      ports: new Map(),
      services: new Map(),
      isKept: false,
      isDone: false,
    });
    this.#changed.add(number);
  }

  #names(number: number, names: readonly string[]): void {
    const host = this.#hosts.get(number);
    if (host === undefined) {
      this.#earlyNames.set(number, names);
      return;
    }
    for (const name of names) host.names.add(searchText(name));
    this.#changed.add(number);
  }

  #open(number: number, protocol: Protocol, ports: Iterable<number>): void {
    const host = this.#hosts.get(number);
    const own = host?.ports.get(protocol) ?? [];
    host?.ports.set(protocol, own);
    const all = this.#openPorts.get(protocol) ?? new Uint8Array(PORT_MAX + 1);
    this.#openPorts.set(protocol, all);
    for (const port of ports) {
      own.push(port);
      this.openCount += 1;
      if (all[port] === 0) this.#changedProtocols.add(protocol);
      all[port] = 1;
    }
    this.#changed.add(number);
  }

  #service(event: ServiceEvent): void {
    this.#hosts.get(event.hostId)?.services.set(`${event.protocol} ${event.port}`, event);
    this.#changed.add(event.hostId);
  }

  #end(number: number): void {
    const host = this.#hosts.get(number);
    if (host === undefined) return;
    host.isDone = true;
    if (!this.#changed.has(number)) this.#hosts.delete(number);
  }
}

/** What is compared where text is looked for. */
export function searchText(text: string): string {
  return text.toLowerCase().slice(0, TEXT_MAX);
}

/** An address in network order, without its zone. */
export function addressBytes(address: Address): Uint8Array {
  if (address.family === 6) return address.bytes;
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, address.value);
  return bytes;
}

function writeHost(
  database: HistoryDatabase,
  scanId: number,
  number: number,
  { names, ports, services, isKept }: OpenHost,
  address: Uint8Array,
): void {
  if (!isKept) database.run("INSERT INTO host VALUES (?, ?, ?)", [scanId, number, address]);
  for (const name of names) {
    database.run("INSERT OR IGNORE INTO host_name VALUES (?, ?, ?)", [scanId, number, name]);
  }
  for (const [protocol, own] of ports) {
    const text = rangesText(mergedRanges(rangesOf(own)));
    database.run("INSERT OR REPLACE INTO host_port VALUES (?, ?, ?, ?)", [scanId, number, protocol, text]);
  }
  for (const { protocol, port, service } of services.values()) {
    const { name, product = "", version = "" } = service;
    const words = searchText([name, product, version].filter((part) => part !== "").join(" "));
    database.run("INSERT OR REPLACE INTO service VALUES (?, ?, ?, ?, ?)", [scanId, number, protocol, port, words]);
  }
}

function rangesOfMarks(marks: Uint8Array | undefined): readonly Range[] {
  const ranges: [number, number][] = [];
  for (const [port, mark] of marks?.entries() ?? []) {
    if (mark === 0) continue;
    const previous = ranges.at(-1);
    if (previous?.[1] === port - 1) previous[1] = port;
    else ranges.push([port, port]);
  }
  return ranges;
}
