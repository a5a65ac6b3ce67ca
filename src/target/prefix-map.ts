// IPv6 prefixes with a value each, found by an address in as many lookups as there are different prefix lengths.
import { type Ipv6Address, ipv6Key } from "./address.js";
import type { Ipv6PrefixBlock } from "./address-block.js";
import { maskBytes } from "./target-expression.js";

/** A map from IPv6 prefixes to values. */
export class PrefixMap<Value> {
  readonly #byPrefix = new Map<number, Map<string, Value>>();
  readonly #scratch = new Uint8Array(16);

  /** True when there is no prefix in the map. */
  isEmpty(): boolean {
    return this.#byPrefix.size === 0;
  }

  /** The value of exactly this prefix and zone. */
  get(block: Ipv6PrefixBlock): Value | undefined {
    return this.#byPrefix.get(block.prefix)?.get(ipv6Key(block.bytes, block.zone));
  }

  /** Gives a prefix a value in place of the one that it had. */
  set(block: Ipv6PrefixBlock, value: Value): void {
    let entries = this.#byPrefix.get(block.prefix);
    if (entries === undefined) {
      entries = new Map();
      this.#byPrefix.set(block.prefix, entries);
    }
    entries.set(ipv6Key(block.bytes, block.zone), value);
  }

  /** The values of the prefixes that have the address and name its zone. */
  inZone(address: Ipv6Address): Value[] {
    return this.#covering(address, [address.zone]);
  }

  /** The values of the prefixes that have the address and name its zone or none. */
  covering(address: Ipv6Address): Value[] {
    return this.#covering(address, address.zone === undefined ? [undefined] : [undefined, address.zone]);
  }

  #covering(address: Ipv6Address, zones: readonly (string | undefined)[]): Value[] {
    const found: Value[] = [];
    for (const [prefix, entries] of this.#byPrefix) {
      this.#scratch.set(address.bytes);
      maskBytes(this.#scratch, prefix);
      for (const zone of zones) {
        const value = entries.get(ipv6Key(this.#scratch, zone));
        if (value !== undefined) found.push(value);
      }
    }
    return found;
  }
}
