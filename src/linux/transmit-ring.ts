// A memory-mapped transmit ring on one Ethernet interface (packet(7), TPACKET_V2): frames are written in place, and
// one system call hands any number of them to the driver.
import { EAGAIN, ENETDOWN, ENOBUFS } from "./errno.js";
import { checked, int32, libc } from "./libc.js";
import {
  AF_PACKET,
  linkAddress,
  MSG_DONTWAIT,
  PACKET_QDISC_BYPASS,
  PACKET_TX_RING,
  PACKET_VERSION,
  type RingShape,
  ringRequest,
  SOCK_RAW,
  SOL_PACKET,
  TP_LENGTH_AT,
  TPACKET_V2,
} from "./packet-constants.js";

/** Where the frame's bytes begin: TPACKET2_HDRLEN - sizeof(struct sockaddr_ll). */
const DATA_AT = 32;
const STATUS_AVAILABLE = 0;
const STATUS_SEND_REQUEST = 1;
const SHAPE: RingShape = { blockBytes: 1 << 16, blockCount: 8, frameBytes: 256 };
const FRAME_COUNT = (SHAPE.blockBytes / SHAPE.frameBytes) * SHAPE.blockCount;

/** The longest frame that fits, Ethernet header included. */
export const RING_FRAME_BYTES_MAX: number = SHAPE.frameBytes - DATA_AT;

/** One ring. Frames leave in the order in which they were committed. */
export class TransmitRing {
  readonly bytes: Uint8Array;
  readonly #fd: number;
  readonly #memory: ArrayBuffer;
  readonly #words: Int32Array;
  #frame = 0;
  #pendingCount = 0;
  #isSending = false;
  /** Frames that the driver or the queue refused (ENOBUFS) since the ring was opened. */
  refusedCount = 0;

  /**
   * Opens the ring on an interface.
   *
   * @throws SystemCallError where packet sockets are not allowed or the interface is gone
   */
  constructor(interfaceIndex: number, interfaceName: string) {
    // Protocol 0: this socket receives nothing.
    this.#fd = checked("socket(AF_PACKET)", libc().socket(AF_PACKET, SOCK_RAW, 0), interfaceName);
    this.#set("PACKET_VERSION", PACKET_VERSION, int32(TPACKET_V2));
    this.#set("PACKET_QDISC_BYPASS", PACKET_QDISC_BYPASS, int32(1));
    this.#set("PACKET_TX_RING", PACKET_TX_RING, ringRequest(SHAPE));
    const address = linkAddress(0, interfaceIndex);
    checked("bind(AF_PACKET)", libc().bind(this.#fd, address, address.length), interfaceName);
    this.#memory = libc().map(this.#fd, SHAPE.blockBytes * SHAPE.blockCount, 0);
    this.bytes = new Uint8Array(this.#memory);
    this.#words = new Int32Array(this.#memory);
  }

  /** Frames that are committed and not yet handed to the kernel. */
  get pendingCount(): number {
    return this.#pendingCount;
  }

  /** True while a call on another thread is sending from this ring: nothing may be committed then. */
  get isSending(): boolean {
    return this.#isSending;
  }

  /** Where the next frame may be written in {@link bytes}, or -1 when the ring is full. */
  reserve(): number {
    const at = this.#frame * SHAPE.frameBytes;
    return Atomics.load(this.#words, at >> 2) === STATUS_AVAILABLE ? at + DATA_AT : -1;
  }

  /** Makes the frame that was written at the reserved place ready to be sent. */
  commit(frameBytes: number): void {
    const at = this.#frame * SHAPE.frameBytes;
    this.#words[(at + TP_LENGTH_AT) >> 2] = frameBytes;
    Atomics.store(this.#words, at >> 2, STATUS_SEND_REQUEST);
    this.#frame = this.#frame + 1 === FRAME_COUNT ? 0 : this.#frame + 1;
    this.#pendingCount++;
  }

  /** Sends what is committed, on this thread. */
  send(): void {
    const result = libc().send(this.#fd, null, 0, MSG_DONTWAIT);
    this.#settle(result, result < 0 ? libc().errno() : 0);
  }

  /** Sends what is committed on a thread of the pool, so that two processors share the kernel's work. */
  sendElsewhere(): void {
    this.#isSending = true;
    libc().sendAsync(this.#fd, null, 0, MSG_DONTWAIT, (result) => {
      this.#isSending = false;
      this.#settle(result, result < 0 ? ENOBUFS : 0);
    });
  }

  /** Gives ring and socket back. */
  close(): void {
    libc().unmap(this.#memory);
    libc().close(this.#fd);
  }

  #settle(result: number, errno: number): void {
    if (result >= 0) this.#pendingCount = 0;
    else if (errno === ENOBUFS || errno === EAGAIN) this.refusedCount++; // the rest waits for the next send
    else if (errno === ENETDOWN) this.#pendingCount = 0; // the probes stay unanswered, which is the truth
    else checked("send(AF_PACKET)", result);
  }

  #set(call: string, option: number, value: Uint8Array): void {
    checked(call, libc().setsockopt(this.#fd, SOL_PACKET, option, value, value.length));
  }
}
