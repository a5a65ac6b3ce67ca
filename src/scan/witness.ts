// Who answers in a host's name? A firewall on the way that resets connections makes a blocked port look closed. It sits
// nearer than the host, so its RSTs have come fewer hops: their time to live differs from that of packets that only the
// host itself can have sent, a SYN-ACK or an echo reply. RSTs are held back until one of those has been seen, or until the
// host is done; then they are told for what they are.
import type { PortState } from "../model/port-state.js";
import type { HostMark } from "../model/scan-event.js";
import { PortList } from "../target/port-list.js";

/** RSTs that were held back, all with the same time to live. */
export interface HeldResets {
  readonly ttl: number;
  readonly state: PortState;
  /** The technique's number. */
  readonly technique: number;
  readonly tries: number;
  readonly ports: PortList;
}

/** What is known of the packets that come in a host's name. */
export class Witness {
  /** Time to live of what only the host itself can have sent; 0 while nothing such has been seen. */
  ownTtl: number;
  /** What it was seen in, for people. */
  ownSeenIn: string;
  /** RSTs that came from somebody else. */
  foreignCount = 0;
  private foreignTtl = 0;
  private readonly held: HeldResets[] = [];

  constructor(ownTtl: number, ownSeenIn: string) {
    this.ownTtl = ownTtl;
    this.ownSeenIn = ownSeenIn;
  }

  /** A SYN-ACK or another packet that a firewall does not forge. */
  seeOwn(ttl: number, seenIn: string): void {
    if (this.ownTtl !== 0 || ttl === 0) return;
    this.ownTtl = ttl;
    this.ownSeenIn = seenIn;
  }

  /** True when a RST with this time to live came from somebody else. */
  isForeign(ttl: number): boolean {
    const isForeign = this.ownTtl !== 0 && ttl !== this.ownTtl;
    if (isForeign) this.foreignTtl = ttl;
    return isForeign;
  }

  /** Keeps a RST back. */
  hold(technique: number, port: number, state: PortState, ttl: number, tries: number): void {
    let group = this.held.find(
      (one) => one.ttl === ttl && one.state === state && one.technique === technique && one.tries === tries,
    );
    if (group === undefined) {
      group = { ttl, state, technique, tries, ports: new PortList() };
      this.held.push(group);
    }
    group.ports.push(port);
  }

  /** Hands out what was held back. */
  release(): readonly HeldResets[] {
    return this.held.splice(0);
  }

  get isHolding(): boolean {
    return this.held.length > 0;
  }

  /**
   * Decides without a packet of the host's own: where RSTs have come different ways, those with the lowest time to live
   * have come farthest, so they are the host's, as both begin with the same.
   */
  settleByDistance(): void {
    if (this.ownTtl !== 0 || this.held.length < 2) return;
    this.ownTtl = Math.min(...this.held.map(({ ttl }) => ttl));
    this.ownSeenIn = "the RSTs that came farthest";
  }

  /** What somebody who reads the ports must know. */
  mark(): HostMark {
    const count = this.foreignCount;
    const text =
      `${count} ${count === 1 ? "port was" : "ports were"} reset by somebody else in the host's name: ` +
      `ttl ${this.foreignTtl}, while the host's own packets arrive with ttl ${this.ownTtl} (${this.ownSeenIn})`;
    return { code: "reset-by-other", text };
  }
}
