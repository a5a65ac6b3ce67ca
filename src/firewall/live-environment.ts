// This machine as rules see it: its interfaces, addresses and routes, and whether it forwards.
import { isForwarding, isRoutingLocalnet } from "../linux/forwarding.js";
import { readInterfaces } from "../linux/interfaces.js";
import { Netlink } from "../linux/netlink.js";
import { readRoutes } from "../linux/route-list.js";
import type { HostEnvironment } from "./packet-question.js";

/** Reads it from the kernel. */
export function readLiveEnvironment(): HostEnvironment {
  const netlink = new Netlink("route");
  try {
    const interfaces = readInterfaces(netlink);
    const names = new Set([...interfaces.values()].map(({ name }) => name));
    const routes = readRoutes(netlink, interfaces).filter(({ device }) => names.has(device));
    return {
      interfaces: [...interfaces.values()].map(({ name, index, addresses }) => ({
        name,
        index,
        addresses,
        ...(isRoutingLocalnet(name) ? { isRoutingLocalnet: true } : {}),
      })),
      routes: routes.map(({ target, prefix, device }) => ({ target, prefix, device })),
      isForwarding: [...names].some((name) => isForwarding(4, name) || isForwarding(6, name)),
    };
  } finally {
    netlink.close();
  }
}
