// The wiring of the lab as pure text: which namespaces there are, and the script that sets each of them up.
import { chainText, lossLines, ruleLines } from "./filter.js";
import type { HostSpec } from "./hosts.js";

/** How the scanner and the hosts hang together. */
export type Topology = "neighbour" | "routed" | "void" | "wan" | "firewall";

/** Packets lost at random, of a thousand, on the way to the hosts and on the way back. */
export interface Loss {
  readonly toHosts: number;
  readonly toScanner: number;
}

/** A host with its addresses. */
export interface PlacedHost {
  readonly spec: HostSpec;
  readonly ipv4: string;
  readonly ipv6: string;
}

/** What {@link planLab} needs to know. */
export interface PlanInput {
  readonly topology: Topology;
  readonly hosts: readonly HostSpec[];
  readonly loss: Loss;
  /** True leaves the kernel's limits on ICMP errors as they are. */
  readonly hasIcmpLimits: boolean;
  readonly hasIpv6: boolean;
  /** What lies behind the router; only in the wan lab. */
  readonly prefixes: readonly string[];
  /** The full name of a namespace, from its short one. */
  readonly fullName: (short: string) => string;
}

/** All that has to be made: namespaces, then the links from inside one of them, then each namespace by itself. */
export interface LabPlan {
  readonly hosts: readonly PlacedHost[];
  /** Short names. */
  readonly namespaces: readonly string[];
  readonly wiring: { readonly namespace: string; readonly script: string };
  readonly setups: readonly { readonly namespace: string; readonly script: string }[];
}

/** The scanner's own addresses. */
export const SCANNER_ADDRESSES = { ipv4: "10.9.0.1", ipv6: "fd00:9::1" } as const;

const OUTSIDE = { ipv4: "10.9.0.254", ipv6: "fd00:9::254" } as const;
const INSIDE = { ipv4: "10.10.0.254", ipv6: "fd00:10::254" } as const;

/** The router's addresses: towards the scanner and towards the hosts. */
export const ROUTER_ADDRESSES: {
  readonly outside: { readonly ipv4: string; readonly ipv6: string };
  readonly inside: { readonly ipv4: string; readonly ipv6: string };
} = { outside: OUTSIDE, inside: INSIDE };

/** The scanner's link in the wan lab, a TAP device. */
export const WAN_DEVICE = "eth0";

/** The router's link address in the wan lab: locally administered, so of no vendor. */
export const ROUTER_MAC_TEXT = "02:00:00:00:0a:fe";

/** More packets than a burst has: what the link drops, the responder behind it decides and not this queue. */
const WAN_QUEUE_FRAMES = 32_768;

/** The kernel limits ICMP errors (RFC 1812 §4.3.2.8), which makes the truth depend on speed: off unless asked for. */
const NO_ICMP_LIMITS = [
  ["ipv4/icmp_ratemask", "0"],
  ["ipv4/icmp_ratelimit", "0"],
  ["ipv6/icmp/ratelimit", "0"],
] as const;

/** Duplicate address detection would keep addresses unusable for a second; the links are there already. */
const COMMON = [
  ["ipv6/conf/*/accept_dad", "0"],
  ["ipv6/conf/*/accept_ra", "0"],
] as const;

const FORWARDING = [
  ["ipv4/ip_forward", "1"],
  ["ipv6/conf/all/forwarding", "1"],
] as const;

interface Setup {
  readonly settings: readonly (readonly [string, string])[];
  readonly ip: readonly string[];
  readonly chains: readonly string[];
}

/** One script: settings that may be missing, then links, addresses and routes, then the firewall. */
function scriptOf(setup: Setup, input: PlanInput): string {
  const settings = [...(input.hasIcmpLimits ? [] : NO_ICMP_LIMITS), ...COMMON, ...setup.settings];
  const ip = input.hasIpv6 ? setup.ip : setup.ip.filter((line) => !line.includes("fd00:"));
  const parts = [
    ...settings.map(([name, value]) => `for f in /proc/sys/net/${name}; do echo ${value} 2>/dev/null >$f || :; done`),
    batch(["link set lo up", ...ip]),
  ];
  if (setup.chains.length > 0) parts.push("nft -f - <<'END'", "table inet lab {", ...setup.chains, "}", "END");
  return parts.join("\n");
}

