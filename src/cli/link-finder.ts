// --link: the IPv6 hosts of a link, asked for by multicast, as targets.
import { monotonicClock } from "../linux/clock.js";
import { EPERM } from "../linux/errno.js";
import { findLinkHosts } from "../linux/link-hosts.js";
import { RouteTable } from "../linux/routes.js";
import { TransmitGuard } from "../linux/transmit-guard.js";
import { PrivilegeError, SystemCallError, UnreachableError, UsageError } from "../model/errors.js";
import type { Address } from "../target/address.js";
import { Scope } from "../target/scope.js";

/** Hosts may take 1,000 ms for their report (RFC 3810 §9.3), and the questions are asked twice. */
const WAIT_MS = 2500;

/**
 * Finds the IPv6 hosts of the link behind an interface. Only groups of the link are sent to.
 *
 * @throws UsageError there is no such interface, or nobody can be a neighbour on it
 * @throws UnreachableError the interface is down
 * @throws PrivilegeError this process may not send raw packets
 */
export async function findOnLink(link: string): Promise<readonly Address[]> {
  const routes = new RouteTable();
  const interfaces = [...routes.interfaces()];
  routes.close();
  const device = interfaces.find(({ name }) => name === link);
  if (device === undefined) {
    const names = interfaces.map(({ name }) => name).join(", ");
    throw new UsageError(`--link: there is no interface ${link}`, { hint: `there are: ${names}` });
  }
  if (!device.hasNeighbours) throw new UsageError(`--link: the interface ${link} has no link with other hosts`);
  if (!device.isUp) throw new UnreachableError(`--link: the interface ${link} is down`);
  const guard = new TransmitGuard(Scope.of({ own: [], authorized: [] }));
  try {
    const hosts = await findLinkHosts({ device, guard, clock: monotonicClock, waitMs: WAIT_MS });
    return hosts.map(({ address }) => address);
  } catch (error) {
    if (!(error instanceof SystemCallError && error.errno === EPERM)) throw error;
    throw new PrivilegeError("--link sends raw packets, which this process may not (CAP_NET_RAW)", {
      hint: "run as root",
      cause: error,
    });
  }
}
