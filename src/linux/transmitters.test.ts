import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ScopeError } from "../model/errors.js";
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import { PROTOCOL_TCP, writeIpv4 } from "../packet/ipv4.js";
import { Scope } from "../target/scope.js";
import { EthernetTransmitter } from "./ethernet-transmitter.js";
import type { FrameTransmitter, NextHop } from "./frame-transmitter.js";
import { RawIpTransmitter } from "./raw-ip-transmitter.js";
import { TransmitGuard } from "./transmit-guard.js";

const PRIVATE = 0x0a00_0001;
const PUBLIC = 0x0808_0808;
const ZEROS = new Array<number>(13).fill(0);
const PRIVATE6 = [0xfd, 0, ...ZEROS, 1];
const PUBLIC6 = [0x20, 0, ...ZEROS, 1];
const LINK_LOCAL6 = [0xfe, 0x80, ...ZEROS, 1];
const LOOPBACK6 = [0, 0, ...ZEROS, 1];
const HOP: NextHop = { mac: new Uint8Array(6), ownMac: new Uint8Array(6), interfaceIndex: 1, interfaceName: "lo" };
const GUARD = new TransmitGuard(Scope.of({ own: [], authorized: [] }));

const KINDS: Readonly<Record<string, () => FrameTransmitter>> = {
  "raw IP": () => new RawIpTransmitter(GUARD, 4),
  "packet socket": () => new EthernetTransmitter(1, "lo", GUARD),
};

function put(transmitter: FrameTransmitter, target: number, tag: number): void {
  const at = transmitter.reserve(ETHER_TYPE_IPV4, HOP, tag);
  const fields = { identification: 0, dontFragment: true, ttl: 64, protocol: PROTOCOL_TCP, payloadBytes: 0, source: 1 };
  transmitter.commit(at, writeIpv4({ ...fields, target }, transmitter.bytes, at));
}

// Opening packet and raw sockets needs CAP_NET_RAW. Where nothing is flushed, nothing is sent.
describe.skipIf(process.platform !== "linux" || process.getuid?.() !== 0).each(Object.entries(KINDS))(
  "%s (root only)",
  (name, open) => {
    test("takes packets that are in scope, and refuses all others", () => {
      const transmitter = open();
      put(transmitter, PRIVATE, 1);
      expect([transmitter.name, transmitter.pendingCount]).toEqual([name, 1]);
      expect(() => put(transmitter, PUBLIC, 2)).toThrow(ScopeError);
      expect(transmitter.pendingCount).toBe(1);
      void transmitter.close();
    });

    test("has room for a batch, and says when it is full", () => {
      const transmitter = open();
      for (let count = 0; count < 256; count++) put(transmitter, PRIVATE, 1);
      expect(transmitter.reserve(ETHER_TYPE_IPV4, HOP, 1)).toBe(-1);
      expect([transmitter.pendingCount, transmitter.isSending, transmitter.refusedCount]).toEqual([256, false, 0]);
      void transmitter.close();
    });

    test("says of a fresh place that nothing stands there yet", () => {
      const transmitter = open();
      for (let tag = 0; tag < 4; tag++) {
        transmitter.reserve(ETHER_TYPE_IPV4, HOP, 1);
        expect(transmitter.isRepeat).toBe(tag > 0); // the same place, since nothing was committed
      }
      put(transmitter, PRIVATE, 1);
      transmitter.reserve(ETHER_TYPE_IPV4, HOP, 1);
      expect(transmitter.isRepeat).toBe(false);
      void transmitter.close();
    });
  },
);

test.skipIf(process.platform !== "linux" || process.getuid?.() !== 0)(
  "the packet socket asks for no public address by ARP (root only)",
  () => {
    const transmitter = new EthernetTransmitter(1, "lo", GUARD);
    const at = transmitter.reserve(ETHER_TYPE_ARP, HOP, 1);
    transmitter.bytes.fill(8, at, at + 28);
    expect(() => transmitter.commit(at, 28)).toThrow(ScopeError);
    void transmitter.close();
  },
);

function putIpv6(transmitter: FrameTransmitter, target: readonly number[]): void {
  const at = transmitter.reserve(ETHER_TYPE_IPV6, HOP, 1);
  transmitter.bytes.set([0x60, 0, 0, 0, 0, 0, 59, 64, ...PRIVATE6, ...target], at);
  transmitter.commit(at, 40);
}

const IPV6_KINDS: Readonly<Record<string, () => FrameTransmitter>> = {
  "raw IP": () => new RawIpTransmitter(GUARD, 6),
  "packet socket": () => new EthernetTransmitter(1, "lo", GUARD),
};
const canSendIpv6 = process.platform === "linux" && process.getuid?.() === 0 && existsSync("/proc/net/if_inet6");

describe.skipIf(!canSendIpv6).each(Object.entries(IPV6_KINDS))("%s over IPv6 (root only)", (name, open) => {
  test("takes packets that are in scope, and refuses all others", () => {
    const transmitter = open();
    putIpv6(transmitter, PRIVATE6);
    expect([transmitter.name, transmitter.pendingCount]).toEqual([name, 1]);
    expect(() => putIpv6(transmitter, PUBLIC6)).toThrow(ScopeError);
    expect(transmitter.pendingCount).toBe(1);
    void transmitter.close();
  });

  test("has room for a batch", () => {
    const transmitter = open();
    for (let count = 0; count < 256; count++) putIpv6(transmitter, PRIVATE6);
    expect(transmitter.reserve(ETHER_TYPE_IPV6, HOP, 1)).toBe(-1);
    void transmitter.close();
  });
});

test.skipIf(!canSendIpv6)("a raw socket takes no packet of the other family (root only)", () => {
  const [four, six] = [new RawIpTransmitter(GUARD, 4), new RawIpTransmitter(GUARD, 6)];
  expect(() => putIpv6(four, PRIVATE6)).toThrow(ScopeError);
  expect(() => put(six, PRIVATE, 1)).toThrow(ScopeError);
  void four.close();
  void six.close();
});

// fe80::1 on an interface that is not there, then ::1: the packet says "no next header", so nobody answers it.
test.skipIf(!canSendIpv6)("what the kernel has no way for is passed over, and the others go on (root only)", () => {
  const transmitter = new RawIpTransmitter(GUARD, 6);
  for (const target of [LINK_LOCAL6, LOOPBACK6]) {
    const at = transmitter.reserve(ETHER_TYPE_IPV6, { ...HOP, interfaceIndex: 0x7fff_fff0 }, 1);
    transmitter.bytes.set([0x60, 0, 0, 0, 0, 0, 59, 64, ...target, ...target], at);
    transmitter.commit(at, 40);
  }
  transmitter.flush();
  expect([transmitter.pendingCount, transmitter.refusedCount]).toEqual([0, 0]);
  void transmitter.close();
});
