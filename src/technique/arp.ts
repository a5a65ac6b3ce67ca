// ARP: a neighbour on the same link cannot hide from it, and its link address is needed anyway (RFC 826; nmap
// reference guide, -PR). An ARP reply carries no cookie: that it comes from our own link and names an address that we
// asked for is all the proof there is, so it shows a host up and never decides a port.
import { ARP_BYTES, ARP_REPLY, ARP_REQUEST, writeArp } from "../packet/arp.js";
import { copyMac } from "../packet/ethernet.js";
import type { FrameTechnique } from "./technique.js";

const fields = {
  operation: ARP_REQUEST,
  senderMac: new Uint8Array(6),
  senderAddress: 0,
  targetMac: new Uint8Array(6),
  targetAddress: 0,
};

/** Asks the link who has an address. */
export const arp: FrameTechnique = {
  kind: "frame",
  name: "arp",
  summary: "ARP request, for neighbours on the same link",
  sources: ["RFC 826", "nmap reference guide, -PR"],
  option: "-PR",
  protocol: undefined,
  families: [4],
  outcomes: ["up", "down"],
  silence: "down",
  layer: "link",
  lane: -1,
  probeBytesMax: ARP_BYTES,

  wants: () => [{ kind: "arp-reply" }],

  write(out, at, probe) {
    copyMac(probe.sourceMac, 0, fields.senderMac, 0);
    fields.senderAddress = probe.sourceAddress;
    fields.targetAddress = probe.targetAddress;
    return writeArp(fields, out, at);
  },

  rewrite: (out, at, probe) => arp.write(out, at, probe),

  read(frame, _cookies, answer) {
    if (frame.kind !== "arp" || frame.arp.operation !== ARP_REPLY) return false;
    answer.outcome = "up";
    answer.reason = "arp-response";
    answer.key = frame.peerKey;
    answer.port = 0;
    answer.tryIndex = 0;
    answer.responder = undefined;
    answer.ttl = 0;
    answer.window = -1;
    copyMac(frame.arp.senderMac, 0, answer.mac, 0);
    return true;
  },
};
