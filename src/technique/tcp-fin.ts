// TCP FIN without a connection: a closed port resets it, an open one drops it (RFC 9293 §3.10.7.1, §3.10.7.2; nmap
// reference guide, -sF).
import { TCP_FIN, TCP_RST } from "../packet/tcp.js";
import { tcpTechnique } from "./tcp-probe.js";
import type { FrameTechnique } from "./technique.js";

/** Passes packet filters that look for SYNs; Windows resets it from open ports, too. */
export const tcpFin: FrameTechnique = tcpTechnique({
  name: "tcp-fin",
  summary: "TCP FIN: passes filters that look for SYNs alone",
  sources: ["RFC 9293 §3.10.7", "nmap reference guide, -sF"],
  option: "-sF",
  outcomes: ["open|filtered", "closed", "filtered"],
  silence: "open|filtered",
  lane: 4,
  flags: TCP_FIN,
  judge: ({ flags }) => ((flags & TCP_RST) !== 0 ? "closed" : undefined),
});
