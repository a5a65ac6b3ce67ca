// Packets that leave together: written side by side in one piece of memory, and handed to the kernel with one call
// (sendmmsg(2)). Measured against a memory-mapped transmit ring it is faster and opens at once:
// docs/decisions/sendmmsg-not-ring.md.

import { EACCES, EAGAIN, EHOSTUNREACH, EINTR, EINVAL, ENETDOWN, ENETUNREACH, ENOBUFS, ENODEV, EPERM } from "./errno.js";
import { checked, libc } from "./libc.js";
import { AF_INET, AF_INET6, MSG_DONTWAIT } from "./socket-constants.js";

const SLOT_COUNT = 256;
/** Room for one packet, link header included: for probes without a payload, and for those with one. */
export const SLOT_BYTES_SHORT = 512;
export const SLOT_BYTES_LONG = 1536;
/** struct mmsghdr on 64-bit Linux: struct msghdr (56 bytes), unsigned int msg_len, padding. */
const MESSAGE_BYTES = 64;
/** struct sockaddr_in and sockaddr_in6: their length, and where in them the address stands, and how long it is. */
const ADDRESS_SHAPES = {
  4: { family: AF_INET, bytes: 16, targetAt: 4, targetBytes: 4 },
  6: { family: AF_INET6, bytes: 28, targetAt: 8, targetBytes: 16 },
} as const;
/** sin6_scope_id, in 32-bit words. */
const SCOPE_AT_WORD = 6;
/** struct iovec { void *base; size_t len }. */
const VECTOR_BYTES = 16;

/** The kernel or this machine's own rules refused to send: the packet is given up, the others go on. */
const PASSED_OVER: ReadonlySet<number> = new Set([EPERM, EACCES, ENODEV, EINVAL, ENETDOWN, ENETUNREACH, EHOSTUNREACH]);

/** A batch of up to 256 packets for one socket. */
export class MessageBatch {
  readonly bytes: Uint8Array;
  private readonly slotBytes: number;
  /** Packets that there was no room for in a queue (ENOBUFS), so far: as good as lost on the wire. */
  refusedCount = 0;
  private readonly messages = new Uint8Array(SLOT_COUNT * MESSAGE_BYTES);
  private readonly shape: (typeof ADDRESS_SHAPES)[4 | 6] | undefined;
  private readonly addresses: Uint8Array;
  private readonly addressWords: Uint32Array;
  private readonly vectors = new Uint8Array(SLOT_COUNT * VECTOR_BYTES);
  private readonly lengths = new Uint32Array(this.vectors.buffer);
  /** What stands in each slot from its last use: see {@link isRepeat}. */
  private readonly tags = new Float64Array(SLOT_COUNT).fill(-1);
  private count = 0;
  private sent = 0;
  private sending = false;

  /** `family`: each packet says where it goes (raw IP). Without one the socket is bound, and the frame says it. */
  constructor(family: 4 | 6 | undefined, slotBytes: number) {
    this.slotBytes = slotBytes;
    this.bytes = new Uint8Array(SLOT_COUNT * slotBytes);
    this.shape = family === undefined ? undefined : ADDRESS_SHAPES[family];
    this.addresses = new Uint8Array(SLOT_COUNT * (this.shape?.bytes ?? 0));
    this.addressWords = new Uint32Array(this.addresses.buffer);
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
    return this.count === SLOT_COUNT ? -1 : this.count * this.slotBytes;
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

  /**
   * Takes the packet that was written at the reserved place. `targetAt`: where in {@link bytes} its address stands;
   * `scopeId`: the index of the interface that a link-local address of IPv6 belongs to.
   */
  commit(packetBytes: number, targetAt: number, scopeId: number): void {
    this.lengths[(this.count * VECTOR_BYTES + 8) >> 2] = packetBytes;
    if (this.shape !== undefined) {
      const { bytes, targetBytes } = this.shape;
      const at = this.count * bytes + this.shape.targetAt;
      for (let index = 0; index < targetBytes; index++) this.addresses[at + index] = this.bytes[targetAt + index] ?? 0;
      if (targetBytes === 16) this.addressWords[((this.count * bytes) >> 2) + SCOPE_AT_WORD] = scopeId;
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
      vectors.setBigUint64(index * VECTOR_BYTES, slotBase + BigInt(index * this.slotBytes), true);
      messages.setBigUint64(index * MESSAGE_BYTES + 16, vectorBase + BigInt(index * VECTOR_BYTES), true); // msg_iov
      messages.setBigUint64(index * MESSAGE_BYTES + 24, 1n, true); // msg_iovlen
    }
    if (this.shape !== undefined) this.linkAddresses(messages, this.shape.family, this.shape.bytes);
  }

  private linkAddresses(messages: DataView, family: number, addressBytes: number): void {
    const addresses = new DataView(this.addresses.buffer);
    const base = libc().addressOf(this.addresses);
    for (let index = 0; index < SLOT_COUNT; index++) {
      addresses.setUint16(index * addressBytes, family, true);
      messages.setBigUint64(index * MESSAGE_BYTES, base + BigInt(index * addressBytes), true); // msg_name
      messages.setUint32(index * MESSAGE_BYTES + 8, addressBytes, true); // msg_namelen
    }
  }
}