function batch(lines: readonly string[]): string {
  return ["ip -batch - <<'END'", ...lines, "END"].join("\n");
}

/** The host's own firewall. */
function inputChain(spec: HostSpec): string[] {
  const lines = ruleLines(spec.rules ?? []);
  if (spec.isSilentToPing) lines.push("icmp type echo-request drop", "icmpv6 type echo-request drop");
  return lines.length === 0 ? [] : [chainText("input", "input", 0, lines)];
}

function addressLines(device: string, ipv4: string, bits: number, ipv6: string): string[] {
  return [`link set ${device} up`, `addr add ${ipv4}/${bits} dev ${device}`, `addr add ${ipv6}/64 dev ${device} nodad`];
}

/** Scanner and one host on one Ethernet link, 10.9.0.0/16 and fd00:9::/64. */
function planNeighbour(input: PlanInput): LabPlan {
  const [spec, ...more] = input.hosts;
  if (spec === undefined || more.length > 0) throw new Error("lab: the neighbour lab has exactly one host");
  const placed = { spec, ipv4: "10.9.0.2", ipv6: "fd00:9::2" };
  const chains = inputChain(spec);
  const arriving = lossLines(input.loss.toHosts, 'iifname "eth0"');
  const leaving = lossLines(input.loss.toScanner, 'oifname "eth0"');
  if (arriving.length > 0) chains.push(chainText("loss_in", "prerouting", -300, arriving));
  if (leaving.length > 0) chains.push(chainText("loss_out", "postrouting", 300, leaving));
  if (spec.swallows !== undefined) {
    const line = `ip daddr ${spec.swallows} ip daddr != 10.9.0.0/16 drop`;
    chains.push(chainText("swallow", "prerouting", -310, [line]));
  }
  const hostIp = addressLines("eth0", placed.ipv4, 16, placed.ipv6);
  if (spec.answersFor !== undefined) hostIp.push(`route add local ${spec.answersFor} dev lo`);
  const scannerIp = addressLines("eth0", SCANNER_ADDRESSES.ipv4, 16, SCANNER_ADDRESSES.ipv6);
  const beyond = [spec.answersFor, spec.swallows].filter((prefix) => prefix !== undefined);
  scannerIp.push(...beyond.map((prefix) => `route add ${prefix} via ${placed.ipv4}`));
  return {
    hosts: [placed],
    namespaces: ["scanner", spec.name],
    wiring: {
      namespace: "scanner",
      script: batch([`link add eth0 type veth peer name eth0 netns ${input.fullName(spec.name)}`]),
    },
    setups: [
      { namespace: "scanner", script: scriptOf({ settings: [], ip: scannerIp, chains: [] }, input) },
      { namespace: spec.name, script: scriptOf({ settings: [], ip: hostIp, chains }, input) },
    ],
  };
}

function routerSetup(hosts: readonly PlacedHost[], input: PlanInput): Setup {
  const forward = hosts.flatMap((host) => ruleLines(host.spec.routerRules ?? [], host));
  const lost = [
    ...lossLines(input.loss.toHosts, 'iifname "outside"'),
    ...lossLines(input.loss.toScanner, 'iifname "inside"'),
  ];
  const chains = forward.length === 0 ? [] : [chainText("forward", "forward", 0, forward)];
  if (lost.length > 0) chains.push(chainText("loss", "prerouting", -300, lost));
  const ports = hosts.filter((host) => !host.spec.isDown).map((host) => `link set to-${host.spec.name} up`);
  const ip = [
    ...addressLines("outside", OUTSIDE.ipv4, 16, OUTSIDE.ipv6),
    ...addressLines("inside", INSIDE.ipv4, 16, INSIDE.ipv6),
    ...ports,
  ];
  return { settings: FORWARDING, ip, chains };
}

