// What may be probed, by what this machine and the command line say: docs/scope.md.
import { ownAddresses } from "../linux/own-addresses.js";
import { ScopeError, UsageError } from "../model/errors.js";
import { formatAddress } from "../target/address.js";
import { blockOf } from "../target/address-block.js";
import { isFault } from "../target/fault.js";
import type { Scope, ScopeData } from "../target/scope.js";
import { parseTarget } from "../target/target-expression.js";
import type { TargetGroup } from "../target/target-set.js";
import type { ScanSettings } from "./scan-settings.js";

/** What may be probed: as this machine and the command line say, now. */
export function readScope(settings: Pick<ScanSettings, "authorized">): ScopeData {
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
      hint: `if you may probe it, say so: --authorized ${address}, or the network that it is in`,
    });
  }
}
