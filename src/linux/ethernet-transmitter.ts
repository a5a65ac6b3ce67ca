// Sends on one Ethernet interface through a packet socket (packet(7)) and two batches: while one is sent on this thread,
// the other is sent by a thread of the pool. Where sending reaches far (in a veth the whole way to the target and back
// is paid for inside the call), the second thread brings a second processor: docs/decisions/sendmmsg-not-ring.md.
import { ETHERNET_HEADER_BYTES, writeEthernet } from "../packet/ethernet.js";
import type { FrameTransmitter, NextHop } from "./frame-transmitter.js";
import { checked, int32, libc } from "./libc.js";
import { MessageBatch, SLOT_BYTES_SHORT } from "./message-batch.js";
import { AF_PACKET, linkAddress, PACKET_QDISC_BYPASS, SOL_PACKET } from "./packet-constants.js";
import { SOCK_RAW } from "./socket-constants.js";
import type { TransmitGuard } from "./transmit-guard.js";

/** Below this a second thread costs more than it brings: a call through the pool takes some 30 µs. */
const ELSEWHERE_FROM = 64;
const NO_MAC = new Uint8Array(6);

/** A transmitter for one Ethernet interface. */
export class EthernetTransmitter implements FrameTransmitter {
  readonly name = "packet socket";
  readonly packetBytesMax: number;
  private readonly fd: number;
  private readonly guard: TransmitGuard;
  private filling: MessageBatch;
  private other: MessageBatch;
  private etherType = 0;
  isRepeat = false;

  /** @throws SystemCallError where packet sockets are not allowed or the interface is gone */
  constructor(
    interfaceIndex: number,
    interfaceName: string,
    guard: TransmitGuard,
    slotBytes: number = SLOT_BYTES_SHORT,
  ) {
    this.guard = guard;
    this.packetBytesMax = slotBytes - ETHERNET_HEADER_BYTES;
    this.filling = new MessageBatch(undefined, slotBytes);
    this.other = new MessageBatch(undefined, slotBytes);
    // Protocol 0: this socket receives nothing.
    this.fd = checked("socket(AF_PACKET)", libc().socket(AF_PACKET, SOCK_RAW, 0), interfaceName);
    const bypass = int32(1);
    checked("QDISC_BYPASS", libc().setsockopt(this.fd, SOL_PACKET, PACKET_QDISC_BYPASS, bypass, bypass.length));
    const address = linkAddress(0, interfaceIndex);
    checked("bind(AF_PACKET)", libc().bind(this.fd, address, address.length), interfaceName);
  }

  get bytes(): Uint8Array {
    return this.filling.bytes;
  }

  get pendingCount(): number {
    return this.filling.pendingCount + this.other.pendingCount;
  }

  get isSending(): boolean {
    return this.other.isSending;
  }

  get refusedCount(): number {
    return this.filling.refusedCount + this.other.refusedCount;
  }

  reserve(etherType: number, hop: NextHop, tag: number): number {
    const at = this.filling.reserve();
    if (at < 0) return -1;
    this.etherType = etherType;
    this.isRepeat = this.filling.isRepeat(tag);
    if (this.isRepeat) return at + ETHERNET_HEADER_BYTES; // the same kind to the same host: the same next hop
    return at + writeEthernet(this.filling.bytes, at, hop.mac ?? NO_MAC, hop.ownMac ?? NO_MAC, etherType);
  }

  commit(at: number, packetBytes: number): void {
    this.guard.check(this.etherType, this.filling.bytes, at, at + packetBytes);
    this.filling.commit(ETHERNET_HEADER_BYTES + packetBytes, at, 0);
  }

  flush(): void {
    if (this.filling.pendingCount === 0) return;
    if (this.other.isSending || this.filling.pendingCount < ELSEWHERE_FROM) {
      this.filling.send(this.fd);
      return;
    }
    this.filling.sendElsewhere(this.fd);
    [this.filling, this.other] = [this.other, this.filling];
  }

  close(): Promise<void> {
    return libc().closeElsewhere(this.fd);
  }
}
