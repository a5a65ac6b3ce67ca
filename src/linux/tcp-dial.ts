// One TCP connect under way on a socket of its own, with what a refusal leaves behind: the errno, and the ICMP error that
// caused it (connect(2), tcp(7), ip(7) IP_RECVERR). Needs no privilege.
import type { Address } from "../target/address.js";
import { bindSource, type SourcePlace } from "./bind-source.js";
import {
  familyOf,
  IPV6_RECVERR,
  openSocket,
  SOCKET_ADDRESS_BYTES,
  scopeIdOf,
  writeSocketAddress,
} from "./connector.js";
import { EINPROGRESS } from "./errno.js";
import { ErrorMessage, type IcmpError, takeError } from "./error-queue.js";
import { interfaceIndex } from "./interface-index.js";
import { checked, int32, libc } from "./libc.js";
import { readSocketAddress, type SocketPlace } from "./socket-address.js";
import { AF_INET6, IPPROTO_IPV6, SO_ERROR, SOCK_NONBLOCK_CLOEXEC, SOL_SOCKET } from "./socket-constants.js";
import type { TransmitGuard } from "./transmit-guard.js";

/** ICMPv6 "packet too big" comes through the same queue, and ends nothing (RFC 4443 §3.2). */
const ICMPV6_PACKET_TOO_BIG = 2;

/** How a connect ended: 0 for established, else the errno, and the ICMP error behind it if there was one. */
export interface DialEnd {
  readonly errno: number;
  readonly error: IcmpError | undefined;
}

/** A connect from its beginning to its end. */
export class TcpDial {
  readonly fd: number;
  readonly #family: number;
  readonly #message = new ErrorMessage();
  #end: DialEnd | undefined;

  /**
   * Begins to connect.
   *
   * @throws ScopeError when the address may not be connected to
   * @throws SystemCallError when there is no socket, or it cannot come from where it shall
   */
  constructor(guard: TransmitGuard, address: Address, port: number, source: SourcePlace) {
    guard.checkAddress(address);
    this.#family = familyOf(address);
    this.fd = checked("socket", openSocket(this.#family, SOCK_NONBLOCK_CLOEXEC));
    try {
      bindSource(this.fd, address.family, source);
    } catch (error) {
      this.close();
      throw error;
    }
    const bytes = new Uint8Array(SOCKET_ADDRESS_BYTES);
    const view = new DataView(bytes.buffer);
    const length = writeSocketAddress(view, 0, address, port, scopeIdOf(address, interfaceIndex));
    const errno = libc().connect(this.fd, bytes, length) < 0 ? libc().errno() : 0;
    // Loopback, and this machine's own rules, answer within the call.
    if (errno !== EINPROGRESS) this.#end = { errno, error: this.#takeError() };
  }

  /** How it ended; undefined while it is under way. `isWritable`: what poll(2) says of the socket. */
  end(isWritable: boolean): DialEnd | undefined {
    if (this.#end !== undefined) return this.#end;
    const value = new Uint8Array(4);
    libc().getsockopt(this.fd, SOL_SOCKET, SO_ERROR, value, int32(value.length));
    const errno = new DataView(value.buffer).getInt32(0, true);
    const error = this.#takeError();
    // An error may be queued before the socket itself knows of it: see io-uring-connector.ts.
    if (errno !== 0 || (error !== undefined && !isWritable)) this.#end = { errno, error };
    else if (isWritable) this.#end = { errno, error: undefined };
    return this.#end;
  }

  /** The own end of the connection; undefined before there is one. */
  local(): SocketPlace | undefined {
    const bytes = new Uint8Array(SOCKET_ADDRESS_BYTES);
    const length = int32(bytes.length);
    if (libc().getsockname(this.fd, bytes, length) !== 0) return undefined;
    return readSocketAddress(new DataView(bytes.buffer), 0, bytes.length);
  }

  /** Hands the connected socket over: from now on the caller closes it. */
  release(): number {
    // Later ICMP errors would wake whoever polls the socket, with nobody there to take them out of the queue.
    if (this.#family === AF_INET6) libc().setsockopt(this.fd, IPPROTO_IPV6, IPV6_RECVERR, int32(0), 4);
    return this.fd;
  }

  close(): void {
    libc().close(this.fd);
  }

  #takeError(): IcmpError | undefined {
    const error = takeError(this.fd, this.#message);
    return error?.family === 6 && error.type === ICMPV6_PACKET_TOO_BIG ? undefined : error;
  }
}
