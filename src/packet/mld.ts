// Multicast listener discovery: RFC 3810 §5.1 (query), §9 (defaults), RFC 2710 §3 (types of version 1); every message
// travels behind a router alert in the hop-by-hop options: RFC 2711 §2.1.

import { writeUint8, writeUint16, writeUint32 } from "./bytes.js";
import { writeIcmpv6Head } from "./icmpv6.js";
import { IPV6_ADDRESS_BYTES } from "./ipv6.js";

const MAX_RESPONSE_AT = 4;
const GROUP_AT = 8;
const ROBUSTNESS_AT = 24;
const QUERY_INTERVAL_AT = 25;
const SOURCE_COUNT_AT = 26;
/** Defaults of RFC 3810 §9.1 and §9.2; listeners take these two over from the query, so any others would stay with them. */
const ROBUSTNESS = 2;
const QUERY_INTERVAL_S = 125;

const NEXT_HEADER_AT = 0;
const LENGTH_AT = 1;
const ROUTER_ALERT_AT = 2;
const PADDING_AT = 6;
const OPTION_ROUTER_ALERT = 5;
const OPTION_PADDING = 1;
/** Value of the router alert: the datagram is of MLD. */
const ALERT_MLD = 0;

/** ICMPv6 type: who listens to what? */
export const MLD_QUERY = 130;
/** ICMPv6 type: version 1's answer. */
export const MLD_REPORT = 131;
/** ICMPv6 type: version 2's answer. */
export const MLD_REPORT_V2 = 143;
/** Length of a general query of version 2, in bytes; 24 would be version 1, and listeners would change to that. */
export const MLD_QUERY_BYTES = 28;
/** Listeners spread their reports over this time after a query, in milliseconds. */
export const MLD_MAX_RESPONSE_MS = 1000;
/** Length of the hop-by-hop options with a router alert, in bytes. */
export const ROUTER_ALERT_BYTES = 8;

/** Whether an ICMPv6 message of this type tells that its sender is a listener, and so that it is there. */
export function isMldReport(type: number): boolean {
  return type === MLD_REPORT || type === MLD_REPORT_V2;
}

/** Writes a general query of version 2, to ff02::1 from a link-local address with hop limit 1, and returns its 28 bytes. */
export function writeMldQuery(addressSum: number, out: Uint8Array, at: number): number {
  writeUint16(out, at + MAX_RESPONSE_AT, MLD_MAX_RESPONSE_MS);
  out.fill(0, at + MAX_RESPONSE_AT + 2, at + GROUP_AT + IPV6_ADDRESS_BYTES);
  writeUint8(out, at + ROBUSTNESS_AT, ROBUSTNESS);
  writeUint8(out, at + QUERY_INTERVAL_AT, QUERY_INTERVAL_S);
  writeUint16(out, at + SOURCE_COUNT_AT, 0);
  return writeIcmpv6Head(MLD_QUERY, 0, MLD_QUERY_BYTES, addressSum, out, at);
}

/**
 * Writes hop-by-hop options with a router alert for MLD, without which listeners ignore a query (RFC 3810 §6.2), and
 * returns their 8 bytes. `nextHeader` is the protocol of what follows.
 */
export function writeRouterAlert(out: Uint8Array, at: number, nextHeader: number): number {
  writeUint8(out, at + NEXT_HEADER_AT, nextHeader);
  writeUint8(out, at + LENGTH_AT, 0);
  writeUint32(out, at + ROUTER_ALERT_AT, (OPTION_ROUTER_ALERT << 24) | (2 << 16) | ALERT_MLD);
  writeUint16(out, at + PADDING_AT, OPTION_PADDING << 8);
  return ROUTER_ALERT_BYTES;
}
