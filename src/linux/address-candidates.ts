// Addresses of a link that nobody is known to have, in random order: RFC 4291 §2.5.4 (64 bits of interface identifier),
// §2.6.1 and RFC 2526 §2 (anycast addresses), RFC 1122 §3.2.1.3 (network and broadcast).
import type { Address } from "../target/address.js";
import { Permutation } from "../target/permutation.js";
import type { Random } from "../target/random.js";
import { maskBytes } from "../target/target-expression.js";
import type { InterfaceAddress } from "./interfaces.js";

/** Looks at most, over all calls: where all of a large prefix is taken, that must come to an end. */
const LOOKS_MAX = 16_384;
/** RFC 2526 §2: so many at the end of each subnet are reserved. */
const ANYCAST_COUNT = 128;
const IPV6_ADDRESS_BYTES = 16;
const WORD_BITS = 32;

/** Gives out addresses of the prefix around an own address, each once. */
export class AddressCandidates {
  private readonly own: InterfaceAddress;
  private readonly random: Random;
  private readonly isTaken: (address: Address) => boolean;
  private readonly hostBits: number;
  /** Of the host parts, where these are few enough to be numbered. */
  private readonly order: Permutation | undefined;
  private looks = 0;

  /** `isTaken` is asked for each address before it is given out. */
  constructor(own: InterfaceAddress, random: Random, isTaken: (address: Address) => boolean) {
    this.own = own;
    this.random = random;
    this.isTaken = isTaken;
    // A prefix shorter than /64 has subnets of /64 below it, of which ours is the one that is on this link for sure.
    this.hostBits = own.address.family === 4 ? WORD_BITS - own.prefix : 128 - Math.max(64, own.prefix);
    if (this.hostBits > WORD_BITS) return;
    this.order = new Permutation(2 ** this.hostBits, random.next32() + (random.next32() >>> 11) * 2 ** WORD_BITS);
  }

  /** The next address; undefined when there is none left. */
  next(): Address | undefined {
    const most = Math.min(LOOKS_MAX, this.order?.count ?? LOOKS_MAX);
    while (this.looks < most) {
      const address = this.at(this.looks++);
      if (address !== undefined && !this.isTaken(address)) return address;
    }
    return undefined;
  }

  private at(index: number): Address | undefined {
    const { own, order, hostBits } = this;
    const host = order?.at(index);
    if (own.address.family === 6) return host === undefined ? this.randomIpv6() : this.numberedIpv6(host);
    if (host === undefined || host === 0 || host === 2 ** hostBits - 1) return undefined;
    return { family: 4, value: own.address.value - (own.address.value % 2 ** hostBits) + host };
  }

  private numberedIpv6(host: number): Address | undefined {
    if (host === 0 || host >= 2 ** this.hostBits - ANYCAST_COUNT) return undefined;
    return this.ipv6(Uint8Array.of(0, 0, 0, 0, host >>> 24, host >>> 16, host >>> 8, host));
  }

  /** With more than 32 random bits the reserved ones are not worth a look. */
  private randomIpv6(): Address | undefined {
    return this.ipv6(new Uint8Array(Uint32Array.of(this.random.next32(), this.random.next32()).buffer));
  }

  /** Our prefix with the last bits of these 8 bytes. */
  private ipv6(identifier: Uint8Array): Address | undefined {
    const { address } = this.own;
    if (address.family !== 6) return undefined;
    const prefixBits = 128 - this.hostBits;
    const bytes = address.bytes.slice();
    maskBytes(bytes, prefixBits);
    const [whole, rest] = [prefixBits >> 3, prefixBits & 7];
    for (let at = whole; at < IPV6_ADDRESS_BYTES; at++) {
      const mask = at === whole ? 0xff >> rest : 0xff;
      bytes[at] = (bytes[at] ?? 0) | ((identifier[at - 8] ?? 0) & mask);
    }
    return address.zone === undefined ? { family: 6, bytes } : { family: 6, bytes, zone: address.zone };
  }
}
