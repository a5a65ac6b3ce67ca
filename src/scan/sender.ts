// Sends probes: picks a host's next question, writes it into a frame or begins a connect, and notes it in the window.
// The hot path: few functions, no allocation, and plain private fields (docs/decisions/hot-path.md).
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import { writeMulticastMac, writeSolicitedNodeAddress } from "../packet/neighbour-discovery.js";
import { UDP_HEADER_BYTES } from "../packet/udp.js";
import type { Address } from "../target/address.js";
import type { Cookies } from "../technique/cookies.js";
import { HEADER_BYTES_MAX } from "../technique/datagram.js";
import { TECHNIQUES } from "../technique/list.js";
import { DEFAULT_TTL, type FrameTechnique, type ProbeSlot } from "../technique/technique.js";
import type { UdpPayloads } from "../technique/udp-payloads.js";
import { CONTROL } from "./controls.js";
import type { Counters } from "./counters.js";
import type { Host } from "./host.js";
import type { Network } from "./network.js";
import { NO_SLICE } from "./pace-control.js";
import type { ProbeWindow } from "./probe-window.js";
import { CANARY, type Ration } from "./ration.js";
import { itemOf, tryOf } from "./retry-queue.js";
import type { RoundTrip } from "./round-trip.js";
import type { Track } from "./track.js";

const BROADCAST_MAC = new Uint8Array(6).fill(0xff);
const NO_MAC = new Uint8Array(6);
const NO_PAYLOAD = new Uint8Array(0);
/** While there are fresh questions, one probe in this many is a retry: loss is noticed early, and nothing starves. */
const RETRY_TURN = 4;
/** The same when so many wait for their retry that loss must be what is going on. */
const RETRY_TURN_MANY = 2;
const RETRIES_MANY = 256;
/** Its multiples, less their whole parts, fill the interval from 0 to 1 evenly. */
const GOLDEN_RATIO = 0.618_034;
/** Techniques that a tag can tell apart. */
const TAG_TECHNIQUES = 64;
/** In place of a technique's number: the probe traces the way to a host that is known already. */
export const TRACE_NUMBER = 63;
/** A tag that is equal to no other: the packet is written whole. */
const NO_TAG = Number.NaN;

/** What came of an attempt to send a host's next probe. */
export const Sent = {
  /** A probe has left, or what was to be asked has been answered meanwhile. */
  YES: 0,
  /** There was no room in the batch, or no free socket: nothing was taken from the host. */
  NO_ROOM: 1,
  /** The host has nothing that may be sent now. */
  NOTHING: 2,
} as const;

/** Called for each port that needs no other try, since the one that was sent in `slice` was answered after its time. */
export type LateHandler = (host: Host, slice: number) => void;

/** Puts probes on the wire, one host and question at a time. */
export class Sender {
  private readonly network: Network;
  private readonly window: ProbeWindow;
  private readonly counters: Counters;
  private readonly probe: ProbeSlot;
  private readonly payloads: UdpPayloads;
  private readonly groupMac = new Uint8Array(6);
  private readonly group = new Uint8Array(16);
  private turn = 0;
  private sourceTurn = 0;

  private readonly onLate: LateHandler;

  constructor(
    network: Network,
    window: ProbeWindow,
    counters: Counters,
    cookies: Cookies,
    payloads: UdpPayloads,
    onLate: LateHandler,
  ) {
    this.network = network;
    this.window = window;
    this.counters = counters;
    this.payloads = payloads;
    this.onLate = onLate;
    this.probe = {
      family: 4,
      sourceAddress: 0,
      targetAddress: 0,
      source: new Uint8Array(16),
      target: new Uint8Array(16),
      targetKey: 0,
      sourceMac: NO_MAC,
      targetPort: 0,
      tryIndex: 0,
      ttl: DEFAULT_TTL,
      flags: -1,
      payload: NO_PAYLOAD,
      cookies,
    };
  }

