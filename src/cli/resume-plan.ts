// The plan of a scan that goes on from a journal: what is asked is the journal's, how and within which bounds is said anew.
import { InputError } from "../model/errors.js";
import type { ScanPlan } from "../scan/plan.js";
import { type Journal, lossText, readJournal } from "../store/journal-reader.js";
import { type Address, formatAddress } from "../target/address.js";
import { isFault } from "../target/fault.js";
import { protocolsOf } from "./choose-techniques.js";
import { timingOf } from "./choose-timing.js";
import { refuseListsOnResume, refuseUdpOptions } from "./contradictions.js";
import { readPlan } from "./journal-plan.js";
import { tellLeftOut } from "./left-out.js";
import { type MadePlan, readSources } from "./make-plan.js";
import { readScope, withExcludedNames } from "./read-scope.js";
import { limitWarning, withinLimits } from "./scan-bounds.js";
import type { ScanSettings } from "./scan-settings.js";
import { type ScopeMeans, settleScope } from "./settle-scope.js";

/** A plan that goes on, and the journal that it goes on from. */
export interface ResumedPlan extends MadePlan {
  readonly journal: Journal;
}

/**
 * Reads a journal and makes the plan that goes on from it.
 *
 * @throws InputError a file that is no journal, or whose plan is none
 * @throws ScopeError a target that this machine and the command line do not allow
 */
export async function makeResumePlan(settings: ScanSettings, path: string, means?: ScopeMeans): Promise<ResumedPlan> {
  refuseListsOnResume(settings);
  const journal = readJournal(path);
  const plan = readPlan(journal.header.plan);
  if (isFault(plan)) throw new InputError(plan.fault, { file: path, line: 1 });
  const hasUdp = protocolsOf(plan.techniques).includes("udp");
  refuseUdpOptions(settings.udp, hasUdp, false);
  const given = await withExcludedNames(readScope(settings), settings.policy);
  // A journal may say of any address that it had a name.
  const scope = await settleScope(plan.targets.groups, given, settings.policy, means);
  const leftOut = tellLeftOut(plan.targets.groups, scope, settings.policy);
  const { limits, file = "" } = settings.policy ?? {};
  const timing = timingOf(settings.timing, hasUdp, plan.timing);
  const limited = limitWarning(timing, limits, file);
  const sources = sourcesOf(settings, plan, scope.own);
  const lost = lossText(journal.lost);
  return {
    journal,
    plan: {
      ...plan,
      ...wayOf(settings, plan),
      targets: { ...plan.targets, excluded: [...plan.targets.excluded, ...(scope.excluded ?? [])] },
      scope,
      timing: withinLimits(timing, limits),
      isDownReported: settings.verbosity > 0,
      sourceAddresses: sources.addresses,
      resume: journal.resume,
      isJournaled: true,
    },
    warnings: [
      ...(lost === undefined ? [] : [`${path}: ${lost}`]),
      ...sources.warnings,
      ...leftOut,
      ...(limited === undefined ? [] : [limited]),
    ],
  };
}

/** How probes leave: as was said now, else as the journal says. */
function wayOf(settings: ScanSettings, plan: ScanPlan): Partial<ScanPlan> {
  const { udp } = settings;
  return {
    transport: settings.transport === "auto" ? plan.transport : settings.transport,
    isPrivileged: settings.privileged ?? plan.isPrivileged,
    borrowCount: udp.borrowCount > 0 ? udp.borrowCount : plan.borrowCount,
    isIcmpRationDefeated: udp.isIcmpRationDefeated || plan.isIcmpRationDefeated,
    isResetRationDefeated: settings.isResetRationDefeated || plan.isResetRationDefeated,
  };
}

/** Addresses that this machine had when the journal began and has no more cannot be sent from. */
function sourcesOf(
  settings: ScanSettings,
  plan: ScanPlan,
  own: readonly Address[],
): { readonly addresses: readonly Address[]; readonly warnings: readonly string[] } {
  if (settings.udp.sourcesText !== undefined) return { addresses: readSources(settings, own), warnings: [] };
  const ownTexts = new Set(own.map(formatAddress));
  const addresses = plan.sourceAddresses.filter((address) => ownTexts.has(formatAddress(address)));
  const goneCount = plan.sourceAddresses.length - addresses.length;
  const warning = `${goneCount} of the addresses to send from are this machine's no more`;
  return { addresses, warnings: goneCount === 0 ? [] : [warning] };
}
