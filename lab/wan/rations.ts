// Linux's limits on the ICMP errors that a host sends: icmp_ratelimit for each address that asks (inet_peer_xrlim_allow
// of net/ipv4/inetpeer.c) and icmp_msgs_per_sec for all of them (icmp_global_allow of net/ipv4/icmp.c).
import type { RationsDescription } from "./description.js";

const SLOT_COUNT = 65_536;

/** Buckets of tokens by a hash, each with its own last time; who is forgotten begins with a full one. */
class Buckets {
  private readonly keys = new Int32Array(SLOT_COUNT);
  private readonly tokens = new Float64Array(SLOT_COUNT);
  private readonly filledAtMs = new Float64Array(SLOT_COUNT);
  private readonly perMs: number;
  private readonly burst: number;

  constructor(perMs: number, burst: number) {
    this.perMs = perMs;
    this.burst = burst;
  }

  /** Fills the bucket up to now, and says whether there is a token in it. */
  hasToken(key: number, nowMs: number): boolean {
    const slot = key & (SLOT_COUNT - 1);
    const isKnown = this.keys[slot] === key && this.filledAtMs[slot] !== 0;
    const before = isKnown ? (this.tokens[slot] ?? 0) : this.burst;
    const filledAtMs = isKnown ? (this.filledAtMs[slot] ?? 0) : nowMs;
    this.keys[slot] = key;
    this.filledAtMs[slot] = nowMs;
    const tokens = Math.min(this.burst, before + (nowMs - filledAtMs) * this.perMs);
    this.tokens[slot] = tokens;
    return tokens >= 1;
  }

  take(key: number): void {
    const slot = key & (SLOT_COUNT - 1);
    this.tokens[slot] = (this.tokens[slot] ?? 0) - 1;
  }
}

/** The rations of all hosts of one kind; each host has its own. */
export class IcmpRations {
  private readonly perSource: Buckets;
  private readonly all: Buckets;

  constructor(description: RationsDescription) {
    const { perSourceMs = 1000, perSourceBurst = 6, allPps = 1000, allBurst = 50 } = description;
    this.perSource = new Buckets(1 / perSourceMs, perSourceBurst);
    this.all = new Buckets(allPps / 1000, allBurst);
  }

  /** True when the host may send an error to this source now; then it counts as sent. */
  take(hostHash: number, sourceHash: number, nowMs: number): boolean {
    const pair = Math.imul(hostHash ^ Math.imul(sourceHash, 0x9e37_79b1), 0x85eb_ca6b) ^ (hostHash >>> 15);
    if (!this.all.hasToken(hostHash | 0, nowMs) || !this.perSource.hasToken(pair, nowMs)) return false;
    this.all.take(hostHash | 0);
    this.perSource.take(pair);
    return true;
  }
}
