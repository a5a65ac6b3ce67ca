// The plan of a journal that anybody may have written, taken for a plan only if it is one in every part.
import { type DiscoveryProbe, PORT_TECHNIQUES, type ScanPlan, type Timing } from "../scan/plan.js";
import {
  type Check,
  hasShape,
  isBoolean,
  isCount,
  isListOf,
  isMaybe,
  isNumber,
  isOneOf,
  isText,
  isWithin,
} from "../store/check.js";
import { type Address, isZone } from "../target/address.js";
import { type AddressBlock, blockCount, tooLargeToWalk } from "../target/address-block.js";
import type { Fault } from "../target/fault.js";
import type { OctetForm } from "../target/octet-form.js";
import { IP_PROTOCOL_MAX, PORT_MAX, type PortRange, type PortSetData, type Protocol } from "../target/port-set.js";
import { maskBytes } from "../target/target-expression.js";
import type { TargetGroup, TargetSetData } from "../target/target-set.js";
import { LONG_PAYLOAD_BYTES_MAX } from "../technique/payload-notation.js";
import type { UdpPayloadRow, UdpPayloadsData } from "../technique/udp-payloads.js";
import { TRANSPORT_NAMES } from "./scan-settings.js";

const IPV4_COUNT = 2 ** 32;
const SOURCES_MAX = 1024;
const QUESTIONS_MAX = 1024;
const SHARDS_MAX = 65_536;

/** What a plan says, without what is never taken from a journal. */
type JournalPlan = Omit<ScanPlan, "scope" | "resume">;

const isIpv4Value = isWithin(0, IPV4_COUNT - 1);
const isPort = isWithin(0, PORT_MAX);
const isPorts = isListOf(isPort);
const isMaybeText = isMaybe(isText);
const isMaybeZone = isMaybe<string>((value): value is string => isText(value) && isZone(value));
const isNotNegative: Check<number> = (value): value is number => isNumber(value) && value >= 0;
const isPositive: Check<number> = (value): value is number => isNumber(value) && value > 0;
const isIpv6Bytes: Check<Uint8Array> = (value): value is Uint8Array =>
  value instanceof Uint8Array && value.length === 16;

/** Ranges from 0 to `max`: ascending, disjoint, at least one where `isNeeded`. */
function isRanges(max: number, isNeeded: boolean): Check<readonly PortRange[]> {
  const isBound = isWithin(0, max);
  return (value): value is readonly PortRange[] => {
    if (!Array.isArray(value) || (isNeeded && value.length === 0)) return false;
    let before = -1;
    for (const range of value) {
      if (!Array.isArray(range) || range.length !== 2) return false;
      const [first, last]: unknown[] = range;
      if (!isBound(first) || !isBound(last) || first <= before || last < first) return false;
      before = last;
    }
    return true;
  };
}

const isPortRanges = isRanges(PORT_MAX, false);
const isPortSet: Check<PortSetData> = hasShape<PortSetData>({
  tcp: isPortRanges,
  udp: isPortRanges,
  sctp: isPortRanges,
  ip: isRanges(IP_PROTOCOL_MAX, false),
});

const isOctet = isRanges(255, true);
const isOctetForm: Check<OctetForm> = (value): value is OctetForm =>
  Array.isArray(value) && value.length === 4 && value.every(isOctet);

type RangeBlock = Extract<AddressBlock, { kind: "ipv4-range" }>;
type PrefixBlock = Extract<AddressBlock, { kind: "ipv6-prefix" }>;

const isOctetBlock = hasShape<Extract<AddressBlock, { kind: "ipv4-octets" }>>({
  kind: isOneOf(["ipv4-octets"]),
  octets: isOctetForm,
});
const isRangeBlock = hasShape<RangeBlock>({
  kind: isOneOf(["ipv4-range"]),
  base: isIpv4Value,
  count: isWithin(1, IPV4_COUNT),
});
const isPrefixBlock = hasShape<Pick<PrefixBlock, "kind" | "bytes" | "prefix"> & { zone: string | undefined }>({
  kind: isOneOf(["ipv6-prefix"]),
  bytes: isIpv6Bytes,
  prefix: isWithin(0, 128),
  zone: isMaybeZone,
});

const isBlock: Check<AddressBlock> = (value): value is AddressBlock => {
  if (isRangeBlock(value)) return value.base + value.count <= IPV4_COUNT;
  if (!isPrefixBlock(value)) return isOctetBlock(value);
  const masked = value.bytes.slice();
  maskBytes(masked, value.prefix);
  return masked.every((byte, at) => byte === value.bytes[at]);
};

const isGroupShape = hasShape<{ [Key in keyof TargetGroup]-?: TargetGroup[Key] | undefined }>({
  block: isBlock,
  name: isMaybeText,
  otherAddresses: isMaybe(isListOf(isText)),
  ports: isMaybe(isPortSet),
});
const isGroup: Check<TargetGroup> = (value): value is TargetGroup =>
  isGroupShape(value) && value.block !== undefined && tooLargeToWalk(value.block) === undefined;

const isTargetsShape = hasShape<TargetSetData>({
  groups: isListOf(isGroup),
  excluded: isListOf(isBlock),
  defaultPorts: isPortSet,
});
const isTargets: Check<TargetSetData> = (value): value is TargetSetData =>
  isTargetsShape(value) && isCount(value.groups.reduce((sum, { block }) => sum + blockCount(block), 0));

