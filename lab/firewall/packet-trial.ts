// Sends packets into the host under test and gathers all that becomes of them: traces, what is logged at the end of the hooks,
// what leaves by its links.
import type { QuestionPacket } from "../../src/firewall/packet-question.js";
import { readInterfaces } from "../../src/linux/interfaces.js";
import { Netlink } from "../../src/linux/netlink.js";
import { flushConnections, makeConnection, makeRelated } from "./connection-maker.js";
import type { KernelAnswer } from "./kernel-answer.js";
import { attribute, attributesOf, bigEndian, NetfilterSocket } from "./netfilter-socket.js";
import { GROUPS } from "./observer.js";
import { FramePort, type LinkEnd, RawPort } from "./packet-port.js";
import { questionDatagram } from "./question-frame.js";
import { type SeenPacket, seenPacket } from "./seen-packet.js";
import { type TraceEvent, TraceReader } from "./trace-reader.js";

const NFNLGRP_NFTRACE = 9;
const TRACE_MESSAGE = (10 << 8) | 17;
const LOG_PACKET = 4 << 8;
const LOG_CONFIG = (4 << 8) | 1;
const CONFIG_BIND = 1;
const COPY_PACKET = 2;
const LOG_BYTES = 256;
/** Between two looks at what has come. */
const PACKETS_AT_ONCE = 16;
/** So long nothing may come before all is taken to have come. */
const QUIET_MS = 4;
const WAIT_MS_MAX = 500;

interface Trail {
  readonly packet: QuestionPacket;
  readonly tag: number;
  readonly trace: TraceEvent[];
  readonly legacyTrace: string[];
  delivered?: { readonly seen: SeenPacket; readonly where: "local" | "out"; readonly port?: string };
  reject?: SeenPacket;
  fault?: string;
}

const NOTHING = new Int32Array(new SharedArrayBuffer(4));

/** Waits without turning the event loop: nothing else is to be done meanwhile. */
function sleep(ms: number): void {
  Atomics.wait(NOTHING, 0, 0, ms);
}

/** All sockets of the trial. */
export class PacketTrial {
  readonly #links = new Map<string, FramePort>();
  readonly #raw = { 4: new RawPort(4), 6: new RawPort(6) } as const;
  readonly #traces = new NetfilterSocket();
  readonly #logs = new NetfilterSocket();
  readonly #connections = new NetfilterSocket();
  readonly #reader = new TraceReader((tag, protocol) => this.#trails.get(tag)?.packet.protocol === protocol);
  /** Numbers stay within IPv4's identification, and none is 0. */
  #nextTag = 1;
  #trails = new Map<number, Trail>();

  /** @param elsewhere Does something in the namespace of the links' other ends */
  constructor(elsewhere: <Result>(work: () => Result) => Result) {
    const own = linkEnds();
    const loopback = own.get("lo");
    if (loopback !== undefined) this.#links.set("lo", new FramePort(loopback, false));
    elsewhere(() => {
      for (const { name, index } of linkEnds().values()) {
        const hostMac = own.get(name)?.hostMac;
        if (name !== "lo" && hostMac !== undefined)
          this.#links.set(name, new FramePort({ name, index, hostMac }, true));
      }
    });
    this.#traces.join(NFNLGRP_NFTRACE);
    for (const group of Object.values(GROUPS)) this.#listen(group);
  }

