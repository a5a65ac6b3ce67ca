// What a user names on the command line or in a list: nmap's target grammar (nmap reference guide, "Target
// specification") and `host:ports`. Names follow RFC 1123 §2.1; bracketed IPv6 and its ports RFC 3986 §3.2.
import { isZone } from "./address.js";
import { type Fault, isFault, quote } from "./fault.js";
import { parseIpv4 } from "./ipv4.js";
import { parseIpv6 } from "./ipv6.js";
import { type OctetForm, parseOctetForm, widenOctetForm } from "./octet-form.js";

/** A pattern of IPv4 octets: `10.0-255.1,3-5.*`. */
export interface Ipv4Target {
  readonly kind: "ipv4";
  readonly octets: OctetForm;
  readonly ports?: string;
}

/** One IPv4 address (prefix 32) or a block, `base` being its first address. */
export interface Ipv4BlockTarget {
  readonly kind: "ipv4-block";
  readonly base: number;
  readonly prefix: number;
  readonly ports?: string;
}

/** One IPv6 address (prefix 128) or a block, `bytes` being its first address. */
export interface Ipv6BlockTarget {
  readonly kind: "ipv6-block";
  readonly bytes: Uint8Array;
  readonly prefix: number;
  readonly zone?: string;
  readonly ports?: string;
}

/** A name to be resolved, and the block around its address when there is a prefix. */
export interface NameTarget {
  readonly kind: "name";
  readonly name: string;
  readonly prefix?: number;
  readonly ports?: string;
}

/** A target as it was written; `ports` is the text behind the colon, for `parsePorts`. */
export type TargetExpression = Ipv4Target | Ipv4BlockTarget | Ipv6BlockTarget | NameTarget;

/** Reads one target. */
export function parseTarget(text: string): TargetExpression | Fault {
  if (text === "") return { fault: "the target is empty" };
  if (/[^\x21-\x7e]/.test(text)) return { fault: oddCharacterFault(text) };
  if (text.includes("://")) return { fault: `${quote(text)} is a URL: write the host alone, or host:port` };
  if (text.startsWith("[")) return parseBracketed(text);
  const colon = text.indexOf(":");
  if (colon !== text.lastIndexOf(":") || text.includes("%")) {
    const address = parseIpv6Block(text);
    if (!isFault(address) || looksLikeIpv6(text)) return address;
  }
  if (colon < 0) return parseHost(text);
  if (colon === 0) return { fault: `${quote(text)} has no host before the colon` };
  const host = parseHost(text.slice(0, colon));
  return isFault(host) ? host : withPorts(host, text, text.slice(colon + 1));
}

function oddCharacterFault(text: string): string {
  if (/\s/.test(text)) return `${quote(text)} has a blank in it: one target was expected`;
  return `${quote(text)} has characters that no target has; write the xn-- form of an international name`;
}

function withPorts<Host extends TargetExpression>(host: Host, text: string, ports: string): Host | Fault {
  return ports === "" ? { fault: `${quote(text)} has no port behind the colon` } : { ...host, ports };
}

/** True for what was meant as IPv6 although it is none: a zone, or nothing but hexadecimal groups from the start. */
function looksLikeIpv6(text: string): boolean {
  return text.includes("%") || /^[0-9a-f]{0,4}:[0-9a-f:.*,/-]*$/i.test(text);
}

function parseBracketed(text: string): TargetExpression | Fault {
  const end = text.indexOf("]");
  if (end < 0) return { fault: `${quote(text)} has no ] behind the address` };
  const match = /^(\/[^:]*)?(?::(.*))?$/.exec(text.slice(end + 1));
  if (match === null) return { fault: `${quote(text)}: behind the ] only a /prefix or a :port was expected` };
  const address = parseIpv6Block(text.slice(1, end) + (match[1] ?? ""));
  if (isFault(address)) return address;
  return match[2] === undefined ? address : withPorts(address, text, match[2]);
}

