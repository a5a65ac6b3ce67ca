// Runs inside the lab: asks for ports from another host by ssh. Each line of its input is an order, and a line tells what came
// of it, in no order; one process serves a whole test, since to start one takes longer than to ask.
import process from "node:process";
import { createInterface } from "node:readline";
import { readUdpPayloads } from "../src/cli/data-files.js";
import { parseSshHost } from "../src/linux/ssh-host.js";
import { RemoteError } from "../src/model/errors.js";
import { formatAddress, parseAddress } from "../src/target/address.js";
import type { Means } from "../src/vantage/remote-means.js";
import { openSshVantage } from "../src/vantage/ssh-vantage.js";
import type { AskedPort } from "../src/vantage/vantage.js";

/** What is asked. */
export interface SshOrder {
  readonly host: string;
  readonly program?: string;
  readonly configFile?: string;
  readonly only?: readonly Means["kind"][];
  readonly ports: readonly (readonly [address: string, protocol: "tcp" | "udp", port: number])[];
  readonly maxRate?: number;
}

/** What came of it. */
export interface SshTold {
  readonly name: string;
  readonly means: string;
  readonly sources: readonly string[];
  readonly limits: readonly string[];
  /** "10.77.1.2 tcp 22 open conn-accepted by 10.77.0.1 x1" */
  readonly answers: readonly string[];
  readonly gaps: readonly string[];
}

async function run({ host, program, configFile, only, ports, maxRate }: SshOrder): Promise<SshTold> {
  const place = parseSshHost(host);
  if (place === undefined) throw new Error(`no host: ${host}`);
  const asked = ports.map(([text, protocol, port]): AskedPort => {
    const address = parseAddress(text);
    if (address === undefined) throw new Error(`no address: ${text}`);
    return { address, protocol, port };
  });
  const { signal } = new AbortController();
  const targets = asked.map(({ address }) => address);
  await using vantage = await openSshVantage(place, {
    ...{ program, configFile, only, signal },
    targets: [...new Map(targets.map((address) => [formatAddress(address), address])).values()],
    payloads: readUdpPayloads(false),
  });
  const answers: string[] = [];
  const gaps: string[] = [];
  const options = { scope: { own: [], authorized: [] }, maxRate, maxRetries: undefined, signal };
  for await (const event of vantage.ask(asked, options)) {
    if (event.kind === "gap") gaps.push(`${event.what}: ${event.why}`);
    if (event.kind !== "answer") continue;
    const { state, reason, responder, tries } = event.answer;
    const { address, protocol, port } = event.answer.asked;
    const by = responder === undefined ? "" : ` by ${formatAddress(responder)}`;
    answers.push(`${formatAddress(address)} ${protocol} ${port} ${state} ${reason}${by} x${tries}`);
  }
  const { name, means, limits } = vantage;
  return { name, means, limits, sources: vantage.sources.map(formatAddress), answers: answers.sort(), gaps };
}

/** What came of it, or what stood in the way. */
async function outcome(order: SshOrder): Promise<SshTold | { readonly trouble: string }> {
  try {
    return await run(order);
  } catch (error) {
    if (error instanceof RemoteError) return { trouble: error.trouble };
    throw error;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const order: SshOrder & { readonly id: number } = JSON.parse(line);
  void outcome(order).then((told) => process.stdout.write(`${JSON.stringify({ id: order.id, told })}\n`));
}
