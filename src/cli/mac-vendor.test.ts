import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { createMacVendors } from "./mac-vendor.js";

const vendorOf = createMacVendors();

test.each([
  ["00:00:00:00:00:01", "XEROX CORPORATION"],
  ["00:00:0c:12:34:56", "Cisco Systems, Inc"],
  ["b8:27:eb:00:00:01", "Raspberry Pi Foundation"],
  ["08:00:27:aa:bb:cc", "PCS Systemtechnik GmbH"],
  ["00:50:56:c0:00:08", "VMware, Inc."],
])("the owner of %s is %s", (mac, vendor) => {
  expect(vendorOf(mac)).toBe(vendor);
});

test("a block that is given out in parts belongs to the owner of the part", () => {
  expect(vendorOf("00:55:da:00:00:01")).toBe("Shinko Technos co.,ltd."); // 28 bits
  expect(vendorOf("70:b3:d5:00:10:01")).toBe("SOREDI touch systems GmbH"); // 36 bits
  expect(vendorOf("70:b3:d5:ff:f0:01")).not.toBe("IEEE Registration Authority");
});

test("what nobody owns has no name, nor has what is no address", () => {
  for (const mac of ["ff:ff:ff:ff:ff:ff", "52:54:00:12:34:56", "", "b8:27", '"}:', "zz:zz:zz:zz:zz:zz"]) {
    expect(vendorOf(mac)).toBeUndefined();
  }
});

test("every prefix of the registry is found where it stands", () => {
  const file = createRequire(import.meta.url).resolve("oui-data");
  const registry = Object.entries(JSON.parse(readFileSync(file, "utf8")) as Record<string, string>);
  const wrong = registry.filter(([prefix, text]) => {
    const name = text.split("\n")[0]?.trim();
    const hasParts = name === "IEEE Registration Authority";
    return !hasParts && vendorOf(prefix.padEnd(12, "0")) !== name && vendorOf(prefix.padEnd(12, "F")) !== name;
  });
  expect(registry.length).toBeGreaterThan(50_000);
  expect(wrong).toEqual([]);
});

test("a registry that is missing is an error", () => {
  expect(() => createMacVendors("/nonexistent/registry.json")("b8:27:eb:00:00:01")).toThrow("cannot be read");
});
