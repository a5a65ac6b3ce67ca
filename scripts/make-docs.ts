// Makes docs/options.md from the option table of the scan command.
// Run: npx tsx scripts/make-docs.ts
import { writeFileSync } from "node:fs";
import { optionsMarkdown } from "../src/cli/options-markdown.js";

writeFileSync(new URL("../docs/options.md", import.meta.url), optionsMarkdown());
