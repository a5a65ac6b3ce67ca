// Plays the host under test: `node --import tsx kernel-host.ts NAMESPACE-OF-THE-LINKS'-OTHER-ENDS`, in the host's own
// namespace. Each line of JSON on standard input is a ruleset to load or packets to send; each gets a line of answer.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { readPacket } from "../../src/firewall/read-questions.js";
import { inNetworkNamespace, namespaceId } from "../../src/linux/network-namespace.js";
import { FIREWALL_LINKS } from "../topology.js";
import type { KernelAnswer, KernelRequest, LoadAnswer, RulesetText } from "./kernel-answer.js";
import { observerText } from "./observer.js";
import { PacketTrial } from "./packet-trial.js";

const LISTING_BYTES_MAX = 256 << 20;
/** The machine's own lock would stop others, and lies where only root may write. Here is nobody to be kept out. */
const LOCK_FILE = "/dev/null";

function run(
  command: string,
  args: readonly string[],
  input?: string,
): { readonly fault?: string; readonly text: string } {
  const done = spawnSync(command, args, {
    input,
    encoding: "utf8",
    maxBuffer: LISTING_BYTES_MAX,
    timeout: 60_000,
    env: { ...process.env, XTABLES_LOCKFILE: LOCK_FILE },
  });
  if (done.status === 0) return { text: done.stdout };
  return { text: done.stdout ?? "", fault: `${command}: ${done.error?.message ?? done.stderr.trim()}` };
}

const LEGACY_EMPTY = ["raw", "mangle", "nat", "filter", "security"].map((table) => `*${table}\nCOMMIT\n`).join("");

/** What is loaded by iptables-legacy stays when nft flushes its own. */
let isLegacyUsed = false;

function clear(): string | undefined {
  const { fault } = run("nft", ["flush", "ruleset"]);
  if (!isLegacyUsed) return fault;
  isLegacyUsed = false;
  const old =
    readFileSync("/proc/self/net/ip_tables_names", "utf8") + readFileSync("/proc/self/net/ip6_tables_names", "utf8");
  if (old.trim() === "") return fault;
  return (
    fault ??
    run("iptables-legacy-restore", [], emptied(LEGACY_EMPTY)).fault ??
    run("ip6tables-legacy-restore", [], emptied(LEGACY_EMPTY)).fault
  );
}

const emptied = (text: string): string => text.replace(/\*(\w+)\n/g, (line, table: string) => line + policiesOf(table));

function policiesOf(table: string): string {
  const chains: Readonly<Record<string, readonly string[]>> = {
    raw: ["PREROUTING", "OUTPUT"],
    mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
    nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
    filter: ["INPUT", "FORWARD", "OUTPUT"],
    security: ["INPUT", "FORWARD", "OUTPUT"],
  };
  return (chains[table] ?? []).map((chain) => `:${chain} ACCEPT [0:0]\n`).join("");
}

function loadOne({ program, text }: RulesetText): string | undefined {
  if (program.includes("legacy")) isLegacyUsed = true;
  const args = program === "nft" ? ["-f", "-"] : program === "ipset" ? ["restore"] : [];
  return run(program, args, text).fault;
}

function load(texts: readonly RulesetText[], settings: Readonly<Record<string, string>>): LoadAnswer {
  for (const [name, value] of Object.entries(settings)) writeFileSync(`/proc/sys/net/${name}`, value);
  let fault = clear();
  for (const text of texts) fault ??= loadOne(text);
  if (fault !== undefined) return { fault };
  const saves = texts
    .filter(({ program }) => program.endsWith("-restore"))
    .map(({ program }) => program.replace("-restore", "-save"));
  const json = run("nft", ["-j", "list", "ruleset"]);
  const text = run("nft", ["list", "ruleset"]);
  const listing = {
    json: json.text,
    text: text.text,
    ...(json.fault === undefined ? {} : { jsonFault: json.fault }),
    saves: [...new Set(saves)].map((program) => ({ program, text: run(program, []).text })),
  };
  const observer = run("nft", ["-f", "-"], observerText(["lo", ...FIREWALL_LINKS.map(({ name }) => name)]));
  return observer.fault === undefined ? { listing } : { fault: observer.fault };
}

function openTrial(otherEnds: string): PacketTrial {
  const file = `/run/netns/${otherEnds}`;
  const inode = namespaceId(file);
  if (inode === undefined) throw new Error(`there is no namespace ${otherEnds}`);
  return new PacketTrial((work) => inNetworkNamespace({ inode, path: file }, work));
}

/** Traces of iptables-legacy go to the logger of their family (nf_log_trace()): to the same socket as all other logs. */
function hearLegacyTraces(): void {
  for (const family of ["2", "10"]) {
    try {
      writeFileSync(`/proc/sys/net/netfilter/nf_log/${family}`, "nfnetlink_log");
    } catch {
      // in a user namespace it is not ours to set: there are no paths of iptables-legacy then
    }
  }
}

hearLegacyTraces();
const trial = openTrial(process.argv[2] ?? "");
process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as KernelRequest;
  const answer: LoadAnswer | readonly KernelAnswer[] =
    "texts" in request
      ? load(request.texts, request.settings ?? {})
      : trial.ask(
          request.packets.map((packet) => readPacket(packet, { file: "request" })),
          request.isConversation,
        );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
