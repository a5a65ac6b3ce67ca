// A network without a wire: real packets cross a simulated link with seeded loss, delay, reordering, duplicates and a
// bottleneck, under a fake clock. Nothing sleeps: being idle moves the clock to the next event.
import { ECONNREFUSED, EHOSTUNREACH, ENETUNREACH } from "../linux/errno.js";
import type { IcmpError } from "../linux/error-queue.js";
import type { FrameTransmitter, NextHop } from "../linux/frame-transmitter.js";
import type { FrameFacts } from "../linux/packet-receiver.js";
import { ETHER_TYPE_ARP } from "../packet/ethernet.js";
import { ICMP_UNREACHABLE } from "../packet/icmpv4.js";
import type { Address } from "../target/address.js";
import { type Random, seededRandom } from "../target/random.js";
import { EventHeap } from "./event-heap.test.data.js";
import type { FakeClock } from "./fake-clock.test.data.js";
import { ipv6Of, numberOfIpv6 } from "./fake-datagram.test.data.js";
import type { FakeHost, PortBehaviour, SeenProbe } from "./fake-host.test.data.js";
import { FakeHosts } from "./fake-hosts.test.data.js";
import { macOf } from "./fake-link.test.data.js";
import type { ConnectSink, FrameSink, Network, Path } from "./network.js";

/** How the link treats packets; shares are 0 to 1. */
export interface LinkShape {
  readonly lossThere: number;
  readonly lossBack: number;
  readonly roundTripMs: number;
  /** Up to so much more, evenly: packets overtake each other. */
  readonly jitterMs: number;
  readonly duplicateShare: number;
  /** The bottleneck on the way there: what comes faster waits in a queue of so many frames, and is lost beyond it. */
  readonly ratePps: number;
  readonly queueFrames: number;
}

/** A link on which nothing ever goes wrong. */
export const GOOD_LINK: LinkShape = {
  lossThere: 0,
  lossBack: 0,
  roundTripMs: 10,
  jitterMs: 0,
  duplicateShare: 0,
  ratePps: Number.POSITIVE_INFINITY,
  queueFrames: 0,
};

/** A frame that nobody's probe has caused. */
export interface Injected {
  readonly frame: Uint8Array;
  readonly etherType: number;
  readonly isCut: boolean;
}

/** How an address is reached. */
export type Way = "far" | "neighbour" | "own" | "sockets" | "own sockets" | "none";

/** The network to be played. */
export interface FakeNetworkOptions {
  readonly clock: FakeClock;
  readonly seed: number;
  readonly link?: Partial<LinkShape>;
  readonly hostAt: (address: number) => FakeHost | undefined;
  readonly wayTo?: (address: number) => Way;
  /** Frames to be delivered just before each answer. */
  readonly injectBefore?: (answer: Uint8Array, etherType: number) => readonly Injected[];
  /** Frames that can be committed before a flush. */
  readonly roomFrames?: number;
  /** Batches leave on another thread. */
  readonly isThreaded?: boolean;
  /** Connects under way at once. */
  readonly connectsMax?: number;
  /** Own addresses that UDP probes leave from by turns; 1 when undefined. */
  readonly sourceCount?: number;
  /** False keeps no list of the probes, for runs with millions. */
  readonly isLogged?: boolean;
}

interface FrameArrival {
  readonly frame: Uint8Array;
  readonly etherType: number;
  readonly isCut: boolean;
}

interface ConnectEnd {
  readonly slot: number;
  readonly generation: number;
  readonly errno: number;
  readonly error: IcmpError | undefined;
}

/** What Linux makes of a code of ICMP unreachable (icmp_err_convert in net/ipv4/icmp.c). */
const ERRNO_OF_CODE: ReadonlyMap<number, number> = new Map([
  [0, ENETUNREACH],
  [3, ECONNREFUSED],
  [9, ENETUNREACH],
]);

