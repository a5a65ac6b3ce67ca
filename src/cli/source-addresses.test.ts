import { expect, test } from "vitest";
import { UsageError } from "../model/errors.js";
import { formatAddress, parseAddress } from "../target/address.js";
import { readSourceAddresses } from "./source-addresses.js";

const OWN = ["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7", "2001:db8::1", "fe80::1%eth0"]
  .map(parseAddress)
  .filter((one) => one !== undefined);

function sources(...texts: string[]): string[] {
  return readSourceAddresses(texts, OWN).map(formatAddress);
}

function complaint(...texts: string[]): UsageError {
  try {
    readSourceAddresses(texts, OWN);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error(`${texts.join()} was understood`);
}

test("addresses, patterns and networks, each address once", () => {
  expect(sources("10.0.0.5")).toEqual(["10.0.0.5"]);
  expect(sources("10.0.0.4-6", "10.0.0.5", "2001:db8::1")).toEqual(["10.0.0.4", "10.0.0.5", "10.0.0.6", "2001:db8::1"]);
  expect(sources("10.0.0.4/30")).toEqual(["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"]);
  expect(sources("10.0.0.4,6")).toEqual(["10.0.0.4", "10.0.0.6"]);
});

test("a link-local address keeps its zone", () => {
  expect(sources("fe80::1")).toEqual(["fe80::1%eth0"]);
  expect(sources("fe80::1%eth0")).toEqual(["fe80::1%eth0"]);
});

test("one that is not this machine's is named, with those that are", () => {
  const error = complaint("10.0.0.7-9");
  expect(error.message).toBe("--source-addresses: 10.0.0.8 is no address of this machine");
  expect(error.hint).toBe("its own are 10.0.0.4, 10.0.0.5, 10.0.0.6, 10.0.0.7, 2001:db8::1, fe80::1");
});

test.each(["web", "10.0.0.5:53", "10.0.0.0/8", "2001:db8::/32", "10.0.0.256", ""])("refuses %j", (text) => {
  expect(complaint(text).message).toMatch(/^--source-addresses/);
});
