// The link address of a router on the link, found by our own question, ARP (RFC 826) or neighbour discovery (RFC 4861
// §7.2), on sockets of its own.
import { ARP_BYTES, ARP_REPLY, ARP_REQUEST, createArpView, readArp, writeArp } from "../packet/arp.js";
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV6, ETHERNET_HEADER_BYTES, writeEthernet } from "../packet/ethernet.js";
import { READ_OK } from "../packet/read-fault.js";
import type { Address } from "../target/address.js";
import { attachFilter } from "./attach-filter.js";
import type { ReceiveWish } from "./bpf.js";
import type { Clock } from "./clock.js";
import { type Interface, isLinkLocal } from "./interfaces.js";
import { checked, libc } from "./libc.js";
import { NEIGHBOUR_ADVERTISEMENT, readAdvertisement, solicitationFrame } from "./neighbour-solicitation.js";
import { AF_PACKET, linkAddress } from "./packet-constants.js";
import { waitReadable } from "./poll.js";
import { MSG_DONTWAIT, SOCK_DGRAM, SOCK_RAW } from "./socket-constants.js";
import type { TransmitGuard } from "./transmit-guard.js";

const BROADCAST = new Uint8Array(6).fill(0xff);
const TRIES = 3;
const TRY_MS = 300;
/** An answer has 28 bytes over ARP and 72 over IPv6; whatever else it carries may be cut. */
const ANSWER_BYTES_MAX = 512;

/** What is sent, and how its answer is known. */
interface Question {
  readonly etherType: number;
  readonly frame: Uint8Array;
  readonly wish: ReceiveWish;
  /** The link address that a packet, from the network header on, tells; undefined when it is not the answer. */
  read(packet: Uint8Array, end: number): Uint8Array | undefined;
}

/**
 * Asks for the link address of a gateway. Undefined when nobody answers within three tries. `source` is our own address
 * of the gateway's family.
 *
 * @throws SystemCallError where packet sockets are not allowed or the interface is down
 */
export function findNeighbour(
  device: Interface,
  source: Address | undefined,
  gateway: Address,
  guard: TransmitGuard,
  clock: Clock,
): Uint8Array | undefined {
  if (device.mac === undefined) return undefined;
  const question =
    gateway.family === 4
      ? arpQuestion(device.mac, source?.family === 4 ? source.value : 0, gateway.value)
      : solicitation(device.mac, ownAddress(device, source), gateway.bytes);
  if (question === undefined) return undefined;
  guard.check(question.etherType, question.frame, ETHERNET_HEADER_BYTES, question.frame.length);
  const fds: number[] = [];
  try {
    const receiver = openOn(device, SOCK_DGRAM, 0, fds);
    attachFilter(receiver, [question.wish]); // nothing has come yet: protocol 0 receives nothing before it is bound
    bindTo(receiver, device, question.etherType);
    const sender = openOn(device, SOCK_RAW, 0, fds);
    bindTo(sender, device, 0);
    return ask(question, sender, receiver, device.name, clock);
  } finally {
    for (const fd of fds) libc().close(fd);
  }
}

function openOn(device: Interface, type: number, protocol: number, opened: number[]): number {
  const fd = checked("socket(AF_PACKET)", libc().socket(AF_PACKET, type, protocol), device.name);
  opened.push(fd);
  return fd;
}

function bindTo(fd: number, device: Interface, etherType: number): void {
  const address = linkAddress(etherType, device.index);
  checked("bind(AF_PACKET)", libc().bind(fd, address, address.length), device.name);
}

function ask(question: Question, sender: number, receiver: number, name: string, clock: Clock): Uint8Array | undefined {
  const { frame } = question;
  for (let tries = 0; tries < TRIES; tries++) {
    checked("send(AF_PACKET)", libc().send(sender, frame, frame.length, 0), name);
    const mac = awaitAnswer(question, receiver, clock.now() + TRY_MS, clock);
    if (mac !== undefined) return mac;
  }
  return undefined;
}

function awaitAnswer(question: Question, fd: number, untilMs: number, clock: Clock): Uint8Array | undefined {
  const buffer = new Uint8Array(ANSWER_BYTES_MAX);
  for (let left = TRY_MS; left > 0; left = untilMs - clock.now()) {
    waitReadable([fd], left);
    const length = Number(libc().recv(fd, buffer, buffer.length, MSG_DONTWAIT));
    const mac = length < 0 ? undefined : question.read(buffer, length);
    if (mac !== undefined) return mac;
  }
  return undefined;
}

function arpQuestion(ownMac: Uint8Array, source: number, gateway: number): Question {
  const frame = new Uint8Array(ETHERNET_HEADER_BYTES + ARP_BYTES);
  writeEthernet(frame, 0, BROADCAST, ownMac, ETHER_TYPE_ARP);
  const fields = {
    operation: ARP_REQUEST,
    senderMac: ownMac,
    senderAddress: source,
    targetMac: new Uint8Array(6),
    targetAddress: gateway,
  };
  writeArp(fields, frame, ETHERNET_HEADER_BYTES);
  const view = createArpView();
  return {
    etherType: ETHER_TYPE_ARP,
    frame,
    wish: { kind: "arp-reply" },
    read(packet, end) {
      const isReply = readArp(packet, 0, end, view) === READ_OK && view.operation === ARP_REPLY;
      return isReply && view.senderAddress === gateway ? view.senderMac.slice() : undefined;
    },
  };
}

function solicitation(ownMac: Uint8Array, source: Uint8Array | undefined, gateway: Uint8Array): Question | undefined {
  if (source === undefined) return undefined;
  return {
    etherType: ETHER_TYPE_IPV6,
    frame: solicitationFrame(ownMac, source, gateway),
    wish: { kind: "icmpv6", types: [NEIGHBOUR_ADVERTISEMENT] },
    read: (packet, end) => readAdvertisement(packet, end, gateway),
  };
}

/**
 * The interface's own link-local address, which every neighbour can answer to; some do not answer to an address that
 * they have no prefix on the link for, as the one on the way to the target can be.
 */
function ownAddress(device: Interface, source: Address | undefined): Uint8Array | undefined {
  for (const { address } of device.addresses) {
    if (address.family === 6 && isLinkLocal(address.bytes)) return address.bytes;
  }
  return source?.family === 6 ? source.bytes : undefined;
}
