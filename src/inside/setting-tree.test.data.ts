// Trees as below /proc, made of settings, for tests.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";

/** Makes trees below a folder that is removed when the file's tests have run. */
export function procTrees(): (settings: Readonly<Record<string, string | number>>) => string {
  const root = mkdtempSync(path.join(tmpdir(), "postern-proc-"));
  afterAll(() => rmSync(root, { recursive: true }));
  let count = 0;
  return (settings) => {
    count += 1;
    const procRoot = path.join(root, String(count));
    mkdirSync(path.join(procRoot, "sys/net"), { recursive: true });
    for (const [name, value] of Object.entries(settings)) {
      const file = path.join(procRoot, "sys", name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, `${value}\n`);
    }
    return procRoot;
  };
}
