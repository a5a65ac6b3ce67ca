// Which addresses a scan was asked to look at, as far as the targets that its report names tell.
import { parseAddress } from "../target/address.js";
import { type AddressBlock, blockOf } from "../target/address-block.js";
import { AddressSet } from "../target/address-set.js";
import { isFault } from "../target/fault.js";
import { parseTarget } from "../target/target-expression.js";

/** Whether an address was among the targets; "unknown" where names or files hide what was asked. */
export type Coverage = "asked" | "not-asked" | "unknown";

/** What a report has of its hosts. */
export interface ReportedHosts {
  readonly addresses: ReadonlyMap<string, { readonly name: string | undefined }>;
  /** True when each address that was looked at is among them: then all others were no targets. */
  readonly areAll: boolean;
}

/** The targets of one report. */
export class TargetCoverage {
  readonly #targets: AddressSet;
  readonly #hosts: ReportedHosts;
  readonly #isKnown: boolean;

  /** @param targets As they were written; none where the report does not say */
  constructor(targets: readonly string[], hosts: ReportedHosts) {
    const names = new Set<string | undefined>();
    for (const { name } of hosts.addresses.values()) names.add(name);
    const blocks: AddressBlock[] = [];
    let isKnown = targets.length > 0;
    for (const text of targets) {
      const target = parseTarget(text);
      if (isFault(target)) isKnown = false;
      else if (target.kind !== "name") blocks.push(blockOf(target));
      // A name that a host was found by hides no other address.
      else if (target.prefix !== undefined || !names.has(target.name)) isKnown = false;
    }
    this.#targets = AddressSet.of(blocks);
    this.#hosts = hosts;
    this.#isKnown = isKnown || hosts.areAll;
  }

  of(addressText: string): Coverage {
    const address = parseAddress(addressText);
    if (address === undefined) return "unknown";
    if (this.#hosts.addresses.has(addressText) || this.#targets.has(address)) return "asked";
    return this.#isKnown ? "not-asked" : "unknown";
  }
}
