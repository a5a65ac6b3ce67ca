// Gives a packet socket a filter, so that it receives little more than what is wished for (packet(7), SO_ATTACH_FILTER).
import { compileFilter, type ReceiveWish } from "./bpf.js";
import { checked, libc } from "./libc.js";
import { SO_ATTACH_FILTER } from "./packet-constants.js";
import { SOL_SOCKET } from "./socket-constants.js";

/** struct sock_filter. */
const INSTRUCTION_BYTES = 8;

/**
 * Filters what a packet socket of kind SOCK_DGRAM, which counts from the network header, receives from now on.
 *
 * @throws SystemCallError when the kernel does not take the filter
 */
export function attachFilter(fd: number, wishes: readonly ReceiveWish[]): void {
  const filter = compileFilter(wishes);
  const program = new Uint8Array(16); // struct sock_fprog { u16 len; struct sock_filter *filter }
  const view = new DataView(program.buffer);
  view.setUint16(0, filter.length / INSTRUCTION_BYTES, true);
  view.setBigUint64(8, libc().addressOf(filter), true);
  checked("SO_ATTACH_FILTER", libc().setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, program, program.length));
}
