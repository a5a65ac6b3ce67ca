// The router at the scanner's end of the link: it says where it is (RFC 826, RFC 4861 §7.2.4), and hands on the rest.
import { foldChecksum, sumBytes } from "../../src/packet/checksum.js";
import { ROUTER_ADDRESSES, ROUTER_MAC_TEXT } from "../topology.js";
import { ICMPV6 } from "./arrival.js";
import { wordsOf } from "./population.js";

/** Destination, source, type. */
export const ETHERNET_BYTES = 14;
const ARP_TYPE = 0x0806;
const IPV4_TYPE = 0x0800;
const IPV6_TYPE = 0x86dd;
const ARP_BYTES = 28;
const SOLICITATION = 135;
/** IPv6 header, and the message up to the target's end. */
const SOLICITATION_BYTES = 64;
const ADVERTISEMENT_BYTES = 72;
/** Router, solicited, override. */
const ADVERTISEMENT_FLAGS = 0xe000_0000;
const OWN_MAC: Uint8Array = Uint8Array.from(ROUTER_MAC_TEXT.split(":"), (byte) => Number.parseInt(byte, 16));

/** What is to be done with a frame. */
export type FrameKind = "packet" | "answered" | "foreign";

/** The router's side of the Ethernet link. */
export class Router {
  /** The frame that came. */
  readonly frame: Uint8Array;
  private readonly view: DataView;
  private readonly ipv4 = (wordsOf(ROUTER_ADDRESSES.outside.ipv4)[3] ?? 0) >>> 0;
  private readonly ipv6: Int32Array = wordsOf(ROUTER_ADDRESSES.outside.ipv6);
  private readonly scannerMac = new Uint8Array(6);
  private readonly send: (frame: Uint8Array, bytes: number) => void;

  constructor(frameBytesMax: number, send: (frame: Uint8Array, bytes: number) => void) {
    this.frame = new Uint8Array(frameBytesMax);
    this.view = new DataView(this.frame.buffer);
    this.send = send;
  }

  /** Looks at a frame of so many bytes, and answers it if it asks for the router's link address. */
  take(bytes: number): FrameKind {
    if (bytes < ETHERNET_BYTES) return "foreign";
    const type = this.view.getUint16(12);
    if (type === ARP_TYPE && bytes >= ETHERNET_BYTES + ARP_BYTES) return this.answerArp();
    if (!this.isForUs()) return type === IPV6_TYPE ? this.answerSolicitation(bytes) : "foreign";
    if (type === IPV6_TYPE && this.isSolicitation(bytes)) return this.answerSolicitation(bytes);
    if (type !== IPV4_TYPE && type !== IPV6_TYPE) return "foreign";
    this.scannerMac.set(this.frame.subarray(6, 12));
    return "packet";
  }

  /** Writes the Ethernet header of a packet for the scanner. */
  writeHeader(bytes: Uint8Array, at: number, family: 4 | 6): void {
    for (let index = 0; index < 6; index++) {
      bytes[at + index] = this.scannerMac[index] ?? 0;
      bytes[at + 6 + index] = OWN_MAC[index] ?? 0;
    }
    bytes[at + 12] = family === 4 ? 0x08 : 0x86;
    bytes[at + 13] = family === 4 ? 0x00 : 0xdd;
  }

  private isForUs(): boolean {
    for (let index = 0; index < 6; index++) if (this.frame[index] !== OWN_MAC[index]) return false;
    return true;
  }

  private answerArp(): FrameKind {
    const at = ETHERNET_BYTES;
    if (this.view.getUint16(at + 6) !== 1 || this.view.getUint32(at + 24) !== this.ipv4) return "foreign";
    const answer = this.frame.slice(0, ETHERNET_BYTES + ARP_BYTES);
    answer.copyWithin(0, 6, 12);
    answer.set(OWN_MAC, 6);
    answer[at + 7] = 2;
    answer.copyWithin(at + 18, at + 8, at + 18); // who asked is who is told
    answer.set(OWN_MAC, at + 8);
    new DataView(answer.buffer).setUint32(at + 14, this.ipv4);
    this.send(answer, answer.length);
    return "answered";
  }

  private isSolicitation(bytes: number): boolean {
    const at = ETHERNET_BYTES;
    return bytes >= at + SOLICITATION_BYTES && this.frame[at + 6] === ICMPV6 && this.frame[at + 40] === SOLICITATION;
  }

  private answerSolicitation(bytes: number): FrameKind {
    const at = ETHERNET_BYTES;
    if (!this.isSolicitation(bytes)) return "foreign";
    if (this.ipv6.some((word, index) => this.view.getInt32(at + 48 + 4 * index) !== word)) return "foreign";
    const answer = new Uint8Array(at + ADVERTISEMENT_BYTES);
    answer.set(this.frame.subarray(6, 12), 0);
    answer.set(OWN_MAC, 6);
    const view = new DataView(answer.buffer);
    view.setUint16(12, IPV6_TYPE);
    view.setUint32(at, 0x6000_0000);
    view.setUint32(at + 4, ((ADVERTISEMENT_BYTES - 40) << 16) | (ICMPV6 << 8) | 255); // hop limit 255: RFC 4861 §7.1.2
    this.ipv6.forEach((word, index) => {
      view.setInt32(at + 8 + 4 * index, word);
      view.setInt32(at + 48 + 4 * index, word);
    });
    answer.set(this.frame.subarray(at + 8, at + 24), at + 24);
    answer[at + 40] = SOLICITATION + 1;
    view.setUint32(at + 44, ADVERTISEMENT_FLAGS);
    answer.set([2, 1, ...OWN_MAC], at + 64); // target link-layer address, in units of 8 bytes
    const pseudo = sumBytes(answer, at + 8, at + 40) + ICMPV6 + ADVERTISEMENT_BYTES - 40;
    view.setUint16(at + 42, foldChecksum(sumBytes(answer, at + 40, answer.length, pseudo)));
    this.send(answer, answer.length);
    return "answered";
  }
}
