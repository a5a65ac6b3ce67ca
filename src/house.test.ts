// The import rule: imports go down the floors, never up, never to a neighbour (docs/architecture.md).
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const SOURCE = path.dirname(fileURLToPath(import.meta.url));

/** Folder, its floor, and the highest floor that it may import. */
const HOUSE: readonly (readonly [folder: string, floor: number, ceiling: number])[] = [
  ["cli", 6, 5],
  ["server", 6, 5],
  ["fleet", 5, 4],
  ["audit", 5, 4],
  ["watch", 5, 4],
  ["vantage", 4, 3],
  ["report", 4, 2],
  ["store", 4, 2],
  ["scan", 3, 2],
  ["identify", 3, 2],
  ["talk", 3, 2],
  ["published", 3, 2],
  ["technique", 2, 1],
  ["inside", 2, 1],
  ["firewall", 2, 1],
  ["policy", 2, 1],
  ["linux", 1, 0],
  ["packet", 0, -1],
  ["target", 0, -1],
  ["model", 0, -1],
];

/** Who may import a package: everybody else goes through the owner. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  croner: ["watch"],
  koffi: ["linux"],
  "node:child_process": ["linux"],
  hono: ["server"],
  "@nats-io/transport-node": ["fleet"],
  "@nats-io/jetstream": ["fleet"],
  libsql: ["store"],
  saxes: ["report"],
  commander: ["cli"],
  yaml: ["policy"],
  zod: [],
  "zod/locales": ["firewall"],
  "zod/mini": ["cli", "firewall", "policy"],
};

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)|(?:^|\n)\s*import\s+"([^"]+)"/g;

function rowOf(folder: string) {
  return HOUSE.find(([name]) => name === folder);
}

function complaintsOf(file: string, text: string): string[] {
  const folder = file.split(path.sep)[0] ?? "";
  const own = rowOf(folder);
  const complaints: string[] = [];
  for (const match of text.matchAll(IMPORT)) {
    const name = match[1] ?? match[2] ?? match[3] ?? "";
    const owners = OWNERS[name];
    if (owners?.includes(folder) === false) complaints.push(`${file}: ${name} belongs to ${owners.join("/, ")}/`);
    if (own === undefined || !name.startsWith(".")) continue;
    const target = path.normalize(path.join(path.dirname(file), name)).split(path.sep)[0] ?? "";
    if (target === folder) continue;
    const other = rowOf(target);
    if (other === undefined || other[1] > own[2]) complaints.push(`${file}: ${folder}/ may not import ${target}/`);
  }
  return complaints;
}

test("imports go down the floors", () => {
  const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const complaints = files
    .filter((name) => !name.endsWith(".test.ts"))
    .flatMap((name) => complaintsOf(name, readFileSync(path.join(SOURCE, name), "utf8")));
  expect(complaints).toEqual([]);
});

test("every folder stands in the house", () => {
  const folders = readdirSync(SOURCE, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map((entry) => entry.name).filter((name) => rowOf(name) === undefined)).toEqual([]);
});

test("the rule catches what it must", () => {
  const bad: [file: string, text: string, complaint: string][] = [
    ["report/xml.ts", 'import { scan } from "../scan/scan.js";', "report/xml.ts: report/ may not import scan/"],
    [
      "packet/tcp.ts",
      'import type { Port } from "../target/port.js";',
      "packet/tcp.ts: packet/ may not import target/",
    ],
    ["scan/a.ts", 'export { b } from "../cli/b.js";', "scan/a.ts: scan/ may not import cli/"],
    ["scan/a.ts", 'const b = await import("../cli/b.js");', "scan/a.ts: scan/ may not import cli/"],
    ["scan/a.ts", 'import koffi from "koffi";', "scan/a.ts: koffi belongs to linux/"],
    ["technique/a.ts", 'import {\n  b,\n} from "../inside/b.js";', "technique/a.ts: technique/ may not import inside/"],
  ];
  for (const [file, text, complaint] of bad) expect(complaintsOf(file, text)).toEqual([complaint]);
});