/** Reads `address`, `address%zone` and either with `/prefix`; the zone comes before the prefix (RFC 4007 §11.7). */
function parseIpv6Block(text: string): Ipv6BlockTarget | Fault {
  const [whole = "", prefixText, ...more] = text.split("/");
  const [addressText = "", zone, ...zones] = whole.split("%");
  if (/[*,-]/.test(addressText)) {
    return { fault: `${quote(text)}: IPv6 has no patterns, write single addresses or a block such as 2001:db8::/120` };
  }
  const bytes = parseIpv6(addressText);
  if (bytes === undefined || more.length > 0) return { fault: notIpv6(text) };
  if (zones.length > 0 || (zone !== undefined && !isZone(zone))) {
    return { fault: `${quote(text)}: behind the % the name of an interface was expected` };
  }
  const prefix = prefixText === undefined ? 128 : parsePrefix(prefixText, 128);
  if (isFault(prefix)) return { fault: `${quote(text)}: ${prefix.fault}` };
  maskBytes(bytes, prefix);
  return zone === undefined ? { kind: "ipv6-block", bytes, prefix } : { kind: "ipv6-block", bytes, prefix, zone };
}

function notIpv6(text: string): string {
  return `${quote(text)} is not an IPv6 address; with a port it is written [address]:port`;
}

function parsePrefix(text: string, most: number): number | Fault {
  const prefix = /^\d{1,3}$/.test(text) ? Number(text) : most + 1;
  return prefix <= most ? prefix : { fault: `the prefix length is a number from 0 to ${most}, not ${quote(text)}` };
}

/** Sets the bits behind the prefix to zero, in place. */
export function maskBytes(bytes: Uint8Array, prefix: number): void {
  for (let at = 0; at < bytes.length; at++) {
    const kept = Math.min(8, Math.max(0, prefix - at * 8));
    bytes[at] = (bytes[at] ?? 0) & (0xff00 >> kept) & 0xff;
  }
}

/** Reads what stands before the colon, or all of it: IPv4 in any form, or a name. */
function parseHost(text: string): TargetExpression | Fault {
  const [host = "", prefixText, ...more] = text.split("/");
  if (more.length > 0) return { fault: `${quote(text)} has more than one /` };
  const isNumeric = /^[\d.*,-]+$/.test(host);
  const prefix = prefixText === undefined ? undefined : parsePrefix(prefixText, isNumeric ? 32 : 128);
  if (isFault(prefix)) return { fault: `${quote(text)}: ${prefix.fault}` };
  if (isNumeric) return parseIpv4Host(host, prefix ?? 32);
  const complaint = nameComplaint(host);
  if (complaint !== undefined) return { fault: `${quote(text)}: ${complaint}` };
  return prefix === undefined ? { kind: "name", name: host } : { kind: "name", name: host, prefix };
}

function parseIpv4Host(host: string, prefix: number): Ipv4Target | Ipv4BlockTarget | Fault {
  const value = parseIpv4(host);
  if (value === undefined) {
    const octets = parseOctetForm(host);
    return isFault(octets) ? octets : { kind: "ipv4", octets: widenOctetForm(octets, prefix) };
  }
  const size = 2 ** (32 - prefix);
  return { kind: "ipv4-block", base: Math.floor(value / size) * size, prefix };
}

/** What is wrong with a host name; underscores are let through, since many hosts have one. */
function nameComplaint(name: string): string | undefined {
  const bare = name.endsWith(".") ? name.slice(0, -1) : name;
  if (bare.length > 253) return "a name has at most 253 characters";
  const labels = bare.split(".");
  for (const label of labels) {
    if (label === "") return "a name or an address was expected";
    if (label.length > 63) return "each part of a name has at most 63 characters";
    if (!/^[A-Za-z0-9_-]+$/.test(label)) return "a name has letters, digits, hyphens and dots only";
    if (label.startsWith("-") || label.endsWith("-")) return "no part of a name begins or ends with a hyphen";
  }
  // Resolvers read such names as addresses (RFC 1123 §2.1, inet_aton), each in its own way.
  const isNumber = /^(\d+|0x[0-9a-f]*)$/i.test(labels.at(-1) ?? "");
  return isNumber ? "the last part of a name is no number, and this is no IPv4 address" : undefined;
}
