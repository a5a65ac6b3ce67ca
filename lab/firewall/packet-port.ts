// Where packets are put into the host under test and where they are caught behind it: packet sockets on the far ends of its
// links, one on its loopback, and raw sockets for what it sends itself (packet(7), raw(7), ipv6(7)).

import type { QuestionPacket } from "../../src/firewall/packet-question.js";
import { checked, int32, libc } from "../../src/linux/libc.js";
import {
  AF_PACKET,
  ETH_P_ALL,
  linkAddress,
  PACKET_IGNORE_OUTGOING,
  SOL_PACKET,
} from "../../src/linux/packet-constants.js";
import {
  AF_INET,
  AF_INET6,
  MSG_DONTWAIT,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_SOCKET,
} from "../../src/linux/socket-constants.js";
import { addressBytes } from "./question-frame.js";

const SO_BROADCAST = 6;
const IPPROTO_RAW = 255;
const IPPROTO_IPV6 = 41;
const IPV6_HDRINCL = 36;
const ETHERNET_BYTES = 14;
const FRAME_BYTES_MAX = 2048;

/** Of the lab's own networks (lab/topology.ts): other addresses that end in 255 are those of hosts behind it. */
const BROADCASTS: ReadonlySet<string> = new Set([
  "203.0.113.255",
  "192.168.1.255",
  "172.17.255.255",
  "255.255.255.255",
]);

/** The end of a link. */
export interface LinkEnd {
  readonly name: string;
  readonly index: number;
  /** The host's own link address. */
  readonly hostMac: Uint8Array;
}

/** A packet socket on one interface. */
export class FramePort {
  readonly name: string;
  readonly #fd: number;
  readonly #hostMac: Uint8Array;
  readonly #buffer = Buffer.alloc(FRAME_BYTES_MAX);

  /** @param isListening False for one that only sends */
  constructor({ name, index, hostMac }: LinkEnd, isListening: boolean) {
    this.name = name;
    this.#hostMac = hostMac;
    this.#fd = checked("socket", libc().socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), name);
    libc().setsockopt(this.#fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, int32(1), 4);
    const address = linkAddress(isListening ? ETH_P_ALL : 0, index);
    checked("bind", libc().bind(this.#fd, address, address.length), name);
  }

  send(packet: QuestionPacket, datagram: Uint8Array): void {
    const frame = Buffer.alloc(ETHERNET_BYTES + datagram.length);
    frame.set(linkDestination(packet, this.#hostMac), 0);
    frame.writeUInt8(2, 6); // a locally administered sender
    frame.writeUInt16BE(packet.source.family === 4 ? 0x0800 : 0x86dd, 12);
    frame.set(datagram, ETHERNET_BYTES);
    checked("send", libc().send(this.#fd, frame, frame.length, 0), this.name);
  }

  /** Shows all datagrams that have come; false when there was none. */
  drain(visit: (datagram: Buffer, port: string) => void): boolean {
    for (let isAny = false; ; isAny = true) {
      const bytes = Number(libc().recv(this.#fd, this.#buffer, this.#buffer.length, MSG_DONTWAIT));
      if (bytes <= 0) return isAny;
      visit(Buffer.from(this.#buffer.subarray(ETHERNET_BYTES, bytes)), this.name);
    }
  }
}

/** Groups have link addresses of their own (RFC 1112 §6.4, RFC 2464 §7). */
function linkDestination({ destination }: QuestionPacket, hostMac: Uint8Array): Uint8Array {
  const bytes = addressBytes(destination);
  if (destination.family === 6) {
    return bytes[0] === 0xff ? Uint8Array.of(0x33, 0x33, ...bytes.subarray(12)) : hostMac;
  }
  const [first = 0, second = 0, third = 0, last = 0] = bytes;
  if (first >= 224 && first < 240) return Uint8Array.of(1, 0, 0x5e, second & 127, third, last);
  return BROADCASTS.has(bytes.join(".")) ? new Uint8Array(6).fill(255) : hostMac;
}

/** A raw socket for what the host sends itself: the header is ours. */
export class RawPort {
  readonly #fd: number;
  readonly #family: 4 | 6;

  constructor(family: 4 | 6) {
    this.#family = family;
    const domain = family === 4 ? AF_INET : AF_INET6;
    this.#fd = checked("socket", libc().socket(domain, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
    libc().setsockopt(this.#fd, SOL_SOCKET, SO_BROADCAST, int32(1), 4);
    if (family === 6) checked("hdrincl", libc().setsockopt(this.#fd, IPPROTO_IPV6, IPV6_HDRINCL, int32(1), 4));
  }

  /** False when the kernel refused, as it does where a rule drops what is sent. */
  send(packet: QuestionPacket, datagram: Uint8Array): boolean {
    const name = Buffer.alloc(this.#family === 4 ? 16 : 28);
    name.writeUInt16LE(this.#family === 4 ? AF_INET : AF_INET6, 0);
    name.set(addressBytes(packet.destination), this.#family === 4 ? 4 : 8);
    if (libc().connect(this.#fd, name, name.length) !== 0) return false;
    return Number(libc().send(this.#fd, datagram, datagram.length, 0)) >= 0;
  }
}
