// From the texts of targets to groups of addresses: parses, resolves names, and says what is wrong where.
import { type Resolution, resolveName } from "../linux/resolve.js";
import { InputError, type InputPlace, type PosternError, UsageError } from "../model/errors.js";
import { type Address, formatAddress } from "../target/address.js";
import {
  type AddressBlock,
  blockAround,
  blockOf,
  singleBlock,
  tooLargeToWalk,
  walkableBlockOf,
} from "../target/address-block.js";
import { isFault } from "../target/fault.js";
import { parsePorts } from "../target/port-expression.js";
import type { PortSet, Protocol } from "../target/port-set.js";
import type { ServiceNames } from "../target/service-names.js";
import { type NameTarget, parseTarget, type TargetExpression } from "../target/target-expression.js";
import type { TargetGroup } from "../target/target-set.js";

/** A target as it was written, and where. */
export interface TargetText {
  readonly text: string;
  /** Undefined for the command line. */
  readonly place: InputPlace | undefined;
}

/** How targets are read. */
export interface GroupOptions {
  readonly resolveAll: boolean;
  /** Of names, takes addresses of IPv6 only (-6). */
  readonly isIpv6Named?: boolean;
  readonly names: () => ServiceNames;
  /** What ports of `host:ports` without a letter are ports of; every protocol where it is left out. */
  readonly plainProtocols?: readonly Protocol[];
  /** Ports of `host:ports` that are not to be probed after all (--exclude-ports). */
  readonly excludedPorts: PortSet;
  readonly resolve?: (name: string) => Promise<Resolution>;
  /** Takes what is no target, as nmap does; without it such a word is an error, and a name without address a warning. */
  passOver?(target: string): void;
}

/** What was understood, and a line for each name that could not be resolved. */
export interface Groups {
  readonly groups: readonly TargetGroup[];
  readonly warnings: readonly string[];
}

/** Names that are looked up at the same time. */
const LOOKUPS_AT_ONCE = 16;

/**
 * Reads targets in their order.
 *
 * @throws UsageError or InputError for the first that cannot be understood
 */
export async function readGroups(texts: readonly TargetText[], options: GroupOptions): Promise<Groups> {
  const groups: TargetGroup[] = [];
  const warnings: string[] = [];
  const parsed = texts.flatMap((one) => {
    const expression = parseTarget(one.text);
    if (!isFault(expression)) return [{ one, expression }];
    if (options.passOver === undefined) throw faultAt(one, expression.fault);
    options.passOver(one.text);
    return [];
  });
  const resolutions = await resolveAllNames(
    parsed.map(({ expression }) => expression),
    options.resolve ?? resolveName,
  );
  for (const { one, expression } of parsed) {
    const ports = portsOf(one, expression, options);
    if (expression.kind !== "name") {
      const block = walkableBlockOf(expression);
      if (isFault(block)) throw faultAt(one, block.fault);
      groups.push({ block, ...ports });
      continue;
    }
    const resolution = resolutions.get(expression.name) ?? { why: "it was not looked up" };
    if ("why" in resolution) {
      if (options.passOver === undefined) warnings.push(`${expression.name} cannot be resolved: ${resolution.why}`);
      else options.passOver(expression.name);
      continue;
    }
    const named = namedGroups(one, expression, resolution.addresses, options);
    if (named.length === 0) warnings.push(`${expression.name} has no IPv6 address, and -6 asks for one`);
    groups.push(...named.map((group) => ({ ...group, ...ports })));
  }
  return { groups, warnings };
}

/** Reads what is not to be probed: as targets, without ports. A name stands for all of its addresses. */
export async function readExclusions(texts: readonly TargetText[]): Promise<readonly AddressBlock[]> {
  const blocks: AddressBlock[] = [];
  for (const one of texts) {
    const expression = parseOne(one);
    if (expression.ports !== undefined) throw faultAt(one, "ports cannot be given here: use --exclude-ports");
    if (expression.kind !== "name") {
      blocks.push(blockOf(expression));
      continue;
    }
    const resolution = await resolveName(expression.name);
    // A name that is to be spared must not be probed because a name server was slow.
    if ("why" in resolution)
      throw faultAt(one, `the name ${expression.name}, which is to be excluded, cannot be resolved: ${resolution.why}`);
    blocks.push(...resolution.addresses.map((address) => blockAround(address, expression.prefix ?? bitsOf(address))));
  }
  return blocks;
}

function parseOne(one: TargetText): TargetExpression {
  const expression = parseTarget(one.text);
  if (isFault(expression)) throw faultAt(one, expression.fault);
  return expression;
}

function portsOf(one: TargetText, expression: TargetExpression, options: GroupOptions): Pick<TargetGroup, "ports"> {
  if (expression.ports === undefined) return {};
  const ports = parsePorts(expression.ports, options.names(), options.plainProtocols);
  if (isFault(ports)) throw faultAt(one, ports.fault);
  return { ports: ports.minus(options.excludedPorts).toData() };
}

function namedGroups(
  one: TargetText,
  expression: NameTarget,
  addresses: readonly Address[],
  { resolveAll, isIpv6Named = false }: GroupOptions,
): TargetGroup[] {
  // IPv4 first, as nmap does: more can be found out there.
  const sorted = [...addresses].sort((first, second) => first.family - second.family);
  const wanted = isIpv6Named ? sorted.filter(({ family }) => family === 6) : sorted;
  const chosen = resolveAll ? wanted : wanted.slice(0, 1);
  const otherAddresses = sorted.filter((address) => !chosen.includes(address)).map(formatAddress);
  return chosen.flatMap((address) => {
    const named: TargetGroup = { block: singleBlock(address), name: expression.name, otherAddresses };
    if (expression.prefix === undefined) return [named];
    const block = blockAround(address, expression.prefix);
    const fault = tooLargeToWalk(block);
    if (fault !== undefined) throw faultAt(one, fault.fault);
    return [named, { block }]; // only the address itself has the name, not the block around it
  });
}

function bitsOf(address: Address): number {
  return address.family === 4 ? 32 : 128;
}

async function resolveAllNames(
  expressions: readonly TargetExpression[],
  resolve: (name: string) => Promise<Resolution>,
): Promise<ReadonlyMap<string, Resolution>> {
  const found = new Map<string, Resolution>();
  const names = new Set(expressions.flatMap((expression) => (expression.kind === "name" ? [expression.name] : [])));
  const queue = names.values();
  const lookUp = async (): Promise<void> => {
    for (const name of queue) found.set(name, await resolve(name)); // the workers share one iterator
  };
  await Promise.all(Array.from({ length: LOOKUPS_AT_ONCE }, lookUp));
  return found;
}

function faultAt(one: TargetText, fault: string): PosternError {
  return one.place === undefined ? new UsageError(fault) : new InputError(fault, one.place);
}
