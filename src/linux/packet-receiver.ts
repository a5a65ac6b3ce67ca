// Receives from one interface or all through one memory-mapped ring (packet(7), TPACKET_V2). The socket is SOCK_DGRAM,
// so every packet begins with its network header, whatever the link layer is.
import { attachFilter } from "./attach-filter.js";
import type { ReceiveWish } from "./bpf.js";
import { checked, int32, libc } from "./libc.js";
import {
  AF_PACKET,
  ETH_P_ALL,
  LINK_PROTOCOL_AT,
  LINK_SENDER_AT,
  linkAddress,
  membershipRequest,
  PACKET_ADD_MEMBERSHIP,
  PACKET_IGNORE_OUTGOING,
  PACKET_RX_RING,
  PACKET_STATISTICS,
  PACKET_VERSION,
  type RingShape,
  ringRequest,
  SOL_PACKET,
  TP_LENGTH_AT,
  TP_LINK_ADDRESS_AT,
  TP_NANOSECONDS_AT,
  TP_NETWORK_AT,
  TP_SECONDS_AT,
  TP_SNAP_LENGTH_AT,
  TPACKET_V2,
} from "./packet-constants.js";
import { SOCK_DGRAM } from "./socket-constants.js";

/** TP_STATUS_USER: the frame is ours to read. */
const STATUS_USER = 1;
/** TP_STATUS_CSUMNOTREADY: made on this machine, the transport checksum is still to be filled in by hardware. */
const STATUS_CHECKSUM_UNFINISHED = 1 << 3;
/** TP_STATUS_CSUM_VALID: the kernel or the hardware has checked the transport checksum. */
const STATUS_CHECKSUM_VALID = 1 << 7;

/** Room in the ring for one frame: for all headers and what is quoted of a probe without payload, and of one with it. */
export const FRAME_BYTES_SHORT = 512;
export const FRAME_BYTES_LONG = 2048;
/** 8,192 short frames: a burst of 20 ms at 400,000 answers a second. */
const SHAPE: RingShape = { blockBytes: 1 << 16, blockCount: 64, frameBytes: FRAME_BYTES_SHORT };
/** 1,024 frames, for what one link says to all who are on it. */
const LINK_SHAPE: RingShape = { ...SHAPE, blockCount: 8 };

/** A receiver of one link, with a smaller ring. */
export interface LinkReceiverOptions {
  readonly interfaceIndex: number;
  /** True: the card hands over what is sent to any group, not only to those that this machine is in. */
  readonly hearsAllGroups: boolean;
}

/** What is known of a frame beyond its bytes. */
export interface FrameFacts {
  /** EtherType: 0x0800 for IPv4. */
  etherType: number;
  /** True when the transport checksum needs no check of ours. */
  isChecksumTrusted: boolean;
  /** True when the ring's frame was too short for the whole packet. */
  isCut: boolean;
  /** When the kernel received it: CLOCK_REALTIME, ms. */
  receivedAtMs: number;
}

/** Gets each received packet: `bytes[at … end)` from the network header on. Both arguments are reused: copy to keep. */
export type FrameHandler = (bytes: Uint8Array, at: number, end: number, facts: FrameFacts) => void;

/** One receive ring over one interface or all. */
export class PacketReceiver {
  readonly fd: number;
  private readonly memory: ArrayBuffer;
  private readonly bytes: Uint8Array;
  private readonly words: Int32Array;
  private readonly facts: FrameFacts = { etherType: 0, isChecksumTrusted: false, isCut: false, receivedAtMs: 0 };
  private readonly frameCount: number;
  private readonly frameBytes: number;
  private frame = 0;
  private dropCount = 0;

