// Where the engine's findings go. Port results are gathered into runs with the same evidence, because there may be
// millions of them; everything crosses to the main thread in order.
import type { PortState } from "../model/port-state.js";
import type { Reason } from "../model/reason.js";
import {
  type CompactScanEvent,
  NO_RTT_US,
  type PortRunEvent,
  type Protocol,
  type ScanEvent,
  type SilenceEvent,
} from "../model/scan-event.js";
import { type Address, formatAddress } from "../target/address.js";
import { TECHNIQUES } from "../technique/list.js";

/** A port's state as the engine has it. One object is used for all. */
export interface PortVerdict {
  hostId: number;
  protocol: Protocol;
  port: number;
  state: PortState;
  reason: Reason;
  /** The technique's number. */
  technique: number;
  /** 0 for none. */
  ttl: number;
  tries: number;
  /** Below 0 for none. */
  rttMs: number;
  responder: Address | undefined;
}

/** Takes what the engine finds. */
export interface EventSink {
  event(event: Exclude<ScanEvent, { type: "port" }>): void;
  port(verdict: PortVerdict): void;
  /** A port has been silent in so many tries; no verdict. */
  silence(hostId: number, protocol: Protocol, tries: number, port: number): void;
}

const RUN_MAX = 4096;

/** Gathers ports into runs and hands everything on in order. */
export class BatchingSink implements EventSink {
  private readonly post: (event: CompactScanEvent, transfer: ArrayBuffer[]) => void;
  private ports = new Uint16Array(RUN_MAX);
  private rttsUs = new Uint32Array(RUN_MAX);
  private count = 0;
  private silent: Omit<SilenceEvent, "type" | "ports"> = { hostId: -1, protocol: "tcp", tries: 0 };
  private readonly silentPorts = new Uint16Array(RUN_MAX);
  private silentCount = 0;
  /** What the ports of the run share. */
  private readonly shared: PortVerdict = {
    hostId: -1,
    protocol: "tcp",
    port: 0,
    state: "open",
    reason: "syn-ack",
    technique: 0,
    ttl: 0,
    tries: 0,
    rttMs: -1,
    responder: undefined,
  };

  /** `post` may take the buffers in `transfer` away. */
  constructor(post: (event: CompactScanEvent, transfer: ArrayBuffer[]) => void) {
    this.post = post;
  }

  event(event: Exclude<ScanEvent, { type: "port" }>): void {
    this.flush();
    this.post(event, []);
  }

  port(verdict: PortVerdict): void {
    const { shared } = this;
    const isAlike =
      shared.state === verdict.state &&
      shared.hostId === verdict.hostId &&
      shared.reason === verdict.reason &&
      shared.ttl === verdict.ttl &&
      shared.tries === verdict.tries &&
      shared.responder === verdict.responder &&
      shared.technique === verdict.technique &&
      shared.protocol === verdict.protocol;
    if (!isAlike || this.count === RUN_MAX) {
      this.flush();
      Object.assign(shared, verdict);
    }
    this.ports[this.count] = verdict.port;
    this.rttsUs[this.count] = verdict.rttMs < 0 ? NO_RTT_US : Math.round(verdict.rttMs * 1000);
    this.count++;
  }

  silence(hostId: number, protocol: Protocol, tries: number, port: number): void {
    const { silent } = this;
    const isAlike = silent.hostId === hostId && silent.tries === tries && silent.protocol === protocol;
    if (!isAlike || this.silentCount === RUN_MAX) {
      this.flush();
      this.silent = { hostId, protocol, tries };
    }
    this.silentPorts[this.silentCount] = port;
    this.silentCount++;
  }

  /** Hands on what has gathered. */
  flush(): void {
    this.flushSilence();
    this.flushPorts();
  }

  private flushSilence(): void {
    if (this.silentCount === 0) return;
    const ports = this.silentPorts.slice(0, this.silentCount);
    this.silentCount = 0;
    this.post({ type: "silence", ...this.silent, ports }, [ports.buffer as ArrayBuffer]);
  }

  private flushPorts(): void {
    if (this.count === 0) return;
    const { hostId, protocol, state, reason, technique, ttl, tries, responder } = this.shared;
    const run: PortRunEvent = {
      type: "port-run",
      hostId,
      result: {
        protocol,
        state,
        reason,
        technique: TECHNIQUES[technique]?.name ?? "?",
        ttl: ttl === 0 ? undefined : ttl,
        tries,
        responder: responder === undefined ? undefined : formatAddress(responder),
      },
      ports: this.ports.slice(0, this.count),
      rttsUs: this.rttsUs.slice(0, this.count),
    };
    this.count = 0;
    this.post(run, [run.ports.buffer as ArrayBuffer, run.rttsUs.buffer as ArrayBuffer]);
  }
}
