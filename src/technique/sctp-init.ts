// SCTP INIT: the first of four messages. An INIT ACK means open, an ABORT closed (RFC 9260 §5.1, §8.4; nmap reference
// guide, -sY). The association is never completed.
import { PROTOCOL_SCTP, SCTP_ABORT, SCTP_INIT_ACK, SCTP_INIT_PACKET_BYTES, writeSctpInit } from "../packet/sctp.js";
import { HEADER_BYTES_MAX, markOf, writeHeader } from "./datagram.js";
import { fillSctpAnswer, readSctpError, sctpSalt, sctpTag, sctpTryOf, sctpWishes } from "./sctp-probe.js";
import type { FrameTechnique } from "./technique.js";

const LANE = 8;
const fields = { sourcePort: 0, targetPort: 0, initiateTag: 0, initialSequence: 0 };

/** Half-open, as a SYN is: what the target remembers of it is in the cookie that it sent (RFC 9260 §5.1.3). */
export const sctpInit: FrameTechnique = {
  kind: "frame",
  name: "sctp-init",
  summary: "SCTP INIT: half-open",
  sources: ["RFC 9260 §5.1", "nmap reference guide, -sY"],
  option: "-sY",
  protocol: "sctp",
  families: [4, 6],
  outcomes: ["open", "closed", "filtered"],
  silence: "filtered",
  layer: "network",
  lane: LANE,
  probeBytesMax: HEADER_BYTES_MAX + SCTP_INIT_PACKET_BYTES,

  wants: (cookies) => sctpWishes(cookies, LANE),

  write(out, at, probe) {
    const { cookies, targetKey, targetPort, tryIndex, family } = probe;
    fields.sourcePort = cookies.sourcePort(LANE, tryIndex);
    fields.targetPort = targetPort;
    fields.initiateTag = sctpTag(cookies, LANE, targetKey, targetPort, tryIndex);
    fields.initialSequence = fields.initiateTag;
    const mark = markOf(cookies, targetKey, targetPort, sctpSalt(LANE, tryIndex), family);
    const headerBytes = writeHeader(out, at, probe, PROTOCOL_SCTP, SCTP_INIT_PACKET_BYTES, mark);
    return headerBytes + writeSctpInit(fields, out, at + headerBytes);
  },

  rewrite: (out, at, probe) => sctpInit.write(out, at, probe),

  read(frame, cookies, answer) {
    if (frame.kind !== "sctp") return readSctpError(frame, cookies, LANE, true, answer);
    const { chunkType } = frame.sctp;
    if (chunkType !== SCTP_INIT_ACK && chunkType !== SCTP_ABORT) return false;
    const tryIndex = sctpTryOf(frame, cookies, LANE);
    if (tryIndex < 0) return false;
    answer.outcome = chunkType === SCTP_ABORT ? "closed" : "open";
    answer.reason = chunkType === SCTP_ABORT ? "abort" : "init-ack";
    fillSctpAnswer(frame, tryIndex, answer);
    return true;
  },
};
