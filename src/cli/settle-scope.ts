// Decides of targets that nothing covers: by a name in the settings file, by what was answered before, or by a question, as ssh
// asks for a new host. Before anything is sent. docs/scope.md.
import type { Resolution } from "../linux/resolve.js";
import { bareName } from "../policy/host-text.js";
import type { Policy } from "../policy/policy.js";
import { printable } from "../report/printable.js";
import { formatAddress, isSameHost } from "../target/address.js";
import { type AddressBlock, blockAt, blockCount, formatBlock } from "../target/address-block.js";
import { Scope, type ScopeData } from "../target/scope.js";
import type { TargetGroup } from "../target/target-set.js";
import { refuseOutside, targetsOutside, widened } from "./read-scope.js";

/** One question names no more targets: nobody reads longer lists before saying yes. */
const ASKED_MAX = 5;
/** Larger blocks are nothing that a "yes" in passing should answer for. */
const ASKED_ADDRESSES_MAX = 65_536;
const ASKED_PREFIX_MIN = 64;
const TRIES = 3;

/** Where answers are kept, and who gives them. */
export interface ScopeMeans {
  /** What was answered before. */
  known(): readonly AddressBlock[];
  /** Keeps an answer. */
  keep(targets: readonly CoveredTarget[]): void;
  /** Puts a question; undefined where nobody is there to answer, or nobody answers. */
  ask?(question: string): Promise<string | undefined>;
  /** Looks up the names of targets that were not looked up just now; undefined where they were. */
  resolve?(name: string): Promise<Resolution>;
}

/** A target that somebody has said may be probed. */
export type CoveredTarget = Pick<TargetGroup, "block" | "name">;

/**
 * The scope with all that covers the targets.
 *
 * @throws ScopeError naming the first address that nothing covers
 */
export async function settleScope(
  targets: readonly CoveredTarget[],
  scope: ScopeData,
  policy: Policy | undefined,
  means: ScopeMeans | undefined,
): Promise<ScopeData> {
  const outside = targetsOutside(targets, scope);
  if (outside.length === 0) return scope;
  const byName = await coveredByName(outside, policy, means);
  const withNames = widened(scope, byName);
  if (means === undefined || targetsOutside(outside, withNames).length === 0) return checked(targets, withNames);
  const withKnown = widened(withNames, means.known());
  const open = targetsOutside(outside, withKnown);
  if (open.length === 0 || !(await mayProbe(open, means))) return checked(targets, withKnown);
  means.keep(open);
  return checked(
    targets,
    widened(
      withKnown,
      open.map(({ block }) => block),
    ),
  );
}

function checked(targets: readonly CoveredTarget[], scope: ScopeData): ScopeData {
  refuseOutside(targets, Scope.fromData(scope));
  return scope;
}

/** Names in the scope cover the addresses that they have now, of targets that were given by them. */
async function coveredByName(
  targets: readonly CoveredTarget[],
  policy: Policy | undefined,
  means: ScopeMeans | undefined,
): Promise<readonly AddressBlock[]> {
  const names = new Set(policy?.scope.names.map(({ name }) => name));
  const covered: AddressBlock[] = [];
  for (const { block, name } of targets) {
    if (name === undefined || !names.has(bareName(name)) || blockCount(block) !== 1) continue;
    const now = await means?.resolve?.(name);
    const address = blockAt(block, 0);
    const isStill = now === undefined || ("addresses" in now && now.addresses.some((one) => isSameHost(one, address)));
    if (isStill) covered.push(block);
  }
  return covered;
}

/** A whole "yes": a key that was pressed too often is no answer. */
async function mayProbe(targets: readonly CoveredTarget[], { ask }: ScopeMeans): Promise<boolean> {
  if (ask === undefined || targets.length > ASKED_MAX || targets.some(({ block }) => isVast(block))) return false;
  const shown = targets.map(shownTarget).join(", ");
  const are = targets.length === 1 ? "is neither private nor" : "are neither private nor all";
  let question = `${shown} ${are} this machine's own, and no scope covers it.\nMay you probe it (yes/no)? `;
  for (let tries = 0; tries < TRIES; tries++) {
    const answer = (await ask(question))?.trim().toLowerCase();
    if (answer === "yes") return true;
    if (answer === undefined || answer === "no" || answer === "") return false;
    question = "Please type yes or no: ";
  }
  return false;
}

function isVast(block: AddressBlock): boolean {
  return block.kind === "ipv6-prefix" ? block.prefix < ASKED_PREFIX_MIN : blockCount(block) > ASKED_ADDRESSES_MAX;
}

function shownTarget({ block, name }: CoveredTarget): string {
  return printable(name === undefined ? formatBlock(block) : `${name} (${formatAddress(blockAt(block, 0))})`);
}
