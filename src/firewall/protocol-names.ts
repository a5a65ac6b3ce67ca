// Protocols of IP by the names that people write in questions (IANA, "Assigned Internet Protocol Numbers").
const NUMBERS: ReadonlyMap<string, number> = new Map([
  ["icmp", 1],
  ["igmp", 2],
  ["tcp", 6],
  ["udp", 17],
  ["dccp", 33],
  ["gre", 47],
  ["esp", 50],
  ["ah", 51],
  ["icmpv6", 58],
  ["ipv6-icmp", 58],
  ["icmp6", 58],
  ["ospf", 89],
  ["vrrp", 112],
  ["sctp", 132],
  ["udplite", 136],
]);

/** The number of a protocol by its name, or by its number as text; undefined for neither. */
export function protocolNumber(text: string): number | undefined {
  if (/^\d{1,3}$/.test(text)) return Number(text) <= 255 ? Number(text) : undefined;
  return NUMBERS.get(text.toLowerCase());
}

/** The usual name of a protocol, or its number. */
export function protocolName(number: number): string {
  for (const [name, own] of NUMBERS) if (own === number) return name;
  return String(number);
}
