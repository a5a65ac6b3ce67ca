// TCP Maimon: FIN and ACK together. RFC 9293 wants a RST in any case; BSD systems of old drop it on open ports
// (Uriel Maimon, Phrack 49, article 15; nmap reference guide, -sM).
import { TCP_ACK, TCP_FIN, TCP_RST } from "../packet/tcp.js";
import { tcpTechnique } from "./tcp-probe.js";
import type { FrameTechnique } from "./technique.js";

/** Tells open from closed on few systems only: most reset whatever the port's state. */
export const tcpMaimon: FrameTechnique = tcpTechnique({
  name: "tcp-maimon",
  summary: "TCP Maimon: FIN and ACK, ignored by open ports of some BSD systems",
  sources: ["RFC 9293 §3.10.7", "nmap reference guide, -sM"],
  option: "-sM",
  outcomes: ["open|filtered", "closed", "filtered"],
  silence: "open|filtered",
  lane: 3,
  flags: TCP_FIN | TCP_ACK,
  judge: ({ flags }) => ((flags & TCP_RST) !== 0 ? "closed" : undefined),
});
