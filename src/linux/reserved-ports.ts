// A block of local ports that nobody else on this machine can get while the scan runs: probes leave from them, and since
// nothing listens there, the kernel itself resets whatever a target opens in answer.

import { SystemCallError } from "../model/errors.js";
import { EADDRINUSE, EAFNOSUPPORT, errnoName } from "./errno.js";
import { checked, int32, libc } from "./libc.js";
import { AF_INET, AF_INET6, IPPROTO_IPV6, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } from "./socket-constants.js";

const IPV6_V6ONLY = 26;
const SO_RCVBUF = 8;
const SOCKADDR_IN_BYTES = 16;
const SOCKADDR_IN6_BYTES = 28;

/** The protocols whose ports can be reserved. */
export type ReservedProtocol = "tcp" | "udp";

/** Blocks are looked for here: registered ports that the usual ephemeral range (from 32768) does not touch. */
const FIRST_BLOCK = 20_000;
const LAST_BLOCK = 32_000;
const ATTEMPTS = 64;

/** Ports first … first + count - 1, bound by us. */
export interface ReservedPorts {
  readonly first: number;
  close(): void;
}

/**
 * Binds `count` ports in a row for each of the protocols, and for both families where there is IPv6. Where the row
 * begins follows from `start`, any 32-bit number.
 *
 * @throws SystemCallError when no free row was found
 */
export function reservePorts(count: number, start: number, protocols: readonly ReservedProtocol[]): ReservedPorts {
  for (let attempt = 1; ; attempt++) {
    const first = FIRST_BLOCK + (((start >>> 0) + attempt * count) % (LAST_BLOCK - FIRST_BLOCK));
    const sockets: number[] = [];
    const close = (): void => {
      for (const fd of sockets) libc().close(fd);
    };
    try {
      if (protocols.every((protocol) => bindRow(protocol, first, count, sockets))) return { first, close };
      if (attempt === ATTEMPTS) throw inUse(first, count);
    } catch (error) {
      close();
      throw error;
    }
    close();
  }
}

/** False when a port of the row is taken. What was opened is in `sockets`, whatever the outcome. */
function bindRow(protocol: ReservedProtocol, first: number, count: number, sockets: number[]): boolean {
  for (let port = first; port < first + count; port++) {
    const [fd, family] = openSocket(protocol);
    sockets.push(fd);
    if (family === AF_INET6) clearOption(fd, IPPROTO_IPV6, IPV6_V6ONLY);
    if (protocol === "udp") clearOption(fd, SOL_SOCKET, SO_RCVBUF); // nobody reads it: answers come through the ring
    const address = new Uint8Array(family === AF_INET6 ? SOCKADDR_IN6_BYTES : SOCKADDR_IN_BYTES);
    const view = new DataView(address.buffer);
    view.setUint16(0, family, true); // any address: all the rest is 0
    view.setUint16(2, port, false);
    const result = libc().bind(fd, address, address.length);
    if (result !== 0 && libc().errno() === EADDRINUSE) return false;
    checked("bind", result, `${protocol} port ${port}`);
  }
  return true;
}

/** A socket for both families, or for IPv4 alone where the kernel has no IPv6. */
function openSocket(protocol: ReservedProtocol): readonly [fd: number, family: number] {
  const kind = protocol === "tcp" ? SOCK_STREAM : SOCK_DGRAM;
  const fd = libc().socket(AF_INET6, kind, 0);
  if (fd < 0 && libc().errno() === EAFNOSUPPORT) {
    return [checked("socket(AF_INET)", libc().socket(AF_INET, kind, 0)), AF_INET];
  }
  return [checked("socket(AF_INET6)", fd), AF_INET6];
}

function clearOption(fd: number, level: number, option: number): void {
  const zero = int32(0);
  checked("setsockopt", libc().setsockopt(fd, level, option, zero, zero.length));
}

function inUse(first: number, count: number): SystemCallError {
  const object = `ports ${first} to ${first + count - 1}`;
  return new SystemCallError("bind", EADDRINUSE, errnoName(EADDRINUSE), { object });
}
