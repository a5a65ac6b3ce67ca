// The order in which people look for addresses: IPv4 before IPv6, each by its number, and what is no address last.
import { parseAddress } from "../target/address.js";

/** A string that sorts, by its characters, where the address belongs. */
export function addressSortKey(address: string): string {
  const parsed = parseAddress(address);
  if (parsed === undefined) return `9${address}`;
  if (parsed.family === 4) return `4${parsed.value.toString(16).padStart(8, "0")}`;
  return `6${Buffer.from(parsed.bytes).toString("hex")}${parsed.zone ?? ""}`;
}
