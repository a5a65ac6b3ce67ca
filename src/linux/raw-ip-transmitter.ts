// Sends datagrams with our own headers through a raw socket (raw(7), ipv6(7)): for loopback, where packet sockets cannot
// inject 127.0.0.0/8, and for devices without a link layer (tun, WireGuard, ppp). The kernel chooses the route.

import { ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import { IPV4_TARGET_AT } from "../packet/ipv4.js";
import type { FrameTransmitter, NextHop } from "./frame-transmitter.js";
import { checked, libc } from "./libc.js";
import { MessageBatch, SLOT_BYTES_SHORT } from "./message-batch.js";
import { AF_INET, AF_INET6, SOCK_RAW } from "./socket-constants.js";
import type { TransmitGuard } from "./transmit-guard.js";

/** With this protocol the header is always ours (IP_HDRINCL, IPV6_HDRINCL are implied). */
const IPPROTO_RAW = 255;
/** RFC 8200 §3. */
const IPV6_TARGET_AT = 24;

/** One serves all devices, for one family. */
export class RawIpTransmitter implements FrameTransmitter {
  readonly name = "raw IP";
  readonly packetBytesMax: number;
  readonly isSending = false;
  private readonly fd: number;
  private readonly guard: TransmitGuard;
  private readonly batch: MessageBatch;
  private readonly etherType: number;
  private readonly targetAt: number;
  private scopeId = 0;
  isRepeat = false;

  /** @throws SystemCallError where raw sockets are not allowed (EPERM), or the kernel has no IPv6 (EAFNOSUPPORT) */
  constructor(guard: TransmitGuard, family: 4 | 6, slotBytes: number = SLOT_BYTES_SHORT) {
    this.guard = guard;
    this.packetBytesMax = slotBytes;
    this.batch = new MessageBatch(family, slotBytes);
    this.etherType = family === 4 ? ETHER_TYPE_IPV4 : ETHER_TYPE_IPV6;
    this.targetAt = family === 4 ? IPV4_TARGET_AT : IPV6_TARGET_AT;
    const [domain, name] = family === 4 ? [AF_INET, "AF_INET"] : [AF_INET6, "AF_INET6"];
    const hint = "run as root, or use -sT";
    this.fd = checked(`socket(${name}, SOCK_RAW)`, libc().socket(domain, SOCK_RAW, IPPROTO_RAW), undefined, hint);
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

  /** Over IPv6 link-local targets and groups are sent to on the interface of the next hop; other targets need none. */
  reserve(_etherType: number, hop: NextHop, tag: number): number {
    const at = this.batch.reserve();
    this.scopeId = hop.interfaceIndex;
    if (at >= 0) this.isRepeat = this.batch.isRepeat(tag);
    return at;
  }

  commit(at: number, packetBytes: number): void {
    this.guard.check(this.etherType, this.batch.bytes, at, at + packetBytes);
    this.batch.commit(packetBytes, at + this.targetAt, this.scopeId);
  }

  flush(): void {
    this.batch.send(this.fd);
  }

  close(): Promise<void> {
    libc().close(this.fd);
    return Promise.resolve();
  }
}