/** What a frame costs on the way out: some 500,000 a second. */
const FRAME_MS = 0.002;
const SLOT_BYTES = 128;
const ROOM_FRAMES = 256;
/** Ethernet pads short frames (IEEE 802.3 §3.2.8): readers must not take that for data. */
const PADDED_BYTES = 46;
const RECEIVED_AT = 13;
const CONNECTS_MAX = 4096;
export const OWN_ADDRESS = 0x0afe0001;
/** CLOCK_REALTIME against CLOCK_MONOTONIC. */
const REALTIME_OFFSET_MS = 1_700_000_000_000;

class FakeTransmitter implements FrameTransmitter {
  readonly name = "fake wire";
  readonly packetBytesMax: number = SLOT_BYTES;
  readonly bytes: Uint8Array;
  readonly refusedCount = 0;
  isRepeat = false;
  isSending = false;
  /** Full batches leave on another thread, as those of the packet socket do. */
  readonly #isThreaded: boolean;
  readonly #tags: number[] = [];
  readonly #room: number;
  readonly #onFrame: (frame: Uint8Array, etherType: number) => void;
  readonly #pending: { readonly frame: Uint8Array; readonly etherType: number }[] = [];
  #etherType = 0;

  constructor(room: number, isThreaded: boolean, onFrame: (frame: Uint8Array, etherType: number) => void) {
    this.#room = room;
    this.#isThreaded = isThreaded;
    this.#onFrame = onFrame;
    this.bytes = new Uint8Array(room * SLOT_BYTES);
  }

  get pendingCount(): number {
    return this.#pending.length;
  }

