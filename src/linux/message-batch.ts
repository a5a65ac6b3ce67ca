// Packets that leave together: written side by side in one piece of memory, and handed to the kernel with one call
// (sendmmsg(2)). Measured against a memory-mapped transmit ring it is faster and opens at once:
// docs/decisions/sendmmsg-not-ring.md.

import { EACCES, EAGAIN, EINTR, EINVAL, ENETDOWN, ENETUNREACH, ENOBUFS, EPERM } from "./errno.js";
import { checked, libc } from "./libc.js";
import { AF_INET, MSG_DONTWAIT } from "./socket-constants.js";

const SLOT_COUNT = 256;
const SLOT_BYTES = 512;
/** struct mmsghdr on 64-bit Linux: struct msghdr (56 bytes), unsigned int msg_len, padding. */
const MESSAGE_BYTES = 64;
/** struct sockaddr_in. */
const ADDRESS_BYTES = 16;
/** struct iovec { void *base; size_t len }. */
const VECTOR_BYTES = 16;

/** The kernel or this machine's own rules refused to send: the packet is given up, the others go on. */
const PASSED_OVER: ReadonlySet<number> = new Set([EPERM, EACCES, EINVAL, ENETDOWN, ENETUNREACH]);

/** The longest packet, link header included. */
export const PACKET_BYTES_MAX: number = SLOT_BYTES;

/** A batch of up to 256 packets for one socket. */
export class MessageBatch {
  readonly bytes: Uint8Array = new Uint8Array(SLOT_COUNT * SLOT_BYTES);
  /** Packets that there was no room for in a queue (ENOBUFS), so far: as good as lost on the wire. */
  refusedCount = 0;
  private readonly messages = new Uint8Array(SLOT_COUNT * MESSAGE_BYTES);
  private readonly addresses: Uint8Array | undefined;
  private readonly vectors = new Uint8Array(SLOT_COUNT * VECTOR_BYTES);
  private readonly lengths = new Uint32Array(this.vectors.buffer);
  /** What stands in each slot from its last use: see {@link isRepeat}. */
  private readonly tags = new Float64Array(SLOT_COUNT).fill(-1);
  private count = 0;
  private sent = 0;
  private sending = false;

  /** `hasAddresses`: each packet says where it goes (raw IP); otherwise the socket is bound and the frame says it. */
  constructor(hasAddresses: boolean) {
    this.addresses = hasAddresses ? new Uint8Array(SLOT_COUNT * ADDRESS_BYTES) : undefined;
    this.link();
  }

  /** Packets that the kernel has not taken yet. */
  get pendingCount(): number {
    return this.count - this.sent;
  }

  /** True while another thread is sending: the batch must be left alone. */
  get isSending(): boolean {
    return this.sending;
  }

  /** Where the next packet may be written in {@link bytes}, or -1 when the batch is full. */
  reserve(): number {
    return this.count === SLOT_COUNT ? -1 : this.count * SLOT_BYTES;
  }

  /**
   * True when the next place holds a packet with this tag from the last time it was used; it will have the tag from
   * now on. So what is the same in all packets of a kind to a host is written once a slot and not once a packet.
   */
  isRepeat(tag: number): boolean {
    const isSame = this.tags[this.count] === tag;
    this.tags[this.count] = tag;
    return isSame;
  }

  /** Takes the packet that was written at the reserved place. `targetAt`: where in {@link bytes} its address stands. */
  commit(packetBytes: number, targetAt: number): void {
    this.lengths[(this.count * VECTOR_BYTES + 8) >> 2] = packetBytes;
    const addresses = this.addresses;
    if (addresses !== undefined) {
      const at = this.count * ADDRESS_BYTES + 4;
      for (let index = 0; index < 4; index++) addresses[at + index] = this.bytes[targetAt + index] ?? 0;
    }
    this.count++;
  }

  /** Sends all, on this thread. */
  send(fd: number): void {
    while (this.sent < this.count) {
      const rest = this.messages.subarray(this.sent * MESSAGE_BYTES);
      const result = libc().sendmmsg(fd, rest, this.count - this.sent, MSG_DONTWAIT);
      if (result >= 0) this.sent += result;
      else this.passOver(libc().errno());
    }
    this.count = 0;
    this.sent = 0;
  }

  /** Sends all on a thread of the pool, so that two processors share the kernel's work. */
  sendElsewhere(fd: number): void {
    this.sending = true;
    libc().sendmmsgAsync(fd, this.messages, this.count, MSG_DONTWAIT, (result) => {
      this.sending = false;
      this.sent = Math.max(0, result);
      this.send(fd); // what is left was refused: here the kernel says why
    });
  }

  private passOver(errno: number): void {
    if (errno === EINTR) return;
    if (errno === ENOBUFS || errno === EAGAIN) this.refusedCount++;
    else if (!PASSED_OVER.has(errno)) checked("sendmmsg", -1);
    this.sent++;
  }

  /** Fills in all that never changes: each message points to its own slot, address and vector. */
  private link(): void {
    const messages = new DataView(this.messages.buffer);
    const vectors = new DataView(this.vectors.buffer);
    const slotBase = libc().addressOf(this.bytes);
    const vectorBase = libc().addressOf(this.vectors);
    for (let index = 0; index < SLOT_COUNT; index++) {
      vectors.setBigUint64(index * VECTOR_BYTES, slotBase + BigInt(index * SLOT_BYTES), true);
      messages.setBigUint64(index * MESSAGE_BYTES + 16, vectorBase + BigInt(index * VECTOR_BYTES), true); // msg_iov
      messages.setBigUint64(index * MESSAGE_BYTES + 24, 1n, true); // msg_iovlen
    }
    if (this.addresses !== undefined) this.linkAddresses(this.addresses, messages);
  }

  private linkAddresses(bytes: Uint8Array, messages: DataView): void {
    const addresses = new DataView(bytes.buffer);
    const base = libc().addressOf(bytes);
    for (let index = 0; index < SLOT_COUNT; index++) {
      addresses.setUint16(index * ADDRESS_BYTES, AF_INET, true);
      messages.setBigUint64(index * MESSAGE_BYTES, base + BigInt(index * ADDRESS_BYTES), true); // msg_name
      messages.setUint32(index * MESSAGE_BYTES + 8, ADDRESS_BYTES, true); // msg_namelen
    }
  }
}
