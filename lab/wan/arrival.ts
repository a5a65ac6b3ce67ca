// One packet as it came over the link, taken apart in place: IPv4 (RFC 791) and IPv6 (RFC 8200) without extension headers.
import { foldChecksum, sumBytes } from "../../src/packet/checksum.js";

export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;
export const ICMPV6 = 58;
export const SCTP = 132;

/** The shortest header of each protocol that the responder reads. */
function headerBytes(protocol: number): number {
  if (protocol === TCP) return 20;
  return protocol === SCTP ? 12 : protocol === UDP || protocol === ICMP || protocol === ICMPV6 ? 8 : 0;
}

/** The packet that is being looked at; one object for all, written anew for each. */
export class Arrival {
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  family: 4 | 6 = 4;
  protocol = 0;
  /** Where the source address begins; the target's follows it. */
  addressAt = 0;
  addressBytes = 4;
  transportAt = 0;
  end = 0;
  /** The target as four words. */
  readonly target: Int32Array = new Int32Array(4);

  /** `bytes`: where packets are, from the network header on. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset);
  }

  /** Takes the first bytes apart; false when a host would not have understood them. */
  read(length: number): boolean {
    const version = this.uint8(0) >> 4;
    if (version === 4 && length >= 20) return this.readIpv4(length) && this.isWhole();
    return version === 6 && length >= 40 && this.readIpv6(length) && this.isWhole();
  }

  uint8(at: number): number {
    return this.bytes[at] ?? 0;
  }

  uint16(at: number): number {
    return this.view.getUint16(at);
  }

  uint32(at: number): number {
    return this.view.getUint32(at);
  }

  /** What is left of the time to live. */
  get ttl(): number {
    return this.uint8(this.family === 4 ? 8 : 7);
  }

  /** The port that is asked, of TCP, UDP and SCTP alike. */
  get targetPort(): number {
    return this.view.getUint16(this.transportAt + 2);
  }

  private readIpv4(length: number): boolean {
    const headerEnd = (this.uint8(0) & 15) * 4;
    const total = this.uint16(2);
    const isFragment = (this.uint16(6) & 0x3fff) !== 0; // more fragments, or an offset
    if (headerEnd < 20 || total < headerEnd || total > length || isFragment) return false;
    this.family = 4;
    this.protocol = this.uint8(9);
    this.addressAt = 12;
    this.addressBytes = 4;
    this.transportAt = headerEnd;
    this.end = total;
    this.target[0] = 0;
    this.target[1] = 0;
    this.target[2] = 0xffff;
    this.target[3] = this.view.getInt32(16);
    return true;
  }

  private readIpv6(length: number): boolean {
    const total = 40 + this.uint16(4);
    if (total > length) return false;
    this.family = 6;
    this.protocol = this.uint8(6);
    this.addressAt = 8;
    this.addressBytes = 16;
    this.transportAt = 40;
    this.end = total;
    for (let index = 0; index < 4; index++) this.target[index] = this.view.getInt32(24 + 4 * index);
    return true;
  }

  /** As a host would: a header that is cut or a checksum that is wrong is no packet. */
  private isWhole(): boolean {
    const length = this.end - this.transportAt;
    if (length < headerBytes(this.protocol)) return false;
    if (this.protocol === ICMP) return foldChecksum(sumBytes(this.bytes, this.transportAt, this.end)) === 0;
    if (this.protocol !== TCP && this.protocol !== UDP && this.protocol !== ICMPV6) return true;
    if (this.protocol === UDP && this.family === 4 && this.uint16(this.transportAt + 6) === 0) return true; // none
    const addresses = sumBytes(this.bytes, this.addressAt, this.addressAt + 2 * this.addressBytes);
    const pseudo = addresses + this.protocol + length;
    return foldChecksum(sumBytes(this.bytes, this.transportAt, this.end, pseudo)) === 0;
  }
}
