// Who is on an IPv6 link: it is too large to be walked, so all nodes are asked at once, by groups that each of them is in
// (RFC 4291 §2.8). RFC 4443 §4.2 (echo), RFC 8200 §4.2 (options that must be reported), RFC 3810 §5.1 (MLD query).
import { setTimeout as delay } from "node:timers/promises";
import { copyMac, MAC_BYTES } from "../packet/ethernet.js";
import type { Address } from "../target/address.js";
import { formatAddress } from "../target/address.js";
import { blockAround, formatBlock } from "../target/address-block.js";
import type { Clock } from "./clock.js";
import { EthernetTransmitter } from "./ethernet-transmitter.js";
import { addressOf, type Interface, isLinkLocal } from "./interfaces.js";
import { LinkAnswers, type LinkSign } from "./link-answers.js";
import { ALL_NODES, LinkQuestions } from "./link-questions.js";
import { type FrameHandler, PacketReceiver } from "./packet-receiver.js";
import { randomWords } from "./secret.js";
import type { TransmitGuard } from "./transmit-guard.js";

/** All is asked twice, since nobody repeats a lost packet to a group. */
const ROUNDS = 2;
/** Between two looks at what has come. */
const STEP_MS = 10;
/** Prefixes that are asked from, at most. */
const SOURCES_MAX = 16;
/** Anybody on the link can invent neighbours. */
const HOSTS_MAX = 65_536;

/** A host of the link, by one of its addresses. */
export interface LinkHost {
  /** A link-local one has its zone. */
  readonly address: Address;
  /** Its link address, 6 bytes. */
  readonly mac: Uint8Array;
  /** What it was first known by. */
  readonly how: LinkSign;
}

/** Which link is asked, and for how long. */
export interface LinkHostsOptions {
  /** An interface with neighbours. */
  readonly device: Interface;
  /** Is told to let packets to ff02::1 pass. */
  readonly guard: TransmitGuard;
  readonly clock: Clock;
  /** Hosts take up to 1,000 ms for their MLD report: less than twice that misses some. */
  readonly waitMs: number;
  /** Ends the waiting early. */
  readonly signal?: AbortSignal;
}

/**
 * Finds hosts of an IPv6 link, each once for each of its addresses; our own are left out. An echo request is sent to all
 * nodes, another one behind an option that must be reported, and an MLD query; the first two from our link-local address and
 * from one of each prefix, so that hosts answer with theirs of that prefix. Neighbour discovery that is seen meanwhile
 * counts, too.
 *
 * The query has side effects for some minutes: a switch that snoops MLD takes our port for a router's (RFC 4541 §3), and a
 * querier with a higher address than ours is silent (RFC 3810 §7.6.2).
 *
 * @throws SystemCallError where packet sockets are not allowed or the interface is gone
 */
export async function findLinkHosts(options: LinkHostsOptions): Promise<readonly LinkHost[]> {
  const { device, guard, clock, waitMs, signal } = options;
  if (device.mac === undefined) return [];
  guard.permitMulticast(ALL_NODES);
  const identifier = (randomWords(1)[0] ?? 0) & 0xffff;
  const answers = new LinkAnswers(identifier);
  const found = new Map<string, LinkHost>();
  const receiver = new PacketReceiver(answers.wishes, { interfaceIndex: device.index, hearsAllGroups: true });
  const transmitter = new EthernetTransmitter(device.index, device.name, guard);
  const questions = new LinkQuestions(transmitter, device, device.mac, identifier);
  const sources = sourcesOf(device);
  const onFrame: FrameHandler = (bytes, at, end, facts) => {
    const sign = answers.read(bytes, at, end, facts);
    if (sign === undefined) return;
    const mac = new Uint8Array(MAC_BYTES);
    copyMac(bytes, receiver.senderMacAt, mac, 0);
    const address = addressOf(bytes.slice(answers.addressAt, answers.addressAt + 16), device.name);
    if (address !== undefined && !isOwn(device, address, mac)) note(found, { address, mac, how: sign });
  };
  try {
    const beganMs = clock.now();
    for (let round = 0; round < ROUNDS; round++) {
      for (const source of sources) questions.ask(source);
      transmitter.flush();
      const untilMs = beganMs + (waitMs * (round + 1)) / ROUNDS;
      while (clock.now() < untilMs && signal?.aborted !== true) {
        await delay(Math.min(STEP_MS, Math.max(1, untilMs - clock.now())));
        receiver.receive(onFrame);
      }
    }
  } finally {
    await Promise.all([receiver.close(), transmitter.close()]);
  }
  return [...found.values()];
}

function note(found: Map<string, LinkHost>, host: LinkHost): void {
  const key = formatAddress(host.address);
  if (!found.has(key) && found.size < HOSTS_MAX) found.set(key, host);
}

/** Our link-local address, and the first of each other prefix. */
function sourcesOf(device: Interface): Uint8Array[] {
  const byPrefix = new Map<string, Uint8Array>();
  for (const { address, prefix } of device.addresses) {
    if (address.family !== 6) continue;
    const key = isLinkLocal(address.bytes) ? "" : formatBlock(blockAround(address, prefix));
    if (!byPrefix.has(key)) byPrefix.set(key, address.bytes);
  }
  return [...byPrefix.values()].slice(0, SOURCES_MAX);
}

/** Ours by its link address, too: what we sent can come back from a bridge or an access point. */
function isOwn(device: Interface, address: Address, mac: Uint8Array): boolean {
  if (device.mac?.every((byte, index) => byte === mac[index]) === true) return true;
  const text = formatAddress(address);
  return device.addresses.some((own) => formatAddress(own.address) === text);
}
