import { expect, test, vi } from "vitest";
import { formatAddress } from "../target/address.js";
import { resolveName } from "./resolve.js";

/** A resolver that nobody else can see: names with their addresses, or with the code it fails with. */
const NAMES: Readonly<Record<string, readonly string[] | string>> = {
  "both.test": ["2001:db8::1", "192.0.2.1"],
  "zone.test": ["fe80::1%eth0"],
  "odd.test": ["not an address"],
  "none.test": "ENOTFOUND",
  "slow.test": "EAI_AGAIN",
  "empty.test": "ENODATA",
  "strange.test": "EAI_SYSTEM",
};

vi.mock("node:dns/promises", () => ({
  lookup: (name: string) => {
    const found = NAMES[name] ?? "ENOTFOUND";
    if (typeof found === "string") return Promise.reject(Object.assign(new Error(found), { code: found }));
    return Promise.resolve(found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })));
  },
}));

async function answer(name: string): Promise<readonly string[] | string> {
  const resolution = await resolveName(name);
  return "why" in resolution ? resolution.why : resolution.addresses.map(formatAddress);
}

test("addresses come in the order of the resolver, of both families, with their zone", async () => {
  expect(await answer("both.test")).toEqual(["2001:db8::1", "192.0.2.1"]);
  expect(await answer("zone.test")).toEqual(["fe80::1%eth0"]);
});

test.each([
  ["none.test", "no such name"],
  ["slow.test", "the name server does not answer"],
  ["empty.test", "the name has no address"],
  ["odd.test", "the name has no address"],
  ["strange.test", "the resolver says EAI_SYSTEM"],
])("%s is a value, not an exception: %s", async (name, why) => {
  expect(await answer(name)).toBe(why);
});
