// ICMP timestamp: some hosts that are told to ignore echo still answer it (RFC 792; nmap reference guide, -PP).
import { ICMP_TIMESTAMP, ICMP_TIMESTAMP_BYTES, ICMP_TIMESTAMP_REPLY, writeIcmpTimestamp } from "../packet/icmpv4.js";
import { PROTOCOL_ICMP } from "../packet/ipv4.js";
import { HEADER_BYTES_MAX, writeHeader } from "./datagram.js";
import { icmpCookie, icmpWishes, readIcmpAnswer } from "./icmp-probe.js";
import type { FrameTechnique } from "./technique.js";

/** The time is left 0: a host that answers shows that it is there, whatever the time is. */
const fields = { identifier: 0, sequence: 0, originateMs: 0 };

/** Asks a host for its time of day. */
export const icmpTimestamp: FrameTechnique = {
  kind: "frame",
  name: "icmp-timestamp",
  summary: "ICMP timestamp request",
  sources: ["RFC 792, Timestamp or Timestamp Reply Message", "nmap reference guide, -PP"],
  option: "-PP",
  protocol: undefined,
  families: [4],
  outcomes: ["up", "down"],
  silence: "down",
  layer: "network",
  lane: -1,
  probeBytesMax: HEADER_BYTES_MAX + ICMP_TIMESTAMP_BYTES,

  wants: () => icmpWishes(ICMP_TIMESTAMP_REPLY),

  write(out, at, probe) {
    const cookie = icmpCookie(probe.cookies, ICMP_TIMESTAMP, probe.targetKey, probe.tryIndex);
    fields.identifier = cookie >>> 16;
    fields.sequence = cookie & 0xffff;
    const headerBytes = writeHeader(out, at, probe, PROTOCOL_ICMP, ICMP_TIMESTAMP_BYTES, 0);
    return headerBytes + writeIcmpTimestamp(fields, out, at + headerBytes);
  },

  rewrite: (out, at, probe) => icmpTimestamp.write(out, at, probe),

  read: (frame, cookies, answer) =>
    frame.family === 4 &&
    readIcmpAnswer(frame, cookies, ICMP_TIMESTAMP, ICMP_TIMESTAMP_REPLY, "timestamp-reply", answer),
};