  /** Sends the host's next probe: see {@link Sent}. `prior` stands in for a round trip that is not known yet. */
  sendNext(host: Host, nowMs: number, prior: RoundTrip): number {
    if (host.phase === "ports") return this.sendPort(host, nowMs, prior);
    return host.phase === "trace" ? this.sendTrace(host, nowMs, prior) : this.sendQuestion(host, nowMs, prior);
  }

  /** Tracks take turns; one whose ration is used up passes its turn on. */
  private sendPort(host: Host, nowMs: number, prior: RoundTrip): number {
    const { tracks } = host;
    for (let looks = 0; looks < tracks.length; looks++) {
      host.turn = host.turn + 1 >= tracks.length ? 0 : host.turn + 1;
      const track = tracks[host.turn];
      if (track === undefined || track.isPaused) continue;
      const { ration } = track;
      const result =
        ration === undefined
          ? this.sendFromTrack(host, track, nowMs, prior)
          : this.sendRationed(host, track, ration, nowMs, prior);
      if (result !== Sent.NOTHING) return result;
    }
    return Sent.NOTHING;
  }

  private sendFromTrack(host: Host, track: Track, nowMs: number, prior: RoundTrip): number {
    const { retries } = track;
    const waiting = retries.count;
    const freshCount = track.freshCount;
    if (waiting === 0 && freshCount === 0) return Sent.NOTHING;
    const rhythm = waiting > RETRIES_MANY ? RETRY_TURN_MANY : RETRY_TURN;
    const isRetry = waiting > 0 && (freshCount === 0 || this.turn++ % rhythm === 0);
    if (!isRetry) {
      const port = track.order[track.cursor] ?? 0;
      if (!this.send(host, track, port, 0, NO_SLICE, this.anySource(host, track), nowMs, prior)) return Sent.NO_ROOM;
      track.cursor++;
      return Sent.YES;
    }
    const control = track.controls?.next(host.loss.isLossy) ?? -1;
    return control < 0 || this.window.find(host, track.technique, control) >= 0
      ? this.sendRetry(host, track, nowMs, prior)
      : this.sendControl(host, track, control, nowMs, prior);
  }

  private sendControl(host: Host, track: Track, port: number, nowMs: number, prior: RoundTrip): number {
    const tryIndex = 1 + (this.turn % 15); // not the first, which is answered already
    return this.send(host, track, port, tryIndex, CONTROL, 0, nowMs, prior) ? Sent.YES : Sent.NO_ROOM;
  }

  private sendRetry(host: Host, track: Track, nowMs: number, prior: RoundTrip): number {
    const { retries } = track;
    const slice = retries.nextSlice;
    const packed = retries.shift();
    const port = itemOf(packed);
    if (!track.isUnanswered(port)) {
      this.onLate(host, slice);
      return Sent.YES;
    }
    if (this.send(host, track, port, tryOf(packed), slice, this.anySource(host, track), nowMs, prior)) return Sent.YES;
    retries.push(port, tryOf(packed), slice);
    return Sent.NO_ROOM;
  }

  /** Where the host rations its errors: as many questions from each of our addresses as there are errors to get. */
  private sendRationed(host: Host, track: Track, ration: Ration, nowMs: number, prior: RoundTrip): number {
    const source = ration.nextSource(track.retries.count + track.freshCount, nowMs);
    if (source < 0) return Sent.NOTHING;
    const kind = ration.kindOn(source);
    if (kind === "canary") {
      const tryIndex = this.turn++ & 15;
      if (!this.send(host, track, ration.canaryPort, tryIndex, CANARY, source, nowMs, prior)) return Sent.NO_ROOM;
      ration.onSent(source, true);
      return Sent.YES;
    }
    const queue = kind === "confirm" ? ration.confirms : track.retries;
    if (queue.count === 0) {
      const port = track.order[track.cursor] ?? 0;
      if (!this.send(host, track, port, 0, NO_SLICE, source, nowMs, prior)) return Sent.NO_ROOM;
      track.cursor++;
      ration.onSent(source, false);
      return Sent.YES;
    }
    const packed = queue.shift();
    const port = itemOf(packed);
    if (!track.isUnanswered(port)) return Sent.YES;
    if (!this.send(host, track, port, tryOf(packed), NO_SLICE, source, nowMs, prior)) {
      queue.push(port, tryOf(packed), 0);
      return Sent.NO_ROOM;
    }
    ration.onSent(source, false);
    return Sent.YES;
  }

