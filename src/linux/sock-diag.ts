// Lists of the kernel's sockets by sock_diag(7) (include/uapi/linux/sock_diag.h): what the dumps of all families share.
// 100,000 sockets take 0.15 s, of which 0.1 s is the kernel's. The text of /proc/net/tcp alone takes 1.4 times as long, and
// that of /proc/net/udp, which the kernel begins anew with each page, 14 s.

import { ENOBUFS, ENOENT } from "./errno.js";
import type { Netlink } from "./netlink.js";

const SOCK_DIAG_BY_FAMILY = 20;
/** A list that changes while it is read is asked for again, but not for ever: a busy machine changes all the time. */
const TRIES_MAX = 3;

/** What is asked: a socket of NETLINK_SOCK_DIAG. */
export type DiagSource = Pick<Netlink, "bytes" | "walk">;

/** What came of asking for a list of sockets. */
export type SocketDump<Socket> =
  | {
      readonly kind: "sockets";
      readonly sockets: readonly Socket[];
      /** True when the kernel says, in each of several tries, that the list changed meanwhile: some may be missing. */
      readonly isTorn: boolean;
    }
  /** The kernel has no such protocol, or cannot list it: /proc/net may. */
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly errno: number };

/** Reads the messages of one answer. */
export interface DumpReader<Socket> {
  /**
   * The socket of which a message tells: its fixed part begins at `at`, and its last byte stands before `end`. Undefined
   * for a message that is too short or tells of something else.
   */
  read(view: DataView, at: number, end: number): Socket | undefined;
  /** Where in the fixed part of a readable message the socket's cookie stands; undefined where several have the same. */
  readonly cookieAt: number | undefined;
}

/**
 * Asks for a list of sockets, `request` being the family's own structure.
 *
 * @throws SystemCallError when the kernel cannot be talked to
 */
export function dumpSockets<Socket>(
  netlink: DiagSource,
  request: Uint8Array,
  createReader: () => DumpReader<Socket>,
): SocketDump<Socket> {
  for (let tries = 1; ; tries++) {
    const gathered = new Gathered(netlink.bytes, createReader());
    const end = netlink.walk({ type: SOCK_DIAG_BY_FAMILY, body: request, isDump: true }, gathered.take);
    if (end.errno === ENOENT) return { kind: "absent" };
    const isLast = tries === TRIES_MAX;
    if (end.errno !== 0 && (end.errno !== ENOBUFS || isLast)) return { kind: "refused", errno: end.errno };
    if (end.errno === 0 && (!end.isTorn || isLast)) {
      return { kind: "sockets", sockets: gathered.sockets, isTorn: end.isTorn };
    }
  }
}

/** The sockets of one answer, each once. */
class Gathered<Socket> {
  readonly sockets: Socket[] = [];
  readonly #reader: DumpReader<Socket>;
  readonly #view: DataView;
  readonly #seen = new Set<number>();

  constructor(bytes: Uint8Array, reader: DumpReader<Socket>) {
    this.#reader = reader;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  readonly take = (type: number, at: number, end: number): void => {
    if (type !== SOCK_DIAG_BY_FAMILY) return;
    const { cookieAt } = this.#reader;
    const socket = this.#reader.read(this.#view, at, end);
    if (socket === undefined || (cookieAt !== undefined && this.#isKnown(at + cookieAt))) return;
    this.sockets.push(socket);
  };

  /**
   * The kernel goes on in a list by counting what it has told of, so that a socket which was made meanwhile shows another
   * one twice. Cookies are never used again (sock_diag_save_cookie()).
   */
  #isKnown(cookieAt: number): boolean {
    const cookie = this.#view.getUint32(cookieAt, true) + this.#view.getUint32(cookieAt + 4, true) * 2 ** 32;
    const { size } = this.#seen;
    this.#seen.add(cookie);
    return this.#seen.size === size;
  }
}
