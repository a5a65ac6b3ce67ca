// Makes what is made from the option table of the scan command: docs/options.md, the man page, and what shells complete.
// Run: npx tsx scripts/make-docs.ts
import { mkdirSync, writeFileSync } from "node:fs";
import { generatedFiles } from "../src/cli/generated-files.js";

for (const [path, text] of await generatedFiles()) {
  const file = new URL(`../${path}`, import.meta.url);
  mkdirSync(new URL(".", file), { recursive: true });
  writeFileSync(file, text);
}
