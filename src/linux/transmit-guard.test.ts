import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ScopeError } from "../model/errors.js";
import { ARP_REQUEST, writeArp } from "../packet/arp.js";
import { PROTOCOL_TCP, writeIpv4 } from "../packet/ipv4.js";
import { type Address, parseAddress } from "../target/address.js";
import { parseIpv4 } from "../target/ipv4.js";
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
  one.permitGateway(parseIpv4("192.0.2.1") ?? 0);
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
