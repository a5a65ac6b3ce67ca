// The number of a network interface by its name, for link-local addresses (fe80::1%eth0).
import { networkInterfaces } from "node:os";

/** The interface's index, 0 when there is none of that name. */
export function interfaceIndex(name: string): number {
  for (const address of networkInterfaces()[name] ?? []) {
    if (address.family === "IPv6" && address.scopeid) return address.scopeid;
  }
  return 0;
}
