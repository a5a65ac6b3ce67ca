// All techniques. The order is a technique's number inside one run, and the order in which they are asked whether a
// packet is theirs: ip-protocol, which takes what nobody else knows, comes last.
import { arp } from "./arp.js";
import { icmpAddressMask } from "./icmp-address-mask.js";
import { icmpEcho } from "./icmp-echo.js";
import { icmpTimestamp } from "./icmp-timestamp.js";
import { ipProtocol } from "./ip-protocol.js";
import { neighbourSolicitation } from "./neighbour-solicitation.js";
import { sctpCookieEcho } from "./sctp-cookie-echo.js";
import { sctpInit } from "./sctp-init.js";
import { tcpAck } from "./tcp-ack.js";
import { tcpConnect } from "./tcp-connect.js";
import { tcpFin } from "./tcp-fin.js";
import { tcpMaimon } from "./tcp-maimon.js";
import { tcpNull } from "./tcp-null.js";
import { tcpSyn } from "./tcp-syn.js";
import { tcpWindow } from "./tcp-window.js";
import { tcpXmas } from "./tcp-xmas.js";
import type { Technique } from "./technique.js";
import { udp } from "./udp.js";

/** Every technique that postern knows. */
export const TECHNIQUES: readonly Technique[] = [
  tcpSyn,
  tcpConnect,
  tcpAck,
  tcpWindow,
  tcpMaimon,
  tcpFin,
  tcpNull,
  tcpXmas,
  udp,
  sctpInit,
  sctpCookieEcho,
  icmpEcho,
  icmpTimestamp,
  icmpAddressMask,
  arp,
  neighbourSolicitation,
  ipProtocol,
];

/** The number of a technique within a run: its place in the list. */
export function numberOf(name: string): number {
  const number = TECHNIQUES.findIndex((technique) => technique.name === name);
  if (number < 0) throw new RangeError(`no technique is called ${name}`);
  return number;
}
