// A network that tells of each packet that leaves or comes (--packet-trace), put around another one: without a trace there is
// none of this between the engine and the wire.
import { errnoName } from "../linux/errno.js";
import type { FrameTransmitter, NextHop } from "../linux/frame-transmitter.js";
import type { PacketTap } from "../model/traced-packet.js";
import { type Address, formatAddress } from "../target/address.js";
import type { ConnectSink, FrameSink, Network, Path } from "./network.js";

/** Tells the tap; `nowMs` is the time since the scan began. */
export function tracedNetwork(network: Network, tap: PacketTap, nowMs: () => number): Network {
  const paths = new Map<Path, Path>();
  const transmitters = new Map<FrameTransmitter, FrameTransmitter>();
  const connecting = new Map<number, { readonly address: string; readonly port: number }>();

  const traced = (transmitter: FrameTransmitter): FrameTransmitter => {
    const known = transmitters.get(transmitter) ?? new TracedTransmitter(transmitter, tap, nowMs);
    transmitters.set(transmitter, known);
    return known;
  };
  const onFrame =
    (sink: FrameSink): FrameSink =>
    (bytes, at, end, facts) => {
      const atMs = nowMs();
      tap({ kind: "packet", direction: "received", atMs, etherType: facts.etherType, bytes: bytes.slice(at, end) });
      sink(bytes, at, end, facts);
    };
  const onConnect =
    (sink: ConnectSink): ConnectSink =>
    (slot, errno, error) => {
      const target = connecting.get(slot);
      const outcome = errno === 0 ? "connected" : errnoName(errno);
      if (target !== undefined) tap({ kind: "connect", direction: "received", atMs: nowMs(), ...target, outcome });
      connecting.delete(slot);
      sink(slot, errno, error);
    };

  return {
    pathTo(address) {
      const path = network.pathTo(address);
      const { transmitter } = path;
      if (transmitter === undefined) return path;
      const known = paths.get(path) ?? { ...path, transmitter: traced(transmitter) };
      paths.set(path, known);
      return known;
    },
    sourceCount: (path) => network.sourceCount(path),
    sourceAt: (path, index) => network.sourceAt(path, index),
    get connectTransport() {
      return network.connectTransport;
    },
    get connectTellsErrors() {
      return network.connectTellsErrors;
    },
    connect(slot: number, address: Address, port: number) {
      const isBegun = network.connect(slot, address, port);
      const target = { address: formatAddress(address), port };
      if (isBegun) {
        connecting.set(slot, target);
        tap({ kind: "connect", direction: "sent", atMs: nowMs(), ...target, outcome: undefined });
      }
      return isBegun;
    },
    cancelConnect(slot) {
      connecting.delete(slot);
      network.cancelConnect(slot);
    },
    receive: (frames, connects) => network.receive(onFrame(frames), onConnect(connects)),
    flush: () => network.flush(),
    get isSending() {
      return network.isSending;
    },
    get drops() {
      return network.drops;
    },
    idle: (timeoutMs) => network.idle(timeoutMs),
    frameTimeOffsetMs: network.frameTimeOffsetMs,
    close: () => network.close(),
  };
}

/** Tells of each packet when it is committed: it leaves with the next flush. */
class TracedTransmitter implements FrameTransmitter {
  readonly #inner: FrameTransmitter;
  readonly #tap: PacketTap;
  readonly #nowMs: () => number;
  #etherType = 0;

  constructor(inner: FrameTransmitter, tap: PacketTap, nowMs: () => number) {
    this.#inner = inner;
    this.#tap = tap;
    this.#nowMs = nowMs;
  }

  get name(): string {
    return this.#inner.name;
  }
  get packetBytesMax(): number {
    return this.#inner.packetBytesMax;
  }
  get bytes(): Uint8Array {
    return this.#inner.bytes;
  }
  get isRepeat(): boolean {
    return this.#inner.isRepeat;
  }
  get pendingCount(): number {
    return this.#inner.pendingCount;
  }
  get isSending(): boolean {
    return this.#inner.isSending;
  }
  get refusedCount(): number {
    return this.#inner.refusedCount;
  }

  reserve(etherType: number, hop: NextHop, tag: number): number {
    this.#etherType = etherType;
    return this.#inner.reserve(etherType, hop, tag);
  }

  commit(at: number, packetBytes: number): void {
    const bytes = this.#inner.bytes.slice(at, at + packetBytes);
    this.#inner.commit(at, packetBytes);
    this.#tap({ kind: "packet", direction: "sent", atMs: this.#nowMs(), etherType: this.#etherType, bytes });
  }

  flush(): void {
    this.#inner.flush();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
