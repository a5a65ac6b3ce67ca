import { expect, it } from "vitest";
import { addressSortKey } from "./address-order.js";

it("sorts addresses as numbers, IPv4 first, and what is none last", () => {
  const sorted = ["9.0.0.1", "10.0.0.2", "10.0.0.10", "::1", "2001:db8::2", "2001:db8::10", "fe80::1%eth0", "nobody"];
  const mixed = sorted.toReversed().map((address) => ({ address, key: addressSortKey(address) }));
  mixed.sort((one, other) => (one.key < other.key ? -1 : 1));
  expect(mixed.map(({ address }) => address)).toEqual(sorted);
});
