// Protocols of IP by the names that people write in questions and that iptables-save prints: IANA, "Assigned Internet Protocol
// Numbers", and /etc/protocols (Debian's netbase 6.4), since iptables asks getprotobynumber(3).
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
  ["ip", 0],
  ["hopopt", 0],
  ["ggp", 3],
  ["ipencap", 4],
  ["ipv4", 4],
  ["st", 5],
  ["egp", 8],
  ["igp", 9],
  ["pup", 12],
  ["hmp", 20],
  ["xns-idp", 22],
  ["rdp", 27],
  ["iso-tp4", 29],
  ["xtp", 36],
  ["ddp", 37],
  ["idpr-cmtp", 38],
  ["ipv6", 41],
  ["ipv6-route", 43],
  ["ipv6-frag", 44],
  ["idrp", 45],
  ["rsvp", 46],
  ["ipv6-crypt", 50],
  ["ipv6-auth", 51],
  ["skip", 57],
  ["ipv6-nonxt", 59],
  ["ipv6-opts", 60],
  ["rspf", 73],
  ["vmtp", 81],
  ["eigrp", 88],
  ["ax.25", 93],
  ["ipip", 94],
  ["etherip", 97],
  ["encap", 98],
  ["pim", 103],
  ["ipcomp", 108],
  ["carp", 112],
  ["l2tp", 115],
  ["isis", 124],
  ["fc", 133],
  ["mh", 135],
  ["mobility-header", 135],
  ["ipv6-mh", 135],
  ["mpls-in-ip", 137],
  ["manet", 138],
  ["hip", 139],
  ["shim6", 140],
  ["wesp", 141],
  ["rohc", 142],
  ["ethernet", 143],
]);

/** The number of a protocol by its name, or by its number as text; undefined for neither. */
export function protocolNumber(text: string): number | undefined {
  if (/^\d{1,3}$/.test(text)) return Number(text) <= 255 ? Number(text) : undefined;
  return NUMBERS.get(text.toLowerCase());
}

/** Of several names of one number the first is the usual one. */
const NAMES: ReadonlyMap<number, string> = new Map([...NUMBERS].reverse().map(([name, number]) => [number, name]));

/** The usual name of a protocol, or its number. */
export function protocolName(number: number): string {
  return NAMES.get(number) ?? String(number);
}
