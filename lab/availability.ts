// Whether the lab can be built here: as root with `ip netns`, else inside a user namespace (unshare(1), nsenter(1)).
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import path from "node:path";
import process from "node:process";

/** Whether tests of the lab can run, and why not. */
export type LabAvailability = { readonly available: true } | { readonly available: false; readonly reason: string };

/** How programs get to where the lab's namespaces are. */
export interface Ground {
  readonly kind: "root" | "user";
  /** Command words that stand before `ip`, empty for root. */
  readonly prefix: readonly string[];
  /** Gives the user namespace back; nothing to do for root. */
  close(): Promise<void>;
}

/** Distributions keep `ip` and `nft` where the PATH of ordinary users does not look. */
const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** The environment for the lab's own commands: the machine's, with the folders of system programs in PATH. */
export function labEnvironment(): NodeJS.ProcessEnv {
  const folders = (process.env.PATH ?? "/usr/bin:/bin").split(":");
  const missing = SYSTEM_FOLDERS.filter((folder) => !folders.includes(folder));
  return { ...process.env, PATH: [...folders, ...missing].join(":") };
}

/** True when the program is found in PATH or where system programs are. */
export function hasProgram(name: string): boolean {
  const folders = labEnvironment().PATH?.split(":") ?? [];
  return folders.some((folder) => {
    try {
      accessSync(path.join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false; // whatever the cause: it cannot be started from there
    }
  });
}

/** What no lab can do without. */
const NEEDED = ["ip", "nft", "sh", "setpriv", "unshare", "nsenter"];

/** Makes two namespaces with a link, a bridge and a rule, and removes them: what the kernel must let us do. */
function trialScript(name: string): string {
  return [
    "set -e",
    `trap 'ip netns del ${name}-a 2>/dev/null; ip netns del ${name}-b 2>/dev/null' EXIT`,
    `ip netns add ${name}-a`,
    `ip netns add ${name}-b`,
    `ip -n ${name}-a link add eth0 type veth peer name eth0 netns ${name}-b`,
    `ip -n ${name}-a link add inside type bridge`,
    `ip netns exec ${name}-a nft 'add table inet lab; add chain inet lab c { type filter hook input priority 0; };` +
      " add rule inet lab c tcp dport 1 reject with tcp reset; add rule inet lab c numgen random mod 1000 < 1 drop'",
  ].join("\n");
}

/** A private /run/netns hides the machine's namespaces and lets `ip netns add` work without being root outside. */
const OWN_RUN = "if [ -d /run/netns ]; then mount -t tmpfs lab /run/netns; else mount -t tmpfs lab /run; fi";
const UNSHARE = ["unshare", "--user", "--map-root-user", "--net", "--mount"];

function attempt(kind: Ground["kind"]): string | undefined {
  const name = `pn-${process.pid}-${randomTag()}-try`;
  const script = trialScript(name);
  const words = kind === "root" ? ["sh", "-c", script] : [...UNSHARE, "sh", "-c", `set -e\n${OWN_RUN}\n${script}`];
  const [command = "sh", ...args] = words;
  const done = spawnSync(command, args, { env: labEnvironment(), encoding: "utf8", timeout: 10_000 });
  if (done.status === 0) return undefined;
  const why = done.error?.message ?? done.stderr.trim().split("\n")[0] ?? "";
  return `${kind === "root" ? "as root" : "in a user namespace"}: ${why || `status ${done.status}`}`;
}

/** Four letters that keep labs of one process apart. */
export function randomTag(): string {
  return Math.floor(Math.random() * 36 ** 4)
    .toString(36)
    .padStart(4, "0");
}

function findKind(): Ground["kind"] | { readonly reason: string } {
  if (process.platform !== "linux") return { reason: `network namespaces need Linux, this is ${process.platform}` };
  const missing = NEEDED.filter((name) => !hasProgram(name));
  if (missing.length > 0) return { reason: `missing: ${missing.join(", ")} (iproute2, nftables, util-linux)` };
  const kinds: readonly Ground["kind"][] = process.geteuid?.() === 0 ? ["root", "user"] : ["user"];
  const faults: string[] = [];
  for (const kind of kinds) {
    const fault = attempt(kind);
    if (fault === undefined) return kind;
    faults.push(fault);
  }
  return { reason: faults.join("; ") };
}

let known: ReturnType<typeof findKind> | undefined;

/** Tries the lab's means once for each process, in about 0.1 s, and says whether they work. */
export function labAvailability(): LabAvailability {
  known ??= findKind();
  return typeof known === "string" ? { available: true } : { available: false, reason: known.reason };
}

/** Waits until the child has said a word on its standard output; rejects with its errors when it ends before. */
export function firstWord(child: ChildProcess, what: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let errors = "";
    const timer = setTimeout(() => fail(`said nothing for ${timeoutMs} ms`), timeoutMs);
    const fail = (why: string) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(`lab: ${what}: ${why} ${errors}`.trim()));
    };
    child.stderr?.on("data", (chunk) => {
      errors += String(chunk);
    });
    child.stdout?.once("data", () => {
      clearTimeout(timer);
      resolve();
    });
    child.once("error", (error) => fail(error.message));
    child.once("close", (status) => fail(`ended with ${status}`));
  });
}

/** The ground to build a lab on; throws with the reason when there is none. */
export async function openGround(): Promise<Ground> {
  const availability = labAvailability();
  if (!availability.available) throw new Error(`lab: not available: ${availability.reason}`);
  if (known === "root") return { kind: "root", prefix: [], close: async () => {} };
  const [command = "", ...args] = [...UNSHARE, "sh", "-ec", `${OWN_RUN}\necho ready\nexec cat`];
  // The namespace lives as long as this child, and the child as long as its standard input: no orphans.
  const keeper = spawn(command, args, { env: labEnvironment(), stdio: ["pipe", "pipe", "pipe"], detached: true });
  await firstWord(keeper, "user namespace", 10_000);
  const prefix = ["nsenter", `--target=${keeper.pid}`, "--user", "--mount", "--net", "--preserve-credentials"];
  return {
    kind: "user",
    prefix,
    close: async () => {
      if (keeper.exitCode !== null || keeper.signalCode !== null) return;
      const gone = new Promise((resolve) => keeper.once("exit", resolve));
      keeper.kill("SIGKILL");
      await gone;
    },
  };
}
