// Where a socket's packets come from: an own address, an own port, or both (bind(2)).
import { SystemCallError } from "../model/errors.js";
import { type Address, formatAddress } from "../target/address.js";
import { SOCKET_ADDRESS_BYTES, scopeIdOf, writeSocketAddress } from "./connector.js";
import { EACCES, EADDRINUSE, EADDRNOTAVAIL, errnoName } from "./errno.js";
import { interfaceIndex } from "./interface-index.js";
import { int32, libc } from "./libc.js";
import { SOL_SOCKET } from "./socket-constants.js";

const SO_REUSEADDR = 2;

/** What a connection or probe leaves from. */
export interface SourcePlace {
  /** Undefined: what the route says. */
  readonly address: Address | undefined;
  /** 0: any. */
  readonly port: number;
}

/** What to do about an errno of bind(2). */
const HINTS: ReadonlyMap<number, string> = new Map([
  [EACCES, "ports below 1024 are for root, or for who has CAP_NET_BIND_SERVICE"],
  [EADDRINUSE, "another program has this port: choose another one with -p"],
  [EADDRNOTAVAIL, "-s needs an address of this machine"],
]);

/**
 * Binds a socket of this family to where it shall come from; does nothing where that is anywhere. A port may be used
 * again while an earlier connection from it is still waiting to be forgotten.
 *
 * @throws SystemCallError when the kernel refuses
 */
export function bindSource(fd: number, family: 4 | 6, source: SourcePlace): void {
  if (source.address === undefined && source.port === 0) return;
  const address = source.address ?? anyAddress(family);
  const bytes = new Uint8Array(SOCKET_ADDRESS_BYTES);
  const view = new DataView(bytes.buffer);
  const length = writeSocketAddress(view, 0, address, source.port, scopeIdOf(address, interfaceIndex));
  libc().setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, int32(1), 4);
  if (libc().bind(fd, bytes, length) === 0) return;
  const errno = libc().errno();
  const port = source.port === 0 ? "" : ` port ${source.port}`;
  const hint = HINTS.get(errno);
  throw new SystemCallError("bind", errno, errnoName(errno), {
    object: `${formatAddress(address)}${port}`,
    ...(hint === undefined ? {} : { hint }),
  });
}

function anyAddress(family: 4 | 6): Address {
  return family === 4 ? { family, value: 0 } : { family, bytes: new Uint8Array(16) };
}
