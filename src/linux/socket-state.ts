// The states of sockets by number (include/net/tcp_states.h). Datagram and Unix sockets use the same numbers.
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
  "syn-recv", // TCP_NEW_SYN_RECV: a request that has no socket yet
];

/** A state by its number. */
export function socketState(number: number): SocketState {
  return STATES[number] ?? `state-${number}`;
}
