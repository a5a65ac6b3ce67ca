// ICMP timestamp: some hosts that are told to ignore echo still answer it (RFC 792; nmap reference guide, -PP).
import { ETHER_TYPE_IPV4 } from "../packet/ethernet.js";
import { ICMP_TIMESTAMP, ICMP_TIMESTAMP_BYTES, ICMP_TIMESTAMP_REPLY, writeIcmpTimestamp } from "../packet/icmpv4.js";
import { IPV4_HEADER_BYTES } from "../packet/ipv4.js";
import { icmpCookie, readIcmpAnswer, writeIcmpHeader } from "./icmp-probe.js";
import type { FrameTechnique } from "./technique.js";
import { ERROR_TYPES } from "./unreachable.js";

/** The time is left 0: a host that answers shows that it is there, whatever the time is. */
const fields = { identifier: 0, sequence: 0, originateMs: 0 };

/** Asks a host for its time of day. */
export const icmpTimestamp: FrameTechnique = {
  kind: "frame",
  name: "icmp-timestamp",
  summary: "ICMP timestamp request",
  sources: ["RFC 792, Timestamp or Timestamp Reply Message", "nmap reference guide, -PP"],
  option: "-PP",
  outcomes: ["up", "down"],
  silence: "down",
  etherType: ETHER_TYPE_IPV4,
  lane: -1,
  probeBytesMax: IPV4_HEADER_BYTES + ICMP_TIMESTAMP_BYTES,

  wants: () => ({ kind: "icmpv4", types: [ICMP_TIMESTAMP_REPLY, ...ERROR_TYPES] }),

  write(out, at, probe) {
    const cookie = icmpCookie(probe.cookies, ICMP_TIMESTAMP, probe.targetAddress, probe.tryIndex);
    fields.identifier = cookie >>> 16;
    fields.sequence = cookie & 0xffff;
    return writeIcmpHeader(out, at, probe, writeIcmpTimestamp(fields, out, at + IPV4_HEADER_BYTES));
  },

  rewrite: (out, at, probe) => icmpTimestamp.write(out, at, probe),

  read: (frame, cookies, answer) =>
    readIcmpAnswer(frame, cookies, ICMP_TIMESTAMP, ICMP_TIMESTAMP_REPLY, "timestamp-reply", answer),
};
