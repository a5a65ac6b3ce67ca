import fc from "fast-check";
import { expect, test } from "vitest";
import { formatAddress } from "../target/address.js";
import { parseCount, parseEndpoint, parseQueues, parseState } from "./socket-text.js";

const ENDPOINTS: readonly (readonly [text: string, shown: string])[] = [
  ["0100007F:0035", "127.0.0.1 53"],
  ["026433C6:094C", "198.51.100.2 2380"],
  ["00000000:FFFF", "0.0.0.0 65535"],
  ["FFFFFFFF:0000", "255.255.255.255 0"],
  ["00000000000000000000000001000000:1538", "::1 5432"],
  ["000080FE000000000000000001000000:0035", "fe80::1 53"],
  ["0000000000000000FFFF00000100007F:1F91", "::ffff:127.0.0.1 8081"],
  ["010000fd000000000000000007000000:00b3", "fd00:1::7 179"],
];

test.each(ENDPOINTS)("%s is %s", (text, shown) => {
  const end = parseEndpoint(text);
  expect(end && `${formatAddress(end.address)} ${end.port}`).toBe(shown);
});

test("every other form is none", () => {
  for (const text of [
    "",
    ":",
    "0100007F",
    "0100007F:",
    "0100007F:00350",
    "0100007:0035",
    "0100007G:0035",
    " 0100007F:0035",
  ]) {
    expect(parseEndpoint(text)).toBeUndefined();
  }
  for (const [text] of ENDPOINTS) {
    for (let end = 0; end < text.length; end++) expect(parseEndpoint(text.slice(0, end))).toBeUndefined();
  }
});

test("states, queues and counts", () => {
  expect(["01", "06", "07", "0A", "0c", "FF"].map(parseState)).toEqual([
    "established",
    "time-wait",
    "unconnected",
    "listen",
    "syn-recv",
    "state-255",
  ]);
  expect(["", "1", "0A0", "0G"].map(parseState)).toEqual([undefined, undefined, undefined, undefined]);
  expect(parseQueues("00000001:FFFFFFFF")).toEqual([1, 0xffff_ffff]);
  expect(["00000001", "00000001:", "1:2", "00000001:000000022"].map(parseQueues)).toEqual(Array(4).fill(undefined));
  expect(["0", "17010", "9007199254740991"].map(parseCount)).toEqual([0, 17_010, Number.MAX_SAFE_INTEGER]);
  expect(["", "-1", "1.5", "0x1", "9007199254740993", "99999999999999999", undefined].map(parseCount)).toEqual(
    Array(7).fill(undefined),
  );
});

test("what the kernel writes reads back, whatever the address", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(65_535), (bytes, port) => {
      const words = [0, 4, 8, 12].map((at) => Buffer.from(bytes.slice(at, at + 4).reverse()).toString("hex"));
      const text = `${words.join("").toUpperCase()}:${port.toString(16).padStart(4, "0").toUpperCase()}`;
      expect(parseEndpoint(text)).toEqual({ address: { family: 6, bytes }, port });
    }),
  );
});

test("no text makes them throw", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      for (const parse of [parseEndpoint, parseState, parseQueues, parseCount]) parse(text);
    }),
  );
});