const isIpv4Address = hasShape<Extract<Address, { family: 4 }>>({ family: isOneOf([4]), value: isIpv4Value });
const isIpv6Address = hasShape<{ family: 6; bytes: Uint8Array; zone: string | undefined }>({
  family: isOneOf([6]),
  bytes: isIpv6Bytes,
  zone: isMaybeZone,
});
const isAddress: Check<Address> = (value): value is Address => isIpv4Address(value) || isIpv6Address(value);

const isProbe: Check<DiscoveryProbe> = hasShape<DiscoveryProbe>({
  technique: isOneOf([
    "icmp-echo",
    "icmp-timestamp",
    "icmp-address-mask",
    "tcp-syn",
    "tcp-ack",
    "udp",
    "sctp-init",
    "ip-protocol",
    "tcp-connect",
  ]),
  ports: isPorts,
});
const isDiscovery: Check<readonly DiscoveryProbe[]> = (value): value is readonly DiscoveryProbe[] =>
  isListOf(isProbe)(value) && value.reduce((sum, { ports }) => sum + ports.length, 0) <= QUESTIONS_MAX;

const isMaybePositive = isMaybe(isPositive);
const isTiming: Check<Timing> = hasShape<Timing>({
  minRttTimeoutMs: isMaybePositive,
  maxRttTimeoutMs: isMaybePositive,
  initialRttTimeoutMs: isMaybePositive,
  maxRetries: isWithin(0, 15),
  hostTimeoutMs: isMaybePositive,
  scanDelayMs: isMaybe(isNotNegative),
  maxScanDelayMs: isMaybe(isNotNegative),
  minRatePps: isMaybePositive,
  maxRatePps: isMaybePositive,
  minParallelism: isMaybe(isWithin(1, PORT_MAX)),
  maxParallelism: isMaybe(isWithin(1, PORT_MAX)),
});

const isPayloads: Check<UdpPayloadsData> = hasShape<UdpPayloadsData>({
  rows: isListOf(
    hasShape<UdpPayloadRow>({
      name: isText,
      ports: isPorts,
      payload: (value): value is Uint8Array => value instanceof Uint8Array && value.length <= LONG_PAYLOAD_BYTES_MAX,
    }),
  ),
  isPrinterAllowed: isBoolean,
});

const isTechniques: Check<ScanPlan["techniques"]> = (value): value is ScanPlan["techniques"] =>
  isListOf(isOneOf([...PORT_TECHNIQUES, "tcp-auto"]))(value) &&
  value.length > 0 &&
  new Set(value).size === value.length;

const isShardShape = hasShape<NonNullable<ScanPlan["shard"]>>({
  index: isWithin(0, SHARDS_MAX - 1),
  count: isWithin(1, SHARDS_MAX),
});

const isLikelyShape = hasShape<Record<Protocol, readonly number[] | undefined>>({
  tcp: isMaybe(isPorts),
  udp: isMaybe(isPorts),
  sctp: isMaybe(isPorts),
  ip: isMaybe(isPorts),
});
const isLikelyPorts: Check<ScanPlan["likelyPorts"]> = (value): value is ScanPlan["likelyPorts"] => isLikelyShape(value);

const isPlan: Check<JournalPlan> = hasShape<JournalPlan>({
  targets: isTargets,
  targetTexts: isListOf(isText),
  techniques: isTechniques,
  scanFlags: isMaybe(isWithin(0, 255)),
  ping: isOneOf(["default", "none", "only", "list"]),
  discovery: isMaybe(isDiscovery),
  isLinkAsked: isBoolean,
  isResetIgnored: isMaybe(isBoolean),
  transport: isOneOf(TRANSPORT_NAMES),
  isPrivileged: isMaybe(isBoolean),
  likelyPorts: isLikelyPorts,
  isSequential: isBoolean,
  timing: isTiming,
  seed: isWithin(0, 0xffff_ffff),
  isDownReported: isBoolean,
  isSilenceOmitted: isBoolean,
  sourceAddresses: (value): value is readonly Address[] => isListOf(isAddress)(value) && value.length <= SOURCES_MAX,
  borrowCount: isWithin(0, SOURCES_MAX),
  udpPayloads: isPayloads,
  isIcmpRationDefeated: isBoolean,
  isResetRationDefeated: isBoolean,
  isTraced: isBoolean,
  shard: isMaybe<NonNullable<ScanPlan["shard"]>>(
    (value): value is NonNullable<ScanPlan["shard"]> => isShardShape(value) && value.index < value.count,
  ),
  isJournaled: isBoolean,
  isOwnOnly: isMaybe(isBoolean),
  isDirect: isMaybe(isBoolean),
});

/**
 * Takes a value for a plan if it is one. The scope is never taken from a journal: the plan allows nothing beyond what needs
 * no word.
 */
export function readPlan(value: unknown): ScanPlan | Fault {
  if (typeof value !== "object" || value === null) return { fault: "this is no plan" };
  const asked = Object.fromEntries(Object.entries(value).filter(([key]) => key !== "scope" && key !== "resume"));
  if (!isPlan(asked)) return { fault: "the plan has something in it that cannot be" };
  return { ...asked, scope: { own: [], authorized: [] }, resume: undefined };
}