/** Scanner, router with a firewall, and the hosts on a bridge behind it: 10.10.0.0/16 and fd00:10::/64. */
function planRouted(input: PlanInput): LabPlan {
  const hosts = input.hosts.map((spec, index) => ({
    spec,
    ipv4: `10.10.0.${10 + index}`,
    ipv6: `fd00:10::${10 + index}`,
  }));
  const up = hosts.filter((host) => !host.spec.isDown);
  const links = up.flatMap(({ spec }) => [
    `link add to-${spec.name} type veth peer name eth0 netns ${input.fullName(spec.name)}`,
    `link set to-${spec.name} master inside`,
  ]);
  const scannerIp = [
    ...addressLines("eth0", SCANNER_ADDRESSES.ipv4, 16, SCANNER_ADDRESSES.ipv6),
    `route add 10.10.0.0/16 via ${OUTSIDE.ipv4}`,
    `route add fd00:10::/64 via ${OUTSIDE.ipv6}`,
  ];
  const hostIp = ({ ipv4, ipv6 }: PlacedHost) => [
    ...addressLines("eth0", ipv4, 16, ipv6),
    `route add 10.9.0.0/16 via ${INSIDE.ipv4}`,
    `route add fd00:9::/64 via ${INSIDE.ipv6}`,
  ];
  return {
    hosts,
    namespaces: ["scanner", "router", ...up.map((host) => host.spec.name)],
    wiring: {
      namespace: "router",
      script: batch([
        "link add inside type bridge",
        `link add outside type veth peer name eth0 netns ${input.fullName("scanner")}`,
        ...links,
      ]),
    },
    setups: [
      { namespace: "scanner", script: scriptOf({ settings: [], ip: scannerIp, chains: [] }, input) },
      { namespace: "router", script: scriptOf(routerSetup(hosts, input), input) },
      ...up.map((host) => ({
        namespace: host.spec.name,
        script: scriptOf({ settings: [], ip: hostIp(host), chains: inputChain(host.spec) }, input),
      })),
    ],
  };
}

/** A scanner with all of 10.0.0.0/8 on its link, and nothing there: no neighbour is asked for, and none answers. */
function planVoid(input: PlanInput): LabPlan {
  const settings = [["ipv6/conf/eth0/disable_ipv6", "1"]] as const; // else both ends talk by themselves
  const noArp = "link set eth0 arp off up";
  const scannerIp = [noArp, "addr add 10.0.0.1/8 dev eth0"];
  return {
    hosts: [],
    namespaces: ["scanner", "nothing"],
    wiring: {
      namespace: "scanner",
      script: batch([`link add eth0 type veth peer name eth0 netns ${input.fullName("nothing")}`]),
    },
    setups: [
      { namespace: "scanner", script: scriptOf({ settings, ip: scannerIp, chains: [] }, input) },
      { namespace: "nothing", script: scriptOf({ settings, ip: [noArp], chains: [] }, input) },
    ],
  };
}

/** A scanner whose link is a TAP device: whoever attaches to it is the router and all that lies behind it. */
function planWan(input: PlanInput): LabPlan {
  const prefixes = input.prefixes.filter((prefix) => input.hasIpv6 || !prefix.includes(":"));
  const nextHop = (prefix: string) => (prefix.includes(":") ? OUTSIDE.ipv6 : OUTSIDE.ipv4);
  const scannerIp = [
    `link set ${WAN_DEVICE} txqueuelen ${WAN_QUEUE_FRAMES}`,
    ...addressLines(WAN_DEVICE, SCANNER_ADDRESSES.ipv4, 16, SCANNER_ADDRESSES.ipv6),
    // On the link whatever the kernel thinks: before somebody attaches to it, the device has no carrier.
    ...prefixes.map((prefix) => `route add ${prefix} via ${nextHop(prefix)} dev ${WAN_DEVICE} onlink`),
  ];
  return {
    hosts: [],
    namespaces: ["scanner"],
    wiring: { namespace: "scanner", script: batch([`tuntap add dev ${WAN_DEVICE} mode tap`]) },
    setups: [{ namespace: "scanner", script: scriptOf({ settings: [], ip: scannerIp, chains: [] }, input) }],
  };
}

