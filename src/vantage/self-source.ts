// Which source addresses the namespace beside this machine gets: what the user wishes, as far as nobody is using it, else
// addresses for documentation (RFC 5737, RFC 3849), which stand for anywhere.
import { isLinkLocal } from "../linux/interfaces.js";
import type { Route } from "../linux/routes.js";
import { UsageError } from "../model/errors.js";
import { type Address, formatAddress, parseAddress, unmapped } from "../target/address.js";

/** The first of each family that is free here. */
const CANDIDATES: readonly Address[] = [
  "192.0.2.1",
  "198.51.100.1",
  "203.0.113.1",
  "2001:db8::1",
  "2001:db8:ffff::1",
].flatMap((text) => parseAddress(text) ?? []);
const FAMILIES = [4, 6] as const;

/** What is known of addresses. */
export interface SourceFacts {
  /** What this machine would do with a packet to it. */
  wayTo(address: Address): Route;
  /** True when a connection of this machine with it is open. */
  isConnected(address: Address): boolean;
}

/** The addresses, and what is to be said about them: sentences. */
export interface ChosenSources {
  readonly sources: readonly Address[];
  readonly remarks: readonly string[];
}

/**
 * Chooses.
 *
 * @throws UsageError for wishes that cannot be met: two of one family, no address of a single host, an own one, one that
 * this machine is talking to
 */
export function chooseSources(wishes: readonly Address[] | undefined, facts: SourceFacts): ChosenSources {
  if (wishes === undefined || wishes.length === 0) return chooseAnywhere(facts);
  const sources = wishes.map(unmapped);
  for (const source of sources) {
    const fault = faultOf(source, facts);
    if (fault === undefined) continue;
    const hint = "choose another address of the network that the rules are about";
    throw new UsageError(`${formatAddress(source)} cannot be the source of probes: ${fault}`, { hint });
  }
  if (FAMILIES.some((family) => sources.filter((one) => one.family === family).length > 1)) {
    throw new UsageError("one source address of each family is enough, and here are two of one");
  }
  return { sources, remarks: [] };
}

function chooseAnywhere(facts: SourceFacts): ChosenSources {
  const sources = FAMILIES.flatMap((family) => {
    const free = CANDIDATES.find((one) => one.family === family && isFree(one, facts));
    return free === undefined ? [] : [free];
  });
  if (sources.length === 0) {
    throw new UsageError("all networks for documentation are in use on this machine", {
      hint: "name a source address of your own",
    });
  }
  const names = sources.map(formatAddress).join(" and ");
  const remark =
    `${names} stand for anywhere: they are for documentation (RFC 5737, RFC 3849), and nobody has them. ` +
    "A firewall that drops such sources, as many do, drops these probes.";
  return { sources, remarks: [remark] };
}

/** A network on a link of this machine is not anywhere. */
function isFree(address: Address, facts: SourceFacts): boolean {
  const { kind, gateway } = facts.wayTo(address);
  const isOnLink = kind === "unicast" && gateway === undefined;
  return faultOf(address, facts) === undefined && !isOnLink;
}

function faultOf(address: Address, facts: SourceFacts): string | undefined {
  if (!isOfOneHost(address)) return "no host elsewhere can have it";
  const { kind } = facts.wayTo(address);
  if (kind === "local") return "it is this machine's own";
  if (kind === "broadcast") return "it is a broadcast address";
  if (facts.isConnected(address)) return "this machine has open connections with it, which would be cut off";
  return undefined;
}

/** Not unspecified, loopback, link-local, multicast or reserved (RFC 6890, RFC 4291 §2.4). */
function isOfOneHost(address: Address): boolean {
  if (address.family === 4) {
    const first = address.value >>> 24;
    return first > 0 && first !== 127 && first < 224 && address.value >>> 16 !== 0xa9fe;
  }
  const { bytes } = address;
  const isReserved = bytes.subarray(0, 8).every((byte) => byte === 0); // ::, ::1, IPv4 in IPv6
  return !isReserved && bytes[0] !== 0xff && !isLinkLocal(bytes);
}
