// TCP ACK out of nowhere: any host that gets it answers with a RST, whatever the port's state (RFC 9293 §3.10.7.1).
import { ETHER_TYPE_IPV4 } from "../packet/ethernet.js";
import { TCP_ACK, TCP_RST } from "../packet/tcp.js";
import { readTcpError, rewriteTcpProbe, TCP_PROBE_BYTES_MAX, tcpCookie, tcpWish, writeTcpProbe } from "./tcp-probe.js";
import type { FrameTechnique } from "./technique.js";

const LANE = 1;

/** Shows that a host is there even where a simple packet filter drops SYNs; cannot tell open from closed. */
export const tcpAck: FrameTechnique = {
  kind: "frame",
  name: "tcp-ack",
  summary: "TCP ACK: shows what is not filtered, needs the right to send raw packets",
  sources: ["RFC 9293 §3.10.7.1", "nmap reference guide, -PA"],
  option: "-PA",
  outcomes: ["unfiltered", "filtered"],
  silence: "filtered",
  etherType: ETHER_TYPE_IPV4,
  lane: LANE,
  probeBytesMax: TCP_PROBE_BYTES_MAX,

  wants: (cookies) => tcpWish(cookies, LANE),

  /** The cookie stands in both numbers: an ICMP error quotes the first, a RST comes back with the second. */
  write(out, at, probe) {
    const cookie = tcpCookie(probe.cookies, LANE, probe.targetAddress, probe.targetPort, probe.tryIndex);
    return writeTcpProbe(out, at, probe, LANE, TCP_ACK, cookie >>> 0, false);
  },

  rewrite: (out, at, probe) => rewriteTcpProbe(out, at, probe, LANE, true),

  read(frame, cookies, answer) {
    if (frame.kind !== "tcp") return readTcpError(frame, cookies, LANE, answer);
    const { sourcePort, targetPort, sequence, flags } = frame.tcp;
    const tryIndex = cookies.tryOf(LANE, targetPort);
    if (tryIndex < 0 || (flags & TCP_RST) === 0) return false;
    if ((sequence | 0) !== tcpCookie(cookies, LANE, frame.ip.source, sourcePort, tryIndex)) return false;
    answer.outcome = "unfiltered";
    answer.reason = "reset";
    answer.address = frame.ip.source;
    answer.port = sourcePort;
    answer.tryIndex = tryIndex;
    answer.responder = 0;
    answer.ttl = frame.ip.ttl;
    return true;
  },
};
