// What a report of the inside leaves out, in sentences: whoever reads it elsewhere must know what it does not say.
import type { InsideSocket, InsideView } from "../../inside/inside-view.js";
import { isListening } from "../../inside/socket-wish.js";
import type { NoticeEvent } from "../../model/scan-event.js";
import { countOf } from "../quantity.js";

/** What came of the report itself. */
export interface InsideReportCounts {
  /** Hosts that it has. */
  readonly addressCount: number;
  /** Sockets that wait at none of the addresses. */
  readonly placelessCount: number;
}

/** The notices. */
export function* insideNotices(
  view: InsideView,
  { addressCount, placelessCount }: InsideReportCounts,
): Generator<NoticeEvent, void, void> {
  for (const { what, why } of view.gaps) {
    yield { type: "notice", level: "warning", code: "inside-gap", text: `Not known: ${what}: ${why}` };
  }
  if (addressCount === 0) {
    const text = "The addresses of this machine could not be read, or it has none: the report has no hosts.";
    yield { type: "notice", level: "warning", code: "inside-no-address", text };
  }
  const elsewhere = view.sockets.filter((one) => !one.namespace.isOwn && isPortOf(one));
  if (elsewhere.length > 0) {
    const namespaces = new Set(elsewhere.map(({ namespace }) => namespace)).size;
    const what = countOf(elsewhere.length, "listening socket");
    const where = countOf(namespaces, "other network namespace", "other network namespaces");
    const text = `${what} of ${where} ${elsewhere.length === 1 ? "is" : "are"} not in this report: it is of one network namespace alone. nsenter -n -t PID postern sockets, with the same options, reports on that of a process.`;
    yield { type: "notice", level: "warning", code: "inside-namespaces", text };
  }
  const ways = view.published.filter(({ target }) => target !== "same");
  if (ways.length > 0) {
    const text = `Ports of this machine lead elsewhere by ${countOf(ways.length, "rule or program", "rules or programs")}: such a port is undecided unless a socket waits there.`;
    yield { type: "notice", level: "info", code: "inside-published", text };
  }
  if (placelessCount > 0) {
    const isOne = placelessCount === 1;
    const text = `${countOf(placelessCount, "socket")} ${isOne ? "waits" : "wait"} at none of this machine's addresses, and ${isOne ? "is" : "are"} not in this report: bound to a group, a broadcast address or an address that is not there.`;
    yield { type: "notice", level: "info", code: "inside-no-place", text };
  }
}

function isPortOf({ socket }: InsideSocket): boolean {
  if (socket.kind !== "inet" || !isListening(socket)) return false;
  return socket.protocol === "tcp" || socket.protocol === "udp" || socket.protocol === "sctp";
}
