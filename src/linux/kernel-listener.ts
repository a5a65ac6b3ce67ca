// A port that the kernel itself holds: no process has the socket, so that no list of processes explains it.

/** One port, and what in the kernel holds it. */
export interface KernelListener {
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  /** Undefined when it may be either, or both. */
  readonly family: 4 | 6 | undefined;
  /** "WireGuard wg0". Names of interfaces and targets are an administrator's own words: not safe for a terminal. */
  readonly owner: string;
  /** How it is known: "generic netlink, family fou". */
  readonly by: string;
  /** False when it is the usual port of something that runs, and nobody tells the true one. */
  readonly isCertain: boolean;
  /**
   * In which network namespace the socket is. Tunnels have it where they were made, and keep it when their interface is
   * moved: `elsewhere` for those that say so, `unknown` for those that do not (WireGuard).
   */
  readonly place: "here" | "elsewhere" | "unknown";
}

/** What is known of such ports. */
export interface KernelListeners {
  readonly listeners: readonly KernelListener[];
  /** What could not be asked, as clauses: "the port of WireGuard wg0 needs CAP_NET_ADMIN". */
  readonly refusals: readonly string[];
}
