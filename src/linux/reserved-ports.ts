// A block of local TCP ports that nobody else on this machine can get while the scan runs: probes leave from them, and
// since nothing listens there, the kernel itself resets whatever a target opens in answer.

import { EADDRINUSE } from "./errno.js";
import { checked, libc } from "./libc.js";
import { AF_INET, SOCK_STREAM } from "./socket-constants.js";

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
 * Binds `count` ports in a row; where the row begins follows from `start`, any 32-bit number.
 *
 * @throws SystemCallError when no free row was found
 */
export function reservePorts(count: number, start: number): ReservedPorts {
  for (let attempt = 1; ; attempt++) {
    const first = FIRST_BLOCK + (((start >>> 0) + attempt * count) % (LAST_BLOCK - FIRST_BLOCK));
    const sockets = bindRow(first, count, attempt === ATTEMPTS);
    if (sockets === undefined) continue;
    return {
      first,
      close() {
        for (const fd of sockets) libc().close(fd);
      },
    };
  }
}

function bindRow(first: number, count: number, isLastAttempt: boolean): number[] | undefined {
  const sockets: number[] = [];
  const address = new Uint8Array(16); // struct sockaddr_in, any address
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_INET, true);
  for (let port = first; port < first + count; port++) {
    const fd = checked("socket(AF_INET)", libc().socket(AF_INET, SOCK_STREAM, 0));
    sockets.push(fd);
    view.setUint16(2, port, false);
    const result = libc().bind(fd, address, address.length);
    if (result === 0) continue;
    const errno = libc().errno();
    for (const open of sockets) libc().close(open);
    if (errno !== EADDRINUSE || isLastAttempt) checked("bind(AF_INET)", result, `port ${port}`);
    return undefined;
  }
  return sockets;
}
