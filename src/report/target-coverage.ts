// Which addresses a scan was asked to look at, as far as the targets that its report names tell.
import { parseAddress } from "../target/address.js";
import { type AddressBlock, blockOf } from "../target/address-block.js";
import { AddressSet } from "../target/address-set.js";
import { isFault } from "../target/fault.js";
import { parseTarget } from "../target/target-expression.js";

/** Whether an address was among the targets; "unknown" where names or files hide what was asked. */
export type Coverage = "asked" | "not-asked" | "unknown";

/** The targets of one report. */
export class TargetCoverage {
  readonly #addresses: AddressSet;
  readonly #isComplete: boolean;

  /**
   * @param targets As they were written; none where the report does not say
   * @param hostNames The written names of hosts in the report: such a target hides nothing
   */
  constructor(targets: readonly string[], hostNames: ReadonlySet<string>) {
    const blocks: AddressBlock[] = [];
    let isComplete = targets.length > 0;
    for (const text of targets) {
      const target = parseTarget(text);
      if (isFault(target)) isComplete = false;
      else if (target.kind !== "name") blocks.push(blockOf(target));
      else if (target.prefix !== undefined || !hostNames.has(target.name)) isComplete = false;
    }
    this.#addresses = AddressSet.of(blocks);
    this.#isComplete = isComplete;
  }

  of(addressText: string): Coverage {
    const address = parseAddress(addressText);
    if (address === undefined) return "unknown";
    if (this.#addresses.has(address)) return "asked";
    return this.#isComplete ? "not-asked" : "unknown";
  }
}
