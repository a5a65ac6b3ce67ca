// The addresses of one family that are being borrowed, found by the bytes of a packet.
import { readUint32, writeUint32 } from "../packet/bytes.js";
import type { Address } from "../target/address.js";

/** One address: being asked about, ours to use, or somebody else's after all. */
export interface Loan {
  readonly address: Address;
  /** The same as it stands in packets, 4 or 16 bytes. */
  readonly bytes: Uint8Array;
  state: "probing" | "held" | "lost";
}

/** Loans by address. Addresses whose last 32 bits are the same stand in each other's way: only one gets in. */
export class LoanTable {
  private readonly byWord = new Map<number, Loan>();

  get size(): number {
    return this.byWord.size;
  }

  /** A new loan for the address; undefined when its place is taken. */
  add(address: Address): Loan | undefined {
    const bytes = bytesOf(address);
    const word = lastWord(bytes, 0, bytes.length);
    if (this.byWord.has(word)) return undefined;
    const loan: Loan = { address, bytes, state: "probing" };
    this.byWord.set(word, loan);
    return loan;
  }

  /** The loan of the address whose bytes stand at `at`. */
  find(bytes: Uint8Array, at: number, addressBytes: number): Loan | undefined {
    const loan = this.byWord.get(lastWord(bytes, at, addressBytes));
    if (loan?.bytes.length !== addressBytes) return undefined;
    for (let index = 0; index < addressBytes; index++) if (loan.bytes[index] !== bytes[at + index]) return undefined;
    return loan;
  }

  /** Ends a loan. */
  remove(loan: Loan): void {
    this.byWord.delete(lastWord(loan.bytes, 0, loan.bytes.length));
    loan.state = "lost";
  }

  /** The loans in this state. */
  of(state: Loan["state"]): Loan[] {
    return [...this.byWord.values()].filter((loan) => loan.state === state);
  }
}

function bytesOf(address: Address): Uint8Array {
  if (address.family === 6) return address.bytes;
  const bytes = new Uint8Array(4);
  writeUint32(bytes, 0, address.value);
  return bytes;
}

function lastWord(bytes: Uint8Array, at: number, addressBytes: number): number {
  return readUint32(bytes, at + addressBytes - 4);
}
