// UDP: an open port answers what it understands, a closed one by an ICMP port unreachable (RFC 1122 §4.1.3.1), and silence
// is either (nmap reference guide, -sU). The header has no room for a cookie: source port and the network header's
// identification or flow label carry it, which an ICMP error quotes; a datagram that answers proves itself by our port.
import { PROTOCOL_UDP } from "../packet/ipv4.js";
import { UDP_HEADER_BYTES, writeUdp } from "../packet/udp.js";
import { type Cookies, TRIES_MAX } from "./cookies.js";
import { addressSumAt, HEADER_BYTES_MAX, isMarkQuoted, markOf, writeHeader } from "./datagram.js";
import type { FrameView } from "./frame-view.js";
import type { Answer, FrameTechnique } from "./technique.js";
import { answerFromError, ERROR_TYPES, ERROR_TYPES_IPV6 } from "./unreachable.js";

const LANE = 7;
/**
 * TFTP answers from a port of its own choice, not from 69 (RFC 1350 §4): what comes to this block of ports, whatever port
 * it is from, answers a probe to 69.
 */
const TFTP_LANE = 11;
const TFTP_PORT = 69;
const fields = { sourcePort: 0, targetPort: 0 };

function laneOf(targetPort: number): number {
  return targetPort === TFTP_PORT ? TFTP_LANE : LANE;
}

function saltOf(tryIndex: number): number {
  return (LANE << 8) | tryIndex;
}

/** Sends a datagram that the port's usual service answers, where the table of payloads knows one; an empty one elsewhere. */
export const udp: FrameTechnique = {
  kind: "frame",
  name: "udp",
  summary: "UDP: with payloads that make services answer",
  sources: ["RFC 768", "RFC 1122 §4.1.3.1", "nmap reference guide, -sU"],
  option: "-sU",
  protocol: "udp",
  families: [4, 6],
  outcomes: ["open", "closed", "filtered", "open|filtered"],
  silence: "open|filtered",
  layer: "network",
  lane: LANE,
  probeBytesMax: HEADER_BYTES_MAX + UDP_HEADER_BYTES,

  wants: (cookies) => [
    { kind: "udp", firstPort: cookies.sourcePort(LANE, 0), portCount: TRIES_MAX },
    { kind: "udp", firstPort: cookies.sourcePort(TFTP_LANE, 0), portCount: TRIES_MAX },
    { kind: "icmpv4", types: ERROR_TYPES },
    { kind: "icmpv6", types: ERROR_TYPES_IPV6 },
  ],

  write(out, at, probe) {
    const { cookies, targetKey, targetPort, tryIndex, payload, family } = probe;
    fields.sourcePort = cookies.sourcePort(laneOf(targetPort), tryIndex);
    fields.targetPort = targetPort;
    const mark = markOf(cookies, targetKey, targetPort, saltOf(tryIndex), family);
    const headerBytes = writeHeader(out, at, probe, PROTOCOL_UDP, UDP_HEADER_BYTES + payload.length, mark);
    return headerBytes + writeUdp(fields, payload, addressSumAt(out, at, family), out, at + headerBytes);
  },

  rewrite: (out, at, probe) => udp.write(out, at, probe),

  read(frame, cookies, answer) {
    if (frame.kind === "udp-quote") return readUdpError(frame, cookies, answer);
    if (frame.kind !== "udp") return false;
    const { sourcePort, targetPort } = frame.udp;
    const plainTry = cookies.tryOf(LANE, targetPort);
    const tryIndex = plainTry < 0 ? cookies.tryOf(TFTP_LANE, targetPort) : plainTry;
    if (tryIndex < 0) return false;
    answer.outcome = "open";
    answer.reason = "udp-response";
    answer.key = frame.peerKey;
    answer.port = plainTry < 0 ? TFTP_PORT : sourcePort;
    answer.tryIndex = tryIndex;
    answer.responder = undefined;
    answer.ttl = frame.ttl;
    answer.window = -1;
    return true;
  },
};

/** Only the host itself can say that nobody listens; from anybody else it is a filter's word. */
function readUdpError(frame: FrameView, cookies: Cookies, answer: Answer): boolean {
  const { sourcePort, targetPort } = frame.udp;
  const tryIndex = cookies.tryOf(laneOf(targetPort), sourcePort);
  if (tryIndex < 0 || !isMarkQuoted(frame, cookies, targetPort, saltOf(tryIndex))) return false;
  answer.port = targetPort;
  answer.tryIndex = tryIndex;
  if (!answerFromError(frame, "filtered", answer)) return false;
  if (answer.reason === "port-unreach" && answer.responder === undefined) answer.outcome = "closed";
  return true;
}
