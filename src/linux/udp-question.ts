// A UDP socket that asks one port and hears what comes of it: answers, and ICMP errors with their senders (udp(7), ip(7)
// IP_RECVERR, ipv6(7) IPV6_RECVERR). It is not connected, since some services answer from another port. Needs no privilege.
import { type Address, isSameHost } from "../target/address.js";
import { bindSource, type SourcePlace } from "./bind-source.js";
import { familyOf, IPV6_RECVERR, SOCKET_ADDRESS_BYTES, scopeIdOf, writeSocketAddress } from "./connector.js";
import { ErrorMessage, type IcmpError, takeError } from "./error-queue.js";
import { interfaceIndex } from "./interface-index.js";
import { checked, int32, libc } from "./libc.js";
import { readSocketAddress } from "./socket-address.js";
import { AF_INET, IPPROTO_IPV6, MSG_DONTWAIT, SOCK_DGRAM, SOCK_NONBLOCK_CLOEXEC } from "./socket-constants.js";
import type { TransmitGuard } from "./transmit-guard.js";

const IPPROTO_IP = 0;
const IP_RECVERR = 11;
/** A datagram cannot be longer. */
const DATAGRAM_BYTES_MAX = 65_535;
/** What others send to our port is passed over, but not without end. */
const STRANGERS_MAX = 64;

/** A datagram from the host that was asked. */
export interface Datagram {
  readonly bytes: Uint8Array;
  readonly port: number;
}

/** One port of one host. */
export class UdpQuestion {
  readonly fd: number;
  readonly #guard: TransmitGuard;
  readonly #target: Address;
  readonly #address = new Uint8Array(SOCKET_ADDRESS_BYTES);
  readonly #addressBytes: number;
  readonly #message = new ErrorMessage();

  /** @throws SystemCallError when there is no socket, or it cannot come from where it shall */
  constructor(guard: TransmitGuard, target: Address, port: number, source: SourcePlace) {
    this.#guard = guard;
    this.#target = target;
    const scopeId = scopeIdOf(target, interfaceIndex);
    this.#addressBytes = writeSocketAddress(new DataView(this.#address.buffer), 0, target, port, scopeId);
    const family = familyOf(target);
    this.fd = checked("socket", libc().socket(family, SOCK_DGRAM | SOCK_NONBLOCK_CLOEXEC, 0));
    const [level, option] = family === AF_INET ? [IPPROTO_IP, IP_RECVERR] : [IPPROTO_IPV6, IPV6_RECVERR];
    libc().setsockopt(this.fd, level, option, int32(1), 4);
    try {
      bindSource(this.fd, target.family, source);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Sends once. Returns 0, or the errno with which the kernel refused.
   *
   * @throws ScopeError when the address may not be sent to
   */
  send(payload: Uint8Array): number {
    this.#guard.checkAddress(this.#target);
    const sent = libc().sendto(this.fd, payload, payload.length, MSG_DONTWAIT, this.#address, this.#addressBytes);
    return sent < 0 ? libc().errno() : 0;
  }

  /** What the host has sent; undefined when there is nothing. What others sent is thrown away. */
  takeAnswer(): Datagram | undefined {
    const bytes = new Uint8Array(DATAGRAM_BYTES_MAX);
    const from = new Uint8Array(SOCKET_ADDRESS_BYTES);
    const view = new DataView(from.buffer);
    for (let strangers = 0; strangers < STRANGERS_MAX; strangers++) {
      const length = Number(libc().recvfrom(this.fd, bytes, bytes.length, MSG_DONTWAIT, from, int32(from.length)));
      if (length < 0) return undefined;
      const sender = readSocketAddress(view, 0, from.length);
      if (sender === undefined || !isSameHost(sender.address, this.#target)) continue;
      return { bytes: bytes.slice(0, length), port: sender.port };
    }
    return undefined;
  }

  /** An ICMP error about what was sent; undefined when there is none. */
  takeError(): IcmpError | undefined {
    return takeError(this.fd, this.#message);
  }

  close(): void {
    libc().close(this.fd);
  }
}
