// Sends IPv4 datagrams with our own headers through a raw socket (raw(7)), many in one system call (sendmmsg(2)). For
// loopback, where packet sockets cannot inject 127.0.0.0/8, and for devices without a link layer (tun, WireGuard, ppp).
import { readUint32 } from "../packet/bytes.js";
import { IPV4_TARGET_AT } from "../packet/ipv4.js";
import { EACCES, EAGAIN, EINTR, EINVAL, ENETDOWN, ENETUNREACH, ENOBUFS, EPERM } from "./errno.js";
import type { FrameTransmitter } from "./frame-transmitter.js";
import { checked, libc } from "./libc.js";
import type { TransmitGuard } from "./transmit-guard.js";

const AF_INET = 2;
const SOCK_RAW = 3;
/** With this protocol the header is always ours (IP_HDRINCL is implied). */
const IPPROTO_RAW = 255;
const MSG_DONTWAIT = 0x40;

const SLOT_COUNT = 256;
const SLOT_BYTES = 256;
/** struct mmsghdr on 64-bit Linux: struct msghdr (56 bytes), unsigned int msg_len, padding. */
const MESSAGE_BYTES = 64;
/** struct sockaddr_in. */
const ADDRESS_BYTES = 16;
/** struct iovec { void *base; size_t len }. */
const VECTOR_BYTES = 16;

/** Sends by the kernel's own routes. One serves all devices. */
export class RawIpTransmitter implements FrameTransmitter {
  readonly name = "raw IP";
  readonly packetBytesMax: number = SLOT_BYTES;
  readonly bytes: Uint8Array = new Uint8Array(SLOT_COUNT * SLOT_BYTES);
  readonly isSending = false;
  refusedCount = 0;
  /** Told of each datagram that this machine's own firewall or routes refused to send, by its place in {@link bytes}. */
  onRefused: (at: number, errno: number) => void = () => {};
  readonly #fd: number;
  readonly #guard: TransmitGuard;
  readonly #messages = new Uint8Array(SLOT_COUNT * MESSAGE_BYTES);
  readonly #addresses = new Uint8Array(SLOT_COUNT * ADDRESS_BYTES);
  readonly #vectors = new Uint8Array(SLOT_COUNT * VECTOR_BYTES);
  readonly #vectorView = new DataView(this.#vectors.buffer);
  #count = 0;

  /** @throws SystemCallError where raw sockets are not allowed (EPERM) */
  constructor(guard: TransmitGuard) {
    this.#guard = guard;
    const hint = "run as root, or use -sT";
    this.#fd = checked("socket(AF_INET, SOCK_RAW)", libc().socket(AF_INET, SOCK_RAW, IPPROTO_RAW), undefined, hint);
    this.#link();
  }

  get pendingCount(): number {
    return this.#count;
  }

  reserve(): number {
    return this.#count === SLOT_COUNT ? -1 : this.#count * SLOT_BYTES;
  }

  commit(at: number, packetBytes: number): void {
    this.#guard.checkIpv4(this.bytes, at, at + packetBytes);
    const target = at + IPV4_TARGET_AT;
    this.#addresses.set(this.bytes.subarray(target, target + 4), this.#count * ADDRESS_BYTES + 4);
    this.#vectorView.setBigUint64(this.#count * VECTOR_BYTES + 8, BigInt(packetBytes), true);
    this.#count++;
  }

  flush(): void {
    let sent = 0;
    while (sent < this.#count) {
      const rest = this.#messages.subarray(sent * MESSAGE_BYTES);
      const result = libc().sendmmsg(this.#fd, rest, this.#count - sent, MSG_DONTWAIT);
      if (result >= 0) sent += result;
      else if (this.#isDone(sent, libc().errno())) sent++;
    }
    this.#count = 0;
  }

  close(): void {
    libc().close(this.#fd);
  }

  /** True when the first unsent datagram is to be passed over: one that cannot be sent must not hold up the others. */
  #isDone(index: number, errno: number): boolean {
    if (errno === EINTR) return false;
    if (errno === ENOBUFS || errno === EAGAIN) {
      this.refusedCount++; // it is as good as lost on the wire: the probe will be sent again
      return true;
    }
    if (![EPERM, EACCES, EINVAL, ENETDOWN, ENETUNREACH].includes(errno)) checked("sendmmsg", -1);
    this.onRefused(index * SLOT_BYTES, errno);
    return true;
  }

  /** Fills in all that never changes: each message points to its own slot, address and vector. */
  #link(): void {
    const messages = new DataView(this.#messages.buffer);
    const addresses = new DataView(this.#addresses.buffer);
    const [slotBase, addressBase, vectorBase] = [this.bytes, this.#addresses, this.#vectors].map((memory) =>
      libc().addressOf(memory),
    );
    if (slotBase === undefined || addressBase === undefined || vectorBase === undefined) return;
    for (let index = 0; index < SLOT_COUNT; index++) {
      addresses.setUint16(index * ADDRESS_BYTES, AF_INET, true);
      this.#vectorView.setBigUint64(index * VECTOR_BYTES, slotBase + BigInt(index * SLOT_BYTES), true);
      const message = index * MESSAGE_BYTES;
      messages.setBigUint64(message, addressBase + BigInt(index * ADDRESS_BYTES), true); // msg_name
      messages.setUint32(message + 8, ADDRESS_BYTES, true); // msg_namelen
      messages.setBigUint64(message + 16, vectorBase + BigInt(index * VECTOR_BYTES), true); // msg_iov
      messages.setBigUint64(message + 24, 1n, true); // msg_iovlen
    }
  }
}

/** The target of a datagram at this place, for those who are told of refusals. */
export function targetOf(bytes: Uint8Array, at: number): number {
  return readUint32(bytes, at + IPV4_TARGET_AT);
}
