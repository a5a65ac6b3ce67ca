import fc from "fast-check";
import { expect, test } from "vitest";
import { ARP_BYTES, ARP_REPLY, ARP_REQUEST, ARP_TARGET_ADDRESS_AT, createArpView, readArp, writeArp } from "./arp.js";
import { readUint32 } from "./bytes.js";
import { ARP_REPLY_FRAME, ARP_REQUEST_FRAME } from "./captures.test.data.js";
import { ETHERNET_HEADER_BYTES, formatMac } from "./ethernet.js";
import { READ_OK, ReadFault } from "./read-fault.js";
import { expectBounded, expectFaultAtEveryCut, unwritten } from "./watch-reads.test.data.js";

const REQUEST = ARP_REQUEST_FRAME.subarray(ETHERNET_HEADER_BYTES);
const REPLY = ARP_REPLY_FRAME.subarray(ETHERNET_HEADER_BYTES);

function changed(at: number, value: number): Uint8Array {
  const bytes = REPLY.slice();
  bytes[at] = value;
  return bytes;
}

test("reads a captured request", () => {
  const view = createArpView();
  expect(readArp(ARP_REQUEST_FRAME, ETHERNET_HEADER_BYTES, ARP_REQUEST_FRAME.length, view)).toBe(READ_OK);
  expect(view.operation).toBe(ARP_REQUEST);
  expect(formatMac(view.senderMac, 0)).toBe("02:00:0a:62:00:01");
  expect(view.senderAddress).toBe(0x0a620001);
  expect(formatMac(view.targetMac, 0)).toBe("00:00:00:00:00:00");
  expect(view.targetAddress).toBe(0x0a620002);
  expect(readUint32(REQUEST, ARP_TARGET_ADDRESS_AT)).toBe(view.targetAddress);
});

test("reads a captured reply, padded as a real card pads it", () => {
  const padded = new Uint8Array(46);
  padded.set(REPLY);
  const view = createArpView();
  expect(readArp(padded, 0, padded.length, view)).toBe(READ_OK);
  expect(view.operation).toBe(ARP_REPLY);
  expect(formatMac(view.senderMac, 0)).toBe("02:00:0a:62:00:02");
  expect(formatMac(view.targetMac, 0)).toBe("02:00:0a:62:00:01");
});

test("writes the captured messages again", () => {
  for (const message of [REQUEST, REPLY]) {
    const view = createArpView();
    readArp(message, 0, message.length, view);
    const out = unwritten(ARP_BYTES + 2);
    expect(writeArp(view, out, 1)).toBe(ARP_BYTES);
    expect(out).toEqual(Uint8Array.of(0xa5, ...message, 0xa5));
  }
});

test("a cut at any length is a fault", () => {
  expectFaultAtEveryCut(REPLY, ARP_BYTES, (bytes, at, end) => readArp(bytes, at, end, createArpView()));
});

test("other hardware and other protocols are unsupported, even if shorter", () => {
  expect(readArp(changed(1, 6), 0, 28, createArpView())).toBe(ReadFault.UNSUPPORTED);
  expect(readArp(changed(2, 0x86), 0, 28, createArpView())).toBe(ReadFault.UNSUPPORTED);
  expect(readArp(changed(1, 7), 0, 8, createArpView())).toBe(ReadFault.UNSUPPORTED);
  expect(readArp(changed(1, 7), 0, 7, createArpView())).toBe(ReadFault.CUT);
});

test("address lengths that contradict the types are malformed", () => {
  expect(readArp(changed(4, 8), 0, 28, createArpView())).toBe(ReadFault.MALFORMED);
  expect(readArp(changed(5, 16), 0, 28, createArpView())).toBe(ReadFault.MALFORMED);
});

test("what is written reads back", () => {
  const mac = fc.uint8Array({ minLength: 6, maxLength: 6 });
  const address = fc.nat(0xffff_ffff);
  const fields = fc.record({
    operation: fc.nat(0xffff),
    senderMac: mac,
    senderAddress: address,
    targetMac: mac,
    targetAddress: address,
  });
  fc.assert(
    fc.property(fields, fc.nat(9), (written, at) => {
      const out = unwritten(40);
      const view = createArpView();
      const end = at + writeArp(written, out, at);
      expect(readArp(out, at, end, view)).toBe(READ_OK);
      expect(view).toEqual({ ...written });
    }),
  );
});

test("no bytes make it throw or pass the end", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(60), fc.nat(60), (bytes, at, end) => {
      const stop = Math.min(end, bytes.length);
      expectBounded(bytes, at, stop, (read, from, to) => readArp(read, from, to, createArpView()));
    }),
  );
});
