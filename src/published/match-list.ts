// Many matches, of which only those are looked at that can have packets in common with another one: a node of Kubernetes has
// tens of thousands, nearly all of one port and one address.
import type { NatMatch } from "./nat-match.js";

const ANY_ADDRESS = "";

/** Matches by port and address. */
export class MatchList {
  /** Those of one port, by the port, and by the address where it is one as well. */
  readonly #byPort = new Map<number, Map<string, NatMatch[]>>();
  /** All others. */
  readonly #wide: NatMatch[] = [];

  add(match: NatMatch): void {
    const port = singlePort(match);
    if (port === undefined) {
      this.#wide.push(match);
      return;
    }
    const ofPort = this.#byPort.get(port) ?? new Map<string, NatMatch[]>();
    const address = singleAddress(match);
    const list = ofPort.get(address) ?? [];
    list.push(match);
    ofPort.set(address, list);
    this.#byPort.set(port, ofPort);
  }

  /** True when one of those that may meet the match is as asked. */
  some(match: NatMatch, isWanted: (earlier: NatMatch) => boolean): boolean {
    return this.#wide.some(isWanted) || this.#near(match).some((list) => list.some(isWanted));
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
  const [range, ...more] = ports ?? [];
  return range !== undefined && more.length === 0 && range[0] === range[1] ? range[0] : undefined;
}

function singleAddress({ addresses }: NatMatch): string {
  const [range, ...more] = addresses ?? [];
  const isSingle = range !== undefined && more.length === 0 && range.first === range.last;
  return isSingle ? `${range.family} ${range.first}` : ANY_ADDRESS;
}
