// From what was typed to a plan: reads lists, resolves names, chooses ports, and refuses what lies outside of the scope
// before anything is sent.
import { ownAddresses } from "../linux/own-addresses.js";
import { InputError, ScopeError, UnreachableError, UsageError } from "../model/errors.js";
import { DEFAULT_MAX_RETRIES, type ScanPlan } from "../scan/plan.js";
import { formatAddress } from "../target/address.js";
import { blockOf } from "../target/address-block.js";
import { isFault } from "../target/fault.js";
import { parsePorts } from "../target/port-expression.js";
import { DEFAULT_PORT_COUNT, FAST_PORT_COUNT } from "../target/port-ranking.js";
import { PortSet } from "../target/port-set.js";
import { Scope, type ScopeData } from "../target/scope.js";
import type { ServiceTable } from "../target/service-table.js";
import { parseTarget } from "../target/target-expression.js";
import { splitTargetList } from "../target/target-list.js";
import { type TargetGroup, TargetSet } from "../target/target-set.js";
import { readPortRanking } from "./data-files.js";
import { readInputText } from "./input-text.js";
import type { ScanSettings } from "./scan-settings.js";
import { readExclusions, readGroups, type TargetText } from "./target-groups.js";

/** A plan, and what the user should be told before it runs. */
export interface MadePlan {
  readonly plan: ScanPlan;
  readonly warnings: readonly string[];
}

const LIKELY_PORTS = 100;
/** Targets that are looked through for one that is not excluded. */
const LOOKED_THROUGH_MAX = 65_536;

/**
 * Makes the plan.
 *
 * @throws UsageError, InputError what cannot be understood
 * @throws ScopeError a target that may not be probed
 * @throws UnreachableError no target is left
 */
export async function makePlan(settings: ScanSettings, services: () => ServiceTable, seed: number): Promise<MadePlan> {
  const ranking = readPortRanking();
  const excludedPorts = readPorts(settings.excludePortsText, services) ?? PortSet.of({});
  const ports = choosePorts(settings, services, (count) => ranking.top("tcp", count)).minus(excludedPorts);
  if (ports.count("tcp") === 0 && settings.pingMode !== "only") {
    throw new UsageError("no TCP port is left to scan", { hint: "look at -p and --exclude-ports" });
  }
  const texts = readTargetTexts(settings);
  const { groups, warnings } = await readGroups(texts, {
    resolveAll: settings.resolveAll,
    names: services,
    excludedPorts,
  });
  if (groups.length === 0) throw new UnreachableError(`no target is left to scan: ${warnings.join("; ")}`);
  const scope = readScope(settings);
  refuseOutside(groups, Scope.fromData(scope));
  const excluded = await readExclusions(readExclusionTexts(settings));
  const targets = TargetSet.of(groups, excluded, ports);
  if (isKnownEmpty(targets)) throw new UnreachableError("no target is left to scan: all are excluded");
  const plan: ScanPlan = {
    targets: targets.toData(),
    targetTexts: texts.map(({ text }) => text),
    scope,
    ...techniqueOf(settings),
    ping: settings.pingMode,
    transport: settings.transport,
    isPrivileged: settings.privileged,
    likelyPorts: ranking.top("tcp", LIKELY_PORTS),
    isSequential: settings.isSequential,
    maxRatePps: settings.maxRatePps,
    maxRetries: settings.maxRetries ?? DEFAULT_MAX_RETRIES,
    seed,
    isDownReported: settings.verbosity > 0,
  };
  return { plan, warnings: [...warnings, ...portWarnings(settings)] };
}

/** True when every target is excluded; sets too large to be looked through are taken to have one. */
function isKnownEmpty(targets: TargetSet): boolean {
  if (targets.count > LOOKED_THROUGH_MAX) return false;
  for (let index = 0; index < targets.count; index++) if (targets.at(index) !== undefined) return false;
  return true;
}

function portWarnings(settings: ScanSettings): readonly string[] {
  const isAsked = /(^|,)\s*[us]:/i.test(settings.portsText ?? "");
  return isAsked ? ["UDP and SCTP ports are not scanned in this version: only the TCP ports of -p are"] : [];
}

