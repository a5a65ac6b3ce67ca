// What the command line of `postern connect` asks for.
import type { Address } from "../target/address.js";

/** How a TLS connection is made. */
export interface TlsSettings {
  /** True goes on where the certificate is not to be trusted. */
  readonly isInsecure: boolean;
  /** The name that is asked for and checked, where it is not the host's. */
  readonly serverName: string | undefined;
  /** A file with the certificates of authorities, instead of the system's. */
  readonly authorityFile: string | undefined;
  /** Protocols to offer, in the order of preference (RFC 7301). */
  readonly protocols: readonly string[];
}

/** What a conversation does beyond passing bytes on. */
export interface TalkSettings {
  /** -C: lines end with CRLF on the wire. */
  readonly isCrlf: boolean;
  /** -N: the end of standard input ends our half of the connection. */
  readonly isHalfClosing: boolean;
  /** -q: how long to go on after the end of standard input; undefined as long as the other side does. */
  readonly quitMs: number | undefined;
  /** --idle: how long nothing may come or go. */
  readonly idleMs: number | undefined;
  readonly isRaw: boolean;
  readonly isTelnet: boolean;
  readonly isHex: boolean;
}

/** All of it. */
export interface ConnectSettings {
  readonly isHelp: boolean;
  readonly host: string;
  /** Ports as they were written; one without -z. */
  readonly ports: readonly string[];
  /** -z: probe and say nothing to whoever answers. */
  readonly isProbe: boolean;
  readonly isUdp: boolean;
  /** How often -v was given. */
  readonly verbosity: number;
  /** -w; undefined for what is usual. */
  readonly timeoutMs: number | undefined;
  readonly sourceAddress: Address | undefined;
  /** 0: any. */
  readonly sourcePort: number;
  /** -4 or -6. */
  readonly family: 4 | 6 | undefined;
  /** -n: no name is looked up. */
  readonly isNumeric: boolean;
  readonly authorized: readonly string[];
  /** --payload: what UDP probes carry. */
  readonly payload: Uint8Array | undefined;
  readonly talk: TalkSettings;
  readonly tls: TlsSettings | undefined;
}
