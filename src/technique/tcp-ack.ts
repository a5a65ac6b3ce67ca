// TCP ACK out of nowhere: any host that gets it answers with a RST, whatever the port's state (RFC 9293 §3.10.7.1).
import { TCP_ACK, TCP_RST } from "../packet/tcp.js";
import { tcpTechnique } from "./tcp-probe.js";
import type { FrameTechnique } from "./technique.js";

/** Shows what a firewall lets through, and that a host is there where SYNs are dropped; cannot tell open from closed. */
export const tcpAck: FrameTechnique = tcpTechnique({
  name: "tcp-ack",
  summary: "TCP ACK: shows what is not filtered, needs the right to send raw packets",
  sources: ["RFC 9293 §3.10.7.1", "nmap reference guide, -sA"],
  option: "-sA",
  outcomes: ["unfiltered", "filtered"],
  silence: "filtered",
  lane: 1,
  flags: TCP_ACK,
  judge: ({ flags }) => ((flags & TCP_RST) !== 0 ? "unfiltered" : undefined),
});
