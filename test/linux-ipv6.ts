// Runs inside the lab: finds the way to a host over IPv6, asks for its link address, and sends it SYN segments by every
// transmitter and an echo request to all nodes of the link. Prints what came of it as JSON.
import process from "node:process";
import { monotonicClock } from "../src/linux/clock.js";
import { EthernetTransmitter } from "../src/linux/ethernet-transmitter.js";
import type { FrameTransmitter, NextHop } from "../src/linux/frame-transmitter.js";
import { findNeighbour } from "../src/linux/neighbour.js";
import { PacketReceiver } from "../src/linux/packet-receiver.js";
import { waitReadable } from "../src/linux/poll.js";
import { RawIpTransmitter } from "../src/linux/raw-ip-transmitter.js";
import { reservePorts } from "../src/linux/reserved-ports.js";
import { type Route, RouteTable } from "../src/linux/routes.js";
import { TransmitGuard } from "../src/linux/transmit-guard.js";
import { foldChecksum, sumBytes } from "../src/packet/checksum.js";
import { ETHER_TYPE_IPV6, formatMac } from "../src/packet/ethernet.js";
import { type Address, formatAddress, type Ipv6Address, parseAddress } from "../src/target/address.js";
import { formatIpv6 } from "../src/target/ipv6.js";
import { Scope } from "../src/target/scope.js";

const WAIT_MS = 300;
const ALL_NODES = ipv6("ff02::1");

function ipv6(text: string): Ipv6Address {
  const address = parseAddress(text);
  if (address?.family !== 6) throw new Error(`${text} is no IPv6 address`);
  return address;
}

/** Writes an IPv6 packet whose payload has its checksum at an offset. Returns its length in bytes. */
function writePacket(
  out: Uint8Array,
  at: number,
  [source, target]: readonly [Uint8Array, Uint8Array],
  [protocol, payload, checksumAt]: readonly [number, readonly number[], number],
): number {
  const end = at + 40 + payload.length;
  out.set([0x60, 0, 0, 0, 0, payload.length, protocol, 255, ...source, ...target, ...payload], at);
  const sum = foldChecksum(sumBytes(out, at + 8, end, protocol + payload.length));
  out.set([sum >>> 8, sum & 255], at + 40 + checksumAt);
  return end - at;
}

function syn(sourcePort: number, targetPort: number): readonly [number, readonly number[], number] {
  const ports = [sourcePort >>> 8, sourcePort & 255, targetPort >>> 8, targetPort & 255];
  return [6, [...ports, 1, 2, 3, 4, 0, 0, 0, 0, 0x50, 2, 0xfa, 0xf0, 0, 0, 0, 0], 16];
}

const ECHO_REQUEST: readonly [number, readonly number[], number] = [58, [128, 0, 0, 0, 0x12, 0x34, 0, 1], 2];

/** What is received within {@link WAIT_MS}, each packet in a few words. */
function collect(receiver: PacketReceiver): string[] {
  const seen: string[] = [];
  for (const untilMs = monotonicClock.now() + WAIT_MS; monotonicClock.now() < untilMs; ) {
    waitReadable([receiver.fd], 20);
    receiver.receive((bytes, at, _end, { etherType }) => {
      if (etherType !== ETHER_TYPE_IPV6) return;
      const from = formatIpv6(bytes.slice(at + 8, at + 24));
      const port = ((bytes[at + 40] ?? 0) << 8) | (bytes[at + 41] ?? 0);
      if (bytes[at + 6] === 6) seen.push(`${from} port ${port} flags ${bytes[at + 53]}`);
      else seen.push(`${from} icmpv6 ${bytes[at + 40]}`);
    });
  }
  return seen.sort();
}

