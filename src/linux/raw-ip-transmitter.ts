// Sends IPv4 datagrams with our own headers through a raw socket (raw(7)): for loopback, where packet sockets cannot
// inject 127.0.0.0/8, and for devices without a link layer (tun, WireGuard, ppp). The kernel chooses the route.

import { IPV4_TARGET_AT } from "../packet/ipv4.js";
import type { FrameTransmitter, NextHop } from "./frame-transmitter.js";
import { checked, libc } from "./libc.js";
import { MessageBatch, PACKET_BYTES_MAX } from "./message-batch.js";
import { AF_INET, SOCK_RAW } from "./socket-constants.js";
import type { TransmitGuard } from "./transmit-guard.js";

/** With this protocol the header is always ours (IP_HDRINCL is implied). */
const IPPROTO_RAW = 255;

/** One serves all devices. */
export class RawIpTransmitter implements FrameTransmitter {
  readonly name = "raw IP";
  readonly packetBytesMax: number = PACKET_BYTES_MAX;
  readonly isSending = false;
  private readonly fd: number;
  private readonly guard: TransmitGuard;
  private readonly batch = new MessageBatch(true);
  isRepeat = false;

  /** @throws SystemCallError where raw sockets are not allowed (EPERM) */
  constructor(guard: TransmitGuard) {
    this.guard = guard;
    const hint = "run as root, or use -sT";
    this.fd = checked("socket(AF_INET, SOCK_RAW)", libc().socket(AF_INET, SOCK_RAW, IPPROTO_RAW), undefined, hint);
  }

  get bytes(): Uint8Array {
    return this.batch.bytes;
  }

  get pendingCount(): number {
    return this.batch.pendingCount;
  }

  get refusedCount(): number {
    return this.batch.refusedCount;
  }

  reserve(_etherType: number, _hop: NextHop, tag: number): number {
    const at = this.batch.reserve();
    if (at >= 0) this.isRepeat = this.batch.isRepeat(tag);
    return at;
  }

  commit(at: number, packetBytes: number): void {
    this.guard.checkIpv4(this.batch.bytes, at, at + packetBytes);
    this.batch.commit(packetBytes, at + IPV4_TARGET_AT);
  }

  flush(): void {
    this.batch.send(this.fd);
  }

  close(): Promise<void> {
    libc().close(this.fd);
    return Promise.resolve();
  }
}
