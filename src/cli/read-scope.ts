// What may be probed, by what this machine and the command line say: docs/scope.md.
import { ownAddresses } from "../linux/own-addresses.js";
import { ScopeError, UsageError } from "../model/errors.js";
import type { Policy } from "../policy/policy.js";
import { formatAddress } from "../target/address.js";
import { type AddressBlock, blockOf } from "../target/address-block.js";
import { isFault } from "../target/fault.js";
import { Scope, type ScopeData } from "../target/scope.js";
import { parseTarget } from "../target/target-expression.js";
import type { TargetGroup } from "../target/target-set.js";
import type { ScanSettings } from "./scan-settings.js";
import { readExclusions } from "./target-groups.js";

/** What may be probed: as this machine, the command line and the settings file say, now. */
export function readScope({ authorized: texts, policy }: Pick<ScanSettings, "authorized" | "policy">): ScopeData {
  const authorized = texts.map((text) => {
    const expression = parseTarget(text);
    if (isFault(expression)) throw new UsageError(`--authorized: ${expression.fault}`);
    if (expression.kind === "name" || expression.ports !== undefined) {
      throw new UsageError(`--authorized takes addresses and networks, and ${JSON.stringify(text)} is neither`);
    }
    return blockOf(expression);
  });
  if (policy === undefined) return { own: ownAddresses(), authorized };
  const { scope, exclude } = policy;
  return {
    own: ownAddresses(),
    authorized: [...authorized, ...scope.blocks.map(({ block }) => block)],
    excluded: exclude.blocks.map(({ block }) => block),
  };
}

/**
 * The scope without what the settings file excludes by name.
 *
 * @throws InputError a name that cannot be looked up: it may be among the targets
 */
export async function withExcludedNames(scope: ScopeData, policy: Policy | undefined): Promise<ScopeData> {
  const names = policy?.exclude.names ?? [];
  if (names.length === 0) return scope;
  const blocks = await readExclusions(names.map(({ name, at }) => ({ text: name, place: at })));
  return { ...scope, excluded: [...(scope.excluded ?? []), ...blocks] };
}

/** Makes the scope wider by what else may be probed. */
export function widened(scope: ScopeData, blocks: readonly AddressBlock[]): ScopeData {
  return blocks.length === 0 ? scope : { ...scope, authorized: [...scope.authorized, ...blocks] };
}

/** The targets that nobody has said may be probed, as a whole or in part. */
export function targetsOutside<Group extends Pick<TargetGroup, "block">>(
  groups: readonly Group[],
  scope: ScopeData,
): readonly Group[] {
  const allowed = Scope.fromData(scope);
  return groups.filter(({ block }) => allowed.firstRefused(block) !== undefined);
}

/**
 * Looks at every target as a whole before anything is sent.
 *
 * @throws ScopeError naming the first address that may not be probed
 */
export function refuseOutside(groups: readonly Pick<TargetGroup, "block" | "name">[], scope: Scope): void {
  for (const { block, name } of groups) {
    const refused = scope.firstRefused(block);
    if (refused === undefined) continue;
    const address = formatAddress(refused);
    const shown = name === undefined ? address : `${name} (${address})`;
    throw new ScopeError(`${shown} is neither private nor this machine's own, so it is not probed unasked`, {
      hint: `if you may probe it, say so: --authorized ${address}, or the network that it is in; for good under scope in postern.yaml`,
    });
  }
}
