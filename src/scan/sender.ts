// Sends probes: picks a host's next question, writes it into a frame or begins a connect, and notes it in the window.
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

/** Puts probes on the wire, one host and question at a time. */
export class Sender {
  readonly #network: Network;
  readonly #window: ProbeWindow;
  readonly #counters: Counters;
  readonly #slot: ProbeSlot;
  #turn = 0;

  constructor(network: Network, window: ProbeWindow, counters: Counters, cookies: Cookies) {
    this.#network = network;
    this.#window = window;
    this.#counters = counters;
    this.#slot = { sourceAddress: 0, sourceMac: NO_MAC, targetAddress: 0, targetPort: 0, tryIndex: 0, cookies };
  }

  /**
   * Sends the host's next probe. False when there was no room in the ring or no free socket: then nothing was taken
   * from the host. `prior` stands in for a round trip that is not known yet.
   */
  sendNext(host: Host, nowMs: number, prior: RoundTrip): boolean {
    const isRetry = this.#isRetryDue(host);
    const packed = isRetry ? host.retries.shift() : host.cursor++;
    const item = isRetry ? itemOf(packed) : packed;
    const tryIndex = isRetry ? tryOf(packed) : 0;
    const isPort = host.phase === "ports";
    if (isPort && isRetry && !host.isUnanswered(item)) return true; // it answered late: nothing left to ask
    const question = isPort ? undefined : host.questions[item];
    const technique = question?.technique ?? host.portTechnique;
    const port = question?.port ?? (isRetry ? item : (host.order[item] ?? 0));
    if (this.#send(host, technique, port, tryIndex, nowMs, nowMs + host.roundTrip.timeoutMs(tryIndex, prior))) {
      this.#counters.sent++;
      if (tryIndex > 0) this.#counters.resent++;
      return true;
    }
    if (isRetry) host.retries.push(item, tryIndex);
    else host.cursor--;
    return false;
  }

  #isRetryDue(host: Host): boolean {
    if (host.retries.count === 0) return false;
    this.#turn++;
    return host.freshCount === 0 || this.#turn % RETRY_TURN === 0;
  }

  #send(host: Host, number: number, port: number, tryIndex: number, nowMs: number, dueAtMs: number): boolean {
    const technique = TECHNIQUES[number];
    if (technique === undefined) return false;
    if (technique.kind === "frame") {
      if (!this.#writeFrame(host, technique, port, tryIndex)) return false;
      this.#window.add(host, number, port, tryIndex, nowMs, dueAtMs);
    } else {
      const slot = this.#window.add(host, number, port, tryIndex, nowMs, dueAtMs);
      if (!this.#network.connect(slot, host.target.address, port)) {
        this.#window.remove(slot);
        return false;
      }
    }
    host.outstanding++;
    return true;
  }

  #writeFrame(host: Host, technique: FrameTechnique, port: number, tryIndex: number): boolean {
    const { transmitter, hop, source } = host.path;
    const { address } = host.target;
    if (transmitter === undefined || hop === undefined || address.family !== 4) return false;
    const isArp = technique.etherType === ETHER_TYPE_ARP;
    const at = transmitter.reserve(technique.etherType, isArp ? { ...hop, mac: BROADCAST_MAC } : hop);
    if (at < 0) return false;
    const slot = this.#slot;
    slot.sourceAddress = source;
    slot.sourceMac = hop.ownMac ?? NO_MAC;
    slot.targetAddress = address.value;
    slot.targetPort = port;
    slot.tryIndex = tryIndex;
    transmitter.commit(at, technique.write(transmitter.bytes, at, slot));
    return true;
  }
}
