// The hosts of the lab: what each one is, and what is therefore true of each of its ports.
import { type Family, judgeByRules, type PortRule, type PortTruth, type Protocol, VERDICT_NAMES } from "./filter.js";

/** One host: who listens, and what the firewalls on it and before it do. */
export interface HostSpec {
  /** Short (at most 8 letters and digits): it becomes a part of namespace and interface names. */
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  /** TCP ports with a listener, on IPv4 and IPv6. A rule can still hide them. */
  readonly tcp?: readonly number[];
  /** UDP ports that send back what they get. */
  readonly udp?: readonly number[];
  /** UDP ports that take everything and never answer. */
  readonly udpSilent?: readonly number[];
  /** What a TCP listener says first, by port. */
  readonly banners?: Readonly<Record<number, string>>;
  /** Rules of the host's own input chain. */
  readonly rules?: readonly PortRule[];
  /** Rules of the router's forward chain for this host; only in the routed lab. */
  readonly routerRules?: readonly PortRule[];
  /** True: echo requests are dropped, everything else works. */
  readonly isSilentToPing?: boolean;
  /** True: the address belongs to nobody, and the router's neighbour resolution fails after 3 s. */
  readonly isDown?: boolean;
  /** IPv4 prefix, all addresses of which this host answers for ("10.77.0.0/16"); only in the neighbour lab. */
  readonly answersFor?: string;
  /** IPv4 prefix that is routed to this host, and which it swallows without a word; only in the neighbour lab. */
  readonly swallows?: string;
}

/** All the words of a port question but the port. Default is TCP over IPv4. */
export interface PortQuestion {
  readonly protocol?: Protocol;
  readonly family?: Family;
}

function openTruth(spec: HostSpec, port: number, protocol: Protocol): Omit<PortTruth, "decidedBy"> {
  if (protocol === "tcp") {
    const isOpen = spec.tcp?.includes(port) ?? false;
    return isOpen
      ? { state: "open", connectState: "open", reason: "syn-ack" }
      : { state: "closed", connectState: "closed", reason: "reset" };
  }
  if (spec.udpSilent?.includes(port)) {
    return { state: "open|filtered", connectState: "open|filtered", reason: "no-response" };
  }
  return spec.udp?.includes(port)
    ? { state: "open", connectState: "open", reason: "udp-response" }
    : { state: "closed", connectState: "closed", reason: "port-unreach" };
}

/** What is true of the port: first the router decides, then the host's firewall, then who listens. */
export function portTruth(spec: HostSpec, port: number, question: PortQuestion = {}): PortTruth {
  const { protocol = "tcp", family = 4 } = question;
  if (spec.isDown) {
    return { state: "filtered", connectState: "filtered", reason: "host-unreach", decidedBy: "router" };
  }
  const atRouter = judgeByRules(spec.routerRules ?? [], port, protocol, family);
  if (atRouter !== undefined) {
    // A port unreachable says "closed" only when the host itself says it (nmap reference guide, -sU).
    const isForeign = protocol === "udp" && atRouter.state === "closed";
    // A RST in the host's name has come fewer hops than the host's own packets.
    const isForged = protocol === "tcp" && atRouter.reason.startsWith("reset");
    const { state, reason } = atRouter;
    return {
      ...atRouter,
      state: isForeign ? "filtered" : state,
      reason: isForged ? "reset-by-other" : reason,
      decidedBy: "router",
    };
  }
  const atHost = judgeByRules(spec.rules ?? [], port, protocol, family) ?? openTruth(spec, port, protocol);
  return { ...atHost, decidedBy: "host" };
}

/** The first port of the block in which each verdict has one: 1001 drop, 1002 reset, 1003 port-unreach, … */
const FIRST_VERDICT_PORT = 1001;

/** One rule for each verdict, on the ports from 1001 up; UDP has the same ports, without the reset. */
export const VERDICT_RULES: readonly PortRule[] = VERDICT_NAMES.flatMap((verdict, index): PortRule[] => {
  const ports = [FIRST_VERDICT_PORT + index];
  const tcp: PortRule = { ports, verdict };
  return verdict === "reset" ? [tcp] : [tcp, { protocol: "udp", ports, verdict }];
});

/** The ports of {@link VERDICT_RULES}: something listens on each, so that only the rule is in the way. */
export const VERDICT_PORTS: readonly number[] = VERDICT_NAMES.map((_, index) => FIRST_VERDICT_PORT + index);

/** A host without a firewall: the few open ports answer, all others are closed. */
export const PLAIN_HOST: HostSpec = {
  name: "plain",
  summary: "no firewall: open ports answer, all others are closed",
  tcp: [21, 22, 25, 80, 443, 8080],
  udp: [7, 53, 123],
  udpSilent: [514],
  banners: {
    21: "220 lab.example FTP\r\n",
    22: "SSH-2.0-OpenSSH_9.2p1 lab\r\n",
    25: "220 lab.example ESMTP\r\n",
  },
};

/** A host of which only the given TCP ports show; everything else, ping too, is dropped. */
export function darkHost(open: readonly number[] = [22, 80, 443, 8080, 50_000]): HostSpec {
  return {
    name: "dark",
    summary: `drops everything but TCP ${open.join(", ")}`,
    tcp: open,
    rules: [
      { ports: open, isAllBut: true, verdict: "drop" },
      { protocol: "udp", ports: [], isAllBut: true, verdict: "drop" },
    ],
    isSilentToPing: true,
  };
}

/** A host that hides most ports: the open ones answer, the closed ones refuse, everything else is dropped. */
export function mixedHost(open: readonly number[], closed: readonly number[]): HostSpec {
  return {
    name: "mixed",
    summary: `${open.length} ports open, ${closed.length} closed, the rest dropped`,
    tcp: open,
    rules: [{ ports: [...open, ...closed], isAllBut: true, verdict: "drop" }],
  };
}

/** A host that answers for every address of an IPv4 prefix, as if each were a machine of its own (TCP and ping). */
export function wideHost(prefix = "10.77.0.0/16", open: readonly number[] = [80]): HostSpec {
  return { name: "wide", summary: `answers for all of ${prefix}`, tcp: open, answersFor: prefix };
}

/** A host behind which a whole IPv4 prefix is silent: no answer, no ICMP, no neighbour resolution. */
export function sinkHost(prefix = "10.0.0.0/8"): HostSpec {
  return { name: "sink", summary: `swallows all of ${prefix}`, swallows: prefix };
}

/** The hosts of the routed lab: one of each kind. */
export const ROUTED_HOSTS: readonly HostSpec[] = [
  PLAIN_HOST,
  {
    name: "strict",
    summary: "own firewall: one port for each way to refuse, from 1001 up",
    tcp: [22, ...VERDICT_PORTS],
    udp: [53, ...VERDICT_PORTS],
    rules: VERDICT_RULES,
  },
  {
    name: "behind",
    summary: "no firewall of its own: the router refuses, from 1001 up",
    tcp: [22, ...VERDICT_PORTS],
    udp: [53, ...VERDICT_PORTS],
    routerRules: VERDICT_RULES,
  },
  { name: "quiet", summary: "silent to ping, answers TCP", tcp: [80, 443], isSilentToPing: true },
  darkHost(),
  { name: "down", summary: "an address that belongs to nobody", isDown: true },
];
