// Which type each field of nftables has, and how many bits: `nft describe` of 1.0.6 and nft(8), "DATA TYPES", "PAYLOAD
// EXPRESSIONS", "META EXPRESSION TYPES", "CONNTRACK EXPRESSIONS".
import {
  BOOLEAN,
  type DataType,
  INTERFACE_INDEX,
  INTERFACE_NAME,
  IPV4,
  IPV6,
  MARK,
  numberType,
  PORT,
  PROTOCOL,
} from "./data-type.js";

function textType(name: string): DataType {
  return { name, bits: 0, form: "text" };
}

/** integer, of as many bits as the field has. */
export function integerType(bits: number): DataType {
  return numberType("integer", bits);
}

/** integer of a width that only the rules tell which use it: `nft -j` of 1.0.6 writes no more of a set's type. */
export const INTEGER_UNKNOWN: DataType = numberType("integer", 0);
/** string: names of helpers, operating systems, kinds of links. */
export const STRING: DataType = textType("string");

const TYPES: ReadonlyMap<string, DataType> = new Map(
  [
    INTEGER_UNKNOWN,
    STRING,
    BOOLEAN,
    IPV4,
    IPV6,
    PORT,
    PROTOCOL,
    MARK,
    INTERFACE_NAME,
    INTERFACE_INDEX,
    numberType("ether_addr", 48),
    numberType("ether_type", 16),
    numberType("arp_op", 16),
    numberType("icmp_type", 8),
    numberType("icmp_code", 8),
    numberType("icmpv6_type", 8),
    numberType("icmpv6_code", 8),
    numberType("icmpx_code", 8),
    numberType("igmp_type", 8),
    numberType("mh_type", 8),
    numberType("dccp_pkttype", 4),
    numberType("tcp_flag", 8),
    numberType("bitmask", 8),
    numberType("dscp", 6),
    numberType("ecn", 2),
    numberType("ct_state", 32),
    numberType("ct_status", 32),
    numberType("ct_dir", 8),
    numberType("ct_label", 128),
    numberType("ct_event", 32),
    numberType("pkt_type", 8),
    numberType("nf_proto", 8),
    numberType("fib_addrtype", 32),
    numberType("iface_type", 16),
    numberType("devgroup", 32),
    numberType("classid", 32),
    numberType("realm", 32),
    numberType("uid", 32),
    numberType("gid", 32),
    numberType("cgroupsv2", 64),
    numberType("time", 32),
    numberType("day", 8),
    numberType("hour", 32),
  ].map((type) => [type.name, type]),
);

/** A type by its name; `undefined` when nft has no such type. */
export function typeNamed(name: string): DataType | undefined {
  return TYPES.get(name);
}

/** "ipv4_addr", or a number of bits for an integer. */
type Kind = string | number;
type Fields = Readonly<Record<string, Kind>>;

const PORTS: Fields = { sport: "inet_service", dport: "inet_service" };

const PAYLOAD: Readonly<Record<string, Fields>> = {
  ether: { saddr: "ether_addr", daddr: "ether_addr", type: "ether_type" },
  vlan: { id: 12, dei: 1, cfi: 1, pcp: 3, type: "ether_type" },
  arp: {
    htype: 16,
    ptype: "ether_type",
    hlen: 8,
    plen: 8,
    operation: "arp_op",
    "saddr ip": "ipv4_addr",
    "saddr ether": "ether_addr",
    "daddr ip": "ipv4_addr",
    "daddr ether": "ether_addr",
  },
  ip: {
    version: 4,
    hdrlength: 4,
    dscp: "dscp",
    ecn: "ecn",
    length: 16,
    id: 16,
    "frag-off": 16,
    ttl: 8,
    protocol: "inet_proto",
    checksum: 16,
    saddr: "ipv4_addr",
    daddr: "ipv4_addr",
  },
  ip6: {
    version: 4,
    dscp: "dscp",
    ecn: "ecn",
    flowlabel: 20,
    length: 16,
    nexthdr: "inet_proto",
    hoplimit: 8,
    saddr: "ipv6_addr",
    daddr: "ipv6_addr",
  },
  icmp: { type: "icmp_type", code: "icmp_code", checksum: 16, id: 16, sequence: 16, gateway: 32, mtu: 16 },
  igmp: { type: "igmp_type", checksum: 16, mrt: 8, group: 32 },
  icmpv6: {
    type: "icmpv6_type",
    code: "icmpv6_code",
    checksum: 16,
    id: 16,
    sequence: 16,
    "parameter-problem": 32,
    mtu: 32,
    "packet-too-big": 32,
    "max-delay": 16,
  },
  tcp: {
    ...PORTS,
    sequence: 32,
    ackseq: 32,
    doff: 4,
    reserved: 4,
    flags: "tcp_flag",
    window: 16,
    checksum: 16,
    urgptr: 16,
  },
  udp: { ...PORTS, length: 16, checksum: 16 },
  udplite: { ...PORTS, checksum: 16, csumcov: 16 },
  sctp: { ...PORTS, vtag: 32, checksum: 32 },
  dccp: { ...PORTS, type: "dccp_pkttype" },
  th: PORTS,
  ah: { nexthdr: "inet_proto", hdrlength: 8, reserved: 16, spi: 32, sequence: 32 },
  esp: { spi: 32, sequence: 32 },
  comp: { nexthdr: "inet_proto", flags: "bitmask", cpi: 16 },
};

