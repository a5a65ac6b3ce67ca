// The way to a host, hop by hop: the same probe that the host has answered, with a short time to live. The first router
// where it ends says so by ICMP time exceeded (RFC 792; nmap reference guide, --traceroute). All hops are asked at once; the
// probe's mark, which the error quotes, says which hop it is about.
import type { TraceHop } from "../model/scan-event.js";
import type { Address } from "../target/address.js";
import { formatAddress } from "../target/address.js";
import { firstTtlOf } from "./first-ttl.js";

/** Hops at most: what traceroute and nmap look at by default. */
const HOPS_MAX = 30;
/** Tries of a hop that is silent: routers ration their errors (RFC 1812 §4.3.2.8). */
const TRIES = 3;

/** One hop while it is looked for. */
interface Hop {
  tries: number;
  isUnderWay: boolean;
  address: Address | undefined;
  rttMs: number | undefined;
}

/** The hops before one host. */
export class Trace {
  /** The technique's number, and the port that its probes go to. */
  readonly technique: number;
  readonly port: number;
  private readonly hops: Hop[];
  private outstanding = 0;

  /** `answerTtl`: what the host's own packets arrive with; 0 when that is not known. */
  constructor(technique: number, port: number, answerTtl: number) {
    this.technique = technique;
    this.port = port;
    const distance = answerTtl === 0 ? HOPS_MAX : distanceOf(answerTtl);
    const routers = Math.min(HOPS_MAX, distance) - 1;
    this.hops = Array.from({ length: Math.max(0, routers) }, () => ({
      tries: 0,
      isUnderWay: false,
      address: undefined,
      rttMs: undefined,
    }));
  }

  get hasQuestions(): boolean {
    return this.hops.some(isOpen);
  }

  get isDone(): boolean {
    return this.outstanding === 0 && !this.hasQuestions;
  }

  /** The time to live of the next probe. */
  next(): number {
    const index = this.hops.findIndex(isOpen);
    const hop = this.hops[index];
    if (hop === undefined) return 0;
    hop.isUnderWay = true;
    hop.tries++;
    this.outstanding++;
    return index + 1;
  }

  /** The probe could not be sent after all. */
  takeBack(ttl: number): void {
    const hop = this.hops[ttl - 1];
    if (hop === undefined) return;
    hop.isUnderWay = false;
    hop.tries--;
    this.outstanding--;
  }

  /** A router has said that a probe ended with it. */
  onExpired(ttl: number, address: Address | undefined, rttMs: number): void {
    const hop = this.hops[ttl - 1];
    if (hop === undefined) return;
    if (hop.isUnderWay) this.outstanding--;
    hop.isUnderWay = false;
    hop.address ??= address;
    hop.rttMs ??= rttMs < 0 ? undefined : rttMs;
  }

  /** A probe's time ran out. */
  onSilent(ttl: number): void {
    const hop = this.hops[ttl - 1];
    if (hop?.isUnderWay !== true) return;
    hop.isUnderWay = false;
    this.outstanding--;
  }

  /** The host itself answered a probe with this time to live: it is no farther away than that. */
  onReached(ttl: number): void {
    this.onSilent(ttl);
    for (const hop of this.hops.splice(ttl - 1)) if (hop.isUnderWay) this.outstanding--;
  }

  /** All hops, the host as the last one. */
  result(address: Address, rttMs: number | undefined): readonly TraceHop[] {
    const routers = this.hops.map((hop, index) => ({
      ttl: index + 1,
      address: hop.address === undefined ? undefined : formatAddress(hop.address),
      rttMs: hop.rttMs,
    }));
    return [...routers, { ttl: routers.length + 1, address: formatAddress(address), rttMs }];
  }
}

function isOpen(hop: Hop): boolean {
  return !hop.isUnderWay && hop.address === undefined && hop.tries < TRIES;
}

/** How many hops away a host is whose packets arrive with this time to live. */
function distanceOf(ttl: number): number {
  return firstTtlOf(ttl) - ttl + 1;
}
