// SCTP COOKIE ECHO without an association: an open port drops a cookie that it never gave, a closed one sends an ABORT
// (RFC 9260 §5.1.5, §8.4; nmap reference guide, -sZ).
import { PROTOCOL_SCTP, SCTP_ABORT, SCTP_HEADER_BYTES, writeSctpCookieEcho } from "../packet/sctp.js";
import { HEADER_BYTES_MAX, markOf, writeHeader } from "./datagram.js";
import { fillSctpAnswer, readSctpError, sctpSalt, sctpTag, sctpTryOf, sctpWishes } from "./sctp-probe.js";
import type { FrameTechnique } from "./technique.js";

const LANE = 9;
/** A cookie that no server has made; any length will do (RFC 9260 §3.3.11). */
const COOKIE = new Uint8Array(4);
const PACKET_BYTES: number = SCTP_HEADER_BYTES + 4 + COOKIE.length;
const fields = { sourcePort: 0, targetPort: 0, verificationTag: 0 };

/** Passes filters that look for INIT; cannot tell open from filtered. The ABORT reflects the tag (RFC 9260 §8.5.1). */
export const sctpCookieEcho: FrameTechnique = {
  kind: "frame",
  name: "sctp-cookie-echo",
  summary: "SCTP COOKIE ECHO: passes filters that look for INIT",
  sources: ["RFC 9260 §5.1.5", "nmap reference guide, -sZ"],
  option: "-sZ",
  protocol: "sctp",
  families: [4, 6],
  outcomes: ["open|filtered", "closed", "filtered"],
  silence: "open|filtered",
  layer: "network",
  lane: LANE,
  probeBytesMax: HEADER_BYTES_MAX + PACKET_BYTES,

  wants: (cookies) => sctpWishes(cookies, LANE),

  write(out, at, probe) {
    const { cookies, targetKey, targetPort, tryIndex, family } = probe;
    fields.sourcePort = cookies.sourcePort(LANE, tryIndex);
    fields.targetPort = targetPort;
    fields.verificationTag = sctpTag(cookies, LANE, targetKey, targetPort, tryIndex);
    const mark = markOf(cookies, targetKey, targetPort, sctpSalt(LANE, tryIndex), family);
    const headerBytes = writeHeader(out, at, probe, PROTOCOL_SCTP, PACKET_BYTES, mark);
    return headerBytes + writeSctpCookieEcho(fields, COOKIE, out, at + headerBytes);
  },

  rewrite: (out, at, probe) => sctpCookieEcho.write(out, at, probe),

  read(frame, cookies, answer) {
    if (frame.kind !== "sctp") return readSctpError(frame, cookies, LANE, false, answer);
    if (frame.sctp.chunkType !== SCTP_ABORT) return false;
    const tryIndex = sctpTryOf(frame, cookies, LANE);
    if (tryIndex < 0) return false;
    answer.outcome = "closed";
    answer.reason = "abort";
    fillSctpAnswer(frame, tryIndex, answer);
    return true;
  },
};
