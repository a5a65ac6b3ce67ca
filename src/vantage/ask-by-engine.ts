// Asks ports with the engine of the scan: exactly those, without discovery, from here or from inside of another network
// namespace.
import type { NetworkNamespace } from "../linux/network-namespace.js";
import { randomWords } from "../linux/secret.js";
import { REASONS } from "../model/reason.js";
import type { HostDoneEvent, HostFacts, PortResult, ScanEvent } from "../model/scan-event.js";
import { DEFAULT_MAX_RETRIES, DEFAULT_TIMING, type ScanPlan, type Timing } from "../scan/plan.js";
import { scan } from "../scan/scan.js";
import { type Address, formatAddress, parseAddress } from "../target/address.js";
import { PortSet } from "../target/port-set.js";
import { TargetSet } from "../target/target-set.js";
import type { UdpPayloadsData } from "../technique/udp-payloads.js";
import type { AskedList } from "./asked-list.js";
import type { AskingOptions, VantageEvent } from "./vantage.js";

/** From where, and with what. */
export interface EngineMeans {
  /** What UDP services are asked. */
  readonly udpPayloads: UdpPayloadsData;
  /** False: only connects, whatever this process may do. */
  readonly isPrivileged: boolean;
  readonly timing: Partial<Timing>;
  readonly networkNamespace: NetworkNamespace | undefined;
  /** Addresses that UDP probes leave from by turns, since errors are rationed by address; empty for what the route says. */
  readonly sources: readonly Address[];
}

/**
 * Asks for all that is on the list, and takes it off: each port is answered, or named in a gap.
 *
 * @throws PosternError whatever stopped the scan
 */
export async function* askByEngine(
  list: AskedList,
  options: AskingOptions,
  means: EngineMeans,
): AsyncGenerator<VantageEvent, void, void> {
  if (list.count === 0) return;
  const { networkNamespace } = means;
  const answers = new EngineAnswers(list);
  const scanOptions = { signal: options.signal, ...(networkNamespace !== undefined && { networkNamespace }) };
  for await (const event of scan(planFor(list, options, means), scanOptions)) yield* answers.take(event);
  yield* answers.rest(options.signal.aborted);
}

/** The events of a scan as those of a vantage. */
class EngineAnswers {
  readonly #list: AskedList;
  readonly #hosts = new Map<number, HostFacts>();
  #notice: string | undefined;

  constructor(list: AskedList) {
    this.#list = list;
  }

  *take(event: ScanEvent): Generator<VantageEvent, void, void> {
    switch (event.type) {
      case "host":
        this.#hosts.set(event.host.id, event.host);
        if (event.host.status === "down") yield* this.#list.giveUp(event.host.address, this.#downText(event.host));
        break;
      case "notice":
        if (event.level === "warning") this.#notice = event.text;
        break;
      case "port":
        yield* this.#answer(this.#hosts.get(event.hostId)?.address ?? "", event.result);
        break;
      case "host-done":
        yield* this.#done(this.#hosts.get(event.hostId)?.address ?? "", event);
        break;
    }
  }

  /** What the scan ended without. */
  *rest(isStopped: boolean): Generator<VantageEvent, void, void> {
    const why = isStopped ? "the asking was stopped" : (this.#notice ?? "the scan ended without a word about it");
    for (const address of this.#list.addresses) yield* this.#list.giveUp(formatAddress(address), why);
  }

  *#answer(address: string, result: PortResult): Generator<VantageEvent, void, void> {
    const asked = this.#list.take(address, result);
    if (asked === undefined) return;
    const { state, reason, rttMs, tries } = result;
    const responder = result.responder === undefined ? undefined : parseAddress(result.responder);
    yield { kind: "answer", answer: { asked, state, reason, responder, rttMs, tries } };
  }

  *#done(text: string, { marks, end }: HostDoneEvent): Generator<VantageEvent, void, void> {
    const address = parseAddress(text);
    if (address !== undefined) {
      for (const { code, text: evidence } of marks) yield { kind: "mark", address, mark: code, evidence };
    }
    if (end !== "done") yield* this.#list.giveUp(text, `its scan ended early: ${end}`);
  }

  #downText({ address, reason }: HostFacts): string {
    const notice = this.#notice; // told of the first such address alone
    if (notice?.startsWith(`${address} `) === true) return notice;
    return reason === "no-response" ? "nobody on its link answers for the address" : REASONS[reason];
  }
}

function planFor(list: AskedList, options: AskingOptions, means: EngineMeans): ScanPlan {
  const { udpPayloads, isPrivileged, timing } = means;
  const { maxRate, maxRetries = timing.maxRetries ?? DEFAULT_MAX_RETRIES } = options;
  return {
    targets: TargetSet.of(list.groups(), [], PortSet.empty).toData(),
    targetTexts: list.addresses.map(formatAddress),
    scope: options.scope,
    techniques: [...(list.has("tcp") ? (["tcp-auto"] as const) : []), ...(list.has("udp") ? (["udp"] as const) : [])],
    scanFlags: undefined,
    ping: "none",
    discovery: [],
    isLinkAsked: true,
    transport: "auto",
    isPrivileged,
    likelyPorts: {},
    isSequential: false,
    timing: { ...DEFAULT_TIMING, ...timing, maxRetries, maxRatePps: maxRate },
    seed: randomWords(1)[0] ?? 0,
    isDownReported: true,
    isSilenceOmitted: false,
    sourceAddresses: means.sources,
    borrowCount: 0,
    udpPayloads,
    isIcmpRationDefeated: false,
    isResetRationDefeated: false,
    isTraced: false,
    shard: undefined,
    resume: undefined,
    isJournaled: false,
    isDirect: means.networkNamespace !== undefined,
  };
}
