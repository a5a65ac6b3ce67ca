// Makes entries of connection tracking, so that a packet belongs to a connection, or is about one, before it is sent; and
// removes all of them (include/uapi/linux/netfilter/nfnetlink_conntrack.h).
import type { QuestionPacket } from "../../src/firewall/packet-question.js";
import { attribute, bigEndian, type NetfilterSocket } from "./netfilter-socket.js";
import { addressBytes, questionDatagram } from "./question-frame.js";

const CT_NEW = 0x100;
const CT_DELETE = 0x102;
const NLM_F_CREATE_EXCL = 0x600;
const AF_INET = 2;
const AF_INET6 = 10;
/** IPS_SEEN_REPLY | IPS_ASSURED | IPS_CONFIRMED. */
const STATUS = 14;
const TCP_ESTABLISHED = 3;
const BE_LIBERAL = 8;
const UDP = 17;
const TIMEOUT_SEC = 300;

interface Side {
  readonly address: Uint8Array;
  readonly port: number;
}

/** Removes all connections. */
export function flushConnections(socket: NetfilterSocket): void {
  socket.ask(CT_DELETE, 0, 0, 0, []);
}

/** Makes the connection that an established packet belongs to; gives the errno. */
export function makeConnection(socket: NetfilterSocket, packet: QuestionPacket, tag: number): number {
  const from: Side = { address: addressBytes(packet.source), port: packet.sourcePort };
  const to: Side = { address: addressBytes(packet.destination), port: packet.destinationPort };
  const [first, second] = packet.trackDirection === "reply" ? [to, from] : [from, to];
  return create(socket, packet.source.family, packet.protocol, first, second, tag);
}

/**
 * Makes the connection that an ICMP error is about, and gives what the error quotes: a datagram from the packet's
 * destination to its source. It goes in the connection's own direction when the error is to be one of its replies.
 */
export function makeRelated(socket: NetfilterSocket, packet: QuestionPacket, tag: number): Uint8Array {
  const quoted: QuestionPacket = {
    ...packet,
    source: packet.destination,
    destination: packet.source,
    protocol: UDP,
    sourcePort: 20_000 + (tag % 10_000),
    destinationPort: 9,
    ttl: 60,
  };
  makeConnection(socket, { ...quoted, trackDirection: packet.trackDirection === "reply" ? "original" : "reply" }, tag);
  return questionDatagram(quoted, tag);
}

function create(
  socket: NetfilterSocket,
  family: 4 | 6,
  protocol: number,
  from: Side,
  to: Side,
  identifier: number,
): number {
  const isTcp = protocol === 6;
  const attributes = [
    attribute(1, tuple(family, protocol, from, to, identifier, true)),
    attribute(2, tuple(family, protocol, to, from, identifier, false)),
    attribute(3, bigEndian(STATUS, 4)),
    attribute(7, bigEndian(TIMEOUT_SEC, 4)),
  ];
  if (isTcp) {
    const flags = Uint8Array.of(BE_LIBERAL, BE_LIBERAL);
    const inner = [attribute(1, bigEndian(TCP_ESTABLISHED, 1)), attribute(4, flags), attribute(5, flags)];
    attributes.push(attribute(4, [attribute(1, inner)]));
  }
  return socket.ask(CT_NEW, NLM_F_CREATE_EXCL, family === 4 ? AF_INET : AF_INET6, 0, attributes);
}

function tuple(
  family: 4 | 6,
  protocol: number,
  from: Side,
  to: Side,
  identifier: number,
  isFirst: boolean,
): readonly Uint8Array[] {
  const at = family === 4 ? 1 : 3;
  const addresses = [attribute(at, from.address), attribute(at + 1, to.address)];
  return [attribute(1, addresses), attribute(2, [attribute(1, bigEndian(protocol, 1)), ...ends()])];

  function ends(): readonly Uint8Array[] {
    if (protocol === 1) return echo(4, isFirst ? 8 : 0);
    if (protocol === 58) return echo(7, isFirst ? 128 : 129);
    return [attribute(2, bigEndian(from.port, 2)), attribute(3, bigEndian(to.port, 2))];
  }

  function echo(first: number, type: number): readonly Uint8Array[] {
    return [
      attribute(first, bigEndian(identifier & 0xffff, 2)),
      attribute(first + 1, bigEndian(type, 1)),
      attribute(first + 2, bigEndian(0, 1)),
    ];
  }
}
