// From what was typed to a plan: reads lists, resolves names, chooses ports, and refuses what lies outside of the scope
// before anything is sent.
import { UnreachableError, UsageError } from "../model/errors.js";
import type { ScanPlan } from "../scan/plan.js";
import type { Address } from "../target/address.js";
import { singleBlock } from "../target/address-block.js";
import type { PortRanking } from "../target/port-ranking.js";
import type { Protocol } from "../target/port-set.js";
import { Scope } from "../target/scope.js";
import type { ServiceTable } from "../target/service-table.js";
import { splitTargetList } from "../target/target-list.js";
import { type TargetGroup, TargetSet } from "../target/target-set.js";
import type { UdpPayloadsData } from "../technique/udp-payloads.js";
import { chooseDiscovery } from "./choose-discovery.js";
import { type ChosenPorts, choosePorts, likelyPortsOf, type PortSources } from "./choose-ports.js";
import { chooseTechniques, protocolsOf } from "./choose-techniques.js";
import { timingOf } from "./choose-timing.js";
import { refuseUdpOptions } from "./contradictions.js";
import { readPortRanking, readUdpPayloads } from "./data-files.js";
import { readInputText } from "./input-text.js";
import { tellLeftOut } from "./left-out.js";
import { readScope, withExcludedNames } from "./read-scope.js";
import { limitWarning, withinLimits } from "./scan-bounds.js";
import type { ScanSettings } from "./scan-settings.js";
import { type ScopeMeans, settleScope } from "./settle-scope.js";
import { readSourceAddresses } from "./source-addresses.js";
import { readExclusions, readGroups, type TargetText } from "./target-groups.js";

/** A plan, and what the user should be told before it runs. */
export interface MadePlan {
  readonly plan: ScanPlan;
  readonly warnings: readonly string[];
}

/** Finds the IPv6 hosts of the link behind an interface. */
export type LinkHostFinder = (link: string) => Promise<readonly Address[]>;

/** What a plan is made with, beside the settings. */
export interface PlanMeans {
  readonly services: () => ServiceTable;
  /** Our own without it. */
  readonly ranking?: () => PortRanking;
  /** See {@link PortSources}. */
  readonly portsFrom?: PortSources["portsFrom"];
  readonly seed: number;
  /** Undefined where links cannot be asked. */
  readonly findLinkHosts?: LinkHostFinder;
  /** Undefined: what is outside of the scope is refused without a question. */
  readonly scopeMeans?: ScopeMeans;
  /** Takes what is no target, as nmap does; without it such a word is an error, and a name without address a warning. */
  passOver?(target: string): void;
}

/** Targets that are looked through for one that is not excluded. */
const LOOKED_THROUGH_MAX = 65_536;

const NO_PAYLOADS: UdpPayloadsData = { rows: [], isPrinterAllowed: false };

/**
 * Makes the plan.
 *
 * @throws UsageError, InputError what cannot be understood
 * @throws ScopeError a target that may not be probed
 * @throws UnreachableError no target is left
 */
export async function makePlan(settings: ScanSettings, means: PlanMeans): Promise<MadePlan> {
  const { services, ranking: rankingOf = readPortRanking, portsFrom, seed } = means;
  const techniques = chooseTechniques(settings);
  const protocols = protocolsOf(techniques);
  const ranking = rankingOf();
  const chosen = choosePorts(settings, protocols, { names: services, ranking, ...(portsFrom && { portsFrom }) });
  const discovery = chooseDiscovery(settings.discovery, services);
  const hasUdp = settings.techniques.includes("udp");
  const isUdpAsked = discovery?.some(({ technique }) => technique === "udp") === true;
  refuseUdpOptions(settings.udp, hasUdp, isUdpAsked);
  const found = await chooseTargets(settings, means, protocols, chosen);
  const { limits, file = "" } = settings.policy ?? {};
  const timing = timingOf(settings.timing, hasUdp);
  const limited = limitWarning(timing, limits, file);
  const udpPayloads = hasUdp || isUdpAsked ? readUdpPayloads(settings.udp.isPrinterAllowed).toData() : NO_PAYLOADS;
  const plan: ScanPlan = {
    ...found.plan,
    techniques,
    scanFlags: settings.scanFlags,
    ping: settings.pingMode,
    discovery,
    isLinkAsked: settings.isLinkAsked,
    ...(settings.isResetIgnored && { isResetIgnored: true }), // else plans are as those of earlier journals
    transport: settings.transport,
    isPrivileged: settings.privileged,
    likelyPorts: likelyPortsOf(protocols, ranking, udpPayloads),
    isSequential: settings.isSequential,
    timing: withinLimits(timing, limits),
    seed,
    isDownReported: settings.verbosity > 0,
    isSilenceOmitted: settings.onlyOpen && settings.verbosity === 0,
    sourceAddresses: readSources(settings, found.plan.scope.own),
    borrowCount: settings.udp.borrowCount,
    udpPayloads,
    isIcmpRationDefeated: settings.udp.isIcmpRationDefeated,
    isResetRationDefeated: settings.isResetRationDefeated,
    isTraced: settings.isTraced,
    shard: settings.shard,
    resume: undefined,
    isJournaled: settings.journalFile !== undefined,
  };
  return { plan, warnings: [...chosen.warnings, ...found.warnings, ...(limited === undefined ? [] : [limited])] };
}

