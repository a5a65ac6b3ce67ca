// ICMP echo, what ping(8) sends (RFC 792; nmap reference guide, -PE).
import { ETHER_TYPE_IPV4 } from "../packet/ethernet.js";
import { ICMP_ECHO, ICMP_ECHO_REPLY, ICMP_HEADER_BYTES, writeIcmpEcho } from "../packet/icmpv4.js";
import { IPV4_HEADER_BYTES } from "../packet/ipv4.js";
import { icmpCookie, readIcmpAnswer, writeIcmpHeader } from "./icmp-probe.js";
import type { FrameTechnique } from "./technique.js";
import { ERROR_TYPES } from "./unreachable.js";

const fields = { identifier: 0, sequence: 0 };

/** Asks a host whether it is there. */
export const icmpEcho: FrameTechnique = {
  kind: "frame",
  name: "icmp-echo",
  summary: "ICMP echo request",
  sources: ["RFC 792, Echo or Echo Reply Message", "nmap reference guide, -PE"],
  option: "-PE",
  outcomes: ["up", "down"],
  silence: "down",
  etherType: ETHER_TYPE_IPV4,
  lane: -1,
  probeBytesMax: IPV4_HEADER_BYTES + ICMP_HEADER_BYTES,

  wants: () => ({ kind: "icmpv4", types: [ICMP_ECHO_REPLY, ...ERROR_TYPES] }),

  write(out, at, probe) {
    const cookie = icmpCookie(probe.cookies, ICMP_ECHO, probe.targetAddress, probe.tryIndex);
    fields.identifier = cookie >>> 16;
    fields.sequence = cookie & 0xffff;
    return writeIcmpHeader(out, at, probe, writeIcmpEcho(fields, 0, out, at + IPV4_HEADER_BYTES));
  },

  rewrite: (out, at, probe) => icmpEcho.write(out, at, probe),

  read: (frame, cookies, answer) => readIcmpAnswer(frame, cookies, ICMP_ECHO, ICMP_ECHO_REPLY, "echo-reply", answer),
};
