// ICMP timestamp: some hosts that are told to ignore echo still answer it (RFC 792; nmap reference guide, -PP).
import { ICMP_TIMESTAMP, ICMP_TIMESTAMP_BYTES, ICMP_TIMESTAMP_REPLY, writeIcmpTimestamp } from "../packet/icmpv4.js";
import { icmpv4Query } from "./icmp-probe.js";
import type { FrameTechnique } from "./technique.js";

/** The time is left 0: a host that answers shows that it is there, whatever the time is. */
const fields = { identifier: 0, sequence: 0, originateMs: 0 };

/** Asks a host for its time of day. */
export const icmpTimestamp: FrameTechnique = icmpv4Query({
  name: "icmp-timestamp",
  summary: "ICMP timestamp request",
  sources: ["RFC 792, Timestamp or Timestamp Reply Message", "nmap reference guide, -PP"],
  option: "-PP",
  queryType: ICMP_TIMESTAMP,
  replyType: ICMP_TIMESTAMP_REPLY,
  reason: "timestamp-reply",
  messageBytes: ICMP_TIMESTAMP_BYTES,
  write(identifier, sequence, out, at) {
    fields.identifier = identifier;
    fields.sequence = sequence;
    return writeIcmpTimestamp(fields, out, at);
  },
});
