// Ports of an own address that address translation leads elsewhere: whether they are open is not for this machine's sockets
// to say.
import type { OwnAddress } from "../../inside/open-at.js";
import type { PublishedPort } from "../../inside/published-port.js";
import { parseAddress } from "../../target/address.js";
import type { PortRange } from "../../target/port-set.js";

const EVERY_PORT: PortRange = [0, 65_535];

/** The ports of one address that lead elsewhere, or may: a network or a range of addresses counts for all. */
export function publishedHere(
  published: readonly PublishedPort[],
  own: OwnAddress,
  protocol: string,
): readonly PortRange[] {
  const here = published.filter((port) => {
    if (port.target === "same") return false;
    if (port.protocol !== undefined && port.protocol !== protocol) return false;
    if (port.family !== undefined && port.family !== own.address.family) return false;
    const { hostAddress } = port;
    return hostAddress === undefined || hostAddress === own.text || parseAddress(hostAddress) === undefined;
  });
  return here.map(({ hostPorts }) => hostPorts ?? EVERY_PORT);
}
