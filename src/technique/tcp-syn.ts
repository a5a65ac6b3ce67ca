// TCP SYN, the half-open probe: a SYN-ACK means open, a RST closed (RFC 9293 §3.10.7; nmap reference guide, -sS).
import { ETHER_TYPE_IPV4 } from "../packet/ethernet.js";
import { TCP_ACK, TCP_RST, TCP_SYN } from "../packet/tcp.js";
import { readTcpError, rewriteTcpProbe, TCP_PROBE_BYTES_MAX, tcpCookie, tcpWish, writeTcpProbe } from "./tcp-probe.js";
import type { FrameTechnique } from "./technique.js";

const LANE = 0;

/**
 * Sends a SYN and reads what comes back; the connection is never completed. Our kernel, which knows of no such
 * connection, resets what a target opens, so nothing is left half-open there.
 */
export const tcpSyn: FrameTechnique = {
  kind: "frame",
  name: "tcp-syn",
  summary: "TCP SYN: half-open, needs the right to send raw packets",
  sources: ["RFC 9293 §3.10.7", "nmap reference guide, -sS"],
  option: "-sS",
  outcomes: ["open", "closed", "filtered"],
  silence: "filtered",
  etherType: ETHER_TYPE_IPV4,
  lane: LANE,
  probeBytesMax: TCP_PROBE_BYTES_MAX,

  wants: (cookies) => tcpWish(cookies, LANE),

  write: (out, at, probe) => writeTcpProbe(out, at, probe, LANE, TCP_SYN, 0, true),

  rewrite: (out, at, probe) => rewriteTcpProbe(out, at, probe, LANE, false),

  read(frame, cookies, answer) {
    if (frame.kind !== "tcp") return readTcpError(frame, cookies, LANE, answer);
    const { sourcePort, targetPort, acknowledgment, flags } = frame.tcp;
    const tryIndex = cookies.tryOf(LANE, targetPort);
    if (tryIndex < 0 || (flags & TCP_ACK) === 0) return false;
    const cookie = tcpCookie(cookies, LANE, frame.ip.source, sourcePort, tryIndex);
    // Both a SYN-ACK and the RST to a SYN acknowledge our sequence number plus the SYN itself.
    if ((acknowledgment | 0) !== ((cookie + 1) | 0)) return false;
    const isReset = (flags & TCP_RST) !== 0;
    if (!isReset && (flags & TCP_SYN) === 0) return false;
    answer.outcome = isReset ? "closed" : "open";
    answer.reason = isReset ? "reset" : "syn-ack";
    answer.address = frame.ip.source;
    answer.port = sourcePort;
    answer.tryIndex = tryIndex;
    answer.responder = 0;
    answer.ttl = frame.ip.ttl;
    return true;
  },
};
