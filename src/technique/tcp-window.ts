// TCP window: an ACK like tcp-ack's, but the RST's window is looked at. Some systems send a window in RSTs from open ports
// and none in those from closed ones (nmap reference guide, -sW); most send none at all, and then it tells nothing.
import { TCP_ACK, TCP_RST } from "../packet/tcp.js";
import { tcpTechnique } from "./tcp-probe.js";
import type { FrameTechnique } from "./technique.js";

/** Believes the window of a RST; only as good as the target's TCP. */
export const tcpWindow: FrameTechnique = tcpTechnique({
  name: "tcp-window",
  summary: "TCP window: an ACK whose RST may tell open from closed on some systems",
  sources: ["RFC 9293 §3.10.7.1", "nmap reference guide, -sW"],
  option: "-sW",
  outcomes: ["open", "closed", "filtered"],
  silence: "filtered",
  lane: 2,
  flags: TCP_ACK,
  judge({ flags, window }) {
    if ((flags & TCP_RST) === 0) return undefined;
    return window > 0 ? "open" : "closed";
  },
});
