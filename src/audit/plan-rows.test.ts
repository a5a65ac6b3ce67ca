import { expect, test } from "vitest";
import { formatAddress } from "../target/address.js";
import { planRows } from "./plan-rows.js";
import { addressOf, portOf } from "./port-case.test.data.js";

const ADDRESSES = ["192.0.2.10", "2001:db8::10"].map(addressOf);
const SSH = { protocol: "tcp", port: 22 } as const;

function texts(...words: Parameters<typeof planRows>): readonly string[] {
  return planRows(...words).map(({ address, protocol, port }) => `${formatAddress(address)}/${protocol}/${port}`);
}

test("a port without an address is a row of each", () => {
  expect(texts(ADDRESSES, [SSH], [])).toEqual(["192.0.2.10/tcp/22", "2001:db8::10/tcp/22"]);
});

test("rows come by address, protocol and number, each once", () => {
  const named = ["2001:db8::10/tcp/9", "192.0.2.10/udp/53", "192.0.2.10/tcp/443", "192.0.2.10/tcp/22"].map(portOf);
  expect(texts(ADDRESSES, [SSH, SSH], named)).toEqual([
    "192.0.2.10/tcp/22",
    "192.0.2.10/tcp/443",
    "192.0.2.10/udp/53",
    "2001:db8::10/tcp/9",
    "2001:db8::10/tcp/22",
  ]);
});

test("what is named of an address that is not audited is no row", () => {
  expect(texts(ADDRESSES, [], [portOf("198.51.100.1/tcp/22"), portOf("127.0.0.1/tcp/22")])).toEqual([]);
  expect(texts([], [SSH], [portOf("192.0.2.10/tcp/22")])).toEqual([]);
});
