// The firewall's rules as the system's own programs write them: nft(8), iptables-save(8). They are run to read and nothing
// else, without a shell, by absolute paths, with an end in time and in bytes.
import { spawn } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import path from "node:path";

/** What one program said, or why it said nothing. */
export type RulesetText =
  | { readonly kind: "text"; readonly text: string }
  /** It is not installed where system programs are. */
  | { readonly kind: "absent" }
  /** In words: it may not, was too slow, said too much, or failed with its own words. Text from outside. */
  | { readonly kind: "fault"; readonly why: string };

/** What all of them said. */
export interface RulesetTexts {
  /** nft -j list ruleset: JSON. */
  readonly nft: RulesetText;
  readonly iptables: RulesetText;
  readonly ip6tables: RulesetText;
  /** Rules of the old kind, where the two above are of nftables and the kernel has old ones, too; else absent. */
  readonly iptablesLegacy: RulesetText;
  readonly ip6tablesLegacy: RulesetText;
}

/** How they are run; the defaults are for a command that somebody waits for. */
export interface RulesetOptions {
  readonly procRoot?: string;
  /** Where programs are looked for, in this order; never in PATH, which others may have set. */
  readonly folders?: readonly string[];
  readonly timeoutMs?: number;
  readonly outputBytesMax?: number;
}

const FOLDERS = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];
const TIMEOUT_MS = 5_000;
/** A node of Kubernetes with 10,000 services has about 20 MB. */
const OUTPUT_BYTES_MAX = 128 * 1024 * 1024;
const WHY_CHARACTERS_MAX = 300;

/** What all but nft said. */
export type SavedRulesetTexts = Omit<RulesetTexts, "nft">;

/** What programs say that were asked: nft takes several times as long as the others. */
export interface AskedRulesets {
  readonly nft: Promise<RulesetText>;
  readonly saved: Promise<SavedRulesetTexts>;
}

/**
 * Asks all programs at once. Nothing is given to them to change. nft loads the kernel's module of nftables if it is not there;
 * iptables-save is not given a table, since with one the old kind would make it.
 */
export function askRulesets(options: RulesetOptions = {}): AskedRulesets {
  return { nft: run("nft", ["-j", "list", "ruleset"], options), saved: readSavedRulesets(options) };
}

/** What they have all said. */
export async function readRulesets(options: RulesetOptions = {}): Promise<RulesetTexts> {
  const { nft, saved } = askRulesets(options);
  return { ...(await saved), nft: await nft };
}

async function readSavedRulesets(options: RulesetOptions): Promise<SavedRulesetTexts> {
  const { procRoot = "/proc" } = options;
  const [iptables, ip6tables] = await Promise.all([
    run("iptables-save", [], options),
    run("ip6tables-save", [], options),
  ]);
  const hasOld = (text: RulesetText, family: "ip" | "ip6") =>
    isOfNftables(text) && legacyTables(procRoot, family).includes("nat");
  const [iptablesLegacy, ip6tablesLegacy] = await Promise.all([
    hasOld(iptables, "ip") ? run("iptables-legacy-save", ["-t", "nat"], options) : ABSENT,
    hasOld(ip6tables, "ip6") ? run("ip6tables-legacy-save", ["-t", "nat"], options) : ABSENT,
  ]);
  return { iptables, ip6tables, iptablesLegacy, ip6tablesLegacy };
}

const ABSENT: RulesetText = { kind: "absent" };

/** All rules, as those who keep them see them: for walks through them, where nothing may be missing. */
export interface FullRulesetTexts {
  /** nft -a list ruleset: its text says more than its JSON (devices of netdev chains). */
  readonly nft: RulesetText;
  readonly iptables: RulesetText;
  readonly ip6tables: RulesetText;
  readonly iptablesLegacy: RulesetText;
  readonly ip6tablesLegacy: RulesetText;
  readonly ipset: RulesetText;
}

