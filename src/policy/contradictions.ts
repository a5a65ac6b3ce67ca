// What in a policy cannot hold together, or holds no more. Every complaint leads to both of its places.
import type { InputPlace } from "../model/errors.js";
import type { Address } from "../target/address.js";
import { type AddressBlock, blockAt, blockCount, formatBlock } from "../target/address-block.js";
import { AddressSet } from "../target/address-set.js";
import { blocksOverlap } from "../target/block-overlap.js";
import { quote } from "../target/fault.js";
import { Scope } from "../target/scope.js";
import type { TakeFault } from "./build-policy.js";
import { type EndDate, hasEnded } from "./end-date.js";
import { unknownVantage } from "./expect-section.js";
import { formatFindingName } from "./finding-name.js";
import { placeText } from "./place-text.js";
import type { ExpectedGroup, ExpectedPorts, HostList, PlacedBlock, Policy, Sources } from "./policy.js";
import { formatPortText } from "./port-text.js";

/** Something that may be as it is meant. */
export interface PolicyWarning {
  readonly message: string;
  readonly at: InputPlace;
}

/** What warnings are judged by. */
export interface WarningMeans {
  readonly nowMs: number;
  /** The addresses of this machine, which need no scope. */
  readonly own: readonly Address[];
}

/** Finds what cannot be: vantage points that are not there, and hosts that are expected to be open and never looked at. */
export function findContradictions({ expect, exclude, vantages }: Policy, take: TakeFault): void {
  const known = new Set(vantages.map(({ name }) => name));
  const excluded = new Exclusions(exclude);
  for (const { hosts, open } of expect) {
    for (const { name, at } of open.flatMap(({ from }) => from.vantages)) {
      if (!known.has(name)) take(`from: ${unknownVantage(name, known)}`, at);
    }
    for (const [shown, at, other] of excluded.amongHosts(hosts)) {
      take(`${shown} is expected, and never probed (exclude): see ${placeText(other)}`, at);
    }
  }
}

/** Finds what may be a mistake, and what has ended. */
export function policyWarnings(policy: Policy, { nowMs, own }: WarningMeans): readonly PolicyWarning[] {
  const warnings: PolicyWarning[] = [];
  const warn = (message: string, at: InputPlace): void => {
    warnings.push({ message, at });
  };
  const ended = (what: string, until: EndDate | undefined, at: InputPlace): void => {
    if (until !== undefined && hasEnded(until, nowMs)) warn(`${what} ended with ${until.text}`, at);
  };
  for (const { who, until, at } of policy.consents) ended(`the consent of ${quote(who)}`, until, at);
  for (const { finding, until, at } of policy.accepted)
    ended(`what was accepted, ${formatFindingName(finding)},`, until, at);
  for (const { open } of policy.expect) {
    for (const { ports, until, at } of open) ended(`what was expected, ${formatPortText(ports).join(" ")},`, until, at);
  }
  warnOutside(policy, own, warn);
  warnTwice(policy.expect, warn);
  return warnings.sort((one, other) => (one.at.line ?? 0) - (other.at.line ?? 0));
}

/** Where what may not be probed from here is expected all the same; the audit can only look at it from elsewhere. */
function warnOutside({ expect, scope }: Policy, own: readonly Address[], warn: TakeFault): void {
  const allowed = Scope.of({ own, authorized: scope.blocks.map(({ block }) => block) });
  const [first] = [...scope.blocks, ...scope.names];
  const where = first === undefined ? "there is none" : `it begins at ${placeText(first.at)}`;
  for (const { hosts } of expect) {
    for (const { block, at } of hosts.blocks) {
      if (allowed.firstRefused(block) === undefined) continue;
      warn(`${formatBlock(block)} is expected, and lies outside of the scope: ${where}`, at);
    }
  }
}

/** One group of ports on one block of hosts. */
interface Claim {
  readonly block: AddressBlock;
  readonly expected: ExpectedPorts;
}

/** Where ports of a host are expected twice, from different places: both hold, which may not be what was meant. */
function warnTwice(expect: readonly ExpectedGroup[], warn: TakeFault): void {
  const claims = expect.flatMap(({ hosts, open }) =>
    hosts.blocks.flatMap(({ block }) => open.map((expected): Claim => ({ block, expected }))),
  );
  const told = new Set<string>();
  const seen: Claim[] = [];
  const wide: Claim[] = [];
  const singles = new Map<string, Claim[]>();
  for (const claim of claims) {
    // Only blocks of several addresses can meet others than their equals.
    const equals = blockCount(claim.block) === 1 ? (singles.get(formatBlock(claim.block)) ?? []) : undefined;
    for (const other of equals === undefined ? seen : [...equals, ...wide]) warnPair(other, claim, told, warn);
    seen.push(claim);
    if (equals === undefined) wide.push(claim);
    else singles.set(formatBlock(claim.block), [...equals, claim]);
  }
}

function warnPair(one: Claim, other: Claim, told: Set<string>, warn: TakeFault): void {
  const key = `${placeText(one.expected.at)} ${placeText(other.expected.at)}`;
  if (one.expected === other.expected || told.has(key) || !blocksOverlap(one.block, other.block)) return;
  const { ports, from, at } = other.expected;
  const left = ports.minus(one.expected.ports);
  if (left.equals(ports) || sourcesText(one.expected.from) === sourcesText(from)) return;
  told.add(key);
  const shared = formatPortText(ports.minus(left)).join(" ");
  const host = formatBlock(blockCount(one.block) < blockCount(other.block) ? one.block : other.block);
  const both = `from ${sourcesText(one.expected.from)} and from ${sourcesText(from)}; both hold`;
  warn(`${shared} of ${host} is expected twice, ${both}: see ${placeText(one.expected.at)}`, at);
}

/** Whom ports are open for, in one line: "10.0.0.0/8, office". */
export function sourcesText({ isAny, blocks, vantages }: Sources): string {
  if (isAny) return "any";
  return [...blocks.map(({ block }) => formatBlock(block)), ...vantages.map(({ name }) => name)].sort().join(", ");
}

/** What is excluded, to be asked for hosts. */
class Exclusions {
  readonly #blocks: readonly PlacedBlock[];
  readonly #set: AddressSet;
  readonly #names: ReadonlyMap<string, InputPlace>;

  constructor({ blocks, names }: HostList) {
    this.#blocks = blocks;
    this.#set = AddressSet.of(blocks.map(({ block }) => block));
    this.#names = new Map(names.map(({ name, at }) => [name, at]));
  }

  *amongHosts({ blocks, names }: HostList): Generator<readonly [shown: string, at: InputPlace, other: InputPlace]> {
    for (const { block, at } of blocks) {
      const other = this.#excluderOf(block);
      if (other !== undefined) yield [formatBlock(block), at, other.at];
    }
    for (const { name, at } of names) {
      const other = this.#names.get(name);
      if (other !== undefined) yield [quote(name), at, other];
    }
  }

  #excluderOf(block: AddressBlock): PlacedBlock | undefined {
    if (blockCount(block) === 1 && !this.#set.has(blockAt(block, 0))) return undefined;
    return this.#blocks.find((one) => blocksOverlap(one.block, block));
  }
}
