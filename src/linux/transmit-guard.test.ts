import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ScopeError } from "../model/errors.js";
import { ARP_REQUEST, writeArp } from "../packet/arp.js";
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import { PROTOCOL_TCP, writeIpv4 } from "../packet/ipv4.js";
import { type Address, parseAddress } from "../target/address.js";
import { parseIpv4 } from "../target/ipv4.js";
import { parseIpv6 } from "../target/ipv6.js";
import { Scope } from "../target/scope.js";
import { TransmitGuard } from "./transmit-guard.js";

const AT = 14;

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

function guard(...authorized: readonly [base: string, count: number][]): TransmitGuard {
  const blocks = authorized.map(
    ([base, count]) => ({ kind: "ipv4-range", base: parseIpv4(base) ?? 0, count }) as const,
  );
  return new TransmitGuard(Scope.of({ own: [address("203.0.113.5")], authorized: blocks }));
}

/** A frame whose datagram goes to this address, from byte 14 on. */
function ipv4To(text: string): Uint8Array {
  const frame = new Uint8Array(AT + 20);
  const target = parseIpv4(text) ?? 0;
  const source = parseIpv4("10.0.0.1") ?? 0;
  const fields = { identification: 0, dontFragment: true, ttl: 64, protocol: PROTOCOL_TCP, payloadBytes: 0 };
  writeIpv4({ ...fields, source, target }, frame, AT);
  return frame;
}

function arpFor(text: string): Uint8Array {
  const frame = new Uint8Array(AT + 28);
  const mac = new Uint8Array(6);
  const targetAddress = parseIpv4(text) ?? 0;
  writeArp({ operation: ARP_REQUEST, senderMac: mac, senderAddress: 1, targetMac: mac, targetAddress }, frame, AT);
  return frame;
}

function sendsIpv4(one: TransmitGuard, text: string): boolean {
  return passes(() => one.checkIpv4(ipv4To(text), AT, AT + 20));
}

function asks(one: TransmitGuard, text: string): boolean {
  return passes(() => one.checkArp(arpFor(text), AT, AT + 28));
}

function connects(one: TransmitGuard, text: string): boolean {
  return passes(() => one.checkAddress(address(text)));
}

/** False when it throws a ScopeError; what else is thrown goes on. */
function passes(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (error instanceof ScopeError) return false;
    throw error;
  }
}

const PRIVATE = ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.255.255", "169.254.0.9", "203.0.113.5"];
const PUBLIC = ["8.8.8.8", "192.0.2.1", "172.32.0.1", "11.0.0.0", "9.255.255.255", "255.255.255.255", "224.0.0.1"];

describe.each([
  ["IPv4 packet", sendsIpv4],
  ["ARP request", asks],
  ["connect", connects],
] as const)("a %s", (_name, isLet) => {
  test.each(PRIVATE)("to %s passes", (text) => {
    expect(isLet(guard(), text)).toBe(true);
  });

  test.each(PUBLIC)("to %s is refused", (text) => {
    expect(isLet(guard(), text)).toBe(false);
  });

  test("to an authorized network passes, its neighbours do not", () => {
    const one = guard(["198.51.100.0", 256]);
    const told = ["198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"].map((text) => isLet(one, text));
    expect(told).toEqual([false, true, true, false]);
  });

  test("that was let through opens the way for no other", () => {
    const one = guard();
    for (const text of PUBLIC) {
      expect(isLet(one, "10.0.0.1")).toBe(true);
      expect(isLet(one, text)).toBe(false);
      expect(isLet(one, text)).toBe(false);
    }
  });

  test("that was refused stays refused, and shuts the way for no other", () => {
    const one = guard();
    expect([isLet(one, "8.8.8.8"), isLet(one, "10.0.0.1"), isLet(one, "8.8.8.8")]).toEqual([false, true, false]);
  });
});

test("0.0.0.0 is refused as a connect and in an ARP request", () => {
  expect([connects(guard(), "0.0.0.0"), asks(guard(), "0.0.0.0")]).toEqual([false, false]);
});

