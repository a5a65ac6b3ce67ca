// What the engine needs of a network. The real one is kernel-network.ts; tests play one with seeded loss and a fake clock.
import type { ConnectHandler } from "../linux/connector.js";
import type { FrameTransmitter, NextHop } from "../linux/frame-transmitter.js";
import type { FrameFacts } from "../linux/packet-receiver.js";
import type { Reason } from "../model/reason.js";
import type { Address } from "../target/address.js";

/** The way to a host. */
export interface Path {
  /** "frames": packets of our own; "sockets": the kernel connects; "none": there is no way. */
  readonly kind: "frames" | "sockets" | "none";
  /** kind "frames". */
  readonly transmitter: FrameTransmitter | undefined;
  /** kind "frames"; for a host on the link the link address is still unknown. */
  readonly hop: NextHop | undefined;
  /** kind "frames": our own address on this way. */
  readonly source: Address | undefined;
  /** The host is on the link: its link address must be found before anything else. */
  readonly isNeighbour: boolean;
  /** On this machine or on the link: no router lies between. */
  readonly isNear: boolean;
  /** The address is this machine's own. */
  readonly isOwn: boolean;
  /** Nobody can be between, who might answer in the host's name: it is this machine, or the plan says so. */
  readonly isDirect: boolean;
  /** kind "none": why. */
  readonly reason: Reason;
  /** How probes leave ("packet socket") and why it is this way: for reports. */
  readonly transport: string;
  readonly because: string;
}

/** Gets each received packet; true when it answered a probe of ours. */
export type FrameSink = (bytes: Uint8Array, at: number, end: number, facts: FrameFacts) => void;

/** Gets the end of each connect. */
export type ConnectSink = ConnectHandler;

/** Everything between the engine and the wire. */
export interface Network {
  /** The way to an address, as the kernel would go. */
  pathTo(address: Address): Path;
  /** How many own addresses probes for UDP and IP protocols may leave from on this way, 1 or more. */
  sourceCount(path: Path): number;
  /** One of them. */
  sourceAt(path: Path, index: number): Address | undefined;
  /** How connects are made: "io_uring". */
  readonly connectTransport: string;
  /** True when connects tell the ICMP error that ended them. */
  readonly connectTellsErrors: boolean;
  /** Begins a connect; false when there is no free socket now. */
  connect(slot: number, address: Address, port: number): boolean;
  cancelConnect(slot: number): void;
  /** Hands over what has come since the last call. Returns how much. */
  receive(frames: FrameSink, connects: ConnectSink): number;
  /** Sends what was committed. */
  flush(): void;
  /** True while another thread is sending: the event loop must turn. */
  readonly isSending: boolean;
  /** Frames lost inside this machine so far: receive ring full, transmit queue full. */
  readonly drops: { readonly received: number; readonly sent: number };
  /** Waits until something comes, at most so long. */
  idle(timeoutMs: number): void | Promise<void>;
  /** What must be added to the clock to get the time base of received frames, in ms. */
  readonly frameTimeOffsetMs: number;
  close(): Promise<void>;
}