/** The links of the firewall lab's host, with what the host is called on them. */
export const FIREWALL_LINKS: readonly { readonly name: string; readonly addresses: readonly string[] }[] = [
  { name: "eth0", addresses: ["203.0.113.10/24", "203.0.113.11/24", "2001:db8:1::10/64", "fe80::10/64"] },
  { name: "eth1", addresses: ["192.168.1.1/24", "2001:db8:2::1/64", "fe80::11/64"] },
  { name: "docker0", addresses: ["172.17.0.1/16", "2001:db8:3::1/64", "fe80::12/64"] },
];

/** Its routes beside those of its links. */
export const FIREWALL_ROUTES: readonly { readonly target: string; readonly device: string }[] = [
  { target: "0.0.0.0/0", device: "eth0" },
  { target: "::/0", device: "eth0" },
  { target: "10.0.0.0/8", device: "eth1" },
];

/** What a host needs so that loopback frames that a test writes are taken as the kernel takes its own. */
const FIREWALL_SETTINGS = [
  ["ipv4/conf/lo/accept_local", "1"],
  ["ipv4/conf/lo/route_localnet", "1"],
  ["ipv4/icmp_msgs_per_sec", "1000000"],
  ["ipv6/conf/*/addr_gen_mode", "1"],
  ["ipv6/conf/*/router_solicitations", "0"],
  ["netfilter/nf_conntrack_tcp_be_liberal", "1"],
  ["ipv4/ip_nonlocal_bind", "1"],
] as const;

/**
 * A host that forwards between three links, and one namespace that is the other end of all of them: no link asks for
 * neighbours, so that packets from and to any address go through.
 */
function planFirewall(input: PlanInput): LabPlan {
  const quiet = [["ipv6/conf/*/disable_ipv6", "1"]] as const;
  const links = FIREWALL_LINKS.map(
    ({ name }) => `link add ${name} type veth peer name ${name} netns ${input.fullName("host")}`,
  );
  const up = FIREWALL_LINKS.map(({ name }) => `link set ${name} arp off up`);
  const hostIp = [
    ...up,
    ...FIREWALL_LINKS.flatMap(({ name, addresses }) =>
      addresses
        .filter((address) => input.hasIpv6 || !address.includes(":"))
        .map((address) => `addr add ${address} dev ${name}${address.includes(":") ? " nodad" : ""}`),
    ),
    ...FIREWALL_ROUTES.filter(({ target }) => input.hasIpv6 || !target.includes(":")).map(
      ({ target, device }) => `route add ${target} dev ${device}`,
    ),
  ];
  const settings = [...FORWARDING, ...FIREWALL_SETTINGS];
  return {
    hosts: [
      {
        spec: { name: "host", summary: "the host that rules are tried on" },
        ipv4: "203.0.113.10",
        ipv6: "2001:db8:1::10",
      },
    ],
    namespaces: ["scanner", "host"],
    wiring: { namespace: "scanner", script: batch(links) },
    setups: [
      { namespace: "scanner", script: scriptOf({ settings: quiet, ip: up, chains: [] }, input) },
      { namespace: "host", script: scriptOf({ settings, ip: hostIp, chains: [] }, input) },
    ],
  };
}

/** Everything that makes up the lab, as text; nothing is done yet. */
export function planLab(input: PlanInput): LabPlan {
  for (const { name } of input.hosts) {
    if (!/^[a-z][a-z0-9]{0,7}$/.test(name)) throw new Error(`lab: "${name}" is no short name for a host`);
  }
  const plan = { neighbour: planNeighbour, routed: planRouted, void: planVoid, wan: planWan, firewall: planFirewall }[
    input.topology
  ];
  return plan(input);
}
