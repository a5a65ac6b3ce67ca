// struct sockaddr_in and sockaddr_in6 as the kernel writes them (ip(7), ipv6(7)).
import type { Address } from "../target/address.js";
import { AF_INET, AF_INET6 } from "./socket-constants.js";

/** struct sockaddr_in as far as the address; struct sockaddr_in6. */
const IPV4_BYTES = 8;
const IPV6_BYTES = 28;

/** An address with a port. */
export interface SocketPlace {
  readonly address: Address;
  readonly port: number;
}

/**
 * Reads the structure at `at`; undefined when it is of another family or does not end before `end`. The zone of a
 * link-local address is the interface's number.
 */
export function readSocketAddress(view: DataView, at: number, end: number): SocketPlace | undefined {
  if (end - at < IPV4_BYTES) return undefined;
  const family = view.getUint16(at, true);
  const port = view.getUint16(at + 2, false);
  if (family === AF_INET) return { address: { family: 4, value: view.getUint32(at + 4, false) }, port };
  if (family !== AF_INET6 || end - at < IPV6_BYTES) return undefined;
  const bytes = new Uint8Array(16);
  for (let index = 0; index < bytes.length; index++) bytes[index] = view.getUint8(at + 8 + index);
  const scopeId = view.getUint32(at + 24, true);
  return { address: scopeId === 0 ? { family: 6, bytes } : { family: 6, bytes, zone: String(scopeId) }, port };
}
