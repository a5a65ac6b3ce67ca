// The inside of a machine as the events that a scan of all its own addresses would tell, so that every report form can show
// it and `postern diff` can hold it against a scan from outside. docs/reports.md, "From inside".
import type { InsideView, NetworkNamespace } from "../../inside/inside-view.js";
import { type InsideInetSocket, OpenAt, type OwnAddress, type WaitingSocket } from "../../inside/open-at.js";
import { type PortOwner, SOCKETS_TECHNIQUE } from "../../model/owner-event.js";
import type { Reason } from "../../model/reason.js";
import {
  type CompactScanEvent,
  type DoneEvent,
  NO_RTT_US,
  type PortRunEvent,
  type Protocol,
  type UndecidedPorts,
} from "../../model/scan-event.js";
import { type PortRange, PortSet } from "../../target/port-set.js";
import { addressSortKey } from "../address-order.js";
import { insideNotices } from "./inside-notices.js";
import { publishedHere } from "./published-here.js";
import { ownerOf } from "./socket-owner.js";

/** Protocols that have ports in reports and sockets in the kernel. */
export type SocketProtocol = Exclude<Protocol, "ip">;

/** What the events need beside what was read. */
export interface InsideReportContext {
  readonly version: string;
  /** ISO 8601 with zone, before and after the reading. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly elapsedMs: number;
  /** The machine's own name; undefined where it is not known. */
  readonly hostName: string | undefined;
  readonly userNames: ReadonlyMap<number, string>;
  /** Where the sockets came from, and a clause that completes "because …". */
  readonly source: { readonly transport: string; readonly because: string };
  readonly protocols: readonly SocketProtocol[];
  /** Of which families addresses are told; empty for both. */
  readonly families: ReadonlySet<4 | 6>;
  /** Empty for all from 1 on. */
  readonly ports: readonly PortRange[];
}

const ALL_PORTS: readonly PortRange[] = [[1, 65_535]];
const NO_LOSS: DoneEvent["loss"] = { lossShare: 0, missedEstimate: 0 };

/** A report of the view: each own address of the own namespace is a host. */
export function* insideEvents(view: InsideView, context: InsideReportContext): Generator<CompactScanEvent, void, void> {
  const own = view.namespaces.find(({ isOwn }) => isOwn);
  const report = new InsideReport(view, own, context);
  yield* report.events();
}

/** What a report says of one protocol. */
interface ProtocolPart {
  readonly protocol: SocketProtocol;
  readonly openAt: OpenAt;
  readonly socketCount: number;
  /** Of these, sockets that wait at one of the addresses. */
  readonly placed: Set<InsideInetSocket>;
  /** True where sockets may be missing: then nothing is known of ports without one. */
  readonly isPartial: boolean;
}

class InsideReport {
  readonly #view: InsideView;
  readonly #own: NetworkNamespace | undefined;
  readonly #context: InsideReportContext;
  readonly #parts: readonly ProtocolPart[];
  readonly #asked: PortSet;
  /** Most addresses have the same ports open: what is left is made once. */
  readonly #rests: Map<string, Uint16Array> = new Map();
  #noRtts: Uint32Array = new Uint32Array(0);
  #portCount = 0;

  constructor(view: InsideView, own: NetworkNamespace | undefined, context: InsideReportContext) {
    this.#view = view;
    this.#own = own;
    this.#context = context;
    const ports = context.ports.length === 0 ? ALL_PORTS : context.ports;
    this.#asked = PortSet.of({ tcp: ports, udp: ports, sctp: ports });
    this.#parts = context.protocols.map((protocol) => this.#partOf(protocol));
  }