  /** What the kernel does with these packets, one after another. */
  ask(packets: readonly QuestionPacket[], isConversation: boolean): readonly KernelAnswer[] {
    const answers: KernelAnswer[] = [];
    for (let at = 0; at < packets.length; ) {
      const count = isConversation ? packets.length : runLength(packets, at);
      flushConnections(this.#connections);
      answers.push(...this.#send(packets.slice(at, at + count), isConversation));
      at += count;
    }
    return answers;
  }

  #send(packets: readonly QuestionPacket[], isConversation: boolean): readonly KernelAnswer[] {
    this.#drain();
    this.#trails = new Map(packets.map((packet) => this.#trailOf(packet)).map((trail) => [trail.tag, trail]));
    let at = 0;
    for (const trail of this.#trails.values()) {
      const quoted = isConversation ? undefined : this.#prepare(trail);
      this.#sendOne(trail, quoted);
      if (++at % PACKETS_AT_ONCE === 0) this.#drain();
    }
    this.#wait();
    return [...this.#trails.values()].map(answerOf);
  }

  #trailOf(packet: QuestionPacket): Trail {
    const tag = this.#nextTag;
    this.#nextTag = (this.#nextTag % 0xffff) + 1;
    return { packet, tag, trace: [], legacyTrace: [] };
  }

  /** Makes the connection that the packet belongs to; of an error, gives what it quotes. */
  #prepare(trail: Trail): Uint8Array | undefined {
    const { packet, tag } = trail;
    if (packet.track === "related") return makeRelated(this.#connections, packet, tag);
    const errno = packet.track === "established" ? makeConnection(this.#connections, packet, tag) : 0;
    if (errno !== 0) trail.fault = `no connection can be made: errno ${errno}`;
    return undefined;
  }

  #sendOne(trail: Trail, quoted: Uint8Array | undefined): void {
    const { packet, tag } = trail;
    const datagram = questionDatagram(packet, tag, quoted);
    if (packet.direction === "out") {
      this.#raw[packet.source.family].send(packet, datagram);
      return;
    }
    const link = this.#links.get(packet.inputInterface);
    if (link === undefined) trail.fault = `there is no link ${packet.inputInterface}`;
    else link.send(packet, datagram);
  }

  /** Waits until nothing more comes. */
  #wait(): void {
    const until = performance.now() + WAIT_MS_MAX;
    for (let quietMs = 0; quietMs < QUIET_MS && performance.now() < until; ) {
      if (this.#drain()) quietMs = 0;
      else quietMs++;
      sleep(1);
    }
  }

  #drain(): boolean {
    let isAny = this.#traces.drain((type, view, from, end) => {
      if (type === TRACE_MESSAGE) this.#takeTrace(view, from, end);
    });
    isAny =
      this.#logs.drain((type, view, from, end) => {
        if (type === LOG_PACKET) this.#takeLog(view, from, end);
      }) || isAny;
    for (const link of this.#links.values()) {
      if (link.name !== "lo") isAny = link.drain((bytes, port) => this.#takeFrame(bytes, port)) || isAny;
    }
    return isAny;
  }

  #takeTrace(view: DataView, from: number, end: number): void {
    const found = this.#reader.read(view, from, end);
    if (found !== undefined) this.#trails.get(found.tag)?.trace.push(found.event);
  }

  #takeLog(view: DataView, from: number, end: number): void {
    const found = attributesOf(view, from, end);
    const group = view.getUint16(from - 2, false);
    const payload = found.get(9);
    if (payload === undefined) return;
    const seen = this.#see(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength));
    const trail = seen === undefined ? undefined : this.#trails.get(seen.tag);
    if (seen === undefined || trail === undefined) return;
    if (group === GROUPS.legacyTrace) {
      if (seen.kind === "own") trail.legacyTrace.push(prefixOf(found.get(10)));
    } else if (seen.kind === "reject") trail.reject = seen;
    else if (group === GROUPS.local) trail.delivered = { seen, where: "local" };
    else if (group === GROUPS.loopback) trail.delivered = { seen, where: "out", port: "lo" };
  }

  #takeFrame(bytes: Buffer, port: string): void {
    const seen = this.#see(bytes);
    const trail = seen === undefined ? undefined : this.#trails.get(seen.tag);
    if (seen === undefined || trail === undefined) return;
    if (seen.kind === "reject") trail.reject = seen;
    else trail.delivered = { seen, where: "out", port };
  }

  #see(bytes: Buffer): SeenPacket | undefined {
    const seen = seenPacket(bytes, (tag) => this.#trails.has(tag));
    const question = seen === undefined ? undefined : this.#trails.get(seen.tag)?.packet;
    if (seen?.kind !== "own" || question === undefined) return seen;
    // The kernel numbers its own datagrams, too: one of its errors may have the number of a question.
    const isIcmp = question.protocol === 1 || question.protocol === 58;
    const isSame = seen.protocol === question.protocol && (!isIcmp || seen.firstByte === question.icmpType);
    return isSame ? seen : undefined;
  }

  #listen(group: number): void {
    const bind = attribute(1, Uint8Array.of(CONFIG_BIND));
    const mode = Buffer.alloc(6);
    mode.writeUInt32BE(LOG_BYTES, 0);
    mode[4] = COPY_PACKET;
    for (const attributes of [[bind], [attribute(2, mode)], [attribute(5, bigEndian(1, 4))]]) {
      const errno = this.#logs.ask(LOG_CONFIG, 0, 0, group, attributes);
      if (errno !== 0) throw new Error(`nfnetlink_log: group ${group}: errno ${errno}`);
    }
  }
}

function prefixOf(view: DataView | undefined): string {
  if (view === undefined) return "";
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString("utf8").replace(/\0.*$/, "").trim();
}

/** How many packets can go before connections must be forgotten, since two of them might be one to the kernel. */
function runLength(packets: readonly QuestionPacket[], from: number): number {
  const used = new Set<string>();
  let at = from;
  for (; at < packets.length && at - from < 1000; at++) {
    const packet = packets[at];
    if (packet === undefined) break;
    const hasPorts = [6, 17, 33, 132, 136].includes(packet.protocol);
    const isIcmp = packet.protocol === 1 || packet.protocol === 58;
    const key = `${packet.protocol} ${hasPorts ? packet.sourcePort : isIcmp ? at : ""}`;
    if (used.has(key)) break;
    used.add(key);
  }
  return at - from;
}

function answerOf({ packet, trace, legacyTrace, delivered, reject, fault }: Trail): KernelAnswer {
  const head = { id: packet.id, trace, legacyTrace, ...(fault === undefined ? {} : { fault }) };
  if (delivered !== undefined) {
    const { seen, where, port } = delivered;
    const { source, destination, sourcePort, destinationPort } = seen;
    const ends = { source, destination, sourcePort, destinationPort };
    return { ...head, verdict: "accept", where, ...ends, ...(port === undefined ? {} : { outputInterface: port }) };
  }
  if (reject?.with !== undefined) return { ...head, verdict: "reject", with: reject.with };
  return { ...head, verdict: "drop" };
}

/** The links of the namespace that this thread is in. */
function linkEnds(): ReadonlyMap<string, LinkEnd> {
  const netlink = new Netlink("route");
  const ends = [...readInterfaces(netlink).values()].map(({ name, index, mac }) => ({
    name,
    index,
    hostMac: mac ?? new Uint8Array(6),
  }));
  netlink.close();
  return new Map(ends.map((end) => [end.name, end]));
}