  private sendQuestion(host: Host, nowMs: number, prior: RoundTrip): number {
    const { questionRetries } = host;
    const freshCount = host.questions.length - host.cursor;
    if (freshCount === 0 && questionRetries.count === 0) return Sent.NOTHING;
    const isRetry = freshCount === 0;
    const slice = isRetry ? questionRetries.nextSlice : NO_SLICE;
    const packed = isRetry ? questionRetries.shift() : host.cursor++;
    const index = isRetry ? itemOf(packed) : packed;
    const tryIndex = isRetry ? tryOf(packed) : 0;
    const question = host.questions[index];
    if (question === undefined) return Sent.NOTHING;
    const dueAtMs = nowMs + host.roundTrip.timeoutMs(tryIndex, prior);
    if (this.put(host, question.technique, question.port, tryIndex, slice, 0, nowMs, dueAtMs)) return Sent.YES;
    if (isRetry) questionRetries.push(index, tryIndex, slice);
    else host.cursor--;
    return Sent.NO_ROOM;
  }

  private sendTrace(host: Host, nowMs: number, prior: RoundTrip): number {
    const { trace, path } = host;
    const technique = trace === undefined ? undefined : TECHNIQUES[trace.technique];
    if (trace === undefined || technique?.kind !== "frame" || path.transmitter === undefined) return Sent.NOTHING;
    const ttl = trace.next();
    if (ttl === 0) return Sent.NOTHING;
    const dueAtMs = nowMs + host.roundTrip.timeoutMs(1, prior);
    this.probe.ttl = ttl;
    // The lowest bits of the hop stand in for the try: they come back even when the host itself answers.
    const isWritten = this.writeFrame(host, technique, NO_TAG, trace.port, ttl & 15, 0);
    this.probe.ttl = DEFAULT_TTL;
    if (!isWritten) {
      trace.takeBack(ttl);
      return Sent.NO_ROOM;
    }
    this.window.add(host, TRACE_NUMBER, ttl, 0, nowMs, dueAtMs, NO_SLICE, 0);
    this.note(host, 0, nowMs);
    return Sent.YES;
  }

  private send(
    host: Host,
    track: Track,
    port: number,
    tryIndex: number,
    slice: number,
    source: number,
    nowMs: number,
    prior: RoundTrip,
  ): boolean {
    const dueAtMs = nowMs + host.roundTrip.timeoutMs(tryIndex, prior) * this.spread(host, tryIndex);
    if (!this.put(host, track.technique, port, tryIndex, slice, source, nowMs, dueAtMs)) return false;
    track.outstanding++;
    return true;
  }

  /**
   * A queue that overflows drops the end of each burst, and what was sent together is asked again together. So where there
   * is loss, tries wait up to twice as long, each by another share, lest the same ports are at the end of every burst
   * (Floyd and Jacobson, On Traffic Phase Effects in Packet-Switched Gateways, 1992).
   */
  private spread(host: Host, tryIndex: number): number {
    return tryIndex > 0 && host.loss.isLossy ? 1 + ((this.turn * GOLDEN_RATIO) % 1) : 1;
  }

