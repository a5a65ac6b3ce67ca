// The rulesets in rulesets/ loaded into both back ends of iptables, each in a namespace of its own, and listed again: what is read
// of the listing is what was read of the ruleset.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hasProgram, labEnvironment } from "../../lab/availability.js";
import { describeLab } from "../../lab/vitest.js";
import { readIpsetSave } from "../../src/firewall/ipset-save.js";
import { readIptablesSave } from "../../src/firewall/iptables-save.js";
import type { Rule, Ruleset } from "../../src/firewall/ruleset.js";

const FOLDER = path.join(import.meta.dirname, "rulesets");
const SETS = path.join(FOLDER, "sets.ipset");
const RULESETS = readdirSync(FOLDER).filter((name) => /\.v[46]$/.test(name));
const BACK_ENDS = ["nft", "legacy"] as const;
const TIMEOUT_MS = 20_000;

/** What a kernel says that was built without one of the matches or targets. */
const IS_LACKING = /No such file or directory|not supported|No chain\/target\/match|Extension .* is not supported/;

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-iptables-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the back end lists after it was given the ruleset. */
function listAgain(name: string, backEnd: "nft" | "legacy") {
  const program = `${name.endsWith(".v6") ? "ip6tables" : "iptables"}-${backEnd}`;
  const sets = name.startsWith("sets") ? `ipset restore < "$2" && ` : "";
  const script = `${sets}${program}-restore < "$1" && ${program}-save -c`;
  const user = process.geteuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  return spawnSync("unshare", [...user, "--net", "sh", "-c", script, "sh", path.join(FOLDER, name), SETS], {
    encoding: "utf8",
    timeout: TIMEOUT_MS,
    // The lock of the old back end would stop others, and lies where only root may write.
    env: { ...labEnvironment(), XTABLES_LOCKFILE: path.join(folder, "lock") },
  });
}

/** What a ruleset means: its tables in the order of their names, without counters, lines and texts. */
function meaning({ tables }: Ruleset) {
  return tables
    .map(({ family, name, chains }) => ({
      table: `${family} ${name}`,
      chains: [...chains.values()]
        .map((chain) => ({ name: chain.name, policy: chain.base?.policy, rules: chain.rules.map(meant) }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    }))
    .sort((a, b) => (a.table < b.table ? -1 : 1));
}

function meant({ statements, comment }: Rule) {
  return { statements, comment };
}

describeLab("listings of iptables", () => {
  const rows = RULESETS.flatMap((name) => BACK_ENDS.map((backEnd) => [name, backEnd] as const));
  test.for(rows)("%s by iptables-%s", ([name, backEnd], { skip }) => {
    if (name.startsWith("sets") && !hasProgram("ipset")) skip("ipset is not installed");
    const sets = readIpsetSave(readFileSync(SETS, "utf8"), SETS);
    const before = readIptablesSave(readFileSync(path.join(FOLDER, name), "utf8"), { sets });
    const { status, stdout, stderr } = listAgain(name, backEnd);
    if (status !== 0 && IS_LACKING.test(stderr)) skip(`this kernel lacks something: ${stderr.trim()}`);
    expect(status, stderr).toBe(0);
    const after = readIptablesSave(stdout, { sets });
    expect(after.tables.map(({ origin }) => origin)).toEqual(after.tables.map(() => `iptables-${backEnd}`));
    expect(meaning(after)).toEqual(meaning(before));
  });
});
