// A TCP connection for a conversation: each address in turn, until one takes it.
import { PollSet } from "../linux/poll.js";
import type { SocketPlace } from "../linux/socket-address.js";
import { TcpDial } from "../linux/tcp-dial.js";
import type { Address } from "../target/address.js";
import type { ProbeFinding } from "./probe.js";
import { judgeDial, type ProbeOptions } from "./tcp-probe.js";

/** A connected, non-blocking socket, which is now the caller's. */
export interface Connected {
  readonly fd: number;
  readonly address: Address;
  readonly local: SocketPlace | undefined;
}

/** What came of one address. */
export interface Tried {
  readonly address: Address;
  readonly finding: ProbeFinding;
}

/**
 * Connects to the first address that takes the connection. Undefined when none does; `onTried` hears of each.
 *
 * @throws ScopeError when an address may not be connected to
 * @throws SystemCallError when there is no socket, or it cannot come from where it shall
 */
export function openConnection(
  addresses: readonly Address[],
  port: number,
  options: ProbeOptions,
  onTried: (tried: Tried) => void,
): Connected | undefined {
  for (const address of addresses) {
    const dial = new TcpDial(options.guard, address, port, options.source);
    const finding = waitFor(dial, options);
    if (finding.state === "open") {
      const local = dial.local();
      onTried({ address, finding: { ...finding, local } });
      return { fd: dial.release(), address, local };
    }
    dial.close();
    onTried({ address, finding });
  }
  return undefined;
}

/** Waits for the end of a connect. Nothing else goes on meanwhile: an interrupt ends the process at once. */
function waitFor(dial: TcpDial, { clock, timeoutMs }: ProbeOptions): ProbeFinding {
  const polled = new PollSet(1);
  polled.add(dial.fd);
  const begunAtMs = clock.now();
  for (;;) {
    const end = dial.end(polled.isWritable(0));
    const nowMs = clock.now();
    if (end !== undefined) return judgeDial(end, nowMs - begunAtMs);
    const leftMs = begunAtMs + timeoutMs - nowMs;
    if (leftMs <= 0) return { state: "timed out", errno: 0, icmp: undefined, roundTripMs: undefined };
    polled.poll(leftMs);
  }
}