/** The own addresses that were named as sources of UDP probes. */
export function readSources(settings: ScanSettings, own: readonly Address[]): readonly Address[] {
  const { sourcesText } = settings.udp;
  return sourcesText === undefined ? [] : readSourceAddresses(splitAtCommas(sourcesText), own);
}

/** The targets with their ports, and what may be probed. */
async function chooseTargets(
  settings: ScanSettings,
  means: PlanMeans,
  protocols: readonly Protocol[],
  chosen: ChosenPorts,
): Promise<{
  readonly plan: Pick<ScanPlan, "targets" | "targetTexts" | "scope">;
  readonly warnings: readonly string[];
}> {
  const texts = readTargetTexts(settings);
  const given = await withExcludedNames(readScope(settings), settings.policy);
  const named = await readGroups(texts, {
    resolveAll: settings.resolveAll,
    isIpv6Named: settings.isIpv6Named,
    names: means.services,
    plainProtocols: protocols,
    excludedPorts: chosen.excluded,
    ...(means.passOver === undefined ? {} : { passOver: means.passOver }),
  });
  const scope = await settleScope(named.groups, given, settings.policy, means.scopeMeans);
  const onLinks = await findOnLinks(settings.links, means.findLinkHosts, Scope.fromData(scope));
  const groups = [...named.groups, ...onLinks.groups];
  const warnings = [...named.warnings, ...onLinks.warnings];
  if (groups.length === 0) throw new UnreachableError(`no target is left to scan: ${warnings.join("; ")}`);
  warnings.push(...tellLeftOut(groups, scope, settings.policy));
  const excluded = [...(await readExclusions(readExclusionTexts(settings))), ...(scope.excluded ?? [])];
  const targets = TargetSet.of(groups, excluded, chosen.ports);
  if (isKnownEmpty(targets)) throw new UnreachableError("no target is left to scan: all are excluded");
  const targetTexts = [...texts.map(({ text }) => text), ...settings.links.map((link) => `--link ${link}`)];
  return { plan: { targets: targets.toData(), targetTexts, scope }, warnings };
}

/** The hosts of links, as far as they may be probed: nobody has named them one by one. */
async function findOnLinks(
  links: readonly string[],
  find: LinkHostFinder | undefined,
  scope: Scope,
): Promise<{ readonly groups: readonly TargetGroup[]; readonly warnings: readonly string[] }> {
  const groups: TargetGroup[] = [];
  const warnings: string[] = [];
  if (links.length > 0 && find === undefined) throw new UsageError("--link cannot ask links on this system");
  for (const link of links) {
    const hosts = (await find?.(link)) ?? [];
    const wanted = hosts.filter((host) => !scope.excludes(host));
    const allowed = wanted.filter((host) => scope.allows(host));
    groups.push(...allowed.map((host) => ({ block: singleBlock(host) })));
    if (hosts.length === 0) warnings.push(`no host on the link behind ${link} has answered`);
    if (wanted.length < hosts.length) {
      warnings.push(`${hosts.length - wanted.length} of the ${hosts.length} hosts behind ${link} are excluded`);
    }
    if (allowed.length < wanted.length) {
      const count = wanted.length - allowed.length;
      warnings.push(`${count} of the ${hosts.length} hosts behind ${link} may not be probed without --authorized`);
    }
  }
  return { groups, warnings };
}

/** True when every target is excluded; sets too large to be looked through are taken to have one. */
function isKnownEmpty(targets: TargetSet): boolean {
  if (targets.count > LOOKED_THROUGH_MAX) return false;
  for (let index = 0; index < targets.count; index++) if (targets.at(index) !== undefined) return false;
  return true;
}

function readTargetTexts(settings: ScanSettings): TargetText[] {
  const texts: TargetText[] = settings.targetTexts.map((text) => ({ text, place: undefined }));
  for (const name of settings.inputLists) texts.push(...readList(name));
  if (texts.length > 0) return texts;
  if (settings.links.length > 0 && settings.inputLists.length === 0) return texts;
  const [list] = settings.inputLists;
  if (list !== undefined) throw new UnreachableError(`${shownName(list)}: there is no target in this list`);
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