test("0.0.0.0 is refused in an IPv4 packet, before and after a packet that passed", () => {
  const one = guard();
  expect(sendsIpv4(one, "0.0.0.0")).toBe(false);
  expect(sendsIpv4(one, "10.0.0.1")).toBe(true);
  expect(sendsIpv4(one, "0.0.0.0")).toBe(false);
});

test("the packet itself is looked at, not what somebody meant to send", () => {
  const one = guard();
  const frame = ipv4To("10.0.0.1");
  one.checkIpv4(frame, AT, frame.length);
  frame.set([8, 8, 8, 8], AT + 16);
  expect(passes(() => one.checkIpv4(frame, AT, frame.length))).toBe(false);
});

test("a gateway may be asked for by ARP, and nothing else may be sent to it", () => {
  const one = guard();
  expect(asks(one, "192.0.2.1")).toBe(false);
  one.permitGateway(address("192.0.2.1"));
  expect([asks(one, "192.0.2.1"), asks(one, "192.0.2.2")]).toEqual([true, false]);
  expect([sendsIpv4(one, "192.0.2.1"), connects(one, "192.0.2.1")]).toEqual([false, false]);
});

test("what is no IPv4 or ARP packet, or too short for one, is refused", () => {
  const one = guard();
  const frame = ipv4To("10.0.0.1");
  expect(passes(() => one.checkIpv4(frame, AT, AT + 19))).toBe(false);
  frame[AT] = 0x65;
  expect(passes(() => one.checkIpv4(frame, AT, frame.length))).toBe(false);
  expect(passes(() => one.checkArp(arpFor("10.0.0.1"), AT, AT + 27))).toBe(false);
});

test.each([
  ["::1", true],
  ["fe80::1%eth0", true],
  ["fd00::1", true],
  ["2001:db8::1", false],
  ["::ffff:10.0.0.1", true],
  ["::ffff:8.8.8.8", false],
  ["ff02::1", false],
])("a connect to %s passes: %s", (text, expected) => {
  expect(connects(guard(), text)).toBe(expected);
});

test("a refusal names the address and says what to do", () => {
  const check = (): void => guard().checkIpv4(ipv4To("192.0.2.9"), AT, AT + 20);
  expect(check).toThrow(/192\.0\.2\.9.*outside of what may be probed/);
  expect(check).toThrow(expect.objectContaining({ hint: expect.stringContaining("--authorized") }));
});

test("every IPv4 packet is judged as its scope says, in any order", () => {
  const scope = Scope.of({ own: [], authorized: [] });
  const near = fc.constantFrom(...[...PRIVATE, ...PUBLIC].map((text) => parseIpv4(text) ?? 0));
  const value = fc.oneof(fc.integer({ min: 1, max: 0xffff_ffff }), near);
  fc.assert(
    fc.property(fc.array(value, { maxLength: 20 }), (values) => {
      const one = new TransmitGuard(scope);
      for (const target of values) {
        const frame = ipv4To("10.0.0.1");
        new DataView(frame.buffer).setUint32(AT + 16, target);
        expect(passes(() => one.checkIpv4(frame, AT, frame.length))).toBe(scope.allowsIpv4(target));
      }
    }),
    { seed: 1 },
  );
});

function ipv6(text: string): Uint8Array {
  return parseIpv6(text) ?? new Uint8Array();
}

/** A frame whose IPv6 packet goes to this address, from byte 14 on. */
function ipv6To(text: string, nextHeader = 6, payload: readonly number[] = []): Uint8Array {
  const head = [0x60, 0, 0, 0, 0, payload.length, nextHeader, 64];
  return Uint8Array.of(...new Array<number>(AT).fill(0), ...head, ...ipv6("fd00::1"), ...ipv6(text), ...payload);
}

/** A neighbour solicitation: type, code, checksum, reserved, the address that is asked for. */
function solicitation(group: string, target: string, type = 135, nextHeader = 58): Uint8Array {
  return ipv6To(group, nextHeader, [type, 0, 0, 0, 0, 0, 0, 0, ...ipv6(target)]);
}

function sendsFrame(one: TransmitGuard, frame: Uint8Array, end: number = frame.length): boolean {
  return passes(() => one.checkIpv6(frame, AT, end));
}

