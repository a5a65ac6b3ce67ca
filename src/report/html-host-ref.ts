// Hosts as other parts of the page speak of them: a link with the name, and lists of which only the first are named.
import { addressSortKey } from "./address-order.js";
import { joined, type Markup, markup } from "./html-markup.js";
import { groupDigits } from "./quantity.js";

/** A host that has its place in the page. */
export interface HostRef {
  readonly id: number;
  readonly address: string;
  readonly name: string | undefined;
  readonly openCount: number;
}

/** Enough to begin with; everything is in the host's own section. */
const NAMED_MAX = 12;

/** Hosts that share something: how many there are, and the first of them. */
export class HostRefs {
  readonly #named: HostRef[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(host: HostRef): void {
    this.#count += 1;
    if (this.#named.length < NAMED_MAX) this.#named.push(host);
  }

  /** Links to the first, by address, and how many more there are. */
  toMarkup(): Markup {
    const links = sortedByAddress(this.#named).map(hostLink);
    const rest = this.#count - links.length;
    return rest === 0 ? joined(links, ", ") : markup`${joined(links, ", ")} and ${groupDigits(rest)} more`;
  }
}

/** A link to the host's section, by its address: names may be long, and several hosts may have the same. */
export function hostLink({ id, address }: HostRef): Markup {
  return markup`<a href="#h${id}">${address}</a>`;
}

/** The same hosts in the order in which people look for addresses. */
export function sortedByAddress(hosts: readonly HostRef[]): readonly HostRef[] {
  const keyed = hosts.map((host) => ({ host, key: addressSortKey(host.address) }));
  keyed.sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0));
  return keyed.map(({ host }) => host);
}
