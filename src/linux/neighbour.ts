// The link address of a router on the link, found by our own ARP requests (RFC 826) on a socket of their own.
import { ARP_BYTES, ARP_REQUEST, createArpView, readArp, writeArp } from "../packet/arp.js";
import { ETHER_TYPE_ARP, ETHERNET_HEADER_BYTES, writeEthernet } from "../packet/ethernet.js";
import { READ_OK } from "../packet/read-fault.js";
import type { Clock } from "./clock.js";
import type { Interface } from "./interfaces.js";
import { checked, libc } from "./libc.js";
import { AF_PACKET, linkAddress } from "./packet-constants.js";
import { waitReadable } from "./poll.js";
import { MSG_DONTWAIT, SOCK_RAW } from "./socket-constants.js";
import type { TransmitGuard } from "./transmit-guard.js";

const BROADCAST = new Uint8Array(6).fill(0xff);
const TRIES = 3;
const TRY_MS = 300;

/**
 * Asks for the link address of a gateway. Undefined when nobody answers within three tries.
 *
 * @throws SystemCallError where packet sockets are not allowed or the interface is down
 */
export function findNeighbour(
  device: Interface,
  source: number,
  gateway: number,
  guard: TransmitGuard,
  clock: Clock,
): Uint8Array | undefined {
  const ownMac = device.mac;
  if (ownMac === undefined) return undefined;
  const fd = checked("socket(AF_PACKET)", libc().socket(AF_PACKET, SOCK_RAW, 0), device.name);
  try {
    const address = linkAddress(ETHER_TYPE_ARP, device.index);
    checked("bind(AF_PACKET)", libc().bind(fd, address, address.length), device.name);
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
    guard.checkArp(frame, ETHERNET_HEADER_BYTES, frame.length);
    for (let tries = 0; tries < TRIES; tries++) {
      checked("send(ARP)", libc().send(fd, frame, frame.length, 0), device.name);
      const mac = awaitReply(fd, gateway, clock.now() + TRY_MS, clock);
      if (mac !== undefined) return mac;
    }
    return undefined;
  } finally {
    libc().close(fd);
  }
}

function awaitReply(fd: number, gateway: number, untilMs: number, clock: Clock): Uint8Array | undefined {
  const buffer = new Uint8Array(256);
  const view = createArpView();
  for (let left = TRY_MS; left > 0; left = untilMs - clock.now()) {
    waitReadable([fd], left);
    const length = Number(libc().recv(fd, buffer, buffer.length, MSG_DONTWAIT));
    if (length < 0) continue;
    const isReply = readArp(buffer, ETHERNET_HEADER_BYTES, length, view) === READ_OK && view.operation !== ARP_REQUEST;
    if (isReply && view.senderAddress === gateway) return view.senderMac.slice();
  }
  return undefined;
}
