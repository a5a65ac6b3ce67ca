// A packet in the making: what the rules under test would like it to be, then what it must be to be a packet at all.
import type { TrackState } from "../../src/firewall/packet-question.js";
import type { Chance } from "./chance.js";
import type { PacketJson } from "./kernel-answer.js";

/** The JSON form of a packet, while it is put together. */
export interface PacketDraft {
  family: 4 | 6;
  dir: "in" | "out";
  iif?: string;
  src?: string;
  dst?: string;
  proto?: string;
  sport?: number;
  dport?: number;
  flags?: readonly string[];
  icmpType?: number;
  icmpCode?: number;
  ct?: TrackState;
  ctdir?: "original" | "reply";
  ttl?: number;
  dscp?: number;
}

/** Changes a draft so that a rule matches it, or just fails to. */
export type Aim = (draft: PacketDraft, chance: Chance) => void;

/** Addresses of the host itself (lab/topology.ts), and of others. */
export const OWN = {
  4: ["203.0.113.10", "203.0.113.11", "192.168.1.1", "172.17.0.1"],
  6: ["2001:db8:1::10", "2001:db8:2::1"],
} as const;
export const OTHERS = {
  4: [
    "198.51.100.7",
    "10.1.2.3",
    "10.255.255.255",
    "192.168.1.77",
    "172.17.0.5",
    "203.0.113.99",
    "9.9.9.9",
    "224.0.0.1",
  ],
  6: ["2001:db8:9::1", "2001:db8:1::99", "2001:db8:2::77", "2001:db8:ffff::5", "fe80::99", "ff02::1"],
} as const;
export const LINKS = ["eth0", "eth1", "docker0"] as const;

const PROTOCOLS = ["tcp", "tcp", "tcp", "udp", "udp", "icmp", "icmp", "47", "sctp", "50"] as const;
const NEW_TYPES = { 4: [8, 8, 13, 15], 6: [128] } as const;
const ERROR_TYPES = { 4: [3, 11], 6: [1, 3] } as const;
/** What can begin a connection: SYN, and with nf_conntrack_tcp_loose an ACK. */
const NEW_FLAGS = [
  ["syn"],
  ["syn"],
  ["syn"],
  ["syn"],
  ["syn", "ece", "cwr"],
  ["syn", "psh"],
  ["syn", "urg"],
  ["ack"],
] as const;
const OPEN_FLAGS = [["ack"], ["ack", "psh"], ["ack", "fin"], ["ack", "urg"]] as const;
const BAD_FLAGS = [
  ["fin"],
  ["syn", "fin"],
  ["syn", "rst"],
  [],
  ["syn", "ack"],
  ["rst"],
  ["fin", "psh", "urg"],
  ["fin", "ack"],
] as const;

/** Makes a draft whole: everything that is open is chosen, and what cannot be is put right. */
export function finishDraft(draft: PacketDraft, chance: Chance, id: number): PacketJson {
  const { family, dir } = draft;
  const proto = protocolOf(draft, chance);
  const dst = dir === "out" ? sentTo(draft, chance) : arrivingFor(draft, chance);
  const head = {
    id: String(id),
    dir,
    ...(dir === "out" ? {} : { iif: draft.iif ?? chance.pick(LINKS) }),
    src: dir === "out" ? ownSource(draft, chance) : otherSource(draft, chance),
    dst,
    proto: proto === "icmp" && family === 6 ? "icmpv6" : proto,
    ttl: draft.ttl ?? chance.pick([64, 64, 64, 255, 2, 1]),
    dscp: draft.dscp ?? chance.pick([0, 0, 0, 46, 10]),
  };
  // Nobody has a connection with a group.
  const isForMany = isGroup(dst) || dst.endsWith(".255");
  const track = chance.isIn(60) ? "new" : chance.pick(["new", "established", "related", "invalid"] as const);
  return { ...head, ...bodyOf({ ...draft, proto }, isForMany ? "new" : (draft.ct ?? track), chance, id) };
}

function isGroup(address: string): boolean {
  return /^(22[4-9]|23\d|ff)/.test(address);
}

function singles(family: 4 | 6): readonly string[] {
  return OTHERS[family].filter((address) => !isGroup(address));
}

function ownSource({ family, src }: PacketDraft, chance: Chance): string {
  const own: readonly string[] = OWN[family];
  return src !== undefined && own.includes(src) ? src : chance.pick(own);
}

