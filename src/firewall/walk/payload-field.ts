// Fields of headers (nft(8), "PAYLOAD EXPRESSIONS"). A header that the packet has not breaks the rule.
import { BREAK, type FieldReader, UNKNOWN } from "./reading.js";
import { DCCP, ICMP, ICMPV6, SCTP, TCP, UDP, UDPLITE } from "./walk-state.js";

const NUMBERS: Readonly<Record<string, number>> = {
  tcp: TCP,
  udp: UDP,
  udplite: UDPLITE,
  sctp: SCTP,
  dccp: DCCP,
  icmp: ICMP,
  icmpv6: ICMPV6,
};

const IPV4_FIELDS: Readonly<Record<string, FieldReader>> = {
  version: () => 4,
  hdrlength: () => 5,
  dscp: ({ trafficClass }) => trafficClass >> 2,
  ecn: ({ trafficClass }) => trafficClass & 3,
  tos: ({ trafficClass }) => trafficClass,
  // Whole packets alone are asked about: of the flags, "do not fragment" is not told.
  ttl: ({ ttl }) => ttl,
  protocol: ({ protocol }) => protocol,
  saddr: ({ source }) => source,
  daddr: ({ destination }) => destination,
};

const IPV6_FIELDS: Readonly<Record<string, FieldReader>> = {
  version: () => 6,
  dscp: ({ trafficClass }) => trafficClass >> 2,
  ecn: ({ trafficClass }) => trafficClass & 3,
  tos: ({ trafficClass }) => trafficClass,
  nexthdr: ({ protocol }) => protocol,
  hoplimit: ({ ttl }) => ttl,
  saddr: ({ source }) => source,
  daddr: ({ destination }) => destination,
};

const ICMP_FIELDS: Readonly<Record<string, FieldReader>> = {
  type: ({ packet }) => packet.icmpType,
  code: ({ packet }) => packet.icmpCode,
};

const TRANSPORT_FIELDS: Readonly<Record<string, FieldReader>> = {
  sport: ({ sourcePort, isSourcePortOpen }) => (isSourcePortOpen ? UNKNOWN : sourcePort),
  dport: ({ destinationPort, isDestinationPortOpen }) => (isDestinationPortOpen ? UNKNOWN : destinationPort),
};

const TCP_FIELDS: Readonly<Record<string, FieldReader>> = {
  ...TRANSPORT_FIELDS,
  flags: ({ tcpFlags }) => tcpFlags,
};

/** The reader of a header's field. */
export function payloadReader(protocol: string, field: string): FieldReader {
  const clobber = `${protocol} ${field}`;
  const read = plainReader(protocol, field);
  return (state) => (state.clobbered.size > 0 && state.clobbered.has(clobber) ? UNKNOWN : read(state));
}

function plainReader(protocol: string, field: string): FieldReader {
  switch (protocol) {
    case "ip":
      return ofFamily(4, IPV4_FIELDS[field]);
    case "ip6":
      return ofFamily(6, IPV6_FIELDS[field]);
    case "th":
      return transport(TRANSPORT_FIELDS[field]);
    case "tcp":
      return ofProtocol(TCP, TCP_FIELDS[field]);
    case "icmp":
    case "icmpv6":
      return ofProtocol(NUMBERS[protocol] ?? BREAK, ICMP_FIELDS[field]);
    case "udp":
    case "udplite":
    case "sctp":
    case "dccp":
      return ofProtocol(NUMBERS[protocol] ?? BREAK, TRANSPORT_FIELDS[field]);
    case "ah":
      return ofProtocol(51, undefined);
    case "esp":
      return ofProtocol(50, undefined);
    case "comp":
      return ofProtocol(108, undefined);
    case "igmp":
      return ofProtocol(2, undefined);
    default:
      return () => UNKNOWN;
  }
}

function ofFamily(family: 4 | 6, read: FieldReader | undefined): FieldReader {
  return (state) => (state.family !== family ? BREAK : read === undefined ? UNKNOWN : read(state));
}

function ofProtocol(protocol: number, read: FieldReader | undefined): FieldReader {
  return (state) => (state.protocol !== protocol ? BREAK : read === undefined ? UNKNOWN : read(state));
}

function transport(read: FieldReader | undefined): FieldReader {
  return (state) => (state.hasPorts && read !== undefined ? read(state) : UNKNOWN);
}
