// Connections that go on though the rules would not let them in any more: connection tracking keeps what is established.
import type { HostEnvironment } from "../../firewall/packet-question.js";
import type { InsideView } from "../../inside/inside-view.js";
import { isLoopback } from "../../inside/reach.js";
import { isListening } from "../../inside/socket-wish.js";
import type { InetSocket } from "../../linux/kernel-socket.js";
import { type Address, formatAddress, isSameHost, unmapped } from "../../target/address.js";
import type { AskedPort } from "../../vantage/vantage.js";
import { endpointText } from "../case-words.js";
import type { FindingBook } from "../finding-book.js";
import { arrivalFrom, NamedPorts, type RulesOfHost } from "../rules-view.js";

/** The key of this finding. */
export const OLD_SESSION_KEPT = "old-session-kept";
/** Of a busy server not every connection is walked: one of each address to each port tells enough. */
const WALKS_MAX = 5000;

const NONE = new NamedPorts([]);

/** Finds them among the connections to ports at which something listens. */
export function findOldSessions(
  book: FindingBook,
  { sockets }: InsideView,
  rules: RulesOfHost,
  environment: HostEnvironment,
): void {
  const own = sockets.flatMap(({ socket, namespace }) =>
    namespace.isOwn && socket.kind === "inet" && socket.protocol === "tcp" ? socket : [],
  );
  const listening = new Set(own.filter(isListening).map(({ localPort }) => localPort));
  const incoming = own.filter((socket) => socket.state === "established" && listening.has(socket.localPort));
  const asked = new Set<string>();
  for (const socket of incoming) {
    const [source, address] = [unmapped(socket.remote), unmapped(socket.local)];
    const key = `${formatAddress(source)} ${formatAddress(address)} ${socket.localPort}`;
    if (asked.has(key) || isLoopback(source) || isOwn(source, environment)) continue;
    if (asked.size >= WALKS_MAX) return;
    asked.add(key);
    addIfKept(book, { address, protocol: "tcp", port: socket.localPort }, socket, rules, environment);
  }
}

/** What the host sends to an address of its own comes in by lo, whatever route leads there. */
function isOwn(source: Address, { interfaces }: HostEnvironment): boolean {
  return interfaces.some(({ addresses }) => addresses.some(({ address }) => isSameHost(address, source)));
}

function addIfKept(
  book: FindingBook,
  port: AskedPort,
  socket: InetSocket,
  rules: RulesOfHost,
  environment: HostEnvironment,
): void {
  const source = unmapped(socket.remote);
  const arrival = arrivalFrom(source, environment);
  if (arrival === undefined) return;
  const { verdict, detail, rule, place } = rules.view(port, arrival, NONE).fact;
  if ((verdict !== "drop" && verdict !== "reject") || rules.isLedTo(port, arrival)) return;
  const peer = endpointText(formatAddress(source), socket.remotePort);
  book.add(
    OLD_SESSION_KEPT,
    port,
    {
      severity: "medium",
      confidence: "likely",
      title: `${port.port}/tcp has connections that the rules would not let in now`,
      evidence: [
        `${peer} is connected; a new connection from there meets ${verdict}: ${rule ?? detail ?? "a policy"}${place === undefined ? "" : ` (${place})`}`,
      ],
      nextStep: `if they must end: conntrack -D -p tcp --dport ${port.port}, or ss -K dport = :${port.port}`,
    },
    undefined,
  );
}
