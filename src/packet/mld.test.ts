import fc from "fast-check";
import { expect, test } from "vitest";
import { MLD_REPORT_FRAME } from "./captures-ipv6.test.data.js";
import { sumBytes } from "./checksum.js";
import { createIcmpv6View, readIcmpv6 } from "./icmpv6.js";
import {
  createIpv6View,
  IPV6_HEADER_BYTES,
  PROTOCOL_HOP_BY_HOP,
  PROTOCOL_ICMPV6,
  readIpv6,
  writeIpv6,
} from "./ipv6.js";
import {
  isMldReport,
  MLD_QUERY,
  MLD_QUERY_BYTES,
  MLD_REPORT,
  MLD_REPORT_V2,
  ROUTER_ALERT_BYTES,
  writeMldQuery,
  writeRouterAlert,
} from "./mld.js";
import { READ_OK } from "./read-fault.js";
import { unwritten } from "./watch-reads.test.data.js";

test("a query is 28 bytes that ask everybody for everything", () => {
  const out = unwritten(30);
  expect(writeMldQuery(0, out, 1)).toBe(MLD_QUERY_BYTES);
  expect([out[0], out[29]]).toEqual([0xa5, 0xa5]);
  out.fill(0, 3, 5);
  const rest = `03e80000${"00".repeat(16)}027d0000`;
  expect(Buffer.from(out.subarray(1, 29)).toString("hex")).toBe(`82000000${rest}`);
});

test("a router alert is what the kernel writes", () => {
  const out = unwritten(10);
  expect(writeRouterAlert(out, 1, PROTOCOL_ICMPV6)).toBe(ROUTER_ALERT_BYTES);
  expect(out).toEqual(Uint8Array.of(0xa5, ...MLD_REPORT_FRAME.subarray(54, 62), 0xa5));
});

test("knows a captured report by its type", () => {
  const packet = createIpv6View();
  expect(readIpv6(MLD_REPORT_FRAME, 14, MLD_REPORT_FRAME.length, packet)).toBe(READ_OK);
  const addressSum = sumBytes(MLD_REPORT_FRAME, packet.sourceAt, packet.targetAt + 16);
  const message = createIcmpv6View();
  const { payloadAt, payloadEnd } = packet;
  expect(readIcmpv6(MLD_REPORT_FRAME, payloadAt, payloadEnd, addressSum, false, message)).toBe(READ_OK);
  expect(message.type).toBe(MLD_REPORT_V2);
  const reports = Array.from({ length: 256 }, (_, type) => type).filter(isMldReport);
  expect(reports).toEqual([MLD_REPORT, MLD_REPORT_V2]);
});

test("a whole query reads back, with a good checksum", () => {
  const address = fc.uint8Array({ minLength: 16, maxLength: 16 });
  const payloadBytes = ROUTER_ALERT_BYTES + MLD_QUERY_BYTES;
  fc.assert(
    fc.property(address, address, fc.nat(9), (source, target, at) => {
      const out = unwritten(90);
      const fields = { flowLabel: 0, hopLimit: 1, protocol: PROTOCOL_HOP_BY_HOP, source, target, payloadBytes };
      const alertAt = at + writeIpv6(fields, out, at);
      const queryAt = alertAt + writeRouterAlert(out, alertAt, PROTOCOL_ICMPV6);
      const addressSum = sumBytes(out, at + 8, at + IPV6_HEADER_BYTES);
      const end = queryAt + writeMldQuery(addressSum, out, queryAt);
      const packet = createIpv6View();
      expect(readIpv6(out, at, end, packet)).toBe(READ_OK);
      expect(packet).toMatchObject({ protocol: PROTOCOL_ICMPV6, payloadAt: queryAt, payloadEnd: end });
      const message = createIcmpv6View();
      expect(readIcmpv6(out, packet.payloadAt, packet.payloadEnd, addressSum, false, message)).toBe(READ_OK);
      expect(message.type).toBe(MLD_QUERY);
    }),
    { seed: 3810 },
  );
});
