// Answers for the addresses that are borrowed, and gives up at once what somebody else has or wants: RFC 5227 §2.4 (a)
// would defend it and RFC 4862 §5.4.3 object to it, but we are guests here.
import { readUint8 } from "../packet/bytes.js";
import type { Address } from "../target/address.js";
import { type AddressBlock, blockContains } from "../target/address-block.js";
import type { AddressFrames } from "./address-frames.js";
import type { TalkListener } from "./address-talk.js";
import { isLinkLocal } from "./interfaces.js";
import type { LoanTable } from "./loan-table.js";
import type { TransmitGuard } from "./transmit-guard.js";

const IPV6_ADDRESS_BYTES = 16;
const NONE: readonly Address[] = [];

/** What a defence works with. */
export interface DefenceParts {
  readonly family: 4 | 6;
  /** The link's prefixes, as the guard knows them. */
  readonly prefixes: readonly AddressBlock[];
  readonly table: LoanTable;
  readonly frames: AddressFrames;
  readonly guard: TransmitGuard;
}

/** Listens to the link on behalf of all loans of one family. */
export class AddressDefence implements TalkListener {
  private readonly parts: DefenceParts;
  private readonly addressBytes: number;
  private readonly asker = { family: 6, bytes: new Uint8Array(IPV6_ADDRESS_BYTES) } as const;
  private lost: Address[] = [];

  constructor(parts: DefenceParts) {
    this.parts = parts;
    this.addressBytes = parts.family === 4 ? 4 : IPV6_ADDRESS_BYTES;
  }

  claimed(bytes: Uint8Array, addressAt: number): void {
    const { table, guard } = this.parts;
    const loan = table.find(bytes, addressAt, this.addressBytes);
    if (loan === undefined) return;
    if (loan.state === "held") {
      guard.borrowing.release(loan.address);
      this.lost.push(loan.address);
    }
    table.remove(loan);
  }

  asked(bytes: Uint8Array, askedAt: number, askerAt: number, macAt: number): void {
    const loan = this.parts.table.find(bytes, askedAt, this.addressBytes);
    if (loan?.state !== "held" || (readUint8(bytes, macAt) & 1) !== 0) return; // nobody's address is a group
    if (this.parts.family === 6 && !this.isOnLink(bytes, askerAt)) return;
    this.parts.frames.answer(loan.bytes, bytes, askerAt, macAt);
  }

  /** The held addresses that were lost since the last call. */
  takeLost(): readonly Address[] {
    const { lost } = this;
    if (lost.length === 0) return NONE;
    this.lost = [];
    return lost;
  }

  /** The guard lets an advertisement pass to these, and to others a router could send it on. */
  private isOnLink(bytes: Uint8Array, at: number): boolean {
    const { asker } = this;
    for (let index = 0; index < IPV6_ADDRESS_BYTES; index++) asker.bytes[index] = readUint8(bytes, at + index);
    return isLinkLocal(asker.bytes) || this.parts.prefixes.some((block) => blockContains(block, asker));
  }
}
