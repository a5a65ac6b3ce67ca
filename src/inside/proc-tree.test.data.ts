// Trees of files as below /proc, for tests: of one text, so that a whole machine can be read and changed in one place.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";

/** The machines of fixtures/; beside each stands what ss says of it. */
export const MACHINES = ["debian-server", "docker-host", "router-node"] as const;

/** A part of fixtures/. */
export function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
}

/** Files and links by path. In files, `\0` stands for NUL. */
export interface ProcTree {
  readonly files: Readonly<Record<string, string>>;
  readonly links: Readonly<Record<string, string>>;
}

/** Reads a machine's text: "==> PATH" and the lines of a file, "==> PATH -> TARGET" for a link; "#" before the first. */
export function parseTree(text: string): ProcTree {
  const files: Record<string, string> = {};
  const links: Record<string, string> = {};
  for (const part of `\n${text}`.split("\n==> ").slice(1)) {
    const end = part.includes("\n") ? part.indexOf("\n") : part.length;
    const [name = "", target] = part.slice(0, end).split(" -> ");
    if (target !== undefined) links[name] = target;
    else files[name] = end === part.length ? "" : `${part.slice(end + 1)}\n`;
  }
  return { files, links };
}

/** Makes trees below a folder that is removed when the file's tests have run. */
export function procTrees(): (tree: Partial<ProcTree>) => string {
  const root = mkdtempSync(path.join(tmpdir(), "postern-tree-"));
  afterAll(() => rmSync(root, { recursive: true }));
  let count = 0;
  return ({ files = {}, links = {} }) => {
    count += 1;
    const base = path.join(root, String(count));
    mkdirSync(base);
    for (const [name, content] of Object.entries(files))
      writeFileSync(made(base, name), content.replaceAll("\\0", "\0"));
    for (const [name, target] of Object.entries(links)) symlinkSync(target, made(base, name));
    return base;
  };
}

function made(base: string, name: string): string {
  const file = path.join(base, name);
  mkdirSync(path.dirname(file), { recursive: true });
  return file;
}
