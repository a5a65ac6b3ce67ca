// Which way of connecting is taken: the best that this system has, or the one that was asked for.
import type { Connector } from "../linux/connector.js";
import { EpollConnector } from "../linux/epoll-connector.js";
import { IoUringConnector } from "../linux/io-uring-connector.js";
import { openFilesMax } from "../linux/limits.js";
import { NodeConnector } from "../linux/node-connector.js";
import type { TransmitGuard } from "../linux/transmit-guard.js";
import type { TransportChoice } from "./plan.js";

/** Connects under way at once. Each holds a socket; more than this gains nothing against a host that answers. */
const CONNECTS_MAX = 4096;
/** Descriptors that are left for everything else, where a connect takes one. */
const DESCRIPTORS_SPARED = 64;

/** The best way to connect that this system has, or the one that was asked for. */
export function openConnector(choice: TransportChoice, guard: TransmitGuard): Connector {
  const capacity = Math.max(1, Math.min(CONNECTS_MAX, openFilesMax() - DESCRIPTORS_SPARED));
  if (choice === "node") return new NodeConnector(capacity, guard);
  if (choice === "epoll") return new EpollConnector(capacity, guard);
  if (choice === "io_uring") return new IoUringConnector(capacity, guard);
  for (const Way of [IoUringConnector, EpollConnector]) {
    try {
      return new Way(capacity, guard);
    } catch {
      // Switched off, forbidden, too old a kernel, or no C library to call at all: the next way is there for that, and
      // the report says which one it was.
    }
  }
  return new NodeConnector(capacity, guard);
}
