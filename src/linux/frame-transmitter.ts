// What every way of sending whole packets looks like to the engine.

/** The next hop of a packet. */
export interface NextHop {
  /** The link address to send to; undefined where the link has none (loopback, tunnels). */
  readonly mac: Uint8Array | undefined;
  /** The interface's own link address. */
  readonly ownMac: Uint8Array | undefined;
  readonly interfaceIndex: number;
  readonly interfaceName: string;
}

/** Sends IPv4, IPv6 and ARP packets. Each packet is written in place: reserve, write, commit; flush hands them on. */
export interface FrameTransmitter {
  /** How packets leave, in the words of reports: "packet socket", "raw IP". */
  readonly name: string;
  /** The most bytes from the network header on. */
  readonly packetBytesMax: number;
  /** The memory that {@link reserve} speaks of; it may change from one call to the next. */
  readonly bytes: Uint8Array;
  /**
   * Where the network header of a packet of this EtherType may be written, or -1 when there is no room before a flush. `tag` is the same number for
   * all packets of one kind to one host, whatever their port.
   */
  reserve(etherType: number, hop: NextHop, tag: number): number;
  /** True when the place that {@link reserve} gave last holds a packet with the same tag, ready to be rewritten. */
  readonly isRepeat: boolean;
  /**
   * Takes the packet that was written at the reserved place.
   *
   * @throws ScopeError when its target may not be probed
   */
  commit(at: number, packetBytes: number): void;
  /** Hands all packets to the kernel, as far as it takes them. */
  flush(): void;
  /** Packets that are not handed over yet, or are being handed over by another thread. */
  readonly pendingCount: number;
  /** True while another thread is sending: the event loop must turn for its end to be seen. */
  readonly isSending: boolean;
  /** Packets that the kernel refused for lack of room, so far. */
  readonly refusedCount: number;
  close(): Promise<void>;
}
