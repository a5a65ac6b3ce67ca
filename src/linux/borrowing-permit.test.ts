import { beforeEach, describe, expect, test } from "vitest";
import { ScopeError } from "../model/errors.js";
import { ARP_REPLY, ARP_REQUEST, writeArp } from "../packet/arp.js";
import { sumBytes } from "../packet/checksum.js";
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import { PROTOCOL_ICMPV6, writeIpv6 } from "../packet/ipv6.js";
import { writeNeighbourAdvertisement, writeNeighbourSolicitation } from "../packet/neighbour-discovery.js";
import { type Address, parseAddress } from "../target/address.js";
import { blockAround } from "../target/address-block.js";
import { parseIpv4 } from "../target/ipv4.js";
import { parseIpv6 } from "../target/ipv6.js";
import { Scope } from "../target/scope.js";
import { TransmitGuard } from "./transmit-guard.js";

const MAC = new Uint8Array(6);
const [HELD4, HELD6] = ["203.0.113.77", "2001:db8::a:77"];

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

const ipv6 = (text: string): Uint8Array => parseIpv6(text) ?? new Uint8Array();

function arp(operation: number, sender: string, target: string): Uint8Array {
  const out = new Uint8Array(28);
  const [senderAddress, targetAddress] = [parseIpv4(sender) ?? 0, parseIpv4(target) ?? 0];
  writeArp({ operation, senderMac: MAC, senderAddress, targetMac: MAC, targetAddress }, out, 0);
  return out;
}

interface Message {
  readonly source?: string;
  readonly to: string;
  readonly target?: string;
  readonly hopLimit?: number;
  readonly protocol?: number;
}

function packet(message: Message, payloadBytes: number): Uint8Array {
  const { source = "::", to, hopLimit = 255, protocol = PROTOCOL_ICMPV6 } = message;
  const out = new Uint8Array(40 + payloadBytes);
  const fields = { flowLabel: 0, hopLimit, protocol, payloadBytes, source: ipv6(source), target: ipv6(to) };
  writeIpv6(fields, out, 0);
  return out;
}

function solicitation(message: Message, mac?: Uint8Array): Uint8Array {
  const out = packet(message, mac === undefined ? 24 : 32);
  writeNeighbourSolicitation(ipv6(message.target ?? HELD6), mac, sumBytes(out, 8, 40), out, 40);
  return out;
}

function advertisement(message: Message): Uint8Array {
  const out = packet({ source: HELD6, ...message }, 32);
  writeNeighbourAdvertisement(ipv6(message.target ?? HELD6), MAC, 0x60, sumBytes(out, 8, 40), out, 40);
  return out;
}

let guard: TransmitGuard;

function passes(etherType: number, bytes: Uint8Array): boolean {
  try {
    guard.check(etherType, bytes, 0, bytes.length);
    return true;
  } catch (error) {
    if (error instanceof ScopeError) return false;
    throw error;
  }
}

const passesArp = (bytes: Uint8Array): boolean => passes(ETHER_TYPE_ARP, bytes);
const passesIpv6 = (bytes: Uint8Array): boolean => passes(ETHER_TYPE_IPV6, bytes);

/** What borrowing needs: all of it on a link whose addresses are not in scope. */
const NEEDED: readonly (readonly [name: string, passes: () => boolean])[] = [
  ["a probe by ARP", () => passesArp(arp(ARP_REQUEST, "0.0.0.0", "203.0.113.9"))],
  ["a reply by ARP", () => passesArp(arp(ARP_REPLY, HELD4, "203.0.113.2"))],
  ["a reply by ARP to an address of another network", () => passesArp(arp(ARP_REPLY, HELD4, "198.51.100.1"))],
  ["a check for duplicates", () => passesIpv6(solicitation({ to: "ff02::1:ff00:9", target: "2001:db8::9" }))],
  ["an advertisement", () => passesIpv6(advertisement({ to: "2001:db8::2" }))],
];

