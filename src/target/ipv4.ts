// IPv4 addresses as text: the strict dotted quad of inet_pton (POSIX.1-2024), nothing of inet_aton's short, octal or
// hexadecimal forms, since two programs that read those differently would probe different machines.

const ZERO = 0x30;

/**
 * Reads a dotted quad as an unsigned 32 bit number in host order; `undefined` when it is none. Sets of a firewall have
 * hundreds of thousands of them: no regular expression, no pieces of text.
 */
export function parseIpv4(text: string): number | undefined {
  if (text.length > 15) return undefined;
  let value = 0;
  let start = 0;
  for (let dots = 0; dots < 4; dots++) {
    const dot = text.indexOf(".", start);
    const isLast = dots === 3;
    if (isLast !== dot < 0) return undefined;
    const end = isLast ? text.length : dot;
    const octet = readOctet(text, start, end);
    if (octet < 0) return undefined;
    value = value * 256 + octet;
    start = end + 1;
  }
  return value;
}

/** One to three digits, up to 255; -1 for anything else. A zero stands alone: 010 is eight to some programs. */
function readOctet(text: string, start: number, end: number): number {
  if (end === start || end - start > 3) return -1;
  if (end - start > 1 && text.charCodeAt(start) === ZERO) return -1;
  let octet = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    octet = octet * 10 + digit;
  }
  return octet <= 255 ? octet : -1;
}

/** Writes an unsigned 32 bit number in host order as a dotted quad. */
export function formatIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}
