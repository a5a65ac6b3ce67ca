// Unused addresses of a link's own prefix, to send from besides our own: Linux rations its ICMP errors for each address
// that they go to (icmp(7), icmp_ratelimit). Why, and why it is safe: docs/decisions/borrowed-addresses.md.
import { setTimeout as delay } from "node:timers/promises";
import { MAC_BYTES } from "../packet/ethernet.js";
import { IPV6_ADDRESS_BYTES } from "../packet/ipv6.js";
import {
  NEIGHBOUR_ADVERTISEMENT,
  NEIGHBOUR_SOLICITATION,
  writeSolicitedNodeAddress,
} from "../packet/neighbour-discovery.js";
import { type Address, isSameHost } from "../target/address.js";
import { type AddressBlock, blockAround } from "../target/address-block.js";
import type { Random } from "../target/random.js";
import { AddressCandidates } from "./address-candidates.js";
import { AddressClaim, CLAIM_RULES } from "./address-claim.js";
import { AddressDefence } from "./address-defence.js";
import { AddressFrames } from "./address-frames.js";
import { AddressTalk } from "./address-talk.js";
import type { ReceiveWish } from "./bpf.js";
import type { Clock } from "./clock.js";
import { EthernetTransmitter } from "./ethernet-transmitter.js";
import { isForwarding } from "./forwarding.js";
import { GroupMembership } from "./group-membership.js";
import type { Interface, InterfaceAddress } from "./interfaces.js";
import { type Loan, LoanTable } from "./loan-table.js";
import { type FrameHandler, PacketReceiver } from "./packet-receiver.js";
import type { TransmitGuard } from "./transmit-guard.js";

/** The most that can be proven in the time there is, at 500 questions a second. */
const BORROWED_MAX = 1024;
/** Between two looks while addresses are claimed. */
const STEP_MS = 5;
const NONE: readonly Address[] = [];

const WISHES: Readonly<Record<4 | 6, readonly ReceiveWish[]>> = {
  4: [{ kind: "arp-request" }, { kind: "arp-reply" }],
  6: [{ kind: "icmpv6", types: [NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT] }],
};

/** What is to be borrowed, and from where. */
export interface ClaimOptions {
  /** An interface with neighbours. */
  readonly device: Interface;
  /** The own address around which unused ones are looked for; it decides the family. */
  readonly own: InterfaceAddress;
  /** How many are wanted; more than 1,024 are not had. */
  readonly count: number;
  /** True for what must not be borrowed: gateways, neighbours that the kernel knows, targets. Own ones never are. */
  readonly isTaken: (address: Address) => boolean;
  readonly random: Random;
  readonly guard: TransmitGuard;
  readonly clock: Clock;
  /** Asked again and again while it lasts: true gives up, with what is had so far. */
  readonly isStopped?: () => boolean;
}

/** Borrowed addresses of one link and family, until they are given back. */
export class BorrowedAddresses {
  /** True when this machine forwards packets: then its kernel disturbs what is sent to borrowed addresses. */
  readonly isForwarding: boolean;
  readonly interfaceIndex: number;
  private readonly device: Interface;
  private readonly family: 4 | 6;
  private readonly guard: TransmitGuard;
  private readonly table = new LoanTable();
  private readonly receiver: PacketReceiver;
  private readonly transmitter: EthernetTransmitter;
  private readonly groups: GroupMembership;
  private readonly frames: AddressFrames;
  private readonly talk: AddressTalk;
  private readonly defence: AddressDefence;
  private readonly prefixes: readonly AddressBlock[];
  private isClosed = false;

  /** @throws SystemCallError where packet sockets are not allowed or the interface is gone */
  constructor(device: Interface, family: 4 | 6, guard: TransmitGuard) {
    this.device = device;
    this.family = family;
    this.guard = guard;
    this.isForwarding = isForwarding(family, device.name);
    const ownMac = device.mac ?? new Uint8Array(MAC_BYTES);
    this.interfaceIndex = device.index;
    this.prefixes = device.addresses.filter(({ address }) => address.family === family).map(prefixOf);
    this.receiver = new PacketReceiver(WISHES[family], { interfaceIndex: device.index, hearsAllGroups: false });
    this.transmitter = new EthernetTransmitter(device.index, device.name, guard);
    this.groups = new GroupMembership(device.index);
    this.frames = new AddressFrames(this.transmitter, device, ownMac);
    const { table, frames, prefixes } = this;
    this.defence = new AddressDefence({ family, prefixes, table, frames, guard });
    this.talk = new AddressTalk(ownMac, this.defence);
    for (const block of prefixes) guard.borrowing.addPrefix(block);
  }