  /**
   * Opens the ring with a filter for these wishes, over all interfaces unless `link` names one.
   *
   * @throws SystemCallError where packet sockets are not allowed (EPERM) or not there
   */
  constructor(wishes: readonly ReceiveWish[], link?: LinkReceiverOptions, frameBytes: number = FRAME_BYTES_SHORT) {
    const shape = { ...(link === undefined ? SHAPE : LINK_SHAPE), frameBytes };
    this.frameBytes = frameBytes;
    this.frameCount = (shape.blockBytes / shape.frameBytes) * shape.blockCount;
    // Protocol 0 receives nothing until bind: no stray packet gets in before the filter is there.
    this.fd = checked(
      "socket(AF_PACKET)",
      libc().socket(AF_PACKET, SOCK_DGRAM, 0),
      undefined,
      "run as root, or use -sT",
    );
    attachFilter(this.fd, wishes);
    this.set("PACKET_VERSION", PACKET_VERSION, int32(TPACKET_V2));
    this.set("PACKET_IGNORE_OUTGOING", PACKET_IGNORE_OUTGOING, int32(1));
    this.set("PACKET_RX_RING", PACKET_RX_RING, ringRequest(shape));
    this.memory = libc().map(this.fd, shape.blockBytes * shape.blockCount, 0);
    this.bytes = new Uint8Array(this.memory);
    this.words = new Int32Array(this.memory);
    if (link?.hearsAllGroups === true) {
      this.set("PACKET_ADD_MEMBERSHIP", PACKET_ADD_MEMBERSHIP, membershipRequest(link.interfaceIndex));
    }
    const address = linkAddress(ETH_P_ALL, link?.interfaceIndex ?? 0);
    checked("bind(AF_PACKET)", libc().bind(this.fd, address, address.length));
  }

  /** While a handler runs: where in its bytes the 6 of the sender's link address begin, on Ethernet. */
  get senderMacAt(): number {
    return this.frame * this.frameBytes + TP_LINK_ADDRESS_AT + LINK_SENDER_AT;
  }

  /** Hands every waiting packet to the handler and gives the frames back to the kernel. Returns how many there were. */
  receive(handler: FrameHandler): number {
    const { words, bytes, facts, frameCount } = this;
    // Bounded: a flood must not keep us from sending and timing.
    for (let count = 0; count < frameCount; count++) {
      const at = this.frame * this.frameBytes;
      const status = Atomics.load(words, at >> 2);
      if ((status & STATUS_USER) === 0) return count;
      const captured = words[(at + TP_SNAP_LENGTH_AT) >> 2] ?? 0;
      const networkAt = at + (bytes[at + TP_NETWORK_AT] ?? 0) + ((bytes[at + TP_NETWORK_AT + 1] ?? 0) << 8);
      const protocolAt = at + TP_LINK_ADDRESS_AT + LINK_PROTOCOL_AT;
      facts.etherType = ((bytes[protocolAt] ?? 0) << 8) | (bytes[protocolAt + 1] ?? 0);
      facts.isChecksumTrusted = (status & (STATUS_CHECKSUM_UNFINISHED | STATUS_CHECKSUM_VALID)) !== 0;
      facts.isCut = captured < (words[(at + TP_LENGTH_AT) >> 2] ?? 0);
      facts.receivedAtMs =
        ((words[(at + TP_SECONDS_AT) >> 2] ?? 0) >>> 0) * 1000 + (words[(at + TP_NANOSECONDS_AT) >> 2] ?? 0) / 1e6;
      handler(bytes, networkAt, networkAt + captured, facts);
      Atomics.store(words, at >> 2, 0);
      this.frame = this.frame + 1 === frameCount ? 0 : this.frame + 1;
    }
    return frameCount;
  }

  /** Frames that the kernel had to drop because the ring was full, since the ring was opened. */
  drops(): number {
    const statistics = new Uint8Array(8); // struct tpacket_stats { u32 packets, drops }; reading resets it
    const length = int32(statistics.length);
    checked("PACKET_STATISTICS", libc().getsockopt(this.fd, SOL_PACKET, PACKET_STATISTICS, statistics, length));
    this.dropCount += new DataView(statistics.buffer).getUint32(4, true);
    return this.dropCount;
  }

  /** Gives ring and socket back: the kernel waits for two RCU grace periods meanwhile, some 10 ms each. */
  close(): Promise<void> {
    libc().unmap(this.memory);
    return libc().closeElsewhere(this.fd);
  }

  private set(call: string, option: number, value: Uint8Array): void {
    checked(call, libc().setsockopt(this.fd, SOL_PACKET, option, value, value.length));
  }
}
