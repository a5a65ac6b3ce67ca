// Words of the kernel's socket tables in /proc/net (proc(5)): addresses as hexadecimal words in the machine's byte order,
// states as numbers. Little-endian, as all machines that postern runs on.
import type { SocketState } from "../linux/kernel-socket.js";
import { socketState } from "../linux/socket-state.js";
import type { Address } from "../target/address.js";

/** An address and a port. */
export interface Endpoint {
  readonly address: Address;
  readonly port: number;
}

const ENDPOINT = /^(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{32}):[0-9A-Fa-f]{4}$/;

/** Reads `0100007F:1F90`, or the same with the 32 digits of IPv6. */
export function parseEndpoint(text: string): Endpoint | undefined {
  if (!ENDPOINT.test(text)) return undefined;
  const colon = text.length - 5;
  const port = Number.parseInt(text.slice(colon + 1), 16);
  if (colon === 8) return { address: { family: 4, value: swapped(text, 0) }, port };
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < 16; at += 4) view.setUint32(at, swapped(text, at * 2));
  return { address: { family: 6, bytes }, port };
}

/** Eight digits of a word in the machine's order, as the number that stands in the packet. */
function swapped(text: string, at: number): number {
  const word = Number.parseInt(text.slice(at, at + 8), 16);
  return (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

/** Reads a state of two hexadecimal digits. */
export function parseState(text: string): SocketState | undefined {
  return /^[0-9A-Fa-f]{2}$/.test(text) ? socketState(Number.parseInt(text, 16)) : undefined;
}

/** Reads `00000000:00000010`: the queues for sending and receiving. */
export function parseQueues(text: string): readonly [send: number, receive: number] | undefined {
  const match = /^([0-9A-Fa-f]{8}):([0-9A-Fa-f]{8})$/.exec(text);
  return match === null ? undefined : [Number.parseInt(match[1] ?? "", 16), Number.parseInt(match[2] ?? "", 16)];
}

/** Reads a decimal number; `undefined` for anything else, and for more than a double holds exactly. */
export function parseCount(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
