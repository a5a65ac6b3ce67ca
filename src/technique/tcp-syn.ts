// TCP SYN, the half-open probe: a SYN-ACK means open, a RST closed (RFC 9293 §3.10.7; nmap reference guide, -sS).
import { TCP_ACK, TCP_RST, TCP_SYN } from "../packet/tcp.js";
import { tcpTechnique } from "./tcp-probe.js";
import type { FrameTechnique } from "./technique.js";

/**
 * Sends a SYN and reads what comes back; the connection is never completed. Our kernel, which knows of no such
 * connection, resets what a target opens, so nothing is left half-open there.
 */
export const tcpSyn: FrameTechnique = tcpTechnique({
  name: "tcp-syn",
  summary: "TCP SYN: half-open, needs the right to send raw packets",
  sources: ["RFC 9293 §3.10.7", "nmap reference guide, -sS"],
  option: "-sS",
  outcomes: ["open", "closed", "filtered"],
  silence: "filtered",
  lane: 0,
  flags: TCP_SYN,
  judge({ flags }) {
    if ((flags & TCP_RST) !== 0) return "closed";
    return (flags & (TCP_SYN | TCP_ACK)) === (TCP_SYN | TCP_ACK) ? "open" : undefined;
  },
});
