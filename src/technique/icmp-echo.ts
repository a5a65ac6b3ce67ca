// ICMP echo, the ping that everybody knows (RFC 792; RFC 1122 §3.2.2.6; RFC 4443 §4; nmap reference guide, -PE).
import { ICMP_ECHO, ICMP_ECHO_REPLY, ICMP_HEADER_BYTES, writeIcmpEcho } from "../packet/icmpv4.js";
import { ICMPV6_ECHO, ICMPV6_ECHO_REPLY, writeIcmpv6Echo } from "../packet/icmpv6.js";
import { PROTOCOL_ICMP } from "../packet/ipv4.js";
import { PROTOCOL_ICMPV6 } from "../packet/ipv6.js";
import { addressSumAt, HEADER_BYTES_MAX, traceMark, writeHeader } from "./datagram.js";
import { icmpCookie, icmpWishes, readIcmpAnswer } from "./icmp-probe.js";
import type { FrameTechnique } from "./technique.js";

const fields = { identifier: 0, sequence: 0 };

/** Asks a host whether it is there. */
export const icmpEcho: FrameTechnique = {
  kind: "frame",
  name: "icmp-echo",
  summary: "ICMP echo request",
  sources: ["RFC 792, Echo or Echo Reply Message", "RFC 4443 §4", "nmap reference guide, -PE"],
  option: "-PE",
  protocol: undefined,
  families: [4, 6],
  outcomes: ["up", "down"],
  silence: "down",
  layer: "network",
  lane: -1,
  probeBytesMax: HEADER_BYTES_MAX + ICMP_HEADER_BYTES,

  wants: () => icmpWishes(ICMP_ECHO_REPLY, ICMPV6_ECHO_REPLY),

  write(out, at, probe) {
    const isIpv6 = probe.family === 6;
    const type = isIpv6 ? ICMPV6_ECHO : ICMP_ECHO;
    const cookie = icmpCookie(probe.cookies, type, probe.targetKey, probe.tryIndex);
    fields.identifier = cookie >>> 16;
    fields.sequence = cookie & 0xffff;
    const protocol = isIpv6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP;
    const headerBytes = writeHeader(out, at, probe, protocol, ICMP_HEADER_BYTES, traceMark(probe));
    const icmpAt = at + headerBytes;
    const icmpBytes = isIpv6
      ? writeIcmpv6Echo(fields, 0, addressSumAt(out, at, 6), out, icmpAt)
      : writeIcmpEcho(fields, 0, out, icmpAt);
    return headerBytes + icmpBytes;
  },

  rewrite: (out, at, probe) => icmpEcho.write(out, at, probe),

  read: (frame, cookies, answer) =>
    frame.family === 6
      ? readIcmpAnswer(frame, cookies, ICMPV6_ECHO, ICMPV6_ECHO_REPLY, "echo-reply", answer)
      : readIcmpAnswer(frame, cookies, ICMP_ECHO, ICMP_ECHO_REPLY, "echo-reply", answer),
};