function sendsIpv6(one: TransmitGuard, text: string): boolean {
  return sendsFrame(one, ipv6To(text));
}

/** A guard whose scope has an IPv6 prefix besides what needs no entry. */
function guardOf(prefix: string, bits: number): TransmitGuard {
  const block = { kind: "ipv6-prefix", bytes: ipv6(prefix), prefix: bits } as const;
  return new TransmitGuard(Scope.of({ own: [address("2001:db8::5")], authorized: [block] }));
}

const PRIVATE6 = ["::1", "fd00::1", "fc00::", "fdff:ffff::1", "fe80::1", "febf::1"];
const PUBLIC6 = ["2001:db8::1", "::", "::2", "fbff::1", "fe00::1", "fec0::1", "64:ff9b::a00:1"];
const GROUPS = ["ff02::1", "ff02::2", "ff02::1:ff00:1", "ff05::2", "ff0e::1", "ff00::"];
const MAPPED = ["::ffff:10.0.0.1", "::ffff:8.8.8.8"];

describe("an IPv6 packet", () => {
  test.each(PRIVATE6)("to %s passes", (text) => {
    expect(sendsIpv6(guard(), text)).toBe(true);
  });

  test.each([...PUBLIC6, ...GROUPS, ...MAPPED])("to %s is refused", (text) => {
    expect(sendsIpv6(guard(), text)).toBe(false);
  });

  test("to an authorized prefix or an own address passes, its neighbours do not", () => {
    const one = guardOf("2001:db8:5::", 48);
    const texts = ["2001:db8:4:ffff::1", "2001:db8:5::", "2001:db8:5:ffff::1", "2001:db8:6::", "2001:db8::5"];
    expect(texts.map((text) => sendsIpv6(one, text))).toEqual([false, true, true, false, true]);
  });

  test("to a group is refused even when everything is authorized", () => {
    const one = guardOf("::", 0);
    expect(sendsIpv6(one, "2001:db8::1")).toBe(true);
    for (const text of [...GROUPS, ...MAPPED]) expect(sendsIpv6(one, text)).toBe(false);
  });

  test("that was let through opens the way for no other, and one that was refused shuts none", () => {
    const one = guard();
    for (const text of [...PUBLIC6, ...GROUPS, ...MAPPED]) {
      expect([sendsIpv6(one, "fd00::1"), sendsIpv6(one, text), sendsIpv6(one, text)]).toEqual([true, false, false]);
    }
  });

  test("is looked at itself: one other byte of its target, and it is judged anew", () => {
    const one = guard();
    const frame = ipv6To("fd00::1");
    one.checkIpv6(frame, AT, frame.length);
    frame[AT + 24] = 0x20;
    expect(sendsFrame(one, frame)).toBe(false);
    frame[AT + 24] = 0xfd;
    frame[AT + 39] = 0x77;
    expect(sendsFrame(one, frame)).toBe(true);
  });

  test("that is none, or is cut, is refused", () => {
    const frame = ipv6To("fd00::1");
    expect(sendsFrame(guard(), frame, AT + 39)).toBe(false);
    frame[AT] = 0x45;
    expect(sendsFrame(guard(), frame)).toBe(false);
  });

  test("is named in the refusal", () => {
    expect(() => guard().checkIpv6(ipv6To("2001:db8::9"), AT, AT + 40)).toThrow(/2001:db8::9.*outside of what may/);
    expect(() => guard().checkIpv6(ipv6To("ff02::1"), AT, AT + 40)).toThrow(/ff02::1:/);
  });

  test("to a permitted group passes, to every other one it does not, and in no other scope", () => {
    const one = guard();
    one.permitMulticast(ipv6("ff02::1"));
    const told = ["ff02::1", "ff02::2", "ff01::1", "ff05::1", "ff02::1:ff00:1"].map((text) => sendsIpv6(one, text));
    expect(told).toEqual([true, false, false, false, false]);
  });

  test("is judged as its scope says, in any order", () => {
    const scope = Scope.of({ own: [], authorized: [] });
    const near = fc.constantFrom(...[...PRIVATE6, ...PUBLIC6].map(ipv6));
    const bytes = fc.oneof(fc.uint8Array({ minLength: 16, maxLength: 16 }), near);
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 20 }), (targets) => {
        const one = new TransmitGuard(scope);
        for (const target of targets) {
          const frame = ipv6To("fd00::1");
          frame.set(target, AT + 24);
          expect(sendsFrame(one, frame)).toBe(target[0] !== 0xff && scope.allows({ family: 6, bytes: target }));
        }
      }),
      { seed: 1 },
    );
  });
});

