// Builds dist/ from src/. Plain JavaScript, because it runs before anything is built (npm's "prepare" calls it).
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = `${root}node_modules/.bin/tsc`;

if (existsSync(tsc)) {
  rmSync(`${root}dist`, { recursive: true, force: true });
  const { status } = spawnSync(tsc, ["-p", `${root}tsconfig.build.json`], { cwd: root, stdio: "inherit" });
  process.exitCode = status ?? 1;
} else if (!existsSync(`${root}dist/cli/main.js`)) {
  console.error("postern: no compiler and no dist/: install with the development dependencies (npm ci)");
  process.exitCode = 1;
}
