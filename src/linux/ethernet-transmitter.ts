// Sends on one Ethernet interface through two transmit rings: while one is emptied on this thread, the other is
// emptied by a thread of the pool. In a veth or on loopback-like links the whole way to the target and back is paid
// for inside the send call, so the second thread brings a second processor (docs/decisions/two-transmit-rings.md).
import { ETHER_TYPE_ARP, ETHERNET_HEADER_BYTES, writeEthernet } from "../packet/ethernet.js";
import type { FrameTransmitter, NextHop } from "./frame-transmitter.js";
import type { TransmitGuard } from "./transmit-guard.js";
import { RING_FRAME_BYTES_MAX, TransmitRing } from "./transmit-ring.js";

/** Below this a second thread costs more than it brings: a call through the pool takes some 30 µs. */
const ELSEWHERE_FROM = 64;
const NO_MAC = new Uint8Array(6);

/** A transmitter for one Ethernet interface. */
export class EthernetTransmitter implements FrameTransmitter {
  readonly name = "packet ring";
  readonly packetBytesMax: number = RING_FRAME_BYTES_MAX - ETHERNET_HEADER_BYTES;
  readonly #guard: TransmitGuard;
  #filling: TransmitRing;
  #other: TransmitRing;
  #etherType = 0;

  /** @throws SystemCallError where packet sockets are not allowed or the interface is gone */
  constructor(interfaceIndex: number, interfaceName: string, guard: TransmitGuard) {
    this.#guard = guard;
    this.#filling = new TransmitRing(interfaceIndex, interfaceName);
    this.#other = new TransmitRing(interfaceIndex, interfaceName);
  }

  get bytes(): Uint8Array {
    return this.#filling.bytes;
  }

  get pendingCount(): number {
    return this.#filling.pendingCount + this.#other.pendingCount;
  }

  get isSending(): boolean {
    return this.#other.isSending;
  }

  get refusedCount(): number {
    return this.#filling.refusedCount + this.#other.refusedCount;
  }

  reserve(etherType: number, hop: NextHop): number {
    const at = this.#filling.reserve();
    if (at < 0) return -1;
    this.#etherType = etherType;
    return at + writeEthernet(this.#filling.bytes, at, hop.mac ?? NO_MAC, hop.ownMac ?? NO_MAC, etherType);
  }

  commit(at: number, packetBytes: number): void {
    const end = at + packetBytes;
    if (this.#etherType === ETHER_TYPE_ARP) this.#guard.checkArp(this.#filling.bytes, at, end);
    else this.#guard.checkIpv4(this.#filling.bytes, at, end);
    this.#filling.commit(ETHERNET_HEADER_BYTES + packetBytes);
  }

  flush(): void {
    if (!this.#other.isSending && this.#other.pendingCount > 0) this.#other.send(); // what the kernel refused before
    if (this.#filling.pendingCount === 0) return;
    if (this.#other.isSending || this.#filling.pendingCount < ELSEWHERE_FROM) {
      this.#filling.send();
      return;
    }
    this.#filling.sendElsewhere();
    [this.#filling, this.#other] = [this.#other, this.#filling];
  }

  close(): void {
    this.#filling.close();
    this.#other.close();
  }
}