const META: Fields = {
  length: 32,
  protocol: "ether_type",
  priority: "classid",
  mark: "mark",
  iif: "iface_index",
  oif: "iface_index",
  iifname: "ifname",
  oifname: "ifname",
  iiftype: "iface_type",
  oiftype: "iface_type",
  skuid: "uid",
  skgid: "gid",
  nftrace: 1,
  rtclassid: "realm",
  secmark: 32,
  nfproto: "nf_proto",
  l4proto: "inet_proto",
  ibrname: "ifname",
  obrname: "ifname",
  pkttype: "pkt_type",
  cpu: 32,
  iifgroup: "devgroup",
  oifgroup: "devgroup",
  cgroup: 32,
  ipsec: "boolean",
  secpath: "boolean",
  iifkind: "string",
  oifkind: "string",
  ibrpvid: 16,
  ibrvproto: "ether_type",
  ibrhwaddr: "ether_addr",
  sdif: "iface_index",
  sdifname: "ifname",
};

const CT: Fields = {
  state: "ct_state",
  direction: "ct_dir",
  status: "ct_status",
  mark: "mark",
  expiration: "time",
  helper: "string",
  label: "ct_label",
  l3proto: "nf_proto",
  protocol: "inet_proto",
  "proto-src": "inet_service",
  "proto-dst": "inet_service",
  zone: 16,
  id: 32,
  bytes: 64,
  packets: 64,
  avgpkt: 64,
  event: "ct_event",
  secmark: 32,
};

const EXTENSION: Readonly<Record<string, Fields>> = {
  hbh: { nexthdr: "inet_proto", hdrlength: 8 },
  rt: { nexthdr: "inet_proto", hdrlength: 8, type: 8, "seg-left": 8 },
  rt0: { addr: "ipv6_addr", reserved: 32 },
  rt2: { addr: "ipv6_addr", reserved: 32 },
  srh: { flags: 8, "last-entry": 8, tag: 16, sid: "ipv6_addr" },
  frag: { nexthdr: "inet_proto", reserved: 8, "frag-off": 13, reserved2: 2, "more-fragments": 1, id: 32 },
  dst: { nexthdr: "inet_proto", hdrlength: 8 },
  mh: { nexthdr: "inet_proto", hdrlength: 8, type: "mh_type", reserved: 8, checksum: 16 },
};

/** Fields of TCP options; what follows "length" depends on the option. */
const TCP_OPTION: Fields = {
  kind: 8,
  length: 8,
  size: 16,
  count: 8,
  left: 32,
  right: 32,
  tsval: 32,
  tsecr: 32,
  subtype: 4,
};

const IP_OPTION: Fields = { type: 8, length: 8, ptr: 8, addr: 32, value: 16 };

const SCTP_CHUNK: Fields = {
  type: 8,
  flags: 8,
  length: 16,
  tsn: 32,
  stream: 16,
  ssn: 16,
  ppid: 32,
  "init-tag": 32,
  "a-rwnd": 32,
  "num-outbound-streams": 16,
  "num-inbound-streams": 16,
  "initial-tsn": 32,
  "cum-tsn-ack": 32,
  "num-gap-ack-blocks": 16,
  "num-dup-tsns": 16,
  "lowest-tsn": 32,
  seqno: 32,
  "new-cum-tsn": 32,
};

function table(fields: Fields): ReadonlyMap<string, DataType> {
  return new Map(
    Object.entries(fields).map(([name, kind]) => [
      name,
      typeof kind === "number" ? integerType(kind) : (TYPES.get(kind) ?? INTEGER_UNKNOWN),
    ]),
  );
}

function tables(protocols: Readonly<Record<string, Fields>>): ReadonlyMap<string, ReadonlyMap<string, DataType>> {
  return new Map(Object.entries(protocols).map(([name, fields]) => [name, table(fields)]));
}

/** Types of the fields of each header. */
export const PAYLOAD_TYPES: ReadonlyMap<string, ReadonlyMap<string, DataType>> = tables(PAYLOAD);
const EXTENSION_TYPES = tables(EXTENSION);
/** Types of what the kernel knows of a packet. */
export const META_TYPES: ReadonlyMap<string, DataType> = table(META);
const CT_TYPES = table(CT);
const TCP_OPTION_TYPES = table(TCP_OPTION);
const IP_OPTION_TYPES = table(IP_OPTION);
const SCTP_CHUNK_TYPES = table(SCTP_CHUNK);

/** Type of a header's field; `undefined` when that header has no such field. */
export function payloadType(protocol: string, field: string): DataType | undefined {
  return PAYLOAD_TYPES.get(protocol)?.get(field);
}

/** True for a header that has fields here. */
export function isPayloadProtocol(protocol: string): boolean {
  return PAYLOAD_TYPES.has(protocol);
}

/** Type of `meta KEY`. */
export function metaType(key: string): DataType | undefined {
  return META_TYPES.get(key);
}

/** Type of `ct KEY`, without the addresses. */
export function ctType(key: string): DataType | undefined {
  return CT_TYPES.get(key);
}

/** Type of a field of one of IPv6's extension headers. */
export function extensionType(name: string, field: string): DataType | undefined {
  return EXTENSION_TYPES.get(name)?.get(field);
}

/** True for the name of one of IPv6's extension headers. */
export function isExtensionHeader(name: string): boolean {
  return EXTENSION_TYPES.has(name);
}

/** Type of a field of one of TCP's options. */
export function tcpOptionType(field: string): DataType | undefined {
  return TCP_OPTION_TYPES.get(field);
}

/** Type of a field of one of IPv4's options. */
export function ipOptionType(field: string): DataType | undefined {
  return IP_OPTION_TYPES.get(field);
}

/** Type of a field of a chunk of SCTP. */
export function sctpChunkType(field: string): DataType | undefined {
  return SCTP_CHUNK_TYPES.get(field);
}
