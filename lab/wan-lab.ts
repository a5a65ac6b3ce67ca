// The wan lab: a scanner on Ethernet; its router, and behind one link as many hosts as wanted, are one program on the
// other end of a TAP device (lab/wan/responder.ts).
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { firstWord } from "./availability.js";
import type { LabMachine } from "./machine.js";
import { createLab, type Lab } from "./network.js";
import { WAN_DEVICE } from "./topology.js";
import type { WanCounts } from "./wan/counts.js";
import type { WanDescription } from "./wan/description.js";
import { populationsOf, truthIn, type WanProtocol, type WanTruth } from "./wan/population.js";

/** A wan lab that stands. */
export interface WanLab {
  /** False when the kernel has no IPv6: then nothing leads to IPv6 prefixes. */
  readonly hasIpv6: boolean;
  /** Where the scanner stands: on Ethernet, with a router that leads to all prefixes. */
  readonly scanner: LabMachine;
  /** What is true of a port there, to compare a scan with. Default is TCP. */
  truthOf(address: string, port: number, protocol?: WanProtocol): WanTruth;
  /** What the network has seen since the last call, or since it stands. */
  counts(): Promise<WanCounts>;
  /** The same, and then the hosts are gone; the namespaces stay until {@link dispose}. */
  stop(): Promise<WanCounts>;
  /** Ends all programs and removes everything; may be called twice. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const RESPONDER = fileURLToPath(new URL("wan/responder.ts", import.meta.url));
const START_MS = 20_000;
const COUNTS_MS = 5000;

/** True where this user may open TAP devices: elsewhere the wan lab cannot be built. */
export function isTapHere(): boolean {
  try {
    accessSync("/dev/net/tun", constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function startResponder(lab: Lab, description: WanDescription): Promise<ChildProcess> {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href; // Node 20 runs no TypeScript
  const words = ["--import", loader, RESPONDER, WAN_DEVICE, JSON.stringify(description)];
  const child = lab.scanner.spawn(process.execPath, words, { env: { NODE_OPTIONS: "" } });
  await firstWord(child, "responder", START_MS);
  return child;
}

/** The next line that the responder says. */
function nextCounts(child: ChildProcess): Promise<WanCounts> {
  return new Promise((resolve, reject) => {
    let text = "";
    const timer = setTimeout(() => end(new Error("lab: the responder said nothing")), COUNTS_MS);
    const onData = (chunk: Buffer) => {
      text += chunk.toString();
      if (text.endsWith("\n")) end(undefined);
    };
    const onExit = () => end(new Error(`lab: the responder ended with ${child.exitCode ?? child.signalCode}`));
    const end = (fault: Error | undefined) => {
      clearTimeout(timer);
      child.stdout?.off("data", onData);
      child.off("close", onExit);
      if (fault === undefined) resolve(JSON.parse(text) as WanCounts);
      else reject(fault);
    };
    child.stdout?.on("data", onData);
    child.once("close", onExit);
  });
}

/** Builds a network behind one link; whoever builds it disposes of it (`await using`, or `dispose()`). */
export async function createWanLab(description: WanDescription): Promise<WanLab> {
  const populations = populationsOf(description);
  const prefixes = [...new Set(description.hosts.map(({ prefix }) => prefix))];
  const lab = await createLab({ topology: "wan", prefixes });
  let child: ChildProcess;
  try {
    child = await startResponder(lab, description);
  } catch (error) {
    await lab.dispose();
    throw error;
  }
  const ask = async (signal: NodeJS.Signals): Promise<WanCounts> => {
    const told = nextCounts(child);
    child.kill(signal);
    return await told;
  };
  let last: Promise<WanCounts> | undefined;
  const stop = async (): Promise<WanCounts> => {
    const isGone = once(child, "exit");
    const counts = await ask("SIGTERM");
    await isGone;
    return counts;
  };
  return {
    hasIpv6: lab.hasIpv6,
    scanner: lab.scanner,
    truthOf: (address, port, protocol) => truthIn(populations, address, port, protocol),
    counts: () => ask("SIGUSR2"),
    stop: () => {
      last ??= stop();
      return last;
    },
    dispose: lab.dispose,
    [Symbol.asyncDispose]: lab.dispose,
  };
}