const NEVER: readonly (readonly [name: string, passes: () => boolean])[] = [
  ["a probe by ARP beyond the prefix", () => passesArp(arp(ARP_REQUEST, "0.0.0.0", "203.0.114.9"))],
  ["a question by ARP with a sender", () => passesArp(arp(ARP_REQUEST, "203.0.113.1", "203.0.113.9"))],
  ["an announcement", () => passesArp(arp(ARP_REQUEST, HELD4, HELD4))],
  ["a reply for an address that is not held", () => passesArp(arp(ARP_REPLY, "203.0.113.1", "203.0.113.2"))],
  ["a reply for one in scope", () => passesArp(arp(ARP_REPLY, "10.0.0.1", "10.0.0.2"))],
  ["a reply for nobody", () => passesArp(arp(ARP_REPLY, "0.0.0.0", "203.0.113.2"))],
  ["another operation", () => passesArp(arp(3, "0.0.0.0", "203.0.113.9"))],
  ["a cut packet of ARP", () => passesArp(arp(ARP_REPLY, HELD4, "203.0.113.2").subarray(0, 27))],
  ["a check beyond the prefix", () => passesIpv6(solicitation({ to: "ff02::1:ff00:9", target: "2001:db8:1::9" }))],
  ["a check to the group of another", () => passesIpv6(solicitation({ to: "ff02::1:ff00:8", target: "2001:db8::9" }))],
  ["a check to all nodes", () => passesIpv6(solicitation({ to: "ff02::1", target: "2001:db8::9" }))],
  ["a check to the address itself", () => passesIpv6(solicitation({ to: "2001:db8::9", target: "2001:db8::9" }))],
  [
    "a question from somebody",
    () => passesIpv6(solicitation({ source: HELD6, to: "ff02::1:ff00:9", target: "2001:db8::9" })),
  ],
  ["a check with a link address", () => passesIpv6(solicitation({ to: "ff02::1:ff0a:77" }, MAC))],
  ["a check that routers pass on", () => passesIpv6(solicitation({ to: "ff02::1:ff0a:77", hopLimit: 64 }))],
  ["a check that is no ICMPv6", () => passesIpv6(solicitation({ to: "ff02::1:ff0a:77", protocol: 17 }))],
  ["a cut check", () => passesIpv6(solicitation({ to: "ff02::1:ff0a:77" }).subarray(0, 63))],
  ["an advertisement beyond the link", () => passesIpv6(advertisement({ to: "2001:db8:1::2" }))],
  ["one to all nodes", () => passesIpv6(advertisement({ to: "ff02::1" }))],
  ["one that routers pass on", () => passesIpv6(advertisement({ to: "2001:db8::2", hopLimit: 64 }))],
  ["one of another address", () => passesIpv6(advertisement({ to: "2001:db8::2", target: "2001:db8::1" }))],
  ["one from another address", () => passesIpv6(advertisement({ source: "2001:db8::1", to: "2001:db8::2" }))],
  [
    "one of and from an address that is not held",
    () => passesIpv6(advertisement({ source: "2001:db8::1", target: "2001:db8::1", to: "2001:db8::2" })),
  ],
  ["another packet from a held address", () => passesIpv6(packet({ source: HELD6, to: "2001:db8::2" }, 32))],
];

describe("where addresses are borrowed", () => {
  beforeEach(() => {
    guard = new TransmitGuard(Scope.of({ own: [], authorized: [] }));
    guard.borrowing.addPrefix(blockAround(address("203.0.113.1"), 24));
    guard.borrowing.addPrefix(blockAround(address("2001:db8::1"), 64));
    guard.borrowing.hold(address(HELD4));
    guard.borrowing.hold(address(HELD6));
  });

  test.each(NEEDED)("%s passes", (_name, isLet) => {
    expect(isLet()).toBe(true);
  });

  test.each(NEVER)("%s is refused", (_name, isLet) => {
    expect(isLet()).toBe(false);
  });

  test("what passed opens the way for nothing else", () => {
    for (const [, isLet] of NEEDED) isLet();
    expect(NEVER.filter(([, isLet]) => isLet())).toEqual([]);
    expect(passesIpv6(packet({ source: HELD6, to: "2001:db8::2", protocol: 17 }, 8))).toBe(false);
  });

  test("what is given back is not answered for any more", () => {
    guard.borrowing.release(address(HELD4));
    guard.borrowing.release(address(HELD6));
    const allowed = NEEDED.filter(([, isLet]) => isLet()).map(([name]) => name);
    expect(allowed).toEqual(["a probe by ARP", "a check for duplicates"]);
  });
});

describe("where nothing is borrowed", () => {
  beforeEach(() => {
    guard = new TransmitGuard(Scope.of({ own: [], authorized: [] }));
  });

  test.each([...NEEDED, ...NEVER])("%s is refused", (_name, isLet) => {
    expect(isLet()).toBe(false);
  });
});