  /** Those that are held now. */
  get addresses(): readonly Address[] {
    return this.table.of("held").map(({ address }) => address);
  }

  /** Can be read when there is something to answer: for poll(2). */
  get fd(): number {
    return this.receiver.fd;
  }

  /** Answers what has come, and tells which addresses were lost since the last call. One look at memory if nothing has. */
  poll(): readonly Address[] {
    if (this.isClosed || this.receiver.receive(this.onFrame) === 0) return NONE;
    this.transmitter.flush();
    return this.defence.takeLost();
  }

  /** Finds unused addresses and takes them. Once, before the first {@link poll}. */
  async claim(options: ClaimOptions): Promise<void> {
    const { own, random, clock, isStopped } = options;
    const { table } = this;
    const candidates = new AddressCandidates(own, random, (address) => this.isOwn(address) || options.isTaken(address));
    const count = Math.min(BORROWED_MAX, options.count);
    const rules = CLAIM_RULES[this.family];
    const claim = new AddressClaim({ rules, count, table, candidates, random, ...this.deeds }, clock.now());
    for (;;) {
      this.receiver.receive(this.onFrame);
      const isGoingOn = claim.step(clock.now());
      this.transmitter.flush();
      if (!isGoingOn || isStopped?.() === true) break;
      await delay(STEP_MS);
    }
    this.defence.takeLost(); // lost before anybody could use them
    for (const loan of table.of("probing")) table.remove(loan);
  }

  /** Gives all back: nobody answers for them any more. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const loan of this.table.of("held")) {
      this.guard.borrowing.release(loan.address);
      this.table.remove(loan);
    }
    while (this.transmitter.isSending) await new Promise(setImmediate);
    await Promise.all([this.receiver.close(), this.transmitter.close(), this.groups.close()]);
  }

  private readonly deeds = {
    prepare: (loan: Loan): boolean => this.family === 4 || this.groups.join(groupOf(loan.bytes)),
    probe: (loan: Loan): void => this.frames.probe(loan.bytes),
    hold: (loan: Loan): void => this.guard.borrowing.hold(loan.address),
  };

  private readonly onFrame: FrameHandler = (bytes, at, end, facts) => {
    this.talk.read(bytes, at, end, facts, this.receiver.senderMacAt);
  };

  private isOwn(address: Address): boolean {
    return this.device.addresses.some(({ address: own }) => isSameHost(own, address));
  }
}

/**
 * Borrows unused addresses of the prefix around an own address, as many as can be proven to be unused within 10 s (IPv4)
 * or 4 s (IPv6). Fewer than wanted, or none, is a result.
 *
 * IPv6 addresses are members of their solicited-node groups, so that a switch that snoops MLD sends their questions
 * here. One that wants a querier on the link and has none still may not, and then the addresses stay unanswered.
 *
 * @throws SystemCallError where packet sockets are not allowed or the interface is gone
 */
export async function claimAddresses(options: ClaimOptions): Promise<BorrowedAddresses> {
  const { device, own, guard } = options;
  const borrowed = new BorrowedAddresses(device, own.address.family, guard);
  try {
    await borrowed.claim(options);
  } catch (error) {
    await borrowed.close();
    throw error;
  }
  return borrowed;
}

/** Without a zone: what passes the guard is not asked for one. */
function prefixOf({ address, prefix }: InterfaceAddress): AddressBlock {
  return blockAround(address.family === 4 ? address : { family: 6, bytes: address.bytes }, prefix);
}

function groupOf(address: Uint8Array): Uint8Array {
  const group = new Uint8Array(IPV6_ADDRESS_BYTES);
  writeSolicitedNodeAddress(address, group, 0);
  return group;
}
