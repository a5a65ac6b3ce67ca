// Which addresses have a host and what its ports do: one function for the responder, the tests and the bench.
import type { PortState } from "../../src/model/port-state.js";
import { parseAddress } from "../../src/target/address.js";
import type { Protocol } from "../filter.js";
import type { PopulationDescription, PortsDescription, WanDescription } from "./description.js";

/** What a port does with a probe. */
export const DROPPED = 0;
export const CLOSED = 1;
export const OPEN = 2;
export const SILENT = 3;
export const IMPOSTOR = 4;

/** The protocols whose ports a population describes. */
export type WanProtocol = Protocol | "sctp";

/** What is true of a port at an address. */
export interface WanTruth {
  /** False: the address belongs to nobody. */
  readonly isUp: boolean;
  /** As a scan of that protocol must report it. */
  readonly state: PortState;
}

const WORD_COUNT = 4;
const PORT_COUNT = 65_536;
/** Numbers that keep the two questions of an address apart, for {@link hashOf}. */
const UP_SALT = 0x0dd0_5eed;
const OPEN_SALT = 0x51de_d00b;

/** Mixes the words of an address to an unsigned 32-bit number (the finalizer of MurmurHash3 after each word). */
export function hashOf(words: Int32Array, salt: number): number {
  let hash = salt | 0;
  for (let index = 0; index < WORD_COUNT; index++) {
    hash = Math.imul(hash ^ (words[index] ?? 0), 0x85eb_ca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

/** An address as four 32-bit words; IPv4 as IPv6 maps it (RFC 4291 §2.5.5.2), so that there is only one kind. */
export function wordsOf(text: string): Int32Array {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`wan: "${text}" is no address`);
  if (address.family === 4) return Int32Array.of(0, 0, 0xffff, address.value | 0);
  const view = new DataView(address.bytes.buffer, address.bytes.byteOffset);
  return Int32Array.from({ length: WORD_COUNT }, (_, index) => view.getInt32(4 * index));
}

function maskWords(bits: number): Int32Array {
  return Int32Array.from({ length: WORD_COUNT }, (_, index) => {
    const ones = Math.min(32, Math.max(0, bits - 32 * index));
    return ones === 0 ? 0 : -1 << (32 - ones);
  });
}

/** Writes a code for each port of one protocol; later lists overrule earlier ones. */
function portCodes(ports: PortsDescription): Uint8Array {
  const others = { closed: CLOSED, dropped: DROPPED, open: OPEN }[ports.others ?? "closed"];
  const codes = new Uint8Array(PORT_COUNT).fill(others);
  const lists = [
    [ports.dropped, DROPPED],
    [ports.closed, CLOSED],
    [ports.silent, SILENT],
    [ports.impostor, IMPOSTOR],
    [ports.open, OPEN],
  ] as const;
  for (const [ranges = [], code] of lists) {
    for (const range of ranges) {
      const [first, last] = typeof range === "number" ? [range, range] : range;
      codes.fill(code, first, last + 1);
    }
  }
  return codes;
}

const SHARE_ONE = 2 ** 32;
/** Each router takes one from every TTL (RFC 1812 §5.3.1). */
const ROUTER_HOPS = 1;

function bytesOf(text: string): Uint8Array | undefined {
  const address = parseAddress(text);
  if (address === undefined) return undefined;
  return address.family === 6 ? address.bytes : Uint8Array.from(text.split("."), Number);
}

/** Hosts of one kind. */
export class Population {
  readonly description: PopulationDescription;
  /** How many of the address's last bits tell its hosts apart. */
  readonly hostBits: number;
  readonly family: 4 | 6;
  /** As the scanner sees it: one less than what the hosts send. */
  readonly ttl: number;
  readonly impostorTtl: number;
  readonly impostorWindow: number;
  readonly answersEcho: boolean;
  readonly synAckRetries: number;
  readonly knowsSctp: boolean;
  readonly isBsd: boolean;
  readonly hasMarks: boolean;
  /** As in the network header; undefined for one that is silent. */
  readonly routers: readonly (Uint8Array | undefined)[];
  private markCount = 0;
  private readonly words: Int32Array;
  private readonly mask: Int32Array;
  private readonly upSalt: number;
  private readonly openSalt: number;
  private readonly upBelow: number;
  private readonly openBelow: number;
  private readonly codes: Readonly<Record<WanProtocol, Uint8Array>>;

  constructor(description: PopulationDescription, seed: number) {
    const [text = "", bitsText] = description.prefix.split("/");
    this.family = text.includes(":") ? 6 : 4;
    const most = this.family === 6 ? 128 : 32;
    const bits = bitsText === undefined ? most : Number(bitsText);
    if (!(bits >= 0 && bits <= most)) throw new Error(`wan: "${description.prefix}" is no prefix`);
    this.description = description;
    this.hostBits = most - bits;
    this.mask = maskWords(128 - this.hostBits);
    this.words = wordsOf(text).map((word, index) => word & (this.mask[index] ?? 0));
    this.routers = (description.routers ?? []).map(bytesOf);
    this.ttl = (description.ttl ?? 64) - Math.max(ROUTER_HOPS, this.routers.length);
    this.impostorTtl = (description.impostorTtl ?? 250) - ROUTER_HOPS;
    this.impostorWindow = description.impostorWindow ?? 0;
    this.answersEcho = description.echo !== "dropped";
    this.synAckRetries = description.synAckRetries ?? 0;
    this.knowsSctp = description.sctp !== undefined;
    this.isBsd = description.tcpKind === "bsd";
    this.hasMarks = description.hasMarks === true;
    this.upSalt = UP_SALT ^ Math.imul(seed, 0x9e37_79b1);
    this.openSalt = OPEN_SALT ^ Math.imul(seed, 0x9e37_79b1);
    this.upBelow = (description.upShare ?? 1) * SHARE_ONE;
    this.openBelow = (description.openShare ?? 1) * SHARE_ONE;
    const { tcp = {}, udp = {}, sctp = {} } = description;
    this.codes = { tcp: portCodes(tcp), udp: portCodes(udp), sctp: portCodes(sctp) };
  }

  /** The next identification or flow label, never 0. */
  nextMark(): number {
    this.markCount = (this.markCount % 0xffff) + 1;
    return this.markCount;
  }

  /** True when the address lies in the prefix. */
  has(words: Int32Array): boolean {
    let difference = 0;
    for (let index = 0; index < WORD_COUNT; index++) {
      difference |= ((words[index] ?? 0) ^ (this.words[index] ?? 0)) & (this.mask[index] ?? 0);
    }
    return difference === 0;
  }

  /** True when the address has a host. */
  isUp(words: Int32Array): boolean {
    return hashOf(words, this.upSalt) < this.upBelow;
  }

  /** What the port of a host does: one of the codes above. */
  codeOf(words: Int32Array, protocol: WanProtocol, port: number): number {
    const code = this.codes[protocol][port] ?? DROPPED;
    return code === OPEN && hashOf(words, this.openSalt) >= this.openBelow ? CLOSED : code;
  }
}

/** All populations of a network, in the order in which they decide. */
export function populationsOf(description: WanDescription): readonly Population[] {
  const seed = description.link?.seed ?? 1;
  return description.hosts.map((hosts) => new Population(hosts, seed));
}

function stateOf(code: number, protocol: WanProtocol): PortState {
  if (code === OPEN) return "open";
  if (code === CLOSED || code === IMPOSTOR) return "closed";
  return protocol === "udp" ? "open|filtered" : "filtered";
}

/** What is true at an address: the responder answers by the same functions. */
export function truthIn(
  populations: readonly Population[],
  address: string,
  port: number,
  protocol: WanProtocol = "tcp",
): WanTruth {
  const words = wordsOf(address);
  const population = populations.find((each) => each.has(words));
  const isUp = population?.isUp(words) ?? false;
  const code = population !== undefined && isUp ? population.codeOf(words, protocol, port) : DROPPED;
  return { isUp, state: stateOf(code, protocol) };
}
