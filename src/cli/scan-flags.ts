// The flags of --scanflags (nmap reference guide, Port Scanning Techniques; RFC 9293 §3.1, RFC 3168 §6.1).
import { TCP_ACK, TCP_CWR, TCP_ECE, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN, TCP_URG } from "../packet/tcp.js";
import { type Fault, quote } from "../target/fault.js";

const FLAGS: Readonly<Record<string, number>> = {
  FIN: TCP_FIN,
  SYN: TCP_SYN,
  RST: TCP_RST,
  PSH: TCP_PSH,
  ACK: TCP_ACK,
  URG: TCP_URG,
  ECE: TCP_ECE,
  CWR: TCP_CWR,
};
const NAME_CHARACTERS = 3;
const ALL = 0xff;

/** Reads `SYNFIN`, `ALL`, `NONE`, `9` or `0x29` as the byte of flags. */
export function parseScanFlags(text: string): number | Fault {
  const upper = text.toUpperCase();
  if (upper === "ALL") return ALL;
  if (upper === "NONE") return 0;
  if (/^(\d{1,3}|0X[0-9A-F]{1,2})$/.test(upper)) {
    const number = Number(upper.replace("X", "x"));
    return number <= ALL ? number : { fault: `the flags are a number from 0 to ${ALL}, not ${quote(text)}` };
  }
  let flags = 0;
  for (let at = 0; at < upper.length; at += NAME_CHARACTERS) {
    const flag = FLAGS[upper.slice(at, at + NAME_CHARACTERS)];
    if (flag === undefined) return { fault: `${quote(text)} is not made of ${Object.keys(FLAGS).join(", ")}` };
    flags |= flag;
  }
  return upper === "" ? { fault: "flags were expected, such as SYNFIN or 9" } : flags;
}
