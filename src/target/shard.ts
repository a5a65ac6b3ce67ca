// Which part of a scan is a shard's (--shard I/N). All shards of the same plan and seed are disjoint and make up the whole,
// whoever runs them and when.
import { type Fault, quote } from "./fault.js";
import type { Protocol } from "./port-set.js";
import { mix32 } from "./random.js";

/** One part of a scan that is shared out: part `index` of `count`, from 0 on. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** More parts than a host has ports cannot all get one. */
const COUNT_MAX = 65536;

/** With so many addresses a part, chance makes the parts even enough; with fewer, the ports are shared out. */
const ADDRESSES_A_PART_MIN = 16;

/** Numbers that keep ports of the same number apart; they must never change. */
const PROTOCOL_SALTS: Readonly<Record<Protocol, number>> = {
  tcp: 0x10000,
  udp: 0x20000,
  sctp: 0x30000,
  ip: 0x40000,
};

/** Reads `2/5`, the second of five parts. */
export function parseShard(text: string): Shard | Fault {
  const parts = /^(\d{1,5})\/(\d{1,5})$/.exec(text);
  const number = Number(parts?.[1]);
  const count = Number(parts?.[2]);
  if (parts === null || !(count >= 1 && count <= COUNT_MAX && number >= 1 && number <= count)) {
    return { fault: `${quote(text)} is no part of a whole: expected I/N, such as 2/5, with I from 1 to N` };
  }
  return { index: number - 1, count };
}

/** What is shared out: whole addresses where there are enough of them, otherwise the ports of every host. */
export function shardKindOf(addressCount: number, shard: Shard): "addresses" | "ports" {
  return addressCount >= ADDRESSES_A_PART_MIN * shard.count ? "addresses" : "ports";
}

/** True when the address at this place of the keyed order is the shard's. */
export function hasPlace(shard: Shard, place: number): boolean {
  return place % shard.count === shard.index;
}

/** True when this port of every host is the shard's. Never allocates. */
export function hasPort(shard: Shard, seed: number, protocol: Protocol, port: number): boolean {
  const key = mix32((seed >>> 0) ^ mix32(Math.floor(seed / 2 ** 32)));
  return mix32(key ^ mix32(PROTOCOL_SALTS[protocol] | port)) % shard.count === shard.index;
}
