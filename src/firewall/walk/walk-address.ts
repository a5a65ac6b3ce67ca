// Addresses in the form in which rules compare them.
import type { Address } from "../../target/address.js";

/** An address in the form of its family: a number in host order, or a bigint. */
export type WalkAddress = number | bigint;

/** An address in this form. */
export function walkAddress(address: Address): WalkAddress {
  if (address.family === 4) return address.value;
  return address.bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** The other way round. */
export function plainAddress(value: WalkAddress): Address {
  if (typeof value === "number") return { family: 4, value };
  const bytes = new Uint8Array(16);
  let rest = value;
  for (let at = 15; at >= 0; at--) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return { family: 6, bytes };
}
