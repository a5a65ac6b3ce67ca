// The shape of every probe technique: what it says about itself, how its probe is written, how an answer is read.
// A technique is one constant without state of its own; adding one touches its file, its test, list.ts and its page.
import type { ReceiveWish } from "../linux/bpf.js";
import type { IcmpError } from "../linux/error-queue.js";
import type { PortState } from "../model/port-state.js";
import type { Reason } from "../model/reason.js";
import type { Protocol } from "../model/scan-event.js";
import type { Address } from "../target/address.js";
import type { Cookies } from "./cookies.js";
import type { FrameView } from "./frame-view.js";
import { NO_TRAITS } from "./segment-traits.js";

/** What a probe can find out: a port's state, or whether a host is there at all. */
export type Outcome = PortState | "up" | "down";

/** What every technique says about itself, as data: help, docs and tests read it. */
export interface TechniqueFacts {
  /** The file's name, and the value in reports: "tcp-syn". */
  readonly name: string;
  /** One line of --help, no full stop. */
  readonly summary: string;
  /** "RFC 9293 §3.10.7", "nmap reference guide, -sS". */
  readonly sources: readonly string[];
  /** nmap's spelling: "-sS". */
  readonly option: string;
  /** Whose ports it finds out; undefined for what only shows a host up. */
  readonly protocol: Protocol | undefined;
  readonly families: readonly (4 | 6)[];
  /** Every outcome that can come out. */
  readonly outcomes: readonly Outcome[];
  /** What no answer after the last try means. */
  readonly silence: Outcome;
}

/** A probe that is about to be written. One object is used for all: copy what must last. */
export interface ProbeSlot {
  family: 4 | 6;
  /** IPv4: our own address and the target's. */
  sourceAddress: number;
  targetAddress: number;
  /** IPv6: the same, 16 bytes each. */
  source: Uint8Array;
  target: Uint8Array;
  /** The IPv4 target, or what stands for the IPv6 one: see {@link Cookies.keyOf}. */
  targetKey: number;
  /** For ARP and neighbour discovery: our own link address. */
  sourceMac: Uint8Array;
  /** 0 where the technique has no ports. */
  targetPort: number;
  /** 0 for the first try, at most {@link TRIES_MAX} - 1. */
  tryIndex: number;
  /** Time to live, hop limit. */
  ttl: number;
  /** TCP flags instead of the technique's own; -1 for its own. */
  flags: number;
  /** What a UDP datagram carries. */
  payload: Uint8Array;
  cookies: Cookies;
}

/** What probes leave with, unless the way to a host is traced: what Linux sends, so that nothing finds them odd. */
export const DEFAULT_TTL = 64;

/** An answer that carries a cookie of ours. One object is used for all. */
export interface Answer {
  outcome: Outcome;
  reason: Reason;
  /** The host that was probed: its IPv4 address, or what stands for its IPv6 address. */
  key: number;
  port: number;
  /** Which try was answered. */
  tryIndex: number;
  /** Who answered when it was not the host itself; {@link UNKNOWN_RESPONDER} when nobody knows. */
  responder: Address | undefined;
  /** TTL or hop limit of the answer; 0 when it has none (ARP). */
  ttl: number;
  /** Window of a TCP answer, -1 for all others: one more trait by which a host is known. */
  window: number;
  /**
   * How a TCP answer is made (see segment-traits.ts), where all answers that say the same are made by the same part of a host's
   * stack; {@link NO_TRAITS} where they are not. Means nothing where there is no {@link window}.
   */
  traits: number;
  /** The link address that ARP or neighbour discovery told; only valid with the reasons that say so. */
  readonly mac: Uint8Array;
}

/** In {@link Answer.responder}: something came back, or the kernel gave up by itself, and by whom is not known. */
export const UNKNOWN_RESPONDER: Address = { family: 4, value: 0 };

/** A technique that sends whole packets. */
export interface FrameTechnique extends TechniqueFacts {
  readonly kind: "frame";
  /** "link" asks for link addresses (ARP, neighbour discovery) and is sent to many; "network" goes to the host. */
  readonly layer: "link" | "network";
  /** Its own block of source ports: block number; answers come back to it. -1 for none. */
  readonly lane: number;
  /** The longest packet that {@link write} makes without a payload, in bytes from the network header on. */
  readonly probeBytesMax: number;
  /** What the kernel should hand us for it. */
  wants(cookies: Cookies): readonly ReceiveWish[];
  /** Writes the packet at `at`. Returns its length in bytes. Never allocates. */
  write(out: Uint8Array, at: number, probe: ProbeSlot): number;
  /**
   * The same for a place where this technique's probe to this very host stands already: only what differs between
   * ports and tries needs to be written. Returns the length in bytes.
   */
  rewrite(out: Uint8Array, at: number, probe: ProbeSlot): number;
  /** True, with `answer` filled in, only for a packet that carries a cookie of ours. Never allocates. */
  read(frame: FrameView, cookies: Cookies, answer: Answer): boolean;
}

/** A technique that lets the kernel connect. */
export interface SocketTechnique extends TechniqueFacts {
  readonly kind: "socket";
  /**
   * What the end of a connect means: 0 for established, else the errno, and the ICMP error behind it where that is
   * known. False when it says nothing about the port.
   */
  judge(errno: number, error: IcmpError | undefined, answer: Answer): boolean;
}

/** Any technique. */
export type Technique = FrameTechnique | SocketTechnique;

/** A fresh answer, to be used again and again. */
export function createAnswer(): Answer {
  return {
    outcome: "filtered",
    reason: "no-response",
    key: 0,
    port: 0,
    tryIndex: 0,
    responder: undefined,
    ttl: 0,
    window: -1,
    traits: NO_TRAITS,
    mac: new Uint8Array(6),
  };
}
