// The hosts that are being scanned, found by address, and given their turn one after another. Only those that may have
// something to send stand in the queue: with thousands that wait for answers, looking at each would cost more than sending.
import type { FrameView } from "../technique/frame-view.js";
import type { Host } from "./host.js";

const INITIAL_SIZE = 64;

/** All hosts under way. */
export class Roster {
  private readonly hosts = new Set<Host>();
  private readonly ipv4 = new Map<number, Host>();
  private readonly ipv6 = new Map<number, Host>();
  private queue: (Host | undefined)[] = new Array<Host | undefined>(INITIAL_SIZE).fill(undefined);
  private head = 0;
  /** Hosts in the queue. */
  readyCount = 0;

  get count(): number {
    return this.hosts.size;
  }

  /** The host that a packet is from, or that the datagram in it was sent to. */
  find(frame: FrameView): Host | undefined {
    let host = (frame.family === 4 ? this.ipv4 : this.ipv6).get(frame.peerKey);
    while (host !== undefined && !frame.isPeer(host.target.address)) host = host.sameKey;
    return host;
  }

  /** Takes a host in, or wakes one that is here already. */
  add(host: Host): void {
    if (this.hosts.has(host)) {
      this.wake(host);
      return;
    }
    this.hosts.add(host);
    const index = host.target.address.family === 4 ? this.ipv4 : this.ipv6;
    host.sameKey = index.get(host.key);
    index.set(host.key, host);
    this.wake(host);
  }

  remove(host: Host): void {
    if (!this.hosts.delete(host)) return;
    const index = host.target.address.family === 4 ? this.ipv4 : this.ipv6;
    const first = index.get(host.key);
    if (first === host) {
      if (host.sameKey === undefined) index.delete(host.key);
      else index.set(host.key, host.sameKey);
      return;
    }
    for (let before = first; before !== undefined; before = before.sameKey) {
      if (before.sameKey === host) before.sameKey = host.sameKey;
    }
  }

  /** The host may have something to send: it gets a turn. */
  wake(host: Host): void {
    if (host.isReady || host.phase === "done") return;
    host.isReady = true;
    if (this.readyCount === this.queue.length) this.grow();
    this.queue[(this.head + this.readyCount) & (this.queue.length - 1)] = host;
    this.readyCount++;
  }

  /** Takes the host whose turn it is out of the queue. */
  next(): Host | undefined {
    if (this.readyCount === 0) return undefined;
    const host = this.queue[this.head];
    this.queue[this.head] = undefined;
    this.head = (this.head + 1) & (this.queue.length - 1);
    this.readyCount--;
    if (host !== undefined) host.isReady = false;
    return host;
  }

  [Symbol.iterator](): IterableIterator<Host> {
    return this.hosts[Symbol.iterator]();
  }

  private grow(): void {
    const larger = new Array<Host | undefined>(this.queue.length * 2).fill(undefined);
    for (let at = 0; at < this.readyCount; at++) larger[at] = this.queue[(this.head + at) & (this.queue.length - 1)];
    this.queue = larger;
    this.head = 0;
  }
}
