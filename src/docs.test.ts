// The documentation keeps up with the code: every code, technique and link is looked up on both sides.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { VERSION } from "./model/version.js";
import { TECHNIQUES } from "./technique/list.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What belongs to the project: everything that is no product of a build and no dependency. */
const FOLDERS = [".ci", "bench", "bin", "data", "docs", "lab", "scripts", "src", "test", "web"];

/** Written by hand after `npm run bench`, which takes minutes and a quiet machine. */
const BENCH_PAGE = "docs/performance.md";

function read(name: string): string {
  return readFileSync(path.join(ROOT, name), "utf8");
}

/** Files below a folder, as paths from the root. */
function filesIn(folder: string): string[] {
  if (!existsSync(path.join(ROOT, folder))) return [];
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((name) => path.join(folder, name))
    .filter((name) => statSync(path.join(ROOT, name)).isFile());
}

function allFiles(): string[] {
  const top = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isFile() && entry.name !== ".git"); // a file in a worktree
  return [...top.map((entry) => entry.name), ...FOLDERS.flatMap(filesIn)];
}

function pages(): string[] {
  return allFiles().filter((name) => name.endsWith(".md"));
}

/** The words in backquotes that begin the rows of the first table below a heading. */
function firstCells(page: string, heading: string): string[] {
  const [, section = ""] = page.split(`\n## ${heading}\n`);
  const [table = ""] = section.split("\n## ");
  return [...table.matchAll(/^\| `([^`]+)` +\|/gm)].map((match) => match[1] ?? "");
}

/** The anchors that headings of a page have, as GitHub makes them. */
function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test("docs/errors.md has every error code, and no other", () => {
  const codes = [...read("src/model/errors.ts").matchAll(/readonly code = "([^"]+)"/g)].map((match) => match[1]);
  expect(codes.length).toBeGreaterThan(0);
  expect(firstCells(read("docs/errors.md"), "Codes").sort()).toEqual(codes.sort());
});

test("docs/errors.md has every notice's code, and no other", () => {
  const sources = filesIn("src").filter((name) => name.endsWith(".ts") && !/\.test(\.data)?\.ts$/.test(name));
  const codes = sources.flatMap((name) =>
    [...read(name).matchAll(/type: "notice",[^}]*?code: "([^"]+)"/g)].map((match) => match[1]),
  );
  expect(codes.length).toBeGreaterThan(0);
  expect(firstCells(read("docs/errors.md"), "Notices").sort()).toEqual([...new Set(codes)].sort());
});

test("docs/output.md explains every reason", async () => {
  const { REASON_NAMES } = await import("./model/reason.js");
  const page = read("docs/output.md");
  expect(REASON_NAMES.filter((reason) => !page.includes(`\`${reason}\``))).toEqual([]);
});

test("every technique has its page, and every page its technique", () => {
  const named = filesIn("docs/techniques").map((name) => path.basename(name, ".md"));
  expect(named.sort()).toEqual(TECHNIQUES.map(({ name }) => name).sort());
});

test("the version is that of package.json, and the changelog knows it", () => {
  expect(JSON.parse(read("package.json"))).toMatchObject({ version: VERSION });
  expect(read("CHANGELOG.md")).toContain(`\n## ${VERSION}\n`);
});

test("every relative link leads to a file, and to a heading in it", () => {
  const broken = pages().flatMap((name) =>
    [...read(name).matchAll(/\]\(([^)\s]+)\)/g)].flatMap((match) => {
      const [target = "", anchor] = (match[1] ?? "").split("#");
      if (/^[a-z]+:/.test(target)) return [];
      const file = target === "" ? name : path.join(path.dirname(name), target);
      if (!existsSync(path.join(ROOT, file))) return [`${name}: ${target}`];
      const isThere = anchor === undefined || anchorsOf(read(file)).includes(anchor);
      return isThere ? [] : [`${name}: ${target}#${anchor}`];
    }),
  );
  expect(broken).toEqual([]);
});

test("pages that the code names are there", () => {
  const named = filesIn("src")
    .filter((name) => name.endsWith(".ts"))
    .flatMap((name) => [...read(name).matchAll(/\bdocs\/[\w/-]+\.md\b/g)].map((match) => match[0]));
  const missing = [...new Set(named)].filter((name) => !existsSync(path.join(ROOT, name)));
  expect(missing.filter((name) => name !== BENCH_PAGE)).toEqual([]);
});

/** The pages that a page links to; a link to a folder is a link to all pages in it. */
function linkedPages(name: string): string[] {
  const targets = [...read(name).matchAll(/\]\(([^)\s#:]+)[)#]/g)].map((match) =>
    path.join(path.dirname(name), match[1] ?? ""),
  );
  return targets
    .filter((target) => existsSync(path.join(ROOT, target)))
    .flatMap((target) => (statSync(path.join(ROOT, target)).isDirectory() ? filesIn(target) : [target]))
    .filter((target) => target.endsWith(".md"));
}

test("every page can be found from README.md", () => {
  const found = new Set(["README.md"]);
  for (const name of found) for (const page of linkedPages(name)) found.add(page);
  expect(pages().filter((name) => !found.has(name) && name !== BENCH_PAGE)).toEqual([]);
});

test("README.md has the two commands, and .ci/run calls the second", () => {
  const commands = [...read("README.md").matchAll(/^npm ci && [^#\n]*/gm)].map((match) => match[0].trim());
  expect(commands).toEqual(["npm ci && ./bin/postern localhost", "npm ci && npm test"]);
  expect(read(".ci/run")).toContain("npm ci && npm test");
  expect(statSync(path.join(ROOT, ".ci/run")).mode & 0o111).not.toBe(0);
});

test("nothing points out of the repository", () => {
  const outside = /\/work\/|\.\.\/shared|\/home\/\w+\/|\/root\//;
  const offending = allFiles().filter((name) => name !== "package-lock.json" && outside.test(read(name)));
  expect(offending).toEqual([]);
});

test("every file of the program opens with a comment", () => {
  const sources = filesIn("src").filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  expect(sources.filter((name) => !read(name).startsWith("// "))).toEqual([]);
});

test("no folder is a drawer for everything", () => {
  const drawer = /(^|\/)(utils?|helpers?|common|misc|lib)\//;
  expect(filesIn("src").filter((name) => drawer.test(name))).toEqual([]);
});
