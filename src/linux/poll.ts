// Waiting for descriptors (poll(2)).
import { libc } from "./libc.js";

const POLLIN = 1;
/** struct pollfd { int fd; short events, revents }. */
const ENTRY_BYTES = 8;

/** Waits until one of the descriptors can be read, at most `timeoutMs`. Signals and errors end the waiting early. */
export function waitReadable(fds: readonly number[], timeoutMs: number): void {
  const entries = new Uint8Array(fds.length * ENTRY_BYTES);
  const view = new DataView(entries.buffer);
  for (const [index, fd] of fds.entries()) {
    view.setInt32(index * ENTRY_BYTES, fd, true);
    view.setInt16(index * ENTRY_BYTES + 4, POLLIN, true);
  }
  libc().poll(entries, fds.length, Math.max(0, Math.ceil(timeoutMs)));
}
