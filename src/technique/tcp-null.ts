// TCP null: no flag at all. A closed port resets it, an open one drops it (RFC 9293 §3.10.7.1, §3.10.7.2; nmap reference
// guide, -sN).
import { TCP_RST } from "../packet/tcp.js";
import { tcpTechnique } from "./tcp-probe.js";
import type { FrameTechnique } from "./technique.js";

/** Passes packet filters that look for SYNs; Windows resets it from open ports, too. */
export const tcpNull: FrameTechnique = tcpTechnique({
  name: "tcp-null",
  summary: "TCP null: no flag at all",
  sources: ["RFC 9293 §3.10.7", "nmap reference guide, -sN"],
  option: "-sN",
  outcomes: ["open|filtered", "closed", "filtered"],
  silence: "open|filtered",
  lane: 5,
  flags: 0,
  judge: ({ flags }) => ((flags & TCP_RST) !== 0 ? "closed" : undefined),
});
