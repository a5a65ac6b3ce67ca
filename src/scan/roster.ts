// The hosts that are being scanned, found by address, and given their turn one after another.
import type { Host } from "./host.js";

/** All hosts under way. */
export class Roster {
  private readonly hosts: Host[] = [];
  private readonly byAddress = new Map<number, Host>();
  private readonly places = new Map<Host, number>();
  private turn = 0;

  get count(): number {
    return this.hosts.length;
  }

  /** The host with this IPv4 address. */
  find(address: number): Host | undefined {
    return this.byAddress.get(address);
  }

  add(host: Host): void {
    this.places.set(host, this.hosts.length);
    this.hosts.push(host);
    const { address } = host.target;
    if (address.family === 4) this.byAddress.set(address.value, host);
  }

  remove(host: Host): void {
    const place = this.places.get(host);
    const last = this.hosts.at(-1);
    if (place === undefined || last === undefined) return;
    this.hosts[place] = last;
    this.places.set(last, place);
    this.hosts.pop();
    this.places.delete(host);
    const { address } = host.target;
    if (address.family === 4) this.byAddress.delete(address.value);
  }

  /** The next host in turn that has something to be sent. */
  nextWithWork(): Host | undefined {
    for (let looks = this.hosts.length; looks > 0; looks--) {
      this.turn = this.turn + 1 >= this.hosts.length ? 0 : this.turn + 1;
      const host = this.hosts[this.turn];
      if (host?.hasWork) return host;
    }
    return undefined;
  }

  [Symbol.iterator](): IterableIterator<Host> {
    return this.hosts[Symbol.iterator]();
  }
}
