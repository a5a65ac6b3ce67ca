// What a trace of packets tells (--packet-trace): the bytes as they were, or what the kernel did where it connects.

/** A packet that left or came, or a connect that began or ended. */
export type TracedPacket = {
  readonly direction: "sent" | "received";
  /** Since the scan began. */
  readonly atMs: number;
} & (
  | {
      readonly kind: "packet";
      /** 0x0800 for IPv4. */
      readonly etherType: number;
      /** From the network header on; received ones may be cut, and padded at the end. */
      readonly bytes: Uint8Array;
    }
  | {
      readonly kind: "connect";
      readonly address: string;
      readonly port: number;
      /** How it ended; `undefined` for one that begins. */
      readonly outcome: string | undefined;
    }
);

/** Takes each of them, as it happens. */
export type PacketTap = (packet: TracedPacket) => void;
