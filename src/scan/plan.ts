// What a scan is to do: made by the command line and every other front end alike. It holds plain data only, so that it
// can be handed to the worker thread and written into a journal.
import type { Protocol } from "../model/scan-event.js";
import type { Address } from "../target/address.js";
import type { ResumePoint } from "../target/resume-point.js";
import type { ScopeData } from "../target/scope.js";
import type { Shard } from "../target/shard.js";
import type { TargetSetData } from "../target/target-set.js";
import type { UdpPayloadsData } from "../technique/udp-payloads.js";

/** How probes may leave; "auto" takes the best that works. */
export type TransportChoice = "auto" | "ring" | "raw" | "io_uring" | "epoll" | "node";

/** Techniques that find out ports. */
export const PORT_TECHNIQUES = [
  "tcp-syn",
  "tcp-connect",
  "tcp-ack",
  "tcp-window",
  "tcp-maimon",
  "tcp-fin",
  "tcp-null",
  "tcp-xmas",
  "udp",
  "sctp-init",
  "sctp-cookie-echo",
  "ip-protocol",
] as const;

/** One of {@link PORT_TECHNIQUES}. */
export type PortTechniqueName = (typeof PORT_TECHNIQUES)[number];

/** One kind of question that shows whether a host is up, and the ports it goes to where it has ports. */
export interface DiscoveryProbe {
  readonly technique:
    | "icmp-echo"
    | "icmp-timestamp"
    | "icmp-address-mask"
    | "tcp-syn"
    | "tcp-ack"
    | "udp"
    | "sctp-init"
    | "ip-protocol"
    | "tcp-connect";
  /** 0 to 65535, or protocol numbers for "ip-protocol"; one question each. [0] for ICMP queries. */
  readonly ports: readonly number[];
}

/** Bounds on time and pace; what is undefined is left to the engine. Meanings: nmap reference guide, Timing and Performance. */
export interface Timing {
  readonly minRttTimeoutMs: number | undefined;
  readonly maxRttTimeoutMs: number | undefined;
  readonly initialRttTimeoutMs: number | undefined;
  /** How often a probe is sent again at most, 0 to 15. */
  readonly maxRetries: number;
  /** A host's scan ends after so long; what is known by then is reported. */
  readonly hostTimeoutMs: number | undefined;
  /** At least so long between two probes to one host. */
  readonly scanDelayMs: number | undefined;
  /** The engine slows down to one probe to a host in this time at most. */
  readonly maxScanDelayMs: number | undefined;
  /** Probes a second over the whole run. */
  readonly minRatePps: number | undefined;
  readonly maxRatePps: number | undefined;
  /** Probes under way over the whole run. */
  readonly minParallelism: number | undefined;
  readonly maxParallelism: number | undefined;
}

/** The plan of one scan. */
export interface ScanPlan {
  readonly targets: TargetSetData;
  /** The targets as they were written, for reports. */
  readonly targetTexts: readonly string[];
  readonly scope: ScopeData;
  /**
   * How ports are found out, one after another on each host, or side by side; "tcp-auto" is SYN where raw packets may be
   * sent and connect elsewhere. No technique twice.
   */
  readonly techniques: readonly (PortTechniqueName | "tcp-auto")[];
  /** The flags of TCP probes instead of the technique's own (--scanflags), TCP_FIN to TCP_CWR or-ed together. */
  readonly scanFlags: number | undefined;
  /** "none" takes every address as up (-Pn); "only" stops after discovery (-sn); "list" asks nothing at all (-sL). */
  readonly ping: "default" | "none" | "only" | "list";
  /** What discovery asks beyond the link; undefined for what fits the way to the host. */
  readonly discovery: readonly DiscoveryProbe[] | undefined;
  /** Ask neighbours by ARP or neighbour discovery instead of {@link discovery}; false: --disable-arp-ping. */
  readonly isLinkAsked: boolean;
  /** True: a RST does not show that a host is up, since firewalls send them, too (nmap's --discovery-ignore-rst). */
  readonly isResetIgnored?: boolean;
  readonly transport: TransportChoice;
  /** Whether raw packets may be sent: found out (undefined), claimed or denied. */
  readonly isPrivileged: boolean | undefined;
  /** Likely ports first, by protocol; ports that are not in the plan are passed over. */
  readonly likelyPorts: Readonly<Partial<Record<Protocol, readonly number[]>>>;
  /** Ports in ascending order instead (-r). */
  readonly isSequential: boolean;
  readonly timing: Timing;
  /** The order of probes follows from it. */
  readonly seed: number;
  /** Also tell of hosts that are down. */
  readonly isDownReported: boolean;
  /** Say nothing of hosts that were only taken as up and never answered anything: nobody wants to see them (--open). */
  readonly isSilenceOmitted: boolean;
  /** Own addresses that UDP probes leave from by turns; empty for the one that the route says. */
  readonly sourceAddresses: readonly Address[];
  /** So many unused addresses of the link are borrowed for UDP probes. */
  readonly borrowCount: number;
  readonly udpPayloads: UdpPayloadsData;
  /** Do not wait for hosts that ration their ICMP errors: silence then means less (nmap's --defeat-icmp-ratelimit). */
  readonly isIcmpRationDefeated: boolean;
  /** Do not slow down for hosts that ration their RSTs (nmap's --defeat-rst-ratelimit). */
  readonly isResetRationDefeated: boolean;
  readonly isTraced: boolean;
  readonly shard: Shard | undefined;
  readonly resume: ResumePoint | undefined;
  /** Also tell what only a journal needs: silence so far, and which hosts are finished. */
  readonly isJournaled: boolean;
  /**
   * True: what the kernel would not deliver to this machine itself counts as unreachable, whatever the routes have become
   * since the targets were chosen; and that nearly all ports are open is no reason for doubt.
   */
  readonly isOwnOnly?: boolean;
  /**
   * True: the targets are the machine at the other end of a cable, and nobody is between. So how far an answer has come is
   * no sign of somebody else: what the machine leads on, to a container, has come farther than its own.
   */
  readonly isDirect?: boolean;
}

/** nmap's cap on retransmissions (reference guide, --max-retries). */
export const DEFAULT_MAX_RETRIES = 10;

/** Timing without any bound of the user's. */
export const DEFAULT_TIMING: Timing = {
  minRttTimeoutMs: undefined,
  maxRttTimeoutMs: undefined,
  initialRttTimeoutMs: undefined,
  maxRetries: DEFAULT_MAX_RETRIES,
  hostTimeoutMs: undefined,
  scanDelayMs: undefined,
  maxScanDelayMs: undefined,
  minRatePps: undefined,
  maxRatePps: undefined,
  minParallelism: undefined,
  maxParallelism: undefined,
};
