// Which source addresses the namespace beside this machine gets: what the user wishes, as far as nobody is using it, else
// addresses for documentation (RFC 5737, RFC 3849), which stand for anywhere.
import { isLinkLocal } from "../linux/interfaces.js";
import type { Route } from "../linux/routes.js";
import { UsageError } from "../model/errors.js";
import { type Address, formatAddress, parseAddress, unmapped } from "../target/address.js";

/** Where addresses that stand for anywhere begin; of each family the first that are free here. */
const BEGINNINGS: readonly string[] = ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "2001:db8:ffff::1"];
/**
 * So many of each family. ICMP errors are rationed by the address that they go to, six at once and one a second (Linux,
 * icmp_ratelimit): from one address 20 closed UDP ports take 14 s, from eight 0.2 s.
 */
const ANYWHERE_COUNT = 8;
/** More are no test of a source any more. */
const WISHES_MAX = 32;
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
 * @throws UsageError for wishes that cannot be met: no address of a single host, an own one, one that this machine is talking
 * to
 */
export function chooseSources(wishes: readonly Address[] | undefined, facts: SourceFacts): ChosenSources {
  if (wishes === undefined || wishes.length === 0) return chooseAnywhere(facts);
  const sources = [...new Map(wishes.map(unmapped).map((one) => [formatAddress(one), one])).values()];
  if (sources.length > WISHES_MAX) throw new UsageError(`more than ${WISHES_MAX} source addresses of probes`);
  for (const source of sources) {
    const fault = faultOf(source, facts);
    if (fault === undefined) continue;
    const hint = "choose another address of the network that the rules are about";
    throw new UsageError(`${formatAddress(source)} cannot be the source of probes: ${fault}`, { hint });
  }
  return { sources, remarks: [] };
}

function chooseAnywhere(facts: SourceFacts): ChosenSources {
  const rows = BEGINNINGS.map(rowFrom).filter((row) => row.every((address) => isFree(address, facts)));
  const sources = FAMILIES.flatMap((family) => rows.find(([first]) => first?.family === family) ?? []);
  if (sources.length === 0) {
    throw new UsageError("all networks for documentation are in use on this machine", {
      hint: "name a source address of your own",
    });
  }
  const remark =
    `${namesOf(sources)} stand for anywhere: they are for documentation (RFC 5737, RFC 3849), and nobody has them. ` +
    "A firewall that drops such sources, as many do, drops these probes.";
  return { sources, remarks: [remark] };
}

/** An address and those behind it. */
function rowFrom(text: string): readonly Address[] {
  const first = parseAddress(text);
  if (first === undefined) return [];
  return Array.from({ length: ANYWHERE_COUNT }, (_, step) => {
    if (first.family === 4) return { family: 4, value: first.value + step };
    return { family: 6, bytes: first.bytes.map((byte, at) => (at === first.bytes.length - 1 ? byte + step : byte)) };
  });
}

/** "192.0.2.1 (and 7 more)", by family. */
export function namesOf(sources: readonly Address[]): string {
  return FAMILIES.flatMap((family) => {
    const [first, ...more] = sources.filter((one) => one.family === family);
    if (first === undefined) return [];
    return [formatAddress(first) + (more.length === 0 ? "" : ` (and ${more.length} more)`)];
  }).join(" and ");
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
