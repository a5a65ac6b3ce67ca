// Hosts as postern.yaml names them: an address, a network, an IPv4 pattern, or a name. Stricter than a command line: what a
// careless reader could take for something else is refused.
import { type AddressBlock, blockOf, unmappedBlock } from "../target/address-block.js";
import { type Fault, isFault, quote } from "../target/fault.js";
import { formatIpv4, parseIpv4 } from "../target/ipv4.js";
import { formatIpv6, parseIpv6 } from "../target/ipv6.js";
import { parseTarget } from "../target/target-expression.js";

/** One host, or a block of them. */
export type HostText = { readonly block: AddressBlock } | { readonly name: string };

/** Reads one. Names come in small letters and without the dot at their end. */
export function parseHost(text: string): HostText | Fault {
  const target = parseTarget(text);
  if (isFault(target)) return target;
  if (target.ports !== undefined) return { fault: `${quote(text)}: no port was expected here` };
  if (target.kind === "name") {
    if (target.prefix === undefined) return { name: bareName(target.name) };
    return { fault: `${quote(text)}: a network is written by its address, not by a name` };
  }
  if (target.kind === "ipv6-block" && target.zone !== undefined) {
    return { fault: `${quote(text)}: leave out the %${target.zone}; what is written here holds on every link` };
  }
  const [addressText = "", prefixText] = text.replace(/[[\]]/g, "").split("/");
  if (target.kind === "ipv4") {
    if (prefixText === undefined) return { block: blockOf(target) };
    return { fault: `${quote(text)}: a pattern has no prefix length` };
  }
  const network = target.kind === "ipv6-block" ? formatIpv6(target.bytes) : formatIpv4(target.base);
  if (!isSameAddress(addressText, network)) {
    const meant = `${network}/${target.prefix} for the network, ${addressText} for the host alone`;
    return { fault: `${quote(text)} has bits behind its prefix; write ${meant}` };
  }
  return { block: unmappedBlock(blockOf(target)) };
}

/** A name as it is compared: RFC 4343, and the root's dot adds nothing. */
export function bareName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

function isSameAddress(one: string, other: string): boolean {
  const ipv4 = parseIpv4(one);
  if (ipv4 !== undefined) return ipv4 === parseIpv4(other);
  const otherBytes = parseIpv6(other);
  return parseIpv6(one)?.every((byte, at) => byte === otherBytes?.[at]) === true;
}
