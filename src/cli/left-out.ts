// What the settings file keeps from being probed, as far as targets are hit by it.
import { ScopeError } from "../model/errors.js";
import { placeText } from "../policy/place-text.js";
import type { Policy } from "../policy/policy.js";
import { formatBlock } from "../target/address-block.js";
import { AddressSet } from "../target/address-set.js";
import { blocksOverlap } from "../target/block-overlap.js";
import type { ScopeData } from "../target/scope.js";
import type { TargetGroup } from "../target/target-set.js";

/** So many are named one by one. */
const TOLD_MAX = 5;

/**
 * A line for each exclusion that hits targets.
 *
 * @throws ScopeError when nothing else is left
 */
export function tellLeftOut(
  groups: readonly Pick<TargetGroup, "block">[],
  { excluded = [] }: ScopeData,
  policy: Policy | undefined,
): readonly string[] {
  if (policy === undefined || excluded.length === 0) return [];
  const hit = excluded.filter((one) => groups.some(({ block }) => blocksOverlap(one, block)));
  if (hit.length === 0) return [];
  const { blocks, names } = policy.exclude;
  const [first] = [...blocks.filter(({ block }) => hit.includes(block)), ...names];
  const where = first === undefined ? policy.file : placeText(first.at);
  const all = AddressSet.of(excluded);
  if (groups.every(({ block }) => all.firstMissing(block) === undefined)) {
    throw new ScopeError(`no target is left to scan: ${where} excludes all of them`, {
      hint: "no option overrides what is excluded there",
    });
  }
  const told = hit.slice(0, TOLD_MAX).map((one) => {
    const entry = blocks.find(({ block }) => block === one);
    return `${formatBlock(one)} is not probed: ${placeText(entry?.at ?? { file: policy.file })} excludes it`;
  });
  const more = hit.length - told.length;
  return more === 0 ? told : [...told, `${more} more exclusions of ${policy.file} hold here`];
}