/** Whether 300 addresses have the same way in a table that has seen them all and in one that is asked afresh. */
function agrees(table: RouteTable, near: Ipv6Address): string[] {
  const faults: string[] = [];
  const shown = ({ kind, device, source, gateway }: Route): string =>
    `${kind} ${device?.name} ${source && formatAddress(source)} ${gateway && formatAddress(gateway)}`;
  for (let step = 0; step < 300; step++) {
    // Bits of a known address are turned over one after the other, so that every prefix end is passed.
    const bytes = near.bytes.slice();
    const bit = step % 128;
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
    bytes[15] = (bytes[15] ?? 0) ^ (step >> 7);
    const fresh = new RouteTable();
    const [one, other] = [shown(table.lookup({ family: 6, bytes })), shown(fresh.lookup({ family: 6, bytes }))];
    fresh.close();
    if (one !== other) faults.push(`${formatIpv6(bytes)}: ${one}, afresh ${other}`);
  }
  return faults;
}

function openEthernet(hop: NextHop, guard: TransmitGuard): FrameTransmitter {
  return new EthernetTransmitter(hop.interfaceIndex, hop.interfaceName, guard);
}

async function main(target: Ipv6Address): Promise<void> {
  const routes = new RouteTable();
  const guard = new TransmitGuard(Scope.of({ own: [], authorized: [] }));
  const route = routes.lookup(target);
  const { device, source, gateway } = route;
  if (device === undefined || source?.family !== 6) {
    process.stdout.write(`${JSON.stringify({ kind: route.kind, errno: route.errno })}\n`);
    return;
  }
  const neighbour: Address = gateway ?? target;
  guard.permitGateway(neighbour);
  const mac = findNeighbour(device, source, neighbour, guard, monotonicClock);
  const absent = findNeighbour(device, source, ipv6("fd00:9::dead"), guard, monotonicClock);
  const linkLocal = device.addresses.find(({ address }) => formatAddress(address).startsWith("fe80:"))?.address;

  const ports = reservePorts(4, 1, ["tcp", "udp"]);
  const wish = { kind: "tcp", firstPort: ports.first, portCount: 4 } as const;
  const receiver = new PacketReceiver([wish, { kind: "icmpv6", types: [1, 129] }]);
  const hop = { mac, ownMac: device.mac, interfaceIndex: device.index, interfaceName: device.name };
  const raw = new RawIpTransmitter(guard, 6);
  const answers: Record<string, string[]> = {};
  for (const transmitter of [openEthernet(hop, guard), raw]) {
    for (const [index, port] of [22, 81].entries()) {
      const at = transmitter.reserve(ETHER_TYPE_IPV6, hop, 1);
      const addresses = [source.bytes, target.bytes] as const;
      transmitter.commit(at, writePacket(transmitter.bytes, at, addresses, syn(ports.first + index, port)));
    }
    transmitter.flush();
    answers[transmitter.name] = collect(receiver);
    if (transmitter !== raw) await transmitter.close();
  }
  if (linkLocal?.family === 6) {
    guard.permitMulticast(ALL_NODES.bytes);
    const at = raw.reserve(ETHER_TYPE_IPV6, hop, 2);
    raw.commit(at, writePacket(raw.bytes, at, [linkLocal.bytes, ALL_NODES.bytes], ECHO_REQUEST));
    raw.flush();
    answers["all nodes"] = collect(receiver);
  }
  const known = routes.neighbour(device, neighbour);
  const shown = {
    kind: route.kind,
    device: device.name,
    mtuBytes: device.mtuBytes,
    addresses: device.addresses.map(({ address, prefix }) => `${formatAddress(address)}/${prefix}`),
    source: formatAddress(source),
    gateway: gateway && formatAddress(gateway),
    mac: mac && formatMac(mac, 0),
    known: known && formatMac(known, 0),
    isAbsentFound: absent !== undefined,
    faults: [...agrees(routes, source), ...agrees(routes, target)],
    answers,
  };
  process.stdout.write(`${JSON.stringify(shown, undefined, 1)}\n`);
  await Promise.all([raw.close(), receiver.close()]);
  ports.close();
  routes.close();
}

await main(ipv6(process.argv[2] ?? ""));