/** Asks all programs at once; see {@link readRulesets}. The old kind is asked only where it has tables already. */
export async function readFullRulesets(options: RulesetOptions = {}): Promise<FullRulesetTexts> {
  const { procRoot = "/proc" } = options;
  const [nft, iptables, ip6tables, ipset] = await Promise.all([
    run("nft", ["-a", "list", "ruleset"], options),
    run("iptables-save", ["-c"], options),
    run("ip6tables-save", ["-c"], options),
    run("ipset", ["save"], options),
  ]);
  const hasOld = (text: RulesetText, family: "ip" | "ip6") =>
    isOfNftables(text) && legacyTables(procRoot, family).length > 0;
  const [iptablesLegacy, ip6tablesLegacy] = await Promise.all([
    hasOld(iptables, "ip") ? run("iptables-legacy-save", ["-c"], options) : ABSENT,
    hasOld(ip6tables, "ip6") ? run("ip6tables-legacy-save", ["-c"], options) : ABSENT,
  ]);
  return { nft, iptables, ip6tables, iptablesLegacy, ip6tablesLegacy, ipset };
}

/** Its first line says which kind it is. */
function isOfNftables(text: RulesetText): boolean {
  return text.kind === "text" && (text.text === "" || text.text.slice(0, 200).includes("(nf_tables)"));
}

/** Tables of the old kind that are there already: to ask for another one would make it. */
function legacyTables(procRoot: string, family: "ip" | "ip6"): readonly string[] {
  try {
    const text = readFileSync(`${procRoot}/net/${family}_tables_names`, "latin1");
    return text.split("\n").filter((name) => name !== "");
  } catch {
    return []; // none of the old kind, or no right to know: then no right to read them either
  }
}

function run(name: string, words: readonly string[], options: RulesetOptions): Promise<RulesetText> {
  const { folders = FOLDERS } = options;
  const program = folders.map((folder) => path.join(folder, name)).find(isExecutable);
  return program === undefined ? Promise.resolve(ABSENT) : runProgram(program, words, options);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // whatever the cause: it cannot be started from there
  }
}

/** LC_ALL keeps its words in English; nothing else of our environment is handed on. */
const ENVIRONMENT: NodeJS.ProcessEnv = { LC_ALL: "C", PATH: FOLDERS.join(":") };

function runProgram(program: string, words: readonly string[], options: RulesetOptions): Promise<RulesetText> {
  const { timeoutMs = TIMEOUT_MS, outputBytesMax = OUTPUT_BYTES_MAX } = options;
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      cwd: "/",
      env: ENVIRONMENT,
      stdio: ["ignore", "pipe", "pipe"],
      shell: false,
    });
    let fault: string | undefined;
    const stop = (why: string) => {
      fault ??= why;
      child.kill("SIGKILL");
      child.stdout.destroy(); // something that it started may hold the other end
      child.stderr.destroy();
    };
    const output = gather(child.stdout, outputBytesMax, () => stop(`wrote more than ${outputBytesMax} bytes`));
    const errors = gather(child.stderr, 4096, () => {});
    const timer = setTimeout(() => stop(`did not end within ${timeoutMs} ms`), timeoutMs);
    child.once("error", (error) => {
      clearTimeout(timer);
      resolve({ kind: "fault", why: error.message });
    });
    child.once("close", (status) => {
      clearTimeout(timer);
      if (fault === undefined && status === 0) resolve({ kind: "text", text: output() });
      else resolve({ kind: "fault", why: fault ?? faultOf(errors(), status) });
    });
  });
}

/** What it wrote, up to so many bytes; beyond them it is told once, and the rest is thrown away. */
function gather(stream: NodeJS.ReadableStream, bytesMax: number, onTooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    if (bytes <= bytesMax && bytes + chunk.length > bytesMax) onTooMuch();
    if (bytes < bytesMax) chunks.push(chunk.subarray(0, bytesMax - bytes));
    bytes += chunk.length;
  });
  return () => Buffer.concat(chunks).toString("utf8");
}

/** The first line of its complaint that says something. */
function faultOf(errors: string, status: number | null): string {
  const line = errors.split("\n").find((one) => one.trim() !== "" && !one.startsWith("#"));
  return (line?.trim() ?? `ended with status ${status}`).slice(0, WHY_CHARACTERS_MAX);
}
