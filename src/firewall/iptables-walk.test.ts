// Packets through rulesets of iptables, against the counters of the kernel: kernel-hits.jsonl has for each packet the rules and
// policies whose counters it raised. Recorded on Linux 6.18: each was sent over a veth pair into a namespace with the ruleset,
// between two runs of `iptables-save -c` of the back end that the ruleset is of. Chains that the host's own packets meet are
// left out, since its answers raise their counters as well.
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { readIpsetSave } from "./ipset-save.js";
import { readIptablesSave } from "./iptables-save.js";
import type { HostEnvironment, QuestionPacket } from "./packet-question.js";
import { readEnvironment, readPacket } from "./read-questions.js";
import type { Ruleset, Table } from "./ruleset.js";
import { PacketWalk } from "./walk/packet-walk.js";

const FOLDER = path.resolve(import.meta.dirname, "../../test/firewall/rulesets");

interface Recording {
  readonly ruleset: string;
  readonly environment: HostEnvironment;
  readonly packets: { readonly packet: QuestionPacket; readonly text: string; readonly hits: readonly string[] }[];
}

function recordings(): readonly Recording[] {
  const found: Recording[] = [];
  for (const line of readFileSync(path.join(FOLDER, "kernel-hits.jsonl"), "utf8").trim().split("\n")) {
    const { ruleset, env, packet, hits } = JSON.parse(line);
    if (ruleset !== undefined) {
      found.push({ ruleset, environment: readEnvironment(JSON.stringify(env), ruleset), packets: [] });
    } else {
      const read = readPacket(packet, { file: "kernel-hits.jsonl" });
      found.at(-1)?.packets.push({ packet: read, text: JSON.stringify(packet), hits });
    }
  }
  return found;
}

/** The chains of the hook output, and all that they lead to. */
function ownChains({ tables }: Ruleset): ReadonlySet<string> {
  return new Set(tables.flatMap((table) => [...reachedFromOutput(table)].map((chain) => `${table.name} ${chain}`)));
}

function reachedFromOutput({ chains }: Table): ReadonlySet<string> {
  const reached = new Set(["OUTPUT"]);
  for (const name of reached) {
    for (const statement of chains.get(name)?.rules.flatMap(({ statements }) => statements) ?? []) {
      if (statement.kind === "verdict" && "chain" in statement.verdict) reached.add(statement.verdict.chain);
    }
  }
  return reached;
}

/** Answers of the host raise it; of what is forwarded, the rules above it tell enough. */
const RAISED_BY_ANSWERS = "mangle POSTROUTING policy";

test.each(recordings())("$ruleset", ({ ruleset: name, environment, packets }) => {
  const sets = readIpsetSave(readFileSync(path.join(FOLDER, "sets.ipset"), "utf8"));
  const ruleset = readIptablesSave(readFileSync(path.join(FOLDER, name), "utf8"), { sets });
  const walk = new PacketWalk(ruleset, environment);
  const ofHost = ownChains(ruleset);
  for (const { packet, text, hits } of packets) {
    const { path: steps, why } = walk.answer(packet);
    const met = steps
      .filter(({ table, chain }) => !ofHost.has(`${table} ${chain}`))
      .map(({ table, chain, index }) => `${table} ${chain} ${index}`)
      .filter((hit) => hit !== RAISED_BY_ANSWERS);
    const expected = hits.filter((hit) => hit !== RAISED_BY_ANSWERS);
    expect(new Set(met), `${text} ${why ?? ""}`).toEqual(new Set(expected));
  }
});
