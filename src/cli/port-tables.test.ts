import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPortTables } from "./port-tables.js";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-tables-"));
  writeFileSync(path.join(folder, "nmap-services"), "mine 80/tcp 0.5\n");
  writeFileSync(path.join(folder, "other"), "other 80/tcp\n");
  writeFileSync(path.join(folder, "bad"), "mine 80/tcp\nnothing\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

function open(servicesFile: string | undefined, dataDirectory: string | undefined) {
  const inFolder = (name: string | undefined) => (name === undefined ? undefined : path.join(folder, name));
  return openPortTables({ servicesFile: inFolder(servicesFile), dataDirectory: inFolder(dataDirectory) });
}

describe("openPortTables", () => {
  it("takes our own tables without a word", () => {
    const tables = open(undefined, undefined);
    expect(tables.services().nameOf(80, "tcp")).toBe("http");
    expect(tables.ranking().rankedCount("tcp")).toBeGreaterThan(1000);
    expect(tables.portsFrom("tcp", 0)).toBeUndefined();
    expect(tables.warnings).toEqual([]);
  });

  it("takes the file of a directory, and a file that is named before that", () => {
    const tables = open(undefined, ".");
    expect(tables.services().nameOf(80, "tcp")).toBe("mine");
    expect(tables.services().nameOf(6, "ip")).toBe("tcp");
    expect(tables.ranking().rankedCount("tcp")).toBe(1);
    expect(tables.portsFrom("tcp", 0.5)).toEqual([80]);
    const named = open("other", ".");
    expect(named.services().nameOf(80, "tcp")).toBe("other");
    expect(named.ranking().rankedCount("tcp")).toBeGreaterThan(1000); // it knows no frequencies
  });

  it("says what is not there", () => {
    expect(open(undefined, "..").warnings).toEqual([expect.stringContaining("there is no nmap-services in")]);
    expect(() => open(undefined, "none")).toThrow("none: there is no such directory");
    expect(() => open("none", undefined)).toThrow("none: there is no such file");
    expect(() => open("bad", undefined)).toThrow(/bad:2: a name and a port .* not "nothing"$/);
  });
});
