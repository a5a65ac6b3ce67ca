// Whether this machine forwards packets for others (kernel: Documentation/networking/ip-sysctl.rst, "forwarding").
import { readFileSync } from "node:fs";

/**
 * True when a packet that arrives on this interface for an address that is not ours would be sent on, or be answered
 * with a redirect or an error, instead of being ignored.
 */
export function isForwarding(family: 4 | 6, interfaceName: string, procRoot: string = "/proc"): boolean {
  const folder = `${procRoot}/sys/net/ipv${family}/conf`;
  if (isOn(`${folder}/${interfaceName}/forwarding`)) return true;
  // IPv6 forwards by the setting of all interfaces, and since Linux 6.17 by one that forces it for one of them.
  return family === 6 && (isOn(`${folder}/all/forwarding`) || isOn(`${folder}/${interfaceName}/force_forwarding`));
}

/** True when packets for loopback addresses are taken from this interface (ip-sysctl.rst, "route_localnet"). */
export function isRoutingLocalnet(interfaceName: string, procRoot: string = "/proc"): boolean {
  const folder = `${procRoot}/sys/net/ipv4/conf`;
  return isOn(`${folder}/all/route_localnet`) || isOn(`${folder}/${interfaceName}/route_localnet`);
}

function isOn(file: string): boolean {
  try {
    return Number(readFileSync(file, "latin1")) > 0;
  } catch {
    return false; // no /proc, or a setting that this kernel does not have
  }
}
