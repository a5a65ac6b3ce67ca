// The addresses of this machine, as they are now.
import { networkInterfaces } from "node:os";
import { type Address, parseAddress } from "../target/address.js";

/** All addresses of all interfaces that are up; link-local ones with their zone. */
export function ownAddresses(): Address[] {
  const found: Address[] = [];
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    for (const { address, family, scopeid } of addresses ?? []) {
      const text = family === "IPv6" && scopeid ? `${address}%${name}` : address;
      const parsed = parseAddress(text) ?? parseAddress(address);
      if (parsed !== undefined) found.push(parsed);
    }
  }
  return found;
}
