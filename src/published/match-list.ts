// Many matches, of which only those are looked at that can have packets in common with another one: a node of Kubernetes has
// tens of thousands, nearly all of one port and one address.
import type { NatMatch } from "./nat-match.js";

/** What stands for matches of several addresses, or of any. */
const ANY_ADDRESS = -1n;

/** Matches by port and address. */
export class MatchList {
  /** Those of one port, by the port, and by the address where it is one as well. */
  readonly #byPort = new Map<number, Map<bigint, NatMatch[]>>();
  /** All others. */
  readonly #wide: NatMatch[] = [];

  add(match: NatMatch): void {
    const port = singlePort(match);
    if (port === undefined) {
      this.#wide.push(match);
      return;
    }
    const ofPort = this.#byPort.get(port) ?? new Map<bigint, NatMatch[]>();
    const address = singleAddress(match);
    const list = ofPort.get(address) ?? [];
    list.push(match);
    ofPort.set(address, list);
    this.#byPort.set(port, ofPort);
  }

  /** True when one of those that may meet the match is as asked. */
  some(match: NatMatch, isWanted: (earlier: NatMatch) => boolean): boolean {
    if (this.#wide.some(isWanted)) return true;
    return this.#byPort.size > 0 && this.#near(match).some((list) => list.some(isWanted));
  }

  #near(match: NatMatch): readonly (readonly NatMatch[])[] {
    const port = singlePort(match);
    if (port === undefined) return [...this.#byPort.values()].flatMap((ofPort) => [...ofPort.values()]);
    const ofPort = this.#byPort.get(port);
    if (ofPort === undefined) return [];
    const address = singleAddress(match);
    if (address === ANY_ADDRESS) return [...ofPort.values()];
    return [ofPort.get(address) ?? [], ofPort.get(ANY_ADDRESS) ?? []];
  }
}

function singlePort({ ports }: NatMatch): number | undefined {
  const range = ports?.length === 1 ? ports[0] : undefined;
  return range !== undefined && range[0] === range[1] ? range[0] : undefined;
}

/** Addresses of both families may share a number: then there is one more to look at. */
function singleAddress({ addresses }: NatMatch): bigint {
  const range = addresses?.length === 1 ? addresses[0] : undefined;
  return range !== undefined && range.first === range.last ? range.first : ANY_ADDRESS;
}