  reserve(etherType: number, hop: NextHop, tag: number): number {
    const place = this.#pending.length;
    if (place === this.#room) return -1;
    this.isRepeat = this.#tags[place] === tag;
    this.#tags[place] = tag;
    this.#etherType = etherType;
    const isBroadcast = hop.mac?.every((byte) => byte === 0xff) === true;
    if (isBroadcast !== (etherType === ETHER_TYPE_ARP)) throw new Error("ARP, and nothing but ARP, is broadcast");
    const at = place * SLOT_BYTES;
    if (!this.isRepeat) this.bytes.fill(0xa5, at, at + SLOT_BYTES);
    return at;
  }

  commit(at: number, packetBytes: number): void {
    this.#pending.push({ frame: this.bytes.slice(at, at + packetBytes), etherType: this.#etherType });
  }

  flush(): void {
    const batch = this.#pending.splice(0);
    const send = (): void => {
      for (const { frame, etherType } of batch) this.#onFrame(frame, etherType);
    };
    if (!this.#isThreaded || this.isSending || batch.length < 4) {
      send();
      return;
    }
    this.isSending = true;
    setImmediate(() => {
      send();
      this.isSending = false;
    });
  }

  async whenSent(): Promise<void> {
    while (this.isSending) await new Promise(setImmediate);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A {@link Network} that plays what it was told. */
export class FakeNetwork implements Network {
  readonly connectTellsErrors = true;
  readonly connectTransport = "fake connects";
  readonly frameTimeOffsetMs: number = REALTIME_OFFSET_MS;
  readonly drops: { readonly received: number; readonly sent: number } = { received: 0, sent: 0 };
  /** All probes in the order in which they left. */
  readonly probes: SeenProbe[] = [];
  probeCount = 0;
  injectedCount = 0;
  answerCount = 0;
  readonly #options: FakeNetworkOptions;
  readonly #link: LinkShape;
  readonly #clock: FakeClock;
  readonly #hosts: FakeHosts;
  readonly #random: Random;
  readonly #transmitter: FakeTransmitter;
  readonly #arrivals = new EventHeap<FrameArrival>();
  readonly #ends = new EventHeap<ConnectEnd>();
  readonly #connects = new Map<number, number>();
  readonly #facts: FrameFacts = { etherType: 0, isChecksumTrusted: false, isCut: false, receivedAtMs: 0 };
  readonly #received = new Uint8Array(512);
  #generation = 0;
  #bottleneckFreeAtMs = 0;

  constructor(options: FakeNetworkOptions) {
    this.#options = options;
    this.#link = { ...GOOD_LINK, ...options.link };
    this.#clock = options.clock;
    this.#hosts = new FakeHosts(options.hostAt);
    this.#random = seededRandom(options.seed);
    const { roomFrames = ROOM_FRAMES, isThreaded = false } = options;
    this.#transmitter = new FakeTransmitter(roomFrames, isThreaded, (frame, etherType) =>
      this.#transmit(frame, etherType),
    );
  }

  pathTo(address: Address): Path {
    const way = this.#options.wayTo?.(numberOfAddress(address)) ?? "far";
    const isNeighbour = way === "neighbour";
    const isOwn = way === "own" || way === "own sockets";
    const isFrames = way === "far" || isNeighbour || way === "own";
    const mac = isNeighbour ? undefined : macOf(0x0afe00fe);
    const hop = { mac, ownMac: macOf(OWN_ADDRESS), interfaceIndex: 2, interfaceName: "fake0" };
    return {
      kind: way === "none" ? "none" : isFrames ? "frames" : "sockets",
      transmitter: isFrames ? this.#transmitter : undefined,
      hop: isFrames ? hop : undefined,
      source: ownAddress(address.family, 0),
      isNeighbour,
      isNear: isNeighbour || isOwn,
      isOwn,
      isDirect: isOwn,
      reason: "no-route",
      transport: "fake wire",
      because: "the test says so",
    };
  }

  sourceCount(): number {
    return this.#options.sourceCount ?? 1;
  }

  sourceAt(path: Path, index: number): Address {
    return ownAddress(path.source?.family ?? 4, index);
  }

  connect(slot: number, address: Address, port: number): boolean {
    if (address.family !== 4 || this.#connects.size >= (this.#options.connectsMax ?? CONNECTS_MAX)) return false;
    if (this.#connects.has(slot)) throw new Error(`slot ${slot} has a connect already`);
    this.#log({ kind: "connect", address: address.value, port, atMs: this.#clock.now() });
    const generation = this.#generation++;
    this.#connects.set(slot, generation);
    const behaviour = this.#hosts.behaviourOf(address.value, port);
    if (behaviour === "dropped" || this.#isChance(this.#link.lossThere) || this.#isChance(this.#link.lossBack)) {
      return true;
    }
    const { errno, error } = endOf(behaviour, address.value);
    const atMs = this.#clock.now() + this.#link.roundTripMs + this.#jitterMs();
    this.#ends.push(atMs + this.#hosts.delayMs(address.value, port), { slot, generation, errno, error });
    return true;
  }

  cancelConnect(slot: number): void {
    this.#connects.delete(slot);
  }

  /** Connects that are still open: a leak when a scan is over. */
  get openConnects(): number {
    return this.#connects.size;
  }

  receive(frames: FrameSink, connects: ConnectSink): number {
    const nowMs = this.#clock.now();
    let count = 0;
    while (this.#arrivals.nextAtMs <= nowMs) {
      const arrival = this.#arrivals.pop();
      if (arrival !== undefined) this.#deliver(arrival.event, arrival.atMs, frames);
      count++;
    }
    while (this.#ends.nextAtMs <= nowMs) {
      const end = this.#ends.pop()?.event;
      if (end === undefined || this.#connects.get(end.slot) !== end.generation) continue;
      this.#connects.delete(end.slot);
      connects(end.slot, end.errno, end.error);
      count++;
    }
    return count;
  }

  flush(): void {
    this.#transmitter.flush();
  }

  get isSending(): boolean {
    return this.#transmitter.isSending;
  }

  whenSent(): Promise<void> {
    return this.#transmitter.whenSent();
  }

  /** As poll(2) does, whole milliseconds, unless something comes before. */
  idle(timeoutMs: number): void {
    const untilMs = this.#clock.now() + Math.ceil(timeoutMs);
    this.#clock.moveTo(Math.min(untilMs, this.#arrivals.nextAtMs, this.#ends.nextAtMs));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #transmit(frame: Uint8Array, etherType: number): void {
    this.#clock.moveTo(this.#clock.now() + FRAME_MS);
    const nowMs = this.#clock.now();
    const { answer, ...probe } = this.#hosts.receive(frame, etherType, nowMs);
    this.#log({ ...probe, atMs: nowMs });
    const waitMs = this.#passBottleneck(nowMs);
    if (waitMs === undefined || this.#isChance(this.#link.lossThere)) return;
    const answering = answer?.();
    if (answering === undefined || this.#isChance(this.#link.lossBack)) return;
    const baseMs = nowMs + waitMs + this.#link.roundTripMs + answering.delayMs;
    const arrival = { frame: answering.frame, etherType: answering.etherType, isCut: false };
    const atMs = baseMs + this.#jitterMs();
    for (const injected of this.#options.injectBefore?.(answering.frame, answering.etherType) ?? []) {
      this.injectedCount++;
      this.#arrivals.push(atMs, injected);
    }
    this.#arrivals.push(atMs, arrival);
    this.answerCount++;
    if (this.#isChance(this.#link.duplicateShare)) this.#arrivals.push(baseMs + this.#jitterMs(), arrival);
  }

  /** How long a frame waits in the bottleneck's queue; undefined when there is no room for it. */
  #passBottleneck(nowMs: number): number | undefined {
    const { ratePps, queueFrames } = this.#link;
    if (ratePps === Number.POSITIVE_INFINITY) return 0;
    const waitMs = Math.max(0, this.#bottleneckFreeAtMs - nowMs);
    if ((waitMs * ratePps) / 1000 > queueFrames) return undefined;
    this.#bottleneckFreeAtMs = nowMs + waitMs + 1000 / ratePps;
    return waitMs;
  }

  #deliver(arrival: FrameArrival, atMs: number, frames: FrameSink): void {
    const { frame, etherType, isCut } = arrival;
    const bytes = this.#received;
    bytes.fill(0xee);
    bytes.set(frame, RECEIVED_AT);
    const frameBytes = isCut ? frame.length : Math.max(frame.length, PADDED_BYTES);
    this.#facts.etherType = etherType;
    this.#facts.isCut = isCut;
    this.#facts.receivedAtMs = atMs + REALTIME_OFFSET_MS;
    frames(bytes, RECEIVED_AT, RECEIVED_AT + frameBytes, this.#facts);
  }

  #log(probe: SeenProbe): void {
    this.probeCount++;
    if (this.#options.isLogged !== false) this.probes.push(probe);
  }

  #isChance(share: number): boolean {
    return share > 0 && this.#random.next32() < share * 2 ** 32;
  }

  #jitterMs(): number {
    return this.#link.jitterMs === 0 ? 0 : (this.#random.next32() / 2 ** 32) * this.#link.jitterMs;
  }
}

/** What a host is called in these tests, whichever family its address is of. */
function numberOfAddress(address: Address): number {
  return address.family === 4 ? address.value : numberOfIpv6(address.bytes);
}

/** One of our own addresses. */
function ownAddress(family: 4 | 6, index: number): Address {
  const value = OWN_ADDRESS + index;
  return family === 4 ? { family, value } : { family, bytes: ipv6Of(value) };
}

/** How a connect to such a port ends; a dropped one never does. */
function endOf(behaviour: PortBehaviour, address: number): Pick<ConnectEnd, "errno" | "error"> {
  if (typeof behaviour !== "object") return { errno: behaviour === "open" ? 0 : ECONNREFUSED, error: undefined };
  if ("resetTtl" in behaviour) return { errno: ECONNREFUSED, error: undefined };
  const { code, by = address } = behaviour;
  const error = { family: 4, type: ICMP_UNREACHABLE, code, from: { family: 4, value: by } } as const;
  return { errno: ERRNO_OF_CODE.get(code) ?? EHOSTUNREACH, error };
}
