// Receives from all interfaces through one memory-mapped ring (packet(7), TPACKET_V2). The socket is SOCK_DGRAM, so
// every packet begins with its network header, whatever the link layer is.
import { compileFilter, type ReceiveWish } from "./bpf.js";
import { checked, int32, libc } from "./libc.js";
import {
  AF_PACKET,
  ETH_P_ALL,
  LINK_PROTOCOL_AT,
  linkAddress,
  PACKET_IGNORE_OUTGOING,
  PACKET_RX_RING,
  PACKET_STATISTICS,
  PACKET_VERSION,
  type RingShape,
  ringRequest,
  SO_ATTACH_FILTER,
  SOL_PACKET,
  TP_LENGTH_AT,
  TP_LINK_ADDRESS_AT,
  TP_NANOSECONDS_AT,
  TP_NETWORK_AT,
  TP_SECONDS_AT,
  TP_SNAP_LENGTH_AT,
  TPACKET_V2,
} from "./packet-constants.js";
import { SOCK_DGRAM, SOL_SOCKET } from "./socket-constants.js";

/** TP_STATUS_USER: the frame is ours to read. */
const STATUS_USER = 1;
/** TP_STATUS_CSUMNOTREADY: made on this machine, the transport checksum is still to be filled in by hardware. */
const STATUS_CHECKSUM_UNFINISHED = 1 << 3;
/** TP_STATUS_CSUM_VALID: the kernel or the hardware has checked the transport checksum. */
const STATUS_CHECKSUM_VALID = 1 << 7;

/** 8,192 frames: a burst of 20 ms at 400,000 answers a second. A frame holds all headers of an ICMP error and its quote. */
const SHAPE: RingShape = { blockBytes: 1 << 16, blockCount: 64, frameBytes: 512 };
const FRAME_COUNT = (SHAPE.blockBytes / SHAPE.frameBytes) * SHAPE.blockCount;

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

/** One receive ring over all interfaces. */
export class PacketReceiver {
  readonly fd: number;
  private readonly memory: ArrayBuffer;
  private readonly bytes: Uint8Array;
  private readonly words: Int32Array;
  private readonly facts: FrameFacts = { etherType: 0, isChecksumTrusted: false, isCut: false, receivedAtMs: 0 };
  private frame = 0;
  private dropCount = 0;

  /**
   * Opens the ring with a filter for these wishes.
   *
   * @throws SystemCallError where packet sockets are not allowed (EPERM) or not there
   */
  constructor(wishes: readonly ReceiveWish[]) {
    // Protocol 0 receives nothing until bind: no stray packet gets in before the filter is there.
    this.fd = checked(
      "socket(AF_PACKET)",
      libc().socket(AF_PACKET, SOCK_DGRAM, 0),
      undefined,
      "run as root, or use -sT",
    );
    this.attach(compileFilter(wishes));
    this.set("PACKET_VERSION", PACKET_VERSION, int32(TPACKET_V2));
    this.set("PACKET_IGNORE_OUTGOING", PACKET_IGNORE_OUTGOING, int32(1));
    this.set("PACKET_RX_RING", PACKET_RX_RING, ringRequest(SHAPE));
    this.memory = libc().map(this.fd, SHAPE.blockBytes * SHAPE.blockCount, 0);
    this.bytes = new Uint8Array(this.memory);
    this.words = new Int32Array(this.memory);
    const address = linkAddress(ETH_P_ALL, 0);
    checked("bind(AF_PACKET)", libc().bind(this.fd, address, address.length));
  }

  /** Hands every waiting packet to the handler and gives the frames back to the kernel. Returns how many there were. */
  receive(handler: FrameHandler): number {
    const { words, bytes, facts } = this;
    // Bounded: a flood must not keep us from sending and timing.
    for (let count = 0; count < FRAME_COUNT; count++) {
      const at = this.frame * SHAPE.frameBytes;
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
      this.frame = this.frame + 1 === FRAME_COUNT ? 0 : this.frame + 1;
    }
    return FRAME_COUNT;
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

  /** struct sock_fprog { u16 len; struct sock_filter *filter }. */
  private attach(filter: Uint8Array): void {
    const program = new Uint8Array(16);
    const view = new DataView(program.buffer);
    view.setUint16(0, filter.length / 8, true);
    view.setBigUint64(8, libc().addressOf(filter), true);
    checked("SO_ATTACH_FILTER", libc().setsockopt(this.fd, SOL_SOCKET, SO_ATTACH_FILTER, program, program.length));
  }

  private set(call: string, option: number, value: Uint8Array): void {
    checked(call, libc().setsockopt(this.fd, SOL_PACKET, option, value, value.length));
  }
}
