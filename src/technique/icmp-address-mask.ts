// ICMP address mask: old and small systems answer it, current ones hardly ever (RFC 950 appendix I; RFC 6918 has retired
// it; nmap reference guide, -PM).
import {
  ICMP_ADDRESS_MASK,
  ICMP_ADDRESS_MASK_BYTES,
  ICMP_ADDRESS_MASK_REPLY,
  writeIcmpAddressMask,
} from "../packet/icmpv4.js";
import { PROTOCOL_ICMP } from "../packet/ipv4.js";
import { HEADER_BYTES_MAX, writeHeader } from "./datagram.js";
import { icmpCookie, icmpWishes, readIcmpAnswer } from "./icmp-probe.js";
import type { FrameTechnique } from "./technique.js";

/** Which mask is answered does not matter: who answers is there. */
const fields = { identifier: 0, sequence: 0 };

/** Asks a host for the mask of its network. */
export const icmpAddressMask: FrameTechnique = {
  kind: "frame",
  name: "icmp-address-mask",
  summary: "ICMP address mask request",
  sources: ["RFC 950 appendix I", "nmap reference guide, -PM"],
  option: "-PM",
  protocol: undefined,
  families: [4],
  outcomes: ["up", "down"],
  silence: "down",
  layer: "network",
  lane: -1,
  probeBytesMax: HEADER_BYTES_MAX + ICMP_ADDRESS_MASK_BYTES,

  wants: () => icmpWishes(ICMP_ADDRESS_MASK_REPLY),

  write(out, at, probe) {
    const cookie = icmpCookie(probe.cookies, ICMP_ADDRESS_MASK, probe.targetKey, probe.tryIndex);
    fields.identifier = cookie >>> 16;
    fields.sequence = cookie & 0xffff;
    const headerBytes = writeHeader(out, at, probe, PROTOCOL_ICMP, ICMP_ADDRESS_MASK_BYTES, 0);
    return headerBytes + writeIcmpAddressMask(fields, out, at + headerBytes);
  },

  rewrite: (out, at, probe) => icmpAddressMask.write(out, at, probe),

  read: (frame, cookies, answer) =>
    frame.family === 4 &&
    readIcmpAnswer(frame, cookies, ICMP_ADDRESS_MASK, ICMP_ADDRESS_MASK_REPLY, "addressmask-reply", answer),
};
