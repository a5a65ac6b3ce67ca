// The order in which the ports of a host are probed.
import { Permutation } from "./permutation.js";
import type { PortSet, Protocol } from "./port-set.js";

/** So many of the likeliest ports come first; all others are spread, so that no firewall sees a sweep. */
const FIRST_COUNT = 100;

/**
 * The ports of a protocol in the order to probe them: the likeliest in the order of their rank, the rest in one that
 * the key decides; ascending when `isSequential` (nmap's -r).
 */
export function portOrder(
  ports: PortSet,
  protocol: Protocol,
  ranking: readonly number[],
  key: number,
  isSequential: boolean,
): Uint16Array {
  const ascending = Uint16Array.from(ports.ports(protocol));
  if (isSequential) return ascending;
  const first = new Set<number>();
  for (const port of ranking) {
    if (first.size === FIRST_COUNT) break;
    if (ports.has(protocol, port)) first.add(port);
  }
  const rest = ascending.filter((port) => !first.has(port));
  const order = new Uint16Array(ascending.length);
  order.set([...first]);
  const permutation = new Permutation(rest.length, key);
  for (let at = 0; at < rest.length; at++) order[first.size + at] = rest[permutation.at(at)] ?? 0;
  return order;
}
