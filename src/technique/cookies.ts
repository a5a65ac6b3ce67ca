// The proof that an answer belongs to a probe of ours: a keyed hash of the probe's target, carried where every answer or
// ICMP error brings it back. Nobody who has not seen the probe can make an answer that passes. The hash is
// HalfSipHash-1-3 (Aumasson and Bernstein; the kernel's siphash.h).
import { readUint32 } from "../packet/bytes.js";

/** Tries a cookie can tell apart; each has a source port of its own, so that a retry is a new connection to everybody. */
export const TRIES_MAX = 16;

/** Blocks of {@link TRIES_MAX} source ports that are reserved for a run; each technique with ports has one. */
export const LANE_COUNT = 12;

/** The secret of one run, and what else its probes have in common. */
export class Cookies {
  /** First of the LANE_COUNT * TRIES_MAX source ports. */
  readonly firstPort: number;
  /** Flags of TCP probes to ports instead of those of their techniques (--scanflags); -1 for theirs. */
  readonly tcpFlags: number;
  private readonly key0: number;
  private readonly key1: number;

  constructor(key0: number, key1: number, firstPort: number, tcpFlags: number = -1) {
    this.tcpFlags = tcpFlags;
    this.key0 = key0 | 0;
    this.key1 = key1 | 0;
    this.firstPort = firstPort;
  }

  /**
   * 32 bits that only we can know for this target, as a signed number. `key` is an IPv4 address or {@link keyOf} an IPv6
   * one; `salt`, 16 bits, keeps techniques and tries apart.
   */
  of(key: number, port: number, salt: number): number {
    return this.hash(key | 0, (port << 16) | salt);
  }

  /** What stands for the IPv6 address at `at` wherever an IPv4 address would do: 32 bits, unsigned, that only we can know. */
  keyOf(bytes: Uint8Array, at: number): number {
    const high = this.hash(readUint32(bytes, at) | 0, readUint32(bytes, at + 4) | 0);
    return this.hash(this.hash(high, readUint32(bytes, at + 8) | 0), readUint32(bytes, at + 12) | 0) >>> 0;
  }

  /** The source port of a try on a lane. */
  sourcePort(lane: number, tryIndex: number): number {
    return this.firstPort + lane * TRIES_MAX + tryIndex;
  }

  /** Which try left from this port, or -1 when it is not one of the lane's. */
  tryOf(lane: number, port: number): number {
    const index = port - this.firstPort - lane * TRIES_MAX;
    return index >= 0 && index < TRIES_MAX ? index : -1;
  }

  private hash(first: number, second: number): number {
    let v0 = this.key0;
    let v1 = this.key1;
    let v2 = this.key0 ^ 0x6c796765;
    let v3 = this.key1 ^ 0x74656462;
    // Two words of message, a word of length, then three rounds to finish: unrolled by hand, no array and no closure.
    for (let round = 0; round < 6; round++) {
      const word = round === 0 ? first : round === 1 ? second : round === 2 ? 8 << 24 : 0;
      if (round === 3) v2 ^= 0xff;
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    return v1 ^ v3;
  }
}
