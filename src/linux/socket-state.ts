// The states of sockets by number (include/net/tcp_states.h). Datagram and raw sockets use the same numbers.
import type { SocketState } from "./kernel-socket.js";

const STATES: readonly (SocketState | undefined)[] = [
  undefined,
  "established",
  "syn-sent",
  "syn-recv",
  "fin-wait-1",
  "fin-wait-2",
  "time-wait",
  "unconnected", // TCP_CLOSE: of a TCP socket, one that does nothing yet
  "close-wait",
  "last-ack",
  "listen",
  "closing",
  "syn-recv", // TCP_NEW_SYN_RECV: a connection that waits for its last ACK
  "bound-inactive",
];

/** An association's numbers are SCTP's own (enum sctp_state, include/net/sctp/constants.h). */
const ASSOCIATION_STATES: readonly SocketState[] = [
  "unconnected",
  "cookie-wait",
  "cookie-echoed",
  "established",
  "shutdown-pending",
  "shutdown-sent",
  "shutdown-received",
  "shutdown-ack-sent",
];

/** All states that have a name. */
export const SOCKET_STATES: ReadonlySet<string> = new Set([
  ...STATES.filter((state) => state !== undefined),
  ...ASSOCIATION_STATES,
]);

/** The state of a socket by its number. */
export function socketState(number: number): SocketState {
  return STATES[number] ?? `state-${number}`;
}

/** The state of an SCTP association by its number. */
export function associationState(number: number): SocketState {
  return ASSOCIATION_STATES[number] ?? `state-${number}`;
}
