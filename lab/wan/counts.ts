// What the responder has seen: the network's own view of a scan, the same for every scanner.
import { type LinkCounts, noLinkCounts } from "./link.js";

/** The kinds of packets that are told apart. */
export const KINDS = ["syn", "tcpOther", "udp", "echo", "sctp", "other", "broken", "elsewhere"] as const;

/** One kind: "broken" no host would understand, "elsewhere" is for no prefix of the network. */
export type Kind = (typeof KINDS)[number];

/** What came for ports of one protocol. */
export interface PortCounts {
  readonly portCount: number;
  /** Packets for the port that got the most. */
  readonly most: number;
}

/** What the responder tells when it is asked. */
export interface WanCounts {
  readonly received: Readonly<Record<Kind, number>>;
  readonly ports: { readonly tcp: PortCounts; readonly udp: PortCounts; readonly sctp: PortCounts };
  /** Addresses that belong to nobody, and what came for them: before anything was lost. */
  readonly silent: { readonly addressCount: number; readonly packetCount: number; readonly most: number };
  readonly link: Readonly<LinkCounts>;
  /** Answers that hosts gave, before any was lost. */
  readonly answeredCount: number;
  /** ICMP errors that a host kept to itself because of its rations. */
  readonly rationedCount: number;
  /** Packets that the responder was too slow for: the run proves nothing unless it is 0. */
  readonly missedCount: number;
}

const PORT_COUNT = 65_536;
/** Larger prefixes are counted as if they were so large: addresses then share a counter. */
const COUNTED_BITS_MAX = 20;

function portCounts(counts: Uint32Array): PortCounts {
  let portCount = 0;
  let most = 0;
  for (const count of counts) {
    if (count > 0) portCount++;
    if (count > most) most = count;
  }
  return { portCount, most };
}

/** Counts packets by kind, by port and by silent address. */
export class Tally {
  answeredCount = 0;
  rationedCount = 0;
  private readonly kinds = new Uint32Array(KINDS.length);
  private readonly ports = {
    tcp: new Uint32Array(PORT_COUNT),
    udp: new Uint32Array(PORT_COUNT),
    sctp: new Uint32Array(PORT_COUNT),
  };
  private readonly silent: readonly Uint32Array[];

  /** `hostBits`: of each population. */
  constructor(hostBits: readonly number[]) {
    this.silent = hostBits.map((bits) => new Uint32Array(2 ** Math.min(bits, COUNTED_BITS_MAX)));
  }

  kind(kind: Kind): void {
    const index = KINDS.indexOf(kind);
    this.kinds[index] = (this.kinds[index] ?? 0) + 1;
  }

  port(protocol: "tcp" | "udp" | "sctp", port: number): void {
    const counts = this.ports[protocol];
    counts[port] = (counts[port] ?? 0) + 1;
  }

  silence(population: number, lastWord: number): void {
    const counts = this.silent[population];
    if (counts === undefined) return;
    const index = lastWord & (counts.length - 1);
    counts[index] = (counts[index] ?? 0) + 1;
  }

  /** All counts so far; the next ones begin at nothing. */
  tell(link: LinkCounts, missedCount: number): WanCounts {
    let [addressCount, packetCount, most] = [0, 0, 0];
    for (const count of this.silent.flatMap((counts) => [...counts.filter((each) => each > 0)])) {
      addressCount++;
      packetCount += count;
      most = Math.max(most, count);
    }
    const { tcp, udp, sctp } = this.ports;
    const told: WanCounts = {
      received: Object.fromEntries(KINDS.map((kind, index) => [kind, this.kinds[index] ?? 0])) as Record<Kind, number>,
      ports: { tcp: portCounts(tcp), udp: portCounts(udp), sctp: portCounts(sctp) },
      silent: { addressCount, packetCount, most },
      link: { ...link },
      answeredCount: this.answeredCount,
      rationedCount: this.rationedCount,
      missedCount,
    };
    for (const counts of [this.kinds, tcp, udp, sctp, ...this.silent]) counts.fill(0);
    Object.assign(link, noLinkCounts());
    this.answeredCount = 0;
    this.rationedCount = 0;
    return told;
  }
}
