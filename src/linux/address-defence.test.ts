import { beforeEach, describe, expect, test } from "vitest";
import { ARP_REPLY, ARP_REQUEST, createArpView, readArp, writeArp } from "../packet/arp.js";
import { sumBytes } from "../packet/checksum.js";
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV6, formatMac, parseMac } from "../packet/ethernet.js";
import { createIcmpv6View, readIcmpv6 } from "../packet/icmpv6.js";
import { createIpv6View, PROTOCOL_ICMPV6, readIpv6, writeIpv6 } from "../packet/ipv6.js";
import {
  createNeighbourView,
  NEIGHBOUR_ADVERTISEMENT,
  NEIGHBOUR_OVERRIDE,
  NEIGHBOUR_SOLICITED,
  readNeighbourMessage,
  writeNeighbourAdvertisement,
  writeNeighbourSolicitation,
} from "../packet/neighbour-discovery.js";
import { READ_OK } from "../packet/read-fault.js";
import { type Address, formatAddress, parseAddress } from "../target/address.js";
import { blockAround } from "../target/address-block.js";
import { formatIpv4, parseIpv4 } from "../target/ipv4.js";
import { formatIpv6, parseIpv6 } from "../target/ipv6.js";
import { Scope } from "../target/scope.js";
import { AddressDefence } from "./address-defence.js";
import { AddressFrames } from "./address-frames.js";
import { AddressTalk } from "./address-talk.js";
import type { FrameTransmitter, NextHop } from "./frame-transmitter.js";
import type { Interface } from "./interfaces.js";
import { LoanTable } from "./loan-table.js";
import { TransmitGuard } from "./transmit-guard.js";

const OWN_MAC = mac("02:00:00:00:00:01");
const HOST_MAC = mac("02:00:00:00:00:02");
const OTHER_MAC = mac("02:00:00:00:00:03");
const DEVICE: Interface = {
  index: 2,
  name: "eth0",
  mac: OWN_MAC,
  hasNeighbours: true,
  isUp: true,
  isRunning: true,
  isLoopback: false,
  mtuBytes: 1500,
  addresses: [],
};

function mac(text: string): Uint8Array {
  return parseMac(text) ?? new Uint8Array();
}