describe("a neighbour solicitation", () => {
  test("passes for an address in scope, to the group of that address", () => {
    expect(sendsFrame(guard(), solicitation("ff02::1:ff00:1", "fd00::1"))).toBe(true);
    expect(sendsFrame(guard(), solicitation("ff02::1:ff12:3456", "fe80::aa12:3456"))).toBe(true);
  });

  test.each([
    ["an address out of scope", solicitation("ff02::1:ff00:1", "2001:db8::1")],
    ["a group", solicitation("ff02::1:ff00:1", "ff02::1:ff00:1")],
    ["an IPv4-mapped address", solicitation("ff02::1:ff00:1", "::ffff:10.0.0.1")],
    ["the address of another group", solicitation("ff02::1:ff00:1", "fd00::2")],
    ["an address, to all nodes", solicitation("ff02::1", "fd00::1")],
    ["an address, to a group beyond the link", solicitation("ff05::1:ff00:1", "fd00::1")],
    ["an address, as an advertisement", solicitation("ff02::1:ff00:1", "fd00::1", 136)],
    ["an address, as an echo request", solicitation("ff02::1:ff00:1", "fd00::1", 128)],
    ["an address, as a UDP datagram", solicitation("ff02::1:ff00:1", "fd00::1", 135, 17)],
  ])("for %s is refused", (_what, frame) => {
    expect(sendsFrame(guard(), frame)).toBe(false);
  });

  test("that is cut is refused", () => {
    const frame = solicitation("ff02::1:ff00:1", "fd00::1");
    expect(sendsFrame(guard(), frame, frame.length - 1)).toBe(false);
  });

  test("for a gateway passes, and nothing else may be sent to it", () => {
    const one = guard();
    const frame = solicitation("ff02::1:ff00:1", "2001:db8::1");
    expect(sendsFrame(one, frame)).toBe(false);
    one.permitGateway(address("2001:db8::1"));
    expect(sendsFrame(one, frame)).toBe(true);
    expect(sendsFrame(one, solicitation("ff02::1:ff00:1", "2001:db8:1::1"))).toBe(false);
    expect([sendsIpv6(one, "2001:db8::1"), connects(one, "2001:db8::1")]).toEqual([false, false]);
  });

  test("opens its group for no other packet", () => {
    const one = guard();
    expect(sendsFrame(one, solicitation("ff02::1:ff00:1", "fd00::1"))).toBe(true);
    expect(sendsFrame(one, solicitation("ff02::1:ff00:1", "2001:db8::1"))).toBe(false);
    expect(sendsIpv6(one, "ff02::1:ff00:1")).toBe(false);
  });
});

describe("by its EtherType", () => {
  test("each packet is judged as what it is", () => {
    const one = guard();
    const checks = [
      () => one.check(ETHER_TYPE_IPV4, ipv4To("10.0.0.1"), AT, AT + 20),
      () => one.check(ETHER_TYPE_IPV6, ipv6To("fd00::1"), AT, AT + 40),
      () => one.check(ETHER_TYPE_ARP, arpFor("10.0.0.1"), AT, AT + 28),
    ];
    expect(checks.map(passes)).toEqual([true, true, true]);
  });

  test("a packet of another family, or of none that is known, is refused", () => {
    const one = guard();
    const checks = [
      () => one.check(ETHER_TYPE_IPV4, ipv6To("fd00::1"), AT, AT + 40),
      () => one.check(ETHER_TYPE_IPV6, ipv4To("10.0.0.1"), AT, AT + 20),
      () => one.check(0x8100, ipv4To("10.0.0.1"), AT, AT + 20),
      () => one.check(0, ipv4To("10.0.0.1"), AT, AT + 20),
    ];
    expect(checks.map(passes)).toEqual([false, false, false, false]);
  });
});
