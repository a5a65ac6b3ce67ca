import { expect, test } from "vitest";
import { ServiceTable } from "./service-table.js";

const TEXT = [
  "# a comment\twith\ttcp",
  "http\t80\ttcp",
  "www\t80\ttcp",
  "",
  "no row",
  "domain\t53\tudp",
  "bad\t70000\ttcp",
  "bad\t8x\ttcp",
  "bad\t81\tddp",
  "diameter\t3868\tsctp",
  "gre\t47\tip",
  "bad\t256\tip",
  "bad\t82\ttcpx",
  "sql*net\t66\ttcp",
  "http-alt\t8080\ttcp",
].join("\n");

test("the first name of a port is shown, all of them are found", () => {
  const table = new ServiceTable(TEXT);
  expect(table.nameOf(80, "tcp")).toBe("http");
  expect(table.nameOf(80, "udp")).toBeUndefined();
  expect(table.nameOf(53, "udp")).toBe("domain");
  expect(table.nameOf(3868, "sctp")).toBe("diameter");
  expect(table.nameOf(47, "ip")).toBe("gre");
  expect(table.nameOf(8080, "tcp")).toBe("http-alt");
  for (const port of [-1, 65536, 81, 8, 1.5]) expect(table.nameOf(port, "tcp")).toBeUndefined();
  expect(table.portsOf("WWW", "tcp")).toEqual([80]);
  expect(table.portsOf("www", "udp")).toEqual([]);
  expect(table.namedPorts("tcp")).toEqual([66, 80, 8080]);
  expect(table.nearest("htpt")).toBe("http");
});

test("patterns", () => {
  const table = new ServiceTable(TEXT);
  const cases: [pattern: string, ports: number[]][] = [
    ["http*", [80, 8080]],
    ["*", [66, 80, 8080]],
    ["??w", [80]],
    ["*-*", [8080]],
    ["*t*t*", [80, 8080]],
    ["sql*net", [66]],
    ["x*", []],
    ["", []],
  ];
  for (const [pattern, ports] of cases) expect(table.matching(pattern, "tcp"), pattern).toEqual(ports);
});

test("text of any kind is no reason to throw", () => {
  for (const text of ["", "\n", "\t", "a\t", "a\t1", "a\t1\t", "\t\t\t", "\t1\ttcp"]) {
    const table = new ServiceTable(text);
    expect(table.nameOf(1, "tcp")).toBeUndefined();
    expect(table.namedPorts("tcp")).toEqual([]);
  }
});
