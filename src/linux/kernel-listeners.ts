// The ports of tunnels that the kernel itself holds in the network namespace of the calling thread.

import { readGenericListeners } from "./generic-listeners.js";
import type { KernelListeners } from "./kernel-listener.js";
import { Netlink } from "./netlink.js";
import { readTunnels, tunnelListeners } from "./tunnel-listeners.js";

/**
 * The ports of VXLAN, GENEVE, bareudp, GTP, WireGuard, FOU, GUE and L2TP in the calling thread's network namespace. Of
 * WireGuard and L2TP the kernel tells only those with CAP_NET_ADMIN there.
 *
 * Run for real: VXLAN, also of IPv6, with metadata and moved between namespaces. The others follow the kernel's headers
 * and are tested with messages made up from them.
 *
 * @throws SystemCallError when the kernel cannot be talked to
 */
export function readTunnelListeners(): KernelListeners {
  const tunnels = withNetlink("route", readTunnels);
  const generic = withNetlink("generic", (netlink) => readGenericListeners(netlink, tunnels));
  return { listeners: [...tunnels.flatMap(tunnelListeners), ...generic.listeners], refusals: generic.refusals };
}

function withNetlink<Result>(protocol: "route" | "generic", work: (netlink: Netlink) => Result): Result {
  const netlink = new Netlink(protocol);
  try {
    return work(netlink);
  } finally {
    netlink.close();
  }
}
