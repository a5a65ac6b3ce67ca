import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LONG_PAYLOAD_BYTES_MAX, PAYLOAD_BYTES_MAX } from "./payload-notation.js";
import { parseUdpPayloads, UdpPayloads } from "./udp-payloads.js";

const TEXT = readFileSync(new URL("../../data/udp-payloads.tsv", import.meta.url), "utf8");
const PRINTER_PORTS = [515, ...Array.from({ length: 8 }, (_, index) => 9100 + index)];

/** Exceptions to {@link PAYLOAD_BYTES_MAX}: RFC 9000 §14.1 and [MS-RDPEUDP] §3.1.5.1.1 want full datagrams, XML is long. */
const LONG_NAMES = ["quic-version", "rdp-udp-syn", "ws-discovery-device"];

function rowOf(ports: string, payload = "00", name = "x", source = "RFC 0"): string {
  return [name, ports, payload, source].join("\t");
}

function portsOf(table: UdpPayloads): number[] {
  return Array.from({ length: 65_536 }, (_, port) => port).filter((port) => table.payloadsOf(port).length > 0);
}

describe("the shipped table", () => {
  const { table, faults } = parseUdpPayloads(TEXT);

  test("is understood to the last row", () => {
    expect(faults).toEqual([]);
    expect(table.count).toBe(TEXT.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length);
    expect(table.count).toBeGreaterThan(90);
    expect(new Set(table.names).size).toBe(table.count);
  });

  test("names a source in each row", () => {
    for (const line of TEXT.split("\n")) {
      if (line === "" || line.startsWith("#")) continue;
      expect(line.split("\t")[3], line).toMatch(/\w{3}/);
    }
  });

  test("names no printer's port, not even within a range", () => {
    const { rows } = table.toData();
    expect(rows.flatMap(({ ports }) => ports).filter((port) => PRINTER_PORTS.includes(port))).toEqual([]);
    for (const port of PRINTER_PORTS) expect(table.payloadsOf(port)).toEqual([]);
  });

  test("is small, but for the payloads that must not be", () => {
    for (const { name, payload } of table.toData().rows) {
      const bytesMax = LONG_NAMES.includes(name) ? LONG_PAYLOAD_BYTES_MAX : PAYLOAD_BYTES_MAX;
      expect(payload.length, name).toBeLessThanOrEqual(bytesMax);
    }
  });

  test("fills its QUIC datagram to 1200 bytes", () => {
    expect(table.payloadsOf(443)[0]).toHaveLength(1200);
  });

  test("asks the domain name system for its version first, then for the root", () => {
    const [first, second, third] = table.payloadsOf(53).map((payload) => Buffer.from(payload).toString("latin1"));
    expect(first).toContain("\u0007version\u0004bind\u0000\u0000\u0010\u0000\u0003");
    expect(second).toHaveLength(17);
    expect(third).toBeUndefined();
  });
});

test("ranges and lists of ports give each port the payload", () => {
  const { table, faults } = parseUdpPayloads([rowOf("7,10-12,7", "01"), rowOf("12,65535", "02")].join("\n"));
  expect(faults).toEqual([]);
  expect(portsOf(table)).toEqual([7, 10, 11, 12, 65_535]);
  expect(table.payloadsOf(7)).toEqual([Uint8Array.of(1)]);
  expect(table.payloadsOf(12)).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
  expect(table.payloadsOf(12)).toBe(table.payloadsOf(12));
  expect(table.payloadsOf(13)).toBe(table.payloadsOf(-1));
});

test.each([
  ["one\tcolumn", "4 columns"],
  [`${rowOf("7")}\tmore`, "4 columns"],
  [rowOf("7", "00", " "), "the name is missing"],
  [rowOf("7", "00", "x", ""), 'the source of "x" is missing'],
  [rowOf(""), "neither a port nor a range"],
  [rowOf("0"), "neither a port nor a range"],
  [rowOf("65536"), "neither a port nor a range"],
  [rowOf("7,"), "neither a port nor a range"],
  [rowOf("9-7"), "neither a port nor a range"],
  [rowOf("7 "), "neither a port nor a range"],
  [rowOf("-7"), "neither a port nor a range"],
  [rowOf("1-65"), "more than 64 ports"],
  [rowOf("1-64,70"), "more than 64 ports"],
  [rowOf("7", "0"), "is no part of a payload"],
  [rowOf("7", ""), "the payload is empty"],
])("%j is a fault that leaves the other rows alone", (line, fault) => {
  const { table, faults } = parseUdpPayloads(["# comment", "", rowOf("5"), line, rowOf("6")].join("\r\n"));
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(/^line 4: /);
  expect(faults[0]).toContain(fault);
  expect(portsOf(table)).toEqual([5, 6]);
});

describe("printers", () => {
  const text = [rowOf("515"), rowOf("9090-9110"), rowOf("9103,9200")].join("\n");

  test("have no payload, whatever the rows say", () => {
    const { table, faults } = parseUdpPayloads(text);
    expect(faults.map((fault) => fault.slice(0, 7))).toEqual(["line 1:", "line 2:", "line 3:"]);
    expect(portsOf(table)).toEqual([...Array.from({ length: 10 }, (_, index) => 9090 + index), 9108, 9109, 9110, 9200]);
  });

  test("nor in a table that crossed to another thread, or was made by hand", () => {
    const { table } = parseUdpPayloads(text);
    const crossed = UdpPayloads.fromData(structuredClone(table.toData()));
    const made = new UdpPayloads([{ name: "x", ports: PRINTER_PORTS, payload: Uint8Array.of(0) }]);
    for (const port of PRINTER_PORTS) {
      expect(crossed.payloadsOf(port)).toEqual([]);
      expect(made.payloadsOf(port)).toEqual([]);
    }
  });

  test("have one when the user says so", () => {
    const { table, faults } = parseUdpPayloads(text, true);
    expect(faults).toEqual([]);
    for (const port of PRINTER_PORTS) expect(table.payloadsOf(port)).not.toEqual([]);
    expect(portsOf(UdpPayloads.fromData(structuredClone(table.toData())))).toEqual(portsOf(table));
  });
});

test("a table is the same on the other side of a thread", () => {
  const { table } = parseUdpPayloads(TEXT);
  const crossed = UdpPayloads.fromData(structuredClone(table.toData()));
  expect([crossed.count, crossed.names]).toEqual([table.count, table.names]);
  for (const port of portsOf(table)) expect(crossed.payloadsOf(port)).toEqual(table.payloadsOf(port));
});

test("no text makes it throw, or gives a printer a payload", () => {
  const cells = fc.constantFrom(
    "x",
    "7",
    "515",
    "9000-9060",
    "9090-9110",
    "00",
    '"a"',
    "1[",
    "\t",
    "\t",
    "\t",
    "\n",
    "#",
  );
  const texts = fc.oneof(
    fc.array(cells, { maxLength: 60 }).map((list) => list.join("")),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const { table } = parseUdpPayloads(text);
      for (const port of PRINTER_PORTS) expect(table.payloadsOf(port)).toEqual([]);
    }),
    { seed: 1, numRuns: 500 },
  );
});
