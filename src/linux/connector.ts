// What every way of opening TCP connections looks like to the engine: connects are begun, and their ends collected.

import type { Address } from "../target/address.js";
import type { IcmpError } from "./error-queue.js";
import { int32, libc } from "./libc.js";
import { AF_INET, AF_INET6, IPPROTO_IPV6, SOCK_STREAM } from "./socket-constants.js";

/**
 * Gets the end of a connect: the number it was begun with, 0 for an established connection or the errno, and the ICMP
 * error that caused it, where one did and the system tells.
 */
export type ConnectHandler = (token: number, errno: number, error: IcmpError | undefined) => void;

/** Opens connections and closes them at once. Tokens are the caller's, each in use for one connect at a time. */
export interface Connector {
  /** In the words of reports: "io_uring", "epoll", "node:net". */
  readonly name: string;
  /** Can be waited for with poll(2) together with others; undefined where waiting is up to the event loop. */
  readonly fd: number | undefined;
  /** True when an ICMP error behind a failed connect is always told: then ENETUNREACH without one is this machine's. */
  readonly tellsErrors: boolean;
  /** How many connects may be under way. */
  readonly capacity: number;
  /**
   * Begins a connect. False when there is no free socket now.
   *
   * @throws ScopeError when the address may not be probed
   */
  connect(token: number, address: Address, port: number): boolean;
  /** Gives a connect up; its end is not told any more. */
  cancel(token: number): void;
  /** Tells what has ended since the last call. Returns how many. */
  collect(handler: ConnectHandler): number;
  /** Hands begun connects to the kernel and waits until one ends or the time is over. */
  wait(timeoutMs: number): void | Promise<void>;
  close(): void;
}

/** struct sockaddr_in6 is the longer one. */
export const SOCKET_ADDRESS_BYTES = 28;

/** The family number of an address, for socket(2). */
export function familyOf(address: Address): number {
  return address.family === 4 ? AF_INET : AF_INET6;
}

/** Option that asks for ICMPv6 errors (ipv6(7)). */
export const IPV6_RECVERR = 25;

/**
 * Opens a TCP socket for connects. Over IPv6 the kernel queues ICMPv6 errors only when it is asked to (ipv6(7),
 * IPV6_RECVERR); over IPv4 it does so by itself while a socket connects. Returns the descriptor, or -1.
 */
export function openSocket(family: number, flags: number): number {
  const fd = libc().socket(family, SOCK_STREAM | flags, 0);
  const isOn = int32(1);
  if (fd >= 0 && family === AF_INET6) libc().setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, isOn, isOn.length);
  return fd;
}

/**
 * Writes struct sockaddr_in or sockaddr_in6. Returns its length in bytes. `scopeId` is the interface index that a
 * link-local address belongs to.
 */
export function writeSocketAddress(
  view: DataView,
  at: number,
  address: Address,
  port: number,
  scopeId: number,
): number {
  view.setUint16(at, familyOf(address), true);
  view.setUint16(at + 2, port, false);
  if (address.family === 4) {
    view.setUint32(at + 4, address.value, false);
    view.setUint32(at + 8, 0, true);
    view.setUint32(at + 12, 0, true);
    return 16;
  }
  view.setUint32(at + 4, 0, true); // flow information
  for (let index = 0; index < 16; index++) view.setUint8(at + 8 + index, address.bytes[index] ?? 0);
  view.setUint32(at + 24, scopeId, true);
  return 28;
}

/** The interface index behind an IPv6 zone ("eth0" or "3"), 0 when there is none. */
export function scopeIdOf(address: Address, indexOf: (name: string) => number): number {
  if (address.family === 4 || address.zone === undefined) return 0;
  return /^\d+$/.test(address.zone) ? Number(address.zone) : indexOf(address.zone);
}
