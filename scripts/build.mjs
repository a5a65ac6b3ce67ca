// Builds dist/: a few bundles to run (loading sixty small modules takes longer than a scan of one port) and the types of
// the library. Plain JavaScript, because it runs before anything is built: npm's "prepare" calls it.
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const isInstalledFromPackage = !existsSync(`${root}src`);

if (!isInstalledFromPackage) {
  const { rolldown } = await import("rolldown");
  rmSync(`${root}dist`, { recursive: true, force: true });
  const bundle = await rolldown({
    cwd: root,
    input: {
      main: "src/cli/main.ts",
      worker: "src/scan/worker.ts",
      "look-worker": "src/inside/look-worker.ts",
      index: "src/index.ts",
    },
    platform: "node",
    external: [/^node:/, "koffi", "libsql"],
    transform: { target: "node20.19" }, // it has no `using`
  });
  await bundle.write({ dir: "dist", format: "esm", chunkFileNames: "[name].js", comments: false });
  await bundle.close();
  const { status } = spawnSync(`${root}node_modules/.bin/tsc`, ["-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
}
