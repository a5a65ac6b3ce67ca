// Sends probes: picks a host's next question, writes it into a frame or begins a connect, and notes it in the window.
// The hot path: few functions, no allocation, and plain private fields (docs/decisions/hot-path.md).
import { ETHER_TYPE_ARP } from "../packet/ethernet.js";
import type { Cookies } from "../technique/cookies.js";
import { TECHNIQUES } from "../technique/list.js";
import type { FrameTechnique, ProbeSlot } from "../technique/technique.js";
import type { Counters } from "./counters.js";
import type { Host } from "./host.js";
import type { Network } from "./network.js";
import type { ProbeWindow } from "./probe-window.js";
import { itemOf, tryOf } from "./retry-queue.js";
import type { RoundTrip } from "./round-trip.js";

const BROADCAST_MAC = new Uint8Array(6).fill(0xff);
const NO_MAC = new Uint8Array(6);
/** While there are fresh questions, one probe in this many is a retry: loss is noticed early, and nothing starves. */
const RETRY_TURN = 4;
/** Techniques that a tag can tell apart. */
const TAG_TECHNIQUES = 64;

/** Puts probes on the wire, one host and question at a time. */
export class Sender {
  private readonly network: Network;
  private readonly window: ProbeWindow;
  private readonly counters: Counters;
  private readonly probe: ProbeSlot;
  private turn = 0;

  constructor(network: Network, window: ProbeWindow, counters: Counters, cookies: Cookies) {
    this.network = network;
    this.window = window;
    this.counters = counters;
    this.probe = { sourceAddress: 0, sourceMac: NO_MAC, targetAddress: 0, targetPort: 0, tryIndex: 0, cookies };
  }

  /**
   * Sends the host's next probe. False when there was no room in the batch or no free socket: then nothing was taken
   * from the host. `prior` stands in for a round trip that is not known yet.
   */
  sendNext(host: Host, nowMs: number, prior: RoundTrip): boolean {
    const isRetry = host.retries.count > 0 && (host.freshCount === 0 || this.turn++ % RETRY_TURN === 0);
    const packed = isRetry ? host.retries.shift() : host.cursor++;
    const item = isRetry ? itemOf(packed) : packed;
    const tryIndex = isRetry ? tryOf(packed) : 0;
    if (isRetry && host.phase === "ports" && !host.isUnanswered(item)) return true; // it answered late
    if (!this.send(host, item, tryIndex, nowMs, nowMs + host.roundTrip.timeoutMs(tryIndex, prior))) {
      if (isRetry) host.retries.push(item, tryIndex);
      else host.cursor--;
      return false;
    }
    host.outstanding++;
    this.counters.sent++;
    if (tryIndex > 0) this.counters.resent++;
    return true;
  }

  /** `item`: in discovery a question's index; for ports a place in the order, or the port itself when it is asked again. */
  private send(host: Host, item: number, tryIndex: number, nowMs: number, dueAtMs: number): boolean {
    let number = host.portTechnique;
    let port = item;
    if (host.phase !== "ports") {
      number = host.questions[item]?.technique ?? 0;
      port = host.questions[item]?.port ?? 0;
    } else if (tryIndex === 0) {
      port = host.order[item] ?? 0;
    }
    const technique = TECHNIQUES[number];
    return technique?.kind === "frame"
      ? this.sendFrame(host, technique, number, port, tryIndex, nowMs, dueAtMs)
      : this.connect(host, number, port, tryIndex, nowMs, dueAtMs);
  }

  private connect(host: Host, number: number, port: number, tryIndex: number, nowMs: number, dueAtMs: number): boolean {
    const slot = this.window.add(host, number, port, tryIndex, nowMs, dueAtMs);
    if (this.network.connect(slot, host.target.address, port)) return true;
    this.window.remove(slot);
    return false;
  }

  private sendFrame(
    host: Host,
    technique: FrameTechnique,
    number: number,
    port: number,
    tryIndex: number,
    nowMs: number,
    dueAtMs: number,
  ): boolean {
    const { transmitter, hop, source } = host.path;
    const { address } = host.target;
    if (transmitter === undefined || hop === undefined || address.family !== 4) return false;
    const isArp = technique.etherType === ETHER_TYPE_ARP;
    const nextHop = isArp ? { ...hop, mac: BROADCAST_MAC } : hop;
    const at = transmitter.reserve(technique.etherType, nextHop, host.id * TAG_TECHNIQUES + number);
    if (at < 0) return false;
    const { probe } = this;
    probe.sourceAddress = source;
    probe.sourceMac = hop.ownMac ?? NO_MAC;
    probe.targetAddress = address.value;
    probe.targetPort = port;
    probe.tryIndex = tryIndex;
    const { bytes } = transmitter;
    const length = transmitter.isRepeat ? technique.rewrite(bytes, at, probe) : technique.write(bytes, at, probe);
    transmitter.commit(at, length);
    this.window.add(host, number, port, tryIndex, nowMs, dueAtMs);
    return true;
  }
}
