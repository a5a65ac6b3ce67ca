// The rulesets of rulesets/ loaded into a real kernel: both forms of its listing, and text with nft's options, make one model,
// and the fixtures beside the rulesets are what nft writes. `UPDATE=1` writes those anew.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLab, type Lab } from "../../lab/network.js";
import { describeLab } from "../../lab/vitest.js";
import { readNftJson } from "../../src/firewall/nft-json.js";
import { readNftText } from "../../src/firewall/nft-text.js";
import { comparable } from "../../src/firewall/ruleset-compare.test.data.js";

const RULESETS = fileURLToPath(new URL("rulesets/", import.meta.url));
const NAMES = readdirSync(RULESETS).flatMap((name) => (name.endsWith(".nft") ? [name.slice(0, -".nft".length)] : []));

/** Options of `nft list ruleset` that change the words and not the meaning. */
const OPTIONS = ["-j", "-a", "-n", "-y", "-S", "-p"];
const END = "=== end of a listing ===";

/**
 * Days are names or numbers, so that what cannot be known has other words; elements come in an order of the options' (names are
 * sorted otherwise than numbers) or of the kernel's own (its hash tables have another seed each time).
 */
function withoutWords(model: unknown): unknown {
  return JSON.parse(
    JSON.stringify(model, (key, value: unknown) => {
      if (typeof value === "bigint") return String(value);
      if (key === "elements" && Array.isArray(value)) return value.map((one) => inspect(one, { depth: 9 })).sort();
      return key === "text" ? undefined : value;
    }),
  );
}

describeLab("listings of nft", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour" });
  });
  afterAll(() => lab?.dispose());

  async function listings(name: string): Promise<readonly string[]> {
    const script = [
      "nft flush ruleset",
      `nft -f ${path.join(RULESETS, `${name}.nft`)}`,
      "nft list ruleset",
      ...OPTIONS.flatMap((option) => [`echo; echo '${END}'`, `nft ${option} list ruleset`]),
    ];
    const { stdout, stderr, status } = await lab.scanner.run("sh", ["-c", script.join(" && ")]);
    expect(stderr.replace("warning: stmt ops map have no json callback\n", "")).toBe("");
    expect(status).toBe(0);
    return stdout.split(`\n${END}\n`);
  }

  test.each(NAMES)("%s", async (name) => {
    const [text = "", json = "", ...others] = await listings(name);
    if (process.env.UPDATE === "1") {
      writeFileSync(path.join(RULESETS, `${name}.txt`), text);
      writeFileSync(path.join(RULESETS, `${name}.json`), json);
    }
    const model = comparable(readNftText(text));
    expect(comparable(readNftJson(json))).toEqual(model);
    const kept = readFileSync(path.join(RULESETS, `${name}.txt`), "utf8");
    for (const other of [kept, ...others]) {
      expect(withoutWords(comparable(readNftText(other)))).toEqual(withoutWords(model));
    }
  });
});
