// From the host and ports of `postern connect` to addresses and numbers: names looked up, the scope asked, and what no
// single host answers for refused.
import { interfaceIndex } from "../linux/interface-index.js";
import { resolveName } from "../linux/resolve.js";
import { RouteTable } from "../linux/routes.js";
import { UnreachableError, UsageError } from "../model/errors.js";
import { type Address, formatAddress, parseAddress, unmapped } from "../target/address.js";
import { singleBlock } from "../target/address-block.js";
import { isFault, quote } from "../target/fault.js";
import { lettersOf, parsePorts } from "../target/port-expression.js";
import { Scope } from "../target/scope.js";
import type { ServiceNames } from "../target/service-names.js";
import { parseTarget } from "../target/target-expression.js";
import type { ConnectSettings } from "./connect-settings.js";
import { readScope, refuseOutside } from "./read-scope.js";

/** Whom to connect to. */
export interface ConnectTarget {
  /** As it was typed. */
  readonly host: string;
  /** True when it was looked up. */
  readonly isName: boolean;
  /** At least one, in the order in which they are tried. */
  readonly addresses: readonly [Address, ...Address[]];
  readonly scope: Scope;
}

type Wanted = Pick<ConnectSettings, "host" | "family" | "isNumeric" | "authorized" | "sourceAddress">;

/**
 * Finds the addresses of the host.
 *
 * @throws UsageError when it is none, ScopeError when it may not be connected to, UnreachableError when it has no address
 */
export async function findTarget(wanted: Wanted): Promise<ConnectTarget> {
  const { host, authorized } = wanted;
  const literal = parseAddress(host);
  const found = literal === undefined ? await lookUp(host, wanted) : [literal];
  const [first, ...others] = found.map(unmapped).filter((address) => isWanted(address, wanted));
  if (first === undefined) throw noAddress(found, wanted);
  const addresses = [first, ...others] as const;
  for (const address of addresses) refuseCrowds(address);
  const scope = Scope.fromData(readScope({ authorized }));
  const isName = literal === undefined;
  refuseOutside(
    addresses.map((address) => ({ block: singleBlock(address), ...(isName ? { name: host } : {}) })),
    scope,
  );
  return { host, isName, addresses, scope };
}

async function lookUp(host: string, { isNumeric }: Wanted): Promise<readonly Address[]> {
  const expression = parseTarget(host);
  if (isFault(expression)) throw new UsageError(expression.fault);
  if (expression.kind !== "name" || expression.ports !== undefined || expression.prefix !== undefined) {
    throw new UsageError(`${quote(host)} is not one host`, {
      hint: "write an address or a name, and the port behind it",
    });
  }
  if (isNumeric) throw new UsageError(`${quote(host)} is no address, and -n looks up no names`);
  const resolution = await resolveName(host);
  if ("why" in resolution) throw new UnreachableError(`${host} cannot be resolved: ${resolution.why}`);
  return resolution.addresses;
}

function isWanted({ family }: Address, { family: wanted, sourceAddress }: Wanted): boolean {
  const source = sourceAddress === undefined ? undefined : unmapped(sourceAddress).family;
  return (wanted ?? family) === family && (source ?? family) === family;
}

function noAddress(found: readonly Address[], { host, family, sourceAddress }: Wanted): UsageError {
  const shown = found.map(formatAddress).join(", ");
  if (family !== undefined && found.every((address) => unmapped(address).family !== family)) {
    return new UsageError(`-${family} asks for IPv${family}, and ${host} has no such address`, {
      hint: `it has ${shown}`,
    });
  }
  const source = sourceAddress === undefined ? "" : ` from ${formatAddress(sourceAddress)}`;
  return new UsageError(`${host} cannot be reached${source}: the two are of different families`);
}

/** Addresses that stand for many hosts, and those of a link without the link. */
function refuseCrowds(address: Address): void {
  const text = formatAddress(address);
  if (isMulticast(address)) throw new UsageError(`${text} is a multicast address: nobody answers for it as one host`);
  if (address.family === 6) {
    refuseLinkless(address.bytes, address.zone, text);
    return;
  }
  if (isBroadcast(address)) throw new UsageError(`${text} is a broadcast address: nobody answers for it as one host`);
}

/** RFC 1112 §4: 224.0.0.0/4. RFC 4291 §2.7: ff00::/8. */
function isMulticast(address: Address): boolean {
  return address.family === 4 ? address.value >>> 28 === 0xe : address.bytes[0] === 0xff;
}

/** 255.255.255.255 (RFC 919), and what the kernel's routes know as the broadcast address of a link. */
function isBroadcast(address: Address): boolean {
  if (address.family === 4 && address.value === 0xff_ff_ff_ff) return true;
  const routes = new RouteTable();
  try {
    return routes.lookup(address).kind === "broadcast";
  } finally {
    routes.close();
  }
}

/** RFC 4007 §6: a link-local address has a meaning on one link only. */
function refuseLinkless(bytes: Uint8Array, zone: string | undefined, text: string): void {
  const isLinkLocal = bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
  if (!isLinkLocal) return;
  if (zone === undefined) {
    throw new UsageError(`${text} is a link-local address: write the link behind it, such as ${text}%eth0`);
  }
  if (!/^\d+$/.test(zone) && interfaceIndex(zone) === 0) {
    throw new UsageError(`${text}: there is no interface ${zone} with a link-local address of its own`);
  }
}

/**
 * Reads ports, ranges and names of services, in the order in which they were written.
 *
 * @throws UsageError when one of them is none
 */
export function readPorts(texts: readonly string[], protocol: "tcp" | "udp", names: ServiceNames): readonly number[] {
  const ports = new Set<number>();
  for (const text of texts.flatMap((one) => one.split(","))) {
    const [letter] = lettersOf(text);
    if (letter !== undefined)
      throw new UsageError(`${quote(text)}: ports have no letter here, -u makes them ports of UDP`);
    const read = parsePorts(text, names, [protocol]);
    if (isFault(read)) throw new UsageError(read.fault);
    for (const port of read.ports(protocol)) ports.add(port);
  }
  if (ports.has(0)) throw new UsageError("port 0 stands for no port");
  return [...ports];
}
