import { expect, test } from "vitest";
import { parseAddress } from "../target/address.js";
import { SOCKET_ADDRESS_BYTES, writeSocketAddress } from "./connector.js";
import { readSocketAddress } from "./socket-address.js";

test.each([
  ["10.9.0.1", 4321, 0, "10.9.0.1"],
  ["fd00::1", 65_535, 0, "fd00::1"],
  ["fe80::1%eth0", 22, 7, "fe80::1%7"],
])("what is written for %s reads back, and no part of it does", (text, port, scopeId, readBack) => {
  const view = new DataView(new ArrayBuffer(SOCKET_ADDRESS_BYTES));
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  const length = writeSocketAddress(view, 0, address, port, scopeId);
  expect(readSocketAddress(view, 0, length)).toEqual({ address: parseAddress(readBack), port });
  const needed = address.family === 4 ? 8 : 28;
  for (let end = 0; end < needed; end++) expect(readSocketAddress(view, 0, end)).toBeUndefined();
});

test("other families are none", () => {
  const view = new DataView(new ArrayBuffer(SOCKET_ADDRESS_BYTES));
  view.setUint16(0, 1, true); // AF_UNIX
  expect(readSocketAddress(view, 0, SOCKET_ADDRESS_BYTES)).toBeUndefined();
});