function techniqueOf(settings: ScanSettings): Pick<ScanPlan, "technique"> {
  const isConnecting = ["io_uring", "epoll", "node"].includes(settings.transport);
  if (isConnecting && settings.technique === "tcp-syn") {
    throw new UsageError(`--transport ${settings.transport} makes whole connections, and -sS does not`, {
      hint: "use -sT with it, or --transport ring or raw with -sS",
    });
  }
  if (!isConnecting && settings.transport !== "auto" && settings.technique === "tcp-connect") {
    throw new UsageError(`--transport ${settings.transport} sends packets of our own, and -sT does not`, {
      hint: "use -sS with it, or --transport io_uring, epoll or node with -sT",
    });
  }
  return { technique: isConnecting ? "tcp-connect" : settings.technique };
}

function choosePorts(
  settings: ScanSettings,
  services: () => ServiceTable,
  top: (count: number) => readonly number[],
): PortSet {
  const asked = readPorts(settings.portsText, services);
  if (asked !== undefined) return asked;
  const count = settings.topPorts ?? (settings.isFast ? FAST_PORT_COUNT : DEFAULT_PORT_COUNT);
  return PortSet.of({ tcp: top(count).map((port) => [port, port] as const) });
}

function readPorts(text: string | undefined, services: () => ServiceTable): PortSet | undefined {
  if (text === undefined) return undefined;
  const ports = parsePorts(text, services());
  if (isFault(ports)) throw new UsageError(ports.fault);
  return ports;
}

function readTargetTexts(settings: ScanSettings): TargetText[] {
  const texts: TargetText[] = settings.targetTexts.map((text) => ({ text, place: undefined }));
  for (const name of settings.inputLists) texts.push(...readList(name));
  if (texts.length > 0) return texts;
  const [list] = settings.inputLists;
  if (list !== undefined) throw new InputError("there is no target in this list", { file: shownName(list) });
  throw new UsageError("no target was named", { hint: "try: postern localhost, or postern --help" });
}

function readExclusionTexts(settings: ScanSettings): TargetText[] {
  const texts: TargetText[] = [];
  for (const list of settings.excludeTexts) {
    for (const text of splitAtCommas(list)) texts.push({ text, place: undefined });
  }
  for (const name of settings.excludeFiles) texts.push(...readList(name));
  return texts;
}

function readList(name: string): TargetText[] {
  const file = shownName(name);
  return splitTargetList(readInputText(name)).map(({ text, line }) => ({ text, place: { file, line } }));
}

function shownName(name: string): string {
  return name === "-" ? "standard input" : name;
}

/** Commas separate targets, but also the values of an octet: `10.0.0.1,5-9,host` is two targets. */
function splitAtCommas(list: string): string[] {
  const targets: string[] = [];
  for (const part of list.split(",")) {
    const last = targets.at(-1);
    if (last !== undefined && /^[\d-]+$/.test(part)) targets[targets.length - 1] = `${last},${part}`;
    else targets.push(part);
  }
  return targets;
}

function readScope(settings: ScanSettings): ScopeData {
  const authorized = settings.authorized.map((text) => {
    const expression = parseTarget(text);
    if (isFault(expression)) throw new UsageError(`--authorized: ${expression.fault}`);
    if (expression.kind === "name" || expression.ports !== undefined) {
      throw new UsageError(`--authorized takes addresses and networks, and ${JSON.stringify(text)} is neither`);
    }
    return blockOf(expression);
  });
  return { own: ownAddresses(), authorized };
}

function refuseOutside(groups: readonly TargetGroup[], scope: Scope): void {
  for (const { block, name } of groups) {
    const refused = scope.firstRefused(block);
    if (refused === undefined) continue;
    const address = formatAddress(refused);
    const shown = name === undefined ? address : `${name} (${address})`;
    throw new ScopeError(`${shown} is neither private nor this machine's own, so it is not probed unasked`, {
      hint: `if you may probe it, say so: --authorized ${address}, or the network that it is in`,
    });
  }
}