  *events(): Generator<CompactScanEvent, void, void> {
    const { version, startedAt, finishedAt, elapsedMs, source } = this.#context;
    const addresses = this.#addresses();
    const portScans = this.#parts.map(({ protocol }) => {
      const ports = this.#asked.ranges(protocol).map(rangeText).join(",");
      return { technique: SOCKETS_TECHNIQUE, protocol, portCount: this.#asked.count(protocol), ports };
    });
    yield {
      type: "start",
      version,
      startedAt,
      targets: addresses.map(({ text }) => text),
      addressCount: addresses.length,
      portCount: portScans.reduce((sum, { portCount }) => sum + portCount, 0),
      portScans,
      seed: 0,
    };
    yield { type: "technique", choice: { role: "ports", technique: SOCKETS_TECHNIQUE, ...source } };
    const hosts = addresses.map((address, hostId) => [...this.#host(hostId, address)]);
    const placelessCount = this.#parts.reduce((sum, { socketCount, placed }) => sum + socketCount - placed.size, 0);
    yield* insideNotices(this.#view, { addressCount: addresses.length, placelessCount });
    for (const host of hosts) yield* host;
    yield {
      type: "done",
      finishedAt,
      elapsedMs,
      counts: this.#counts(addresses.length),
      loss: NO_LOSS,
      isAborted: false,
    };
  }

  #partOf(protocol: SocketProtocol): ProtocolPart {
    const sockets = this.#view.sockets.filter((one): one is InsideInetSocket => {
      return one.namespace === this.#own && isWaiting(one, protocol);
    });
    const network = this.#own?.network ?? { addresses: [], nameByIndex: new Map(), routedInterfaces: new Set() };
    const isPartial = this.#view.gaps.some(
      ({ table, namespace }) => table !== undefined && namespace === this.#own?.number && hidesSockets(table, protocol),
    );
    const openAt = new OpenAt(sockets, network);
    return { protocol, openAt, socketCount: sockets.length, placed: new Set(), isPartial };
  }

  /** In the order in which people look for them. */
  #addresses(): readonly OwnAddress[] {
    const { families } = this.#context;
    const found = new Map(
      this.#parts.flatMap(({ openAt }) => openAt.addresses().map((one) => [one.text, one] as const)),
    );
    const wanted = [...found.values()].filter(({ address }) => families.size === 0 || families.has(address.family));
    const keyed = wanted.map((one) => ({ one, key: addressSortKey(one.text) }));
    keyed.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
    return keyed.map(({ one }) => one);
  }

  *#host(hostId: number, own: OwnAddress): Generator<CompactScanEvent, void, void> {
    const { hostName, finishedAt } = this.#context;
    const name = own.interfaceName;
    yield {
      type: "host",
      at: finishedAt,
      host: {
        id: hostId,
        address: own.text,
        family: own.address.family,
        name: hostName,
        otherAddresses: [],
        status: "up",
        reason: "localhost-response",
        ttl: undefined,
        rttMs: undefined,
        mac: name === undefined ? undefined : this.#own?.network.macByName?.get(name),
      },
    };
    const undecided: UndecidedPorts[] = [];
    for (const part of this.#parts) {
      const decided = yield* this.#ports(hostId, own, part);
      const count = this.#asked.count(part.protocol) - decided;
      if (count > 0) undecided.push({ protocol: part.protocol, count });
    }
    yield {
      type: "host-done",
      at: finishedAt,
      hostId,
      rttMs: undefined,
      loss: NO_LOSS,
      end: "done",
      undecided,
      marks: [],
    };
  }

  /** Tells the ports of one protocol. Returns how many. */
  *#ports(hostId: number, own: OwnAddress, part: ProtocolPart): Generator<CompactScanEvent, number, void> {
    const { protocol, isPartial } = part;
    const byPort = new Map<number, WaitingSocket[]>();
    for (const waiting of part.openAt.at(own)) {
      part.placed.add(waiting.one);
      const { localPort } = waiting.one.socket;
      if (!this.#asked.has(protocol, localPort)) continue;
      const known = byPort.get(localPort);
      if (known === undefined) byPort.set(localPort, [waiting]);
      else known.push(waiting);
    }
    const open = Uint16Array.from(byPort.keys()).sort();
    if (open.length > 0) yield this.#run(hostId, protocol, "open", "listening", open);
    for (const port of open) {
      const owner = this.#ownerOf(byPort.get(port) ?? []);
      if (owner !== undefined) yield { type: "owner", hostId, protocol, port, owner };
    }
    const rest = isPartial ? new Uint16Array(0) : this.#rest(own, protocol, open);
    if (rest.length > 0) yield this.#run(hostId, protocol, "closed", "not-listening", rest);
    return open.length + rest.length;
  }

  /** Of several sockets with one port, those that are bound most closely get what comes. */
  #ownerOf(waiting: readonly WaitingSocket[]): PortOwner | undefined {
    const closest = Math.max(...waiting.map(({ closeness }) => closeness));
    const sockets = waiting.filter(({ closeness }) => closeness === closest).map(({ one }) => one);
    return ownerOf(sockets, { userNames: this.#context.userNames, containers: this.#view.containers });
  }

  #run(hostId: number, protocol: Protocol, state: "open" | "closed", reason: Reason, ports: Uint16Array): PortRunEvent {
    this.#portCount += ports.length;
    if (this.#noRtts.length < ports.length) this.#noRtts = new Uint32Array(ports.length).fill(NO_RTT_US);
    const evidence = { technique: SOCKETS_TECHNIQUE, ttl: undefined, tries: 0, responder: undefined };
    const rttsUs = this.#noRtts.subarray(0, ports.length);
    return { type: "port-run", hostId, result: { protocol, state, reason, ...evidence }, ports, rttsUs };
  }

  /** What nothing waits at, and nothing leads elsewhere. */
  #rest(own: OwnAddress, protocol: SocketProtocol, open: Uint16Array): Uint16Array {
    const elsewhere = publishedHere(this.#view.published, own, protocol);
    const key = [protocol, ...open, ...elsewhere.map(rangeText)].join(" ");
    const known = this.#rests.get(key);
    if (known !== undefined) return known;
    const told = [...[...open].map((port): PortRange => [port, port]), ...elsewhere];
    const made = Uint16Array.from(this.#asked.minus(PortSet.of({ [protocol]: told })).ports(protocol));
    this.#rests.set(key, made);
    return made;
  }

  #counts(hosts: number): DoneEvent["counts"] {
    return {
      hosts,
      unreachable: 0,
      hostsUp: hosts,
      ports: this.#portCount,
      sent: 0,
      answered: 0,
      resent: 0,
      late: 0,
      kernelDrops: 0,
      ignored: 0,
    };
  }
}

/** True for what a scan of that protocol would find open: no connection, and nothing that is only bound. */
function isWaiting({ socket }: InsideView["sockets"][number], protocol: SocketProtocol): boolean {
  if (socket.kind !== "inet" || socket.protocol !== protocol) return false;
  return protocol === "udp" ? socket.state === "unconnected" && socket.localPort > 0 : socket.state === "listen";
}

/** True where sockets of the protocol may be missing when that table was not read as a whole: "udp6", "sctp/eps". */
function hidesSockets(table: string, protocol: SocketProtocol): boolean {
  return table === "" || table.replace(/6$|\/.*$/, "") === protocol;
}

function rangeText([first, last]: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}
