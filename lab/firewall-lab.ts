// The firewall lab: a host between three links that loads any ruleset, and tells what its kernel does with packets that are
// sent to it for real (lab/firewall/kernel-host.ts).
import type { ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { firstWord } from "./availability.js";
import type { KernelAnswer, KernelRequest, LoadAnswer, PacketJson, RulesetText } from "./firewall/kernel-answer.js";
import { createLab, type Lab } from "./network.js";

/** A firewall lab that stands. */
export interface FirewallLab {
  /** Puts a ruleset in the place of the one before. `settings` by their path below /proc/sys/net. */
  load(texts: readonly RulesetText[], settings?: Readonly<Record<string, string>>): Promise<LoadAnswer>;
  /** Sends packets through what is loaded. */
  ask(packets: readonly PacketJson[]): Promise<readonly KernelAnswer[]>;
  /** The same with packets that belong together: connections are those that the packets themselves make. */
  converse(packets: readonly PacketJson[]): Promise<readonly KernelAnswer[]>;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const HOST = fileURLToPath(new URL("firewall/kernel-host.ts", import.meta.url));
const START_MS = 30_000;

async function startHost(lab: Lab): Promise<ChildProcess> {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href; // Node 20 runs no TypeScript
  const words = ["--import", loader, HOST, lab.scanner.namespace];
  const child = lab.host("host").spawn(process.execPath, words, { env: { NODE_OPTIONS: "" } });
  child.stderr?.pipe(process.stderr);
  await firstWord(child, "host", START_MS);
  return child;
}

/** One question after another over the child's standard input and output. */
function conversation(child: ChildProcess): (request: KernelRequest) => Promise<unknown> {
  const waiting: { readonly resolve: (value: unknown) => void; readonly reject: (fault: Error) => void }[] = [];
  if (child.stdout === null || child.stdin === null) throw new Error("lab: the host has no pipes");
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.resolve(JSON.parse(line)));
  child.once("close", (status) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`lab: the host ended with ${status}`));
  });
  const { stdin } = child;
  return (request) =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      stdin.write(`${JSON.stringify(request)}\n`);
    });
}

/** Builds the lab in about a second; whoever builds it disposes of it (`await using`, or `dispose()`). */
export async function createFirewallLab(): Promise<FirewallLab> {
  const lab = await createLab({ topology: "firewall" });
  let child: ChildProcess;
  try {
    child = await startHost(lab);
  } catch (error) {
    await lab.dispose();
    throw error;
  }
  const say = conversation(child);
  return {
    load: async (texts, settings) =>
      (await say({ texts, ...(settings === undefined ? {} : { settings }) })) as LoadAnswer,
    ask: async (packets) => (await say({ packets, isConversation: false })) as readonly KernelAnswer[],
    converse: async (packets) => (await say({ packets, isConversation: true })) as readonly KernelAnswer[],
    dispose: lab.dispose,
    [Symbol.asyncDispose]: lab.dispose,
  };
}