  private put(
    host: Host,
    number: number,
    port: number,
    tryIndex: number,
    slice: number,
    source: number,
    nowMs: number,
    dueAtMs: number,
  ): boolean {
    const technique = TECHNIQUES[number];
    if (technique?.kind === "frame") {
      // With flags of the user's a probe to a port differs from discovery's: neither is rewritten into the other.
      const isMixed = this.probe.cookies.tcpFlags >= 0 && host.phase !== "ports";
      const tag = isMixed ? NO_TAG : host.id * TAG_TECHNIQUES + number;
      if (!this.writeFrame(host, technique, tag, port, tryIndex, source)) return false;
      this.window.add(host, number, port, tryIndex, nowMs, dueAtMs, slice, source);
    } else {
      const slot = this.window.add(host, number, port, tryIndex, nowMs, dueAtMs, slice, 0);
      if (!this.network.connect(slot, host.target.address, port)) {
        this.window.remove(slot);
        return false;
      }
    }
    this.note(host, tryIndex, nowMs);
    return true;
  }

  private note(host: Host, tryIndex: number, nowMs: number): void {
    host.outstanding++;
    if (host.startedAtMs === 0) host.startedAtMs = nowMs;
    this.counters.sent++;
    if (tryIndex > 0) this.counters.resent++;
  }

  /** Where errors are rationed, probes leave from all of our addresses by turns: each has a ration of its own. */
  private anySource(host: Host, track: Track): number {
    const count = track.errorWatch !== undefined ? this.network.sourceCount(host.path) : 1;
    return count === 1 ? 0 : this.sourceTurn++ % count;
  }

  private writeFrame(
    host: Host,
    technique: FrameTechnique,
    tag: number,
    port: number,
    tryIndex: number,
    source: number,
  ): boolean {
    const { transmitter, hop } = host.path;
    const { address } = host.target;
    const isFromMany = technique.protocol === "udp" || technique.protocol === "ip";
    const from = isFromMany ? this.network.sourceAt(host.path, source) : host.path.source;
    if (transmitter === undefined || hop === undefined || from?.family !== address.family) return false;
    const isLink = technique.layer === "link";
    const etherType = address.family === 6 ? ETHER_TYPE_IPV6 : isLink ? ETHER_TYPE_ARP : ETHER_TYPE_IPV4;
    const nextHop = isLink ? { ...hop, mac: this.linkGroupOf(host) } : hop;
    const at = transmitter.reserve(etherType, nextHop, source === 0 ? tag : NO_TAG);
    if (at < 0) return false;
    const { bytes, isRepeat } = transmitter;
    const { probe } = this;
    this.aim(host, from, hop.ownMac);
    probe.targetPort = port;
    probe.tryIndex = tryIndex;
    probe.payload =
      technique.protocol === "udp" ? this.payloadOf(port, tryIndex, transmitter.packetBytesMax) : NO_PAYLOAD;
    transmitter.commit(at, isRepeat ? technique.rewrite(bytes, at, probe) : technique.write(bytes, at, probe));
    return true;
  }

  /** Fills in from where to where the probe goes. */
  private aim(host: Host, from: Address, ownMac: Uint8Array | undefined): void {
    const { probe } = this;
    const { address } = host.target;
    if (from.family === 6) probe.source = from.bytes;
    else probe.sourceAddress = from.value;
    if (address.family === 6) probe.target = address.bytes;
    else probe.targetAddress = address.value;
    probe.family = address.family;
    probe.sourceMac = ownMac ?? NO_MAC;
    probe.targetKey = host.key;
    probe.flags = host.phase === "ports" ? probe.cookies.tcpFlags : -1;
  }

  private payloadOf(port: number, tryIndex: number, packetBytesMax: number): Uint8Array {
    const payloads = this.payloads.payloadsOf(port);
    const payload = payloads[tryIndex % Math.max(1, payloads.length)] ?? NO_PAYLOAD;
    return payload.length + HEADER_BYTES_MAX + UDP_HEADER_BYTES > packetBytesMax ? NO_PAYLOAD : payload;
  }

  /** Where a question for a link address goes: to all for ARP, to the address's own group for IPv6 (RFC 4861 §7.2.2). */
  private linkGroupOf(host: Host): Uint8Array {
    const { address } = host.target;
    if (address.family === 4) return BROADCAST_MAC;
    writeSolicitedNodeAddress(address.bytes, this.group, 0);
    writeMulticastMac(this.group, 0, this.groupMac, 0);
    return this.groupMac;
  }
}
