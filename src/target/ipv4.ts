// IPv4 addresses as text: the strict dotted quad of inet_pton (POSIX.1-2024), nothing of inet_aton's short, octal or
// hexadecimal forms, since two programs that read those differently would probe different machines.

const QUAD = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

/** Reads a dotted quad as an unsigned 32 bit number in host order; `undefined` when it is none. */
export function parseIpv4(text: string): number | undefined {
  const match = QUAD.exec(text);
  if (match === null) return undefined;
  let value = 0;
  for (let at = 1; at <= 4; at++) {
    const octet = Number(match[at]);
    if (octet > 255) return undefined;
    value = value * 256 + octet;
  }
  return value;
}

/** Writes an unsigned 32 bit number in host order as a dotted quad. */
export function formatIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}
