// The error queue of a socket (ip(7), IP_RECVERR; include/uapi/linux/errqueue.h): who refused a connection by ICMP, and
// with which type and code. While a TCP socket connects, Linux queues such errors unasked (tcp_v4_err in
// net/ipv4/tcp_ipv4.c), so a RST can be told from an ICMP error although both end in ECONNREFUSED.

import type { Address } from "../target/address.js";
import { libc } from "./libc.js";
import { readSocketAddress } from "./socket-address.js";
import { MSG_DONTWAIT } from "./socket-constants.js";

const MSG_ERRQUEUE = 0x2000;
/** struct msghdr on 64-bit Linux. */
const MESSAGE_HEADER_BYTES = 56;
/** Room for one control message with struct sock_extended_err and the offender's address. */
const CONTROL_BYTES = 128;
const CONTROL_HEADER_BYTES = 16;
const ORIGIN_ICMP = 2;
const ORIGIN_ICMP6 = 3;
/** Where the offender's address begins: behind struct cmsghdr and struct sock_extended_err (16 bytes each). */
const OFFENDER_AT = CONTROL_HEADER_BYTES + 16;
/** struct sockaddr_in, as far as the address. */
const OFFENDER_BYTES = 8;

/** An ICMP error about what a socket has sent. */
export interface IcmpError {
  readonly family: 4 | 6;
  readonly type: number;
  readonly code: number;
  /** Who sent it; undefined when unknown. The zone of a link-local address is the interface's number. */
  readonly from: Address | undefined;
}

/** One message header with its control buffer, to be filled again and again. */
export class ErrorMessage {
  readonly header: Uint8Array = new Uint8Array(MESSAGE_HEADER_BYTES);
  readonly #headerView = new DataView(this.header.buffer);
  readonly #control = new Uint8Array(CONTROL_BYTES);
  readonly #view = new DataView(this.#control.buffer);

  constructor() {
    this.#headerView.setBigUint64(32, libc().addressOf(this.#control), true); // msg_control
    this.reset();
  }

  /** Makes it ready to be filled again. */
  reset(): void {
    this.#headerView.setUint32(40, CONTROL_BYTES, true); // msg_controllen, which the kernel sets to what it wrote
  }

  /** What was received; undefined when it was no ICMP error. */
  read(): IcmpError | undefined {
    // struct cmsghdr { size_t len; int level, type }, struct sock_extended_err { u32 errno; u8 origin, type, code … },
    // struct sockaddr of the offender.
    const end = Math.min(CONTROL_BYTES, this.#headerView.getUint32(40, true));
    if (end < OFFENDER_AT + OFFENDER_BYTES) return undefined;
    const at = CONTROL_HEADER_BYTES;
    const origin = this.#view.getUint8(at + 4);
    if (origin !== ORIGIN_ICMP && origin !== ORIGIN_ICMP6) return undefined;
    return {
      family: origin === ORIGIN_ICMP ? 4 : 6,
      type: this.#view.getUint8(at + 5),
      code: this.#view.getUint8(at + 6),
      from: offender(this.#view, end),
    };
  }
}

/** Takes one error from a socket's queue; undefined when there is none. */
export function takeError(fd: number, message: ErrorMessage): IcmpError | undefined {
  message.reset();
  return libc().recvmsg(fd, message.header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0 ? undefined : message.read();
}

/** The kernel says "nobody" with an address of zeros. */
function offender(view: DataView, end: number): Address | undefined {
  const address = readSocketAddress(view, OFFENDER_AT, end)?.address;
  if (address === undefined) return undefined;
  const isNobody = address.family === 4 ? address.value === 0 : address.bytes.every((byte) => byte === 0);
  return isNobody ? undefined : address;
}
