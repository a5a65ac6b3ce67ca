// The checked-in lists of data/: well formed, complete, and made by their scripts.
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { makePortRanking } from "../../scripts/make-port-ranking.js";
import { makeServices } from "../../scripts/make-services.js";
import { PortRanking } from "./port-ranking.js";
import type { Protocol } from "./port-set.js";
import { ServiceTable } from "./service-table.js";

const DATA = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..", "data");

function read(name: string): string {
  return readFileSync(path.join(DATA, name), "utf8");
}

function rows(name: string): string[][] {
  return read(name)
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split("\t"));
}

test("the ranking is what its script makes", () => {
  const inputs = {
    curated: read("port-ranking-curated.tsv"),
    additions: read("services-additions.tsv"),
    services: read("services.tsv"),
  };
  expect(makePortRanking(inputs)).toBe(read("port-ranking.tsv"));
});

test("the services begin with our additions as its script makes them", () => {
  const made = makeServices(read("services-additions.tsv"), {}, "?")
    .split("\n")
    .filter((line) => !line.startsWith("#"));
  const stored = read("services.tsv")
    .split("\n")
    .filter((line) => !line.startsWith("#"));
  expect(stored.slice(0, made.length - 1)).toEqual(made.slice(0, -1));
});

test("IP protocols ascend, and no name is there twice or needs quoting", () => {
  const listed = rows("ip-protocols.tsv");
  const numbers = listed.map(([number]) => Number(number));
  const names = listed.map(([, name = ""]) => name);
  expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other));
  expect(numbers.every((number) => number >= 0 && number <= 255)).toBe(true);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^[a-z0-9.+-]+$/.test(name))).toEqual([]);
});

test("rows have their columns", () => {
  const columns: [name: string, count: number][] = [
    ["services.tsv", 3],
    ["services-additions.tsv", 4],
    ["port-ranking-curated.tsv", 4],
    ["port-ranking.tsv", 4],
    ["udp-payloads.tsv", 4],
    ["ip-protocols.tsv", 2],
  ];
  for (const [name, count] of columns) {
    expect(rows(name).filter((row) => row.length !== count || row.some((cell) => cell.trim() === ""))).toEqual([]);
  }
});

test("there are ports enough for the defaults", () => {
  const ranking = new PortRanking(read("port-ranking.tsv"));
  const counts: [protocol: Protocol, least: number][] = [
    ["tcp", 1000],
    ["udp", 1000],
    ["sctp", 50],
  ];
  for (const [protocol, least] of counts) {
    const ranked = ranking.top(protocol, least);
    expect(ranked.every((port) => ranking.rankOf(protocol, port) !== undefined)).toBe(true);
    expect(new Set(ranked).size).toBe(least);
  }
  expect(ranking.top("tcp", 3)).toEqual([443, 80, 22]);
  expect(ranking.top("udp", 100)).toContain(51820);
});

test("services have the names that people know", () => {
  const table = new ServiceTable(read("services.tsv"));
  const names: [port: number, protocol: Protocol, name: string][] = [
    [22, "tcp", "ssh"],
    [53, "udp", "domain"],
    [80, "tcp", "http"],
    [443, "tcp", "https"],
    [445, "tcp", "microsoft-ds"],
    [514, "tcp", "shell"],
    [3306, "tcp", "mysql"],
    [3389, "tcp", "ms-wbt-server"],
    [5432, "tcp", "postgresql"],
    [6443, "tcp", "kubernetes-api"],
    [8080, "tcp", "http-proxy"],
    [8443, "tcp", "https-alt"],
    [51820, "udp", "wireguard"],
    [38412, "sctp", "ng-control"],
  ];
  for (const [port, protocol, name] of names) expect(table.nameOf(port, protocol), `${port}/${protocol}`).toBe(name);
  expect(table.portsOf("www-http", "tcp")).toEqual([80]);
});
