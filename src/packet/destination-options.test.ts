import { expect, test } from "vitest";
import { UNKNOWN_OPTION_BYTES, writeUnknownOption } from "./destination-options.js";
import { createIpv6View, PROTOCOL_DESTINATION_OPTIONS, PROTOCOL_ICMPV6, readIpv6, writeIpv6 } from "./ipv6.js";
import { READ_OK } from "./read-fault.js";

test("an unknown option is 8 bytes, and its type says to discard and report", () => {
  const out = new Uint8Array(12).fill(255);
  expect(writeUnknownOption(out, 2, PROTOCOL_ICMPV6)).toBe(UNKNOWN_OPTION_BYTES);
  expect([...out]).toEqual([255, 255, 58, 0, 0x80, 4, 0, 0, 0, 0, 255, 255]);
});

test("what follows the option is found", () => {
  const out = new Uint8Array(52);
  const addresses = { source: new Uint8Array(16), target: new Uint8Array(16) };
  const fields = { flowLabel: 0, hopLimit: 64, protocol: PROTOCOL_DESTINATION_OPTIONS, payloadBytes: 12, ...addresses };
  const at = writeIpv6(fields, out, 0);
  writeUnknownOption(out, at, PROTOCOL_ICMPV6);
  const view = createIpv6View();
  expect(readIpv6(out, 0, out.length, view)).toBe(READ_OK);
  expect(view).toMatchObject({ protocol: PROTOCOL_ICMPV6, payloadAt: 48, payloadEnd: 52 });
});
