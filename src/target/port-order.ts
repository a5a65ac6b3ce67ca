// The order in which the ports of a host are probed.
import type { PortSet, Protocol } from "./port-set.js";
import { seededRandom } from "./random.js";

/** So many of the likeliest ports come first; all others are spread, so that no firewall sees a sweep. */
const FIRST_COUNT = 100;

/**
 * The ports of a protocol in the order to probe them: the likeliest in the order of their rank, the rest shuffled as
 * the key decides; ascending when `isSequential` (nmap's -r).
 */
export function portOrder(
  ports: PortSet,
  protocol: Protocol,
  ranking: readonly number[],
  key: number,
  isSequential: boolean,
): Uint16Array {
  const order = new Uint16Array(ports.count(protocol));
  const isFirst = new Uint8Array(65_536);
  let count = 0;
  for (const port of isSequential ? [] : ranking) {
    if (count === FIRST_COUNT) break;
    if (isFirst[port] === 1 || !ports.has(protocol, port)) continue;
    isFirst[port] = 1;
    order[count++] = port;
  }
  const rest = order.subarray(count);
  let at = 0;
  for (const [first, last] of ports.ranges(protocol)) {
    for (let port = first; port <= last; port++) if (isFirst[port] === 0) rest[at++] = port;
  }
  if (!isSequential) shuffle(rest, key);
  return order;
}

/** Fisher and Yates' shuffle in Durstenfeld's form (Algorithm 235, CACM 1964). */
function shuffle(ports: Uint16Array, key: number): void {
  const random = seededRandom(key);
  for (let last = ports.length - 1; last > 0; last--) {
    const other = Math.floor((random.next32() / 2 ** 32) * (last + 1));
    const port = ports[last] ?? 0;
    ports[last] = ports[other] ?? 0;
    ports[other] = port;
  }
}