function ipv6(text: string): Uint8Array {
  return parseIpv6(text) ?? new Uint8Array();
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

interface Sent {
  readonly etherType: number;
  readonly to: string;
  readonly packet: Uint8Array;
}

/** Keeps what it is given, after the guard has looked at it. It is full after two packets. */
class FakeTransmitter implements FrameTransmitter {
  readonly name = "fake";
  readonly packetBytesMax = 500;
  readonly bytes: Uint8Array = new Uint8Array(1024);
  readonly isRepeat = false;
  readonly isSending = false;
  readonly refusedCount = 0;
  readonly sent: Sent[] = [];
  private readonly pending: Sent[] = [];
  private readonly guard: TransmitGuard;
  private next: { readonly etherType: number; readonly to: string } = { etherType: 0, to: "" };

  constructor(guard: TransmitGuard) {
    this.guard = guard;
  }

  get pendingCount(): number {
    return this.pending.length;
  }

  reserve(etherType: number, hop: NextHop): number {
    if (this.pending.length === 2) return -1;
    this.next = { etherType, to: formatMac(hop.mac ?? new Uint8Array(6), 0) };
    return this.pending.length * 512 + 14;
  }

  commit(at: number, packetBytes: number): void {
    this.guard.check(this.next.etherType, this.bytes, at, at + packetBytes);
    this.pending.push({ ...this.next, packet: this.bytes.slice(at, at + packetBytes) });
  }

  flush(): void {
    this.sent.push(...this.pending.splice(0));
  }

  async close(): Promise<void> {}
}

/** One family's loans on a link that is out of scope but for what borrowing permits. */
class FakeLink {
  readonly guard = new TransmitGuard(Scope.of({ own: [], authorized: [] }));
  readonly transmitter = new FakeTransmitter(this.guard);
  readonly frames = new AddressFrames(this.transmitter, DEVICE, OWN_MAC);
  readonly table = new LoanTable();
  readonly defence: AddressDefence;
  private readonly talk: AddressTalk;

  constructor(family: 4 | 6, prefix: string, bits: number) {
    const prefixes = [blockAround(address(prefix), bits)];
    this.guard.borrowing.addPrefix(blockAround(address(prefix), bits));
    this.defence = new AddressDefence({ family, prefixes, table: this.table, frames: this.frames, guard: this.guard });
    this.talk = new AddressTalk(OWN_MAC, this.defence);
  }

  /** Adds a loan, held unless told otherwise. */
  lend(text: string, isHeld = true): void {
    const loan = this.table.add(address(text));
    if (loan === undefined || !isHeld) return;
    loan.state = "held";
    this.guard.borrowing.hold(loan.address);
  }

  /** A packet arrives from a link address. Returns what is answered. */
  hear(etherType: number, packet: Uint8Array, from: Uint8Array = HOST_MAC, isChecksumTrusted = false): Sent[] {
    const bytes = Uint8Array.of(...from, ...packet);
    const facts = { etherType, isChecksumTrusted, isCut: false, receivedAtMs: 0 };
    this.talk.read(bytes, from.length, bytes.length, facts, 0);
    this.transmitter.flush();
    return this.transmitter.sent.splice(0);
  }

  lost(): string[] {
    return this.defence.takeLost().map(formatAddress);
  }
}

function arp(operation: number, sender: string, target: string, senderMac: Uint8Array = HOST_MAC): Uint8Array {
  const out = new Uint8Array(28);
  const [senderAddress, targetAddress] = [parseIpv4(sender) ?? 0, parseIpv4(target) ?? 0];
  writeArp({ operation, senderMac, senderAddress, targetMac: new Uint8Array(6), targetAddress }, out, 0);
  return out;
}

interface Neighbourly {
  readonly isAdvertisement?: boolean;
  readonly source: string;
  readonly to?: string;
  readonly target: string;
  readonly linkAddress?: Uint8Array;
  readonly hopLimit?: number;
}

function neighbourMessage(fields: Neighbourly): Uint8Array {
  const out = new Uint8Array(72);
  const { isAdvertisement = false, source, to = "ff02::1", target, linkAddress, hopLimit = 255 } = fields;
  const payloadBytes = isAdvertisement || linkAddress !== undefined ? 32 : 24;
  const header = { flowLabel: 0, hopLimit, protocol: PROTOCOL_ICMPV6, payloadBytes };
  writeIpv6({ ...header, source: ipv6(source), target: ipv6(to) }, out, 0);
  const sum = sumBytes(out, 8, 40);
  if (isAdvertisement) writeNeighbourAdvertisement(ipv6(target), linkAddress ?? HOST_MAC, 0, sum, out, 40);
  else writeNeighbourSolicitation(ipv6(target), linkAddress, sum, out, 40);
  return out.subarray(0, 40 + payloadBytes);
}

describe("borrowed addresses of IPv4", () => {
  const HELD = "203.0.113.77";
  let link: FakeLink;

  beforeEach(() => {
    link = new FakeLink(4, "203.0.113.0", 24);
    link.lend(HELD);
    link.lend("203.0.113.78", false);
  });

  test("are answered for to who asks", () => {
    const [sent, ...more] = link.hear(ETHER_TYPE_ARP, arp(ARP_REQUEST, "203.0.113.2", HELD));
    const view = createArpView();
    expect(more).toEqual([]);
    expect(sent).toMatchObject({ etherType: ETHER_TYPE_ARP, to: formatMac(HOST_MAC, 0) });
    expect(readArp(sent?.packet ?? new Uint8Array(), 0, 28, view)).toBe(READ_OK);
    expect(view).toMatchObject({ operation: ARP_REPLY, senderMac: OWN_MAC, targetMac: HOST_MAC });
    expect([formatIpv4(view.senderAddress), formatIpv4(view.targetAddress)]).toEqual([HELD, "203.0.113.2"]);
    expect(link.lost()).toEqual([]);
  });

  test("are answered for to more than a batch holds", () => {
    for (let last = 100; last < 110; last++) link.lend(`203.0.113.${last}`);
    let count = 0;
    for (let last = 100; last < 110; last++) {
      count += link.hear(ETHER_TYPE_ARP, arp(ARP_REQUEST, "203.0.113.2", `203.0.113.${last}`)).length;
    }
    expect(count).toBe(10);
    for (let index = 0; index < 5; index++) link.frames.probe(Uint8Array.of(203, 0, 113, 200 + index));
    link.transmitter.flush();
    expect(link.transmitter.sent).toHaveLength(5);
  });

  test.each([
    ["one that is being claimed", arp(ARP_REQUEST, "203.0.113.2", "203.0.113.78")],
    ["one that is not borrowed", arp(ARP_REQUEST, "203.0.113.2", "203.0.113.79")],
    ["one, by a group", arp(ARP_REQUEST, "203.0.113.2", HELD, mac("ff:ff:ff:ff:ff:ff"))],
    ["one, in half a packet", arp(ARP_REQUEST, "203.0.113.2", HELD).subarray(0, 20)],
    ["one, with our own link address", arp(ARP_REQUEST, "203.0.113.2", HELD, OWN_MAC)],
  ])("a question for %s is not answered", (_what, packet) => {
    expect(link.hear(ETHER_TYPE_ARP, packet)).toEqual([]);
    expect(link.lost()).toEqual([]);
  });

  test.each([
    ["a reply", arp(ARP_REPLY, HELD, "203.0.113.2")],
    ["an announcement", arp(ARP_REQUEST, HELD, HELD)],
    ["a question of its new owner", arp(ARP_REQUEST, HELD, "203.0.113.1")],
    ["a probe of somebody who wants it", arp(ARP_REQUEST, "0.0.0.0", HELD)],
  ])("are lost to %s, and not defended", (_what, packet) => {
    expect(link.hear(ETHER_TYPE_ARP, packet)).toEqual([]);
    expect([link.lost(), link.lost()]).toEqual([[HELD], []]);
    expect(link.hear(ETHER_TYPE_ARP, arp(ARP_REQUEST, "203.0.113.2", HELD))).toEqual([]);
    expect(() => link.guard.check(ETHER_TYPE_ARP, arp(ARP_REPLY, HELD, "10.0.0.1"), 0, 28)).toThrow(/refused/);
  });

  test("are dropped without a word while they are being claimed", () => {
    link.hear(ETHER_TYPE_ARP, arp(ARP_REPLY, "203.0.113.78", "203.0.113.2"));
    expect([link.lost(), link.table.size]).toEqual([[], 1]);
  });

  test("are not lost to what we said ourselves and hear again", () => {
    link.hear(ETHER_TYPE_ARP, arp(ARP_REPLY, HELD, "203.0.113.2", OWN_MAC), OWN_MAC);
    link.hear(ETHER_TYPE_ARP, arp(ARP_REQUEST, "0.0.0.0", HELD), OWN_MAC);
    expect(link.lost()).toEqual([]);
  });
});

describe("borrowed addresses of IPv6", () => {
  const HELD = "2001:db8::a:77";
  const HOST = "2001:db8::2";
  let link: FakeLink;

  beforeEach(() => {
    link = new FakeLink(6, "2001:db8::1", 64);
    link.lend(HELD);
    link.lend("2001:db8::a:78", false);
  });

  const ask = (fields: Partial<Neighbourly>): Uint8Array => neighbourMessage({ source: HOST, target: HELD, ...fields });

  test.each([
    ["by its group", ask({ to: "ff02::1:ff0a:77", linkAddress: OTHER_MAC }), OTHER_MAC],
    ["by itself", ask({ to: HELD, linkAddress: OTHER_MAC }), OTHER_MAC],
    ["by itself, without a link address", ask({ to: HELD }), HOST_MAC],
    ["from a link-local address", ask({ source: "fe80::2", linkAddress: OTHER_MAC }), OTHER_MAC],
  ])("are answered for to who asks %s", (_how, packet, to) => {
    const [sent, ...more] = link.hear(ETHER_TYPE_IPV6, packet);
    expect([sent?.to, more.length, link.lost()]).toEqual([formatMac(to, 0), 0, []]);
    const answer = sent?.packet ?? new Uint8Array();
    const [ip, icmp, neighbour] = [createIpv6View(), createIcmpv6View(), createNeighbourView()];
    expect(readIpv6(answer, 0, answer.length, ip)).toBe(READ_OK);
    expect(readIcmpv6(answer, ip.payloadAt, ip.payloadEnd, sumBytes(answer, 8, 40), false, icmp)).toBe(READ_OK);
    expect(readNeighbourMessage(answer, ip.payloadAt, ip.payloadEnd, neighbour)).toBe(READ_OK);
    expect([icmp.type, ip.hopLimit]).toEqual([NEIGHBOUR_ADVERTISEMENT, 255]);
    expect(neighbour.flags).toBe(NEIGHBOUR_SOLICITED | NEIGHBOUR_OVERRIDE);
    expect(formatMac(answer, neighbour.linkAddressAt)).toBe(formatMac(OWN_MAC, 0));
    const shown = [ip.sourceAt, ip.targetAt, neighbour.targetAt].map((at) => formatIpv6(answer.slice(at, at + 16)));
    expect(shown).toEqual([HELD, formatIpv6(packet.slice(8, 24)), HELD]);
  });

  test.each([
    ["one that is being claimed", ask({ target: "2001:db8::a:78" })],
    ["one with the same last 32 bits", ask({ target: "2001:db8::1:a:77" })],
    ["one, from beyond the link", ask({ source: "2001:db8:1::2" })],
    ["one, from beyond a router", ask({ hopLimit: 254 })],
    ["one, by a group", ask({ linkAddress: mac("33:33:00:00:00:01") })],
    ["one, in half a packet", ask({}).subarray(0, 50)],
    ["one, with a bad checksum", ask({}).with(63, 1)],
    ["one, from a multicast address", ask({ source: "ff02::2" })],
  ])("a question for %s is not answered", (_what, packet) => {
    expect(link.hear(ETHER_TYPE_IPV6, packet)).toEqual([]);
  });

  test.each([
    ["an advertisement", ask({ isAdvertisement: true })],
    ["somebody who checks whether he can have it", ask({ source: "::", to: "ff02::1:ff0a:77" })],
    ["a question of its new owner", ask({ source: HELD, target: HOST })],
  ])("are lost to %s, and not defended", (_what, packet) => {
    expect(link.hear(ETHER_TYPE_IPV6, packet)).toEqual([]);
    expect([link.lost(), link.lost()]).toEqual([[HELD], []]);
    expect(link.hear(ETHER_TYPE_IPV6, ask({}))).toEqual([]);
  });

  test("are not lost to our own check that comes back", () => {
    link.hear(ETHER_TYPE_IPV6, ask({ source: "::", to: "ff02::1:ff0a:77" }), OWN_MAC);
    expect(link.lost()).toEqual([]);
  });

  test("no bytes at all are answered, or throw", () => {
    for (let end = 0; end < 72; end++) {
      const packet = ask({ linkAddress: OTHER_MAC }).slice(0, end);
      for (const etherType of [ETHER_TYPE_ARP, ETHER_TYPE_IPV6, 0x0800]) {
        expect(link.hear(etherType, packet, HOST_MAC, true)).toEqual([]);
      }
    }
  });
});
