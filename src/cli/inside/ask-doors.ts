// Asks the doors of this machine from this machine itself, with the engine of the scan: one packet or connect each.
import { type DoorProbe, type DoorResults, probeKey } from "../../inside/door-answers.js";
import type { OwnAddress } from "../../inside/open-at.js";
import { canUseRawSockets } from "../../linux/capabilities.js";
import { randomWords } from "../../linux/secret.js";
import { PosternError, PrivilegeError, SystemCallError } from "../../model/errors.js";
import type { PortResult, ScanEvent } from "../../model/scan-event.js";
import { DEFAULT_TIMING, type ScanPlan, type Timing } from "../../scan/plan.js";
import { scan } from "../../scan/scan.js";
import { singleBlock } from "../../target/address-block.js";
import { type PortRange, PortSet, type Protocol } from "../../target/port-set.js";
import { type TargetGroup, TargetSet } from "../../target/target-set.js";
import { readUdpPayloads } from "../data-files.js";
import { messageOf } from "../exit-status.js";

/**
 * Nothing is lost on the way from this machine to itself, and its kernel answers at once; programs that answer UDP need a
 * moment. So silence costs 0.2 s, however many ports are silent.
 */
const TIMING: Timing = {
  ...DEFAULT_TIMING,
  minRttTimeoutMs: 40,
  initialRttTimeoutMs: 60,
  maxRttTimeoutMs: 90,
  maxRetries: 1,
};
/** What has not answered by then is not known: somebody waits for the whole. */
const ASKING_MS_MAX = 700;

/** What came of asking. */
export interface AskedDoors {
  readonly results: DoorResults;
  /** The techniques that were used, by their names: "tcp-syn". */
  readonly techniques: readonly string[];
  readonly elapsedMs: number;
  /** What was not asked, and why: "UDP ports: raw packets cannot be sent here". */
  readonly faults: readonly string[];
}

/** The protocols that this process can ask. */
export function askableProtocols(): ReadonlySet<Protocol> {
  return new Set(canUseRawSockets() ? ["tcp", "udp", "sctp"] : ["tcp"]);
}

/** Asks. What goes wrong is told in `faults`, for the inside is worth showing without answers, too. */
export async function askDoors(probes: readonly DoorProbe[]): Promise<AskedDoors> {
  if (probes.length === 0) return { results: new Map(), techniques: [], elapsedMs: 0, faults: [] };
  try {
    return await ask(probes, undefined);
  } catch (error) {
    if (!(error instanceof SystemCallError || error instanceof PrivilegeError)) throw error;
    return askWithout(probes, error); // the right is there, and something else forbids it: a seccomp filter, an LSM
  }
}

async function askWithout(probes: readonly DoorProbe[], why: PosternError): Promise<AskedDoors> {
  const raw = `UDP and SCTP ports: raw packets cannot be sent here: ${messageOf(why)}`;
  const some = probes.filter(({ protocol }) => protocol === "tcp");
  try {
    const asked = await ask(some, false);
    return { ...asked, faults: [...(some.length < probes.length ? [raw] : []), ...asked.faults] };
  } catch (error) {
    if (!(error instanceof PosternError)) throw error;
    return { results: new Map(), techniques: [], elapsedMs: 0, faults: [`any port: ${messageOf(error)}`] };
  }
}

async function ask(probes: readonly DoorProbe[], isPrivileged: false | undefined): Promise<AskedDoors> {
  const gathered = new Gathered();
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  for await (const event of scan(planFor(probes, isPrivileged), { thread: "caller", signal: stop.signal })) {
    timer ??= setTimeout(() => stop.abort(), ASKING_MS_MAX); // from the first event on: what is loaded before is no asking
    gathered.take(event);
  }
  clearTimeout(timer);
  return gathered.asked();
}

/** What a scan has told so far. */
class Gathered {
  readonly #results: Map<string, PortResult> = new Map();
  readonly #addresses: Map<number, string> = new Map();
  readonly #techniques: Set<string> = new Set();
  readonly #faults: Set<string> = new Set();
  #elapsedMs = 0;

  take(event: ScanEvent): void {
    switch (event.type) {
      case "host":
        this.#addresses.set(event.host.id, event.host.address);
        break;
      case "technique":
        this.#techniques.add(event.choice.technique);
        break;
      case "notice":
        if (event.level === "warning") this.#faults.add(event.text);
        break;
      case "port": {
        const { protocol, port } = event.result;
        this.#results.set(probeKey(this.#addresses.get(event.hostId) ?? "", protocol, port), event.result);
        break;
      }
      case "done":
        this.#elapsedMs = event.elapsedMs;
        if (event.isAborted) this.#faults.add(`some ports: the whole took longer than ${ASKING_MS_MAX} ms`);
        break;
    }
  }

  asked(): AskedDoors {
    return {
      results: this.#results,
      techniques: [...this.#techniques],
      elapsedMs: this.#elapsedMs,
      faults: [...this.#faults],
    };
  }
}

function planFor(probes: readonly DoorProbe[], isPrivileged: false | undefined): ScanPlan {
  const protocols = new Set(probes.map(({ protocol }) => protocol));
  const groups = groupsOf(probes);
  return {
    targets: TargetSet.of(groups, [], PortSet.empty).toData(),
    targetTexts: [],
    scope: { own: probes.map(({ own }) => own.address), authorized: [] },
    isOwnOnly: true,
    techniques: [
      ...(protocols.has("tcp") ? (["tcp-auto"] as const) : []),
      ...(protocols.has("udp") ? (["udp"] as const) : []),
      ...(protocols.has("sctp") ? (["sctp-init"] as const) : []),
    ],
    scanFlags: undefined,
    ping: "none",
    discovery: [],
    isLinkAsked: false,
    transport: "auto",
    isPrivileged,
    likelyPorts: {},
    isSequential: false,
    timing: TIMING,
    seed: randomWords(1)[0] ?? 0,
    isDownReported: false,
    isSilenceOmitted: false,
    sourceAddresses: [],
    borrowCount: 0,
    udpPayloads: protocols.has("udp") ? readUdpPayloads(false).toData() : { rows: [], isPrinterAllowed: false },
    isIcmpRationDefeated: true, // Linux does not ration errors on loopback (icmpv4_xrlim_allow)
    isResetRationDefeated: true,
    isTraced: false,
    shard: undefined,
    resume: undefined,
    isJournaled: false,
  };
}

function groupsOf(probes: readonly DoorProbe[]): readonly TargetGroup[] {
  const byAddress = new Map<OwnAddress, DoorProbe[]>();
  for (const probe of probes) {
    const known = byAddress.get(probe.own);
    if (known === undefined) byAddress.set(probe.own, [probe]);
    else known.push(probe);
  }
  return [...byAddress].map(([own, some]) => {
    const ranges = (protocol: Protocol): readonly PortRange[] =>
      some.filter((one) => one.protocol === protocol).map(({ port }) => [port, port]);
    const ports = PortSet.of({ tcp: ranges("tcp"), udp: ranges("udp"), sctp: ranges("sctp") });
    return { block: singleBlock(own.address), ports: ports.toData() };
  });
}
