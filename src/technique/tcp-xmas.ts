// TCP Xmas: FIN, PSH and URG together, lit up like a tree. A closed port resets it, an open one drops it (RFC 9293
// §3.10.7.1, §3.10.7.2; nmap reference guide, -sX).
import { TCP_FIN, TCP_PSH, TCP_RST, TCP_URG } from "../packet/tcp.js";
import { tcpTechnique } from "./tcp-probe.js";
import type { FrameTechnique } from "./technique.js";

/** Passes packet filters that look for SYNs; Windows resets it from open ports, too. */
export const tcpXmas: FrameTechnique = tcpTechnique({
  name: "tcp-xmas",
  summary: "TCP Xmas: FIN, PSH and URG",
  sources: ["RFC 9293 §3.10.7", "nmap reference guide, -sX"],
  option: "-sX",
  outcomes: ["open|filtered", "closed", "filtered"],
  silence: "open|filtered",
  lane: 6,
  flags: TCP_FIN | TCP_PSH | TCP_URG,
  judge: ({ flags }) => ((flags & TCP_RST) !== 0 ? "closed" : undefined),
});