function otherSource({ family, src }: PacketDraft, chance: Chance): string {
  const source = ofFamily(src, family, chance.pick(singles(family)));
  return isGroup(source) ? chance.pick(singles(family)) : source;
}

/** The host is in no other groups than these. */
function arrivingFor({ family, dst }: PacketDraft, chance: Chance): string {
  const other: readonly string[] = chance.isIn(60) ? OWN[family] : OTHERS[family];
  const wish = ofFamily(dst, family, chance.pick(other));
  if (!isGroup(wish)) return wish;
  return family === 4 ? "224.0.0.1" : "ff02::1";
}

/** What is sent to many goes twice through postrouting, and to a neighbour only with its link. */
function sentTo({ family, dst }: PacketDraft, chance: Chance): string {
  const other: readonly string[] = chance.isIn(40) ? OWN[family] : singles(family);
  const wish = ofFamily(dst, family, chance.pick(other));
  const isSpecial = isGroup(wish) || wish.startsWith("fe80") || wish.endsWith(".255");
  return isSpecial ? chance.pick(OWN[family]) : wish;
}

function ofFamily(address: string | undefined, family: 4 | 6, other: string): string {
  return address !== undefined && address.includes(":") === (family === 6) ? address : other;
}

function protocolOf(draft: PacketDraft, chance: Chance): string {
  const wanted = draft.proto ?? chance.pick(PROTOCOLS);
  return draft.ct === "related" ? "icmp" : wanted;
}

function bodyOf(draft: PacketDraft, wanted: TrackState, chance: Chance, id: number): PacketJson {
  const ports = {
    sport: draft.sport !== undefined && chance.isIn(50) ? draft.sport : 30_000 + id,
    dport: draft.dport ?? chance.pick([22, 80, 443, 53, 8080, 0, 65_535]),
  };
  const ctdir = draft.ctdir ?? chance.pick(["original", "reply"] as const);
  switch (draft.proto) {
    case "icmp":
      return icmpBody(draft, wanted, ctdir, chance);
    case "tcp":
      return { ...ports, ...tcpState(draft, wanted, ctdir, chance) };
    case "udp":
      return wanted === "established" ? { ...ports, ct: wanted, ctdir } : ports;
    case "sctp":
      return ports;
    default:
      return {};
  }
}

function tcpState(draft: PacketDraft, wanted: TrackState, ctdir: string, chance: Chance): PacketJson {
  if (wanted === "established") return { ct: wanted, ctdir, flags: chance.pick(OPEN_FLAGS) };
  if (wanted === "invalid") return { ct: wanted, flags: chance.pick(BAD_FLAGS) };
  const flags = draft.flags ?? chance.pick(NEW_FLAGS);
  return { flags, ...(canBegin(flags) ? {} : { ct: "invalid" }) };
}

/** tcp_error() and tcp_new() of nf_conntrack_proto_tcp.c, with nf_conntrack_tcp_loose. */
function canBegin(flags: readonly string[]): boolean {
  const rest = flags
    .filter((flag) => !["ece", "cwr", "psh"].includes(flag))
    .sort()
    .join();
  return ["syn", "syn,urg", "ack", "ack,urg"].includes(rest);
}

function icmpBody(draft: PacketDraft, wanted: TrackState, ctdir: string, chance: Chance): PacketJson {
  const { family } = draft;
  const icmp_code = draft.icmpCode ?? chance.pick([0, 0, 1, 3]);
  if (wanted === "related") return { icmp_type: chance.pick(ERROR_TYPES[family]), icmp_code, ct: wanted, ctdir };
  if (wanted === "established") {
    const [echo, reply] = family === 4 ? [8, 0] : [128, 129];
    return { icmp_type: ctdir === "reply" ? reply : echo, icmp_code: 0, ct: wanted, ctdir };
  }
  const isBeginning = chance.isIn(70);
  const type = draft.icmpType ?? chance.pick(isBeginning ? NEW_TYPES[family] : ERROR_TYPES[family]);
  return { icmp_type: type, icmp_code, ...icmpState(family, type) };
}

function icmpState(family: 4 | 6, type: number): PacketJson {
  if (family === 6 && isUntracked(type)) return { ct: "untracked" };
  const beginnings: readonly number[] = family === 4 ? [8, 13, 15, 17] : [128, 139];
  return beginnings.includes(type) ? {} : { ct: "invalid" };
}

/** Discovery of neighbours and groups is left alone (nf_conntrack_icmpv6_error()). */
function isUntracked(type: number): boolean {
  return (type >= 130 && type <= 137) || type === 143;
}
