// Bundles test/ask-vantage.ts together with the worker thread that it needs: from the sources no thread can be started.
import { rmSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A program that is there until it is disposed of. */
export interface Bundle extends Disposable {
  readonly program: string;
}

/** Makes the bundle below dist/, from where packages and tables are found. */
export async function bundleAsker(): Promise<Bundle> {
  const folder = `${ROOT}dist/test-${process.pid}`;
  const bundle = await rolldown({
    cwd: ROOT,
    input: { "ask-vantage": "test/ask-vantage.ts", worker: "src/scan/worker.ts" },
    platform: "node",
    external: [/^node:/, "koffi"],
  });
  await bundle.write({ dir: folder, format: "esm", chunkFileNames: "[name].js" });
  await bundle.close();
  return {
    program: `${folder}/ask-vantage.js`,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
