// Runs inside the lab: asks ports as a vantage does, and tells what came in lines of JSON. With `isHeld` it then keeps the
// vantage open until it is ended.
import { readdirSync, readlinkSync } from "node:fs";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { readUdpPayloads } from "../src/cli/data-files.js";
import { PosternError } from "../src/model/errors.js";
import { type Address, formatAddress, parseAddress } from "../src/target/address.js";
import { openHereVantage } from "../src/vantage/here-vantage.js";
import { openSelfVantage } from "../src/vantage/self-vantage.js";
import type { AskedPort, Vantage } from "../src/vantage/vantage.js";

/** What is asked, as the test writes it. */
export interface AskerOrder {
  readonly kind: "here" | "self";
  readonly source?: readonly string[];
  /** "10.9.0.2 tcp 80". */
  readonly ports: readonly string[];
  readonly isHeld?: boolean;
}

/** What the program tells. */
export interface AskerWord {
  readonly opened?: { readonly sources: readonly string[]; readonly arrivesBy?: string; readonly limits: string[] };
  readonly answer?: { readonly port: string; readonly said: string; readonly tries: number; readonly by?: string };
  readonly gap?: { readonly what: string; readonly why: string };
  readonly mark?: string;
  readonly fault?: { readonly code: string; readonly text: string };
  /** When all has been asked: how long it took, and how many network namespaces the threads of the process are in. */
  readonly done?: { readonly elapsedMs: number; readonly namespaceCount: number };
}

const NOBODY: Address = { family: 4, value: 0 };

function say(word: AskerWord): void {
  process.stdout.write(`${JSON.stringify(word)}\n`);
}

function addressOf(text: string): Address {
  return parseAddress(text) ?? NOBODY;
}

function openVantage({ kind, source }: AskerOrder): Vantage {
  const udpPayloads = readUdpPayloads(false).toData();
  return kind === "self"
    ? openSelfVantage({ source: source?.map(addressOf), udpPayloads })
    : openHereVantage({ udpPayloads });
}

function portOf(text: string): AskedPort {
  const [address = "", protocol, port] = text.split(" ");
  return { address: addressOf(address), protocol: protocol === "udp" ? "udp" : "tcp", port: Number(port) };
}

function namespaceCount(): number {
  return new Set(readdirSync("/proc/self/task").map((thread) => readlinkSync(`/proc/self/task/${thread}/ns/net`))).size;
}

async function ask(vantage: Vantage, texts: readonly string[]): Promise<void> {
  const { signal } = new AbortController();
  const ports = texts.map(portOf);
  const startedAtMs = performance.now();
  const options = { scope: { own: [], authorized: [] }, maxRate: undefined, maxRetries: undefined, signal };
  for await (const event of vantage.ask(ports, options)) {
    if (event.kind === "gap") say({ gap: { what: event.what, why: event.why } });
    else if (event.kind === "mark") say({ mark: `${formatAddress(event.address)} ${event.mark}` });
    else {
      const { asked, state, reason, tries, responder } = event.answer;
      const port = `${formatAddress(asked.address)} ${asked.protocol} ${asked.port}`;
      const by = responder === undefined ? {} : { by: formatAddress(responder) };
      say({ answer: { port, said: `${state} ${reason}`, tries, ...by } });
    }
  }
  const elapsedMs = performance.now() - startedAtMs;
  await new Promise((resolve) => setTimeout(resolve, 100)); // the scanning thread ends behind its last event
  say({ done: { elapsedMs, namespaceCount: namespaceCount() } });
}

async function main(order: AskerOrder): Promise<void> {
  const vantage = openVantage(order);
  const { sources, arrivesBy, limits } = vantage;
  const by = arrivesBy === undefined ? {} : { arrivesBy };
  say({ opened: { sources: sources.map(formatAddress), limits: [...limits], ...by } });
  try {
    await ask(vantage, order.ports);
    if (order.isHeld === true) await new Promise((resolve) => process.stdin.once("end", resolve).resume());
  } finally {
    await vantage[Symbol.asyncDispose]();
  }
}

try {
  await main(JSON.parse(process.argv[2] ?? ""));
} catch (error) {
  if (!(error instanceof PosternError)) throw error;
  say({ fault: { code: error.code, text: `${error.message}; ${error.hint ?? ""}` } });
}
