// This machine as a vantage: it asks other hosts as a scan does, and its own addresses over loopback.
import { canUseRawSockets } from "../linux/capabilities.js";
import { PosternError } from "../model/errors.js";
import { VERSION } from "../model/version.js";
import { formatAddress } from "../target/address.js";
import type { UdpPayloadsData } from "../technique/udp-payloads.js";
import { askByEngine, type EngineMeans } from "./ask-by-engine.js";
import { AskedList } from "./asked-list.js";
import { gapsBeyond } from "./scope-gaps.js";
import type { AskedPort, AskingOptions, Vantage, VantageEvent } from "./vantage.js";

const NO_RAW = "asking UDP ports needs the right to send raw packets (CAP_NET_RAW)";
/** Errors that say that raw packets cannot be sent, though the right is there: a seccomp filter, an LSM. */
const REFUSALS: ReadonlySet<string> = new Set(["system-call", "privilege"]);

/** What this machine asks with. */
export interface HereOptions {
  /** What UDP services are asked. */
  readonly udpPayloads: UdpPayloadsData;
}

/** Makes a vantage of this machine. Nothing is opened before it is asked. */
export function openHereVantage({ udpPayloads }: HereOptions): Vantage {
  return {
    name: "here",
    means: `postern ${VERSION}`,
    sources: [], // the routes decide
    arrivesBy: undefined,
    limits: [
      "Addresses of this machine itself are reached over its loopback interface, where most rules let everything pass.",
    ],
    ask: (ports, options) => ask(ports, options, { udpPayloads, timing: {}, networkNamespace: undefined, sources: [] }),
    async [Symbol.asyncDispose]() {},
  };
}

type Means = Omit<EngineMeans, "isPrivileged">;

async function* ask(ports: readonly AskedPort[], options: AskingOptions, means: Means): AsyncGenerator<VantageEvent> {
  const list = new AskedList(ports);
  yield* gapsBeyond(list, options.scope);
  if (canUseRawSockets()) {
    const refusal = yield* tryRaw(list, options, means);
    if (refusal === undefined) return;
    yield* giveUpUdp(list, `raw packets cannot be sent here: ${refusal.message}`);
  } else {
    yield* giveUpUdp(list, NO_RAW);
  }
  yield* askByEngine(list, options, { ...means, isPrivileged: false });
}

/** What refused to let raw packets out, if anything did; the list then has what is still to be asked. */
async function* tryRaw(
  list: AskedList,
  options: AskingOptions,
  means: Means,
): AsyncGenerator<VantageEvent, PosternError | undefined> {
  try {
    yield* askByEngine(list, options, { ...means, isPrivileged: true });
    return undefined;
  } catch (error) {
    if (error instanceof PosternError && REFUSALS.has(error.code)) return error;
    throw error;
  }
}

function* giveUpUdp(list: AskedList, why: string): Generator<VantageEvent> {
  for (const address of list.addresses) yield* list.giveUp(formatAddress(address), why, "udp");
}
