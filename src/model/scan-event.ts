// What a scan tells, as it happens. Every front end and every report writer lives on this stream alone.
import type { OwnerEvent } from "./owner-event.js";
import type { PortState } from "./port-state.js";
import type { Reason } from "./reason.js";

/** What has ports; "ip" stands for the IP protocols themselves, whose "ports" are protocol numbers, 0 to 255. */
export type Protocol = "tcp" | "udp" | "sctp" | "ip";

/** Which technique runs, on what, and why it was chosen: so that nobody takes a connect scan for a SYN scan. */
export interface TechniqueChoice {
  readonly role: "ports" | "discovery" | "trace";
  /** The technique's name: "tcp-syn". */
  readonly technique: string;
  /** How its probes leave: "packet socket", "raw IP", "io_uring", "epoll", "node:net". */
  readonly transport: string;
  /** A clause that completes "because …": "root may send raw packets". */
  readonly because: string;
}

/** Which ports one technique asks of every host that has none of its own. */
export interface PortScanFacts {
  /** The technique's name: "tcp-syn". */
  readonly technique: string;
  readonly protocol: Protocol;
  readonly portCount: number;
  /** The ports as ranges: "1-1024,8080". */
  readonly ports: string;
  /** The byte of flags that TCP probes have instead of the technique's own (--scanflags). */
  readonly tcpFlags?: number;
}

/** The first event: what will be done. */
export interface StartEvent {
  readonly type: "start";
  /** Of postern, or of the scanner whose report was read. */
  readonly version: string;
  /** Who scanned, where a report of somebody else's was read: "nmap". */
  readonly scanner?: string;
  /** What that scanner was started with, where its report says so: "nmap -sS 10.0.0.1". */
  readonly commandLine?: string;
  /** ISO 8601 with zone. */
  readonly startedAt: string;
  /** The targets as they were written. */
  readonly targets: readonly string[];
  /** Addresses in the plan, before exclusions; 0 when unknown. */
  readonly addressCount: number;
  /** Ports of each host, where all hosts have the same; otherwise undefined. */
  readonly portCount: number | undefined;
  /** What is asked of hosts that have no ports of their own, one a technique; empty where no ports are asked. */
  readonly portScans: readonly PortScanFacts[];
  /** Repeats the order of probes when it is given again (--seed); 0 where another scanner had none. */
  readonly seed: number;
}

/** A technique was put to use for the first time in this run. */
export interface TechniqueEvent {
  readonly type: "technique";
  readonly choice: TechniqueChoice;
}

/** What is known about a host apart from its ports. */
export interface HostFacts {
  /**
   * Number of the host within this scan; the port events refer to it. Hosts are numbered in the order that the seed
   * decides, so the same plan gives the same host the same number in every run.
   */
  readonly id: number;
  /** Canonical text form (RFC 5952 for IPv6). */
  readonly address: string;
  readonly family: 4 | 6;
  /** The name as the user wrote it, if a name was written. */
  readonly name: string | undefined;
  /** Addresses of the same name that were not scanned. */
  readonly otherAddresses: readonly string[];
  /** "listed" is a target of -sL: nobody asked whether it is up. */
  readonly status: "up" | "down" | "listed";
  readonly reason: Reason;
  /** TTL of the answer that showed the host up, if an IP packet did. */
  readonly ttl: number | undefined;
  /** Round trip of that answer in ms. */
  readonly rttMs: number | undefined;
  /** "aa:bb:cc:dd:ee:ff" for a neighbour on the link. */
  readonly mac: string | undefined;
  /** Who made that interface, where a report that was read says so. */
  readonly vendor?: string;
}

/** A host's status is known. */
export interface HostEvent {
  readonly type: "host";
  /** When that was known: ISO 8601 with zone. */
  readonly at?: string;
  readonly host: HostFacts;
}

/** The names of a host by reverse DNS; comes before its "host-done", or before the host itself when it is not up. */
export interface HostNamesEvent {
  readonly type: "host-names";
  readonly hostId: number;
  /** Never empty. */
  readonly names: readonly string[];
}

/** The state of one port with its evidence. */
export interface PortResult {
  readonly protocol: Protocol;
  readonly port: number;
  readonly state: PortState;
  readonly reason: Reason;
  /** The technique that found it out: "tcp-syn". */
  readonly technique: string;
  /** TTL of the answer, if a packet was seen. */
  readonly ttl: number | undefined;
  /** Round trip in ms, of the try that was answered. */
  readonly rttMs: number | undefined;
  /** How many probes were sent; 0 where the host itself was asked, from within. */
  readonly tries: number;
  /** Who answered, when it was not the host itself. */
  readonly responder: string | undefined;
}

/** A port is decided. Each port of a host is told once. */
export interface PortEvent {
  readonly type: "port";
  readonly hostId: number;
  readonly result: PortResult;
}

/** Ports of one host that were decided one after another with the same evidence: many port events in one. */
export interface PortRunEvent {
  readonly type: "port-run";
  readonly hostId: number;
  /** What all of them share. */
  readonly result: Omit<PortResult, "port" | "rttMs">;
  readonly ports: Uint16Array;
  /** Round trips in µs, in the order of the ports; {@link NO_RTT_US} where none was measured. */
  readonly rttsUs: Uint32Array;
}

/** In {@link PortRunEvent.rttsUs}: no round trip was measured. */
export const NO_RTT_US = 0xffffffff;

/** What is behind an open port. Only what is known is there. */
export interface ServiceFacts {
  /** "http"; the name that is registered for the port when `method` is "table". */
  readonly name: string;
  readonly method: "table" | "probed";
  /** How sure that is, 0 to 10, as nmap counts. */
  readonly confidence: number;
  readonly product?: string;
  readonly version?: string;
  readonly extraInfo?: string;
  readonly hostname?: string;
  readonly osType?: string;
  readonly deviceType?: string;
  readonly tunnel?: string;
  readonly fingerprint?: string;
  /** Common Platform Enumeration: "cpe:/a:openbsd:openssh:9.6". */
  readonly cpes: readonly string[];
}

/** What is behind an open port is known; comes after the port itself. */
export interface ServiceEvent {
  readonly type: "service";
  readonly hostId: number;
  readonly protocol: Protocol;
  readonly port: number;
  readonly service: ServiceFacts;
}

/** One kind of system that a match belongs to. */
export interface OsClass {
  readonly type?: string;
  readonly vendor: string;
  readonly family: string;
  readonly generation?: string;
  /** In percent. */
  readonly accuracy: number;
  readonly cpes: readonly string[];
}

/** A sequence that a host has shown: how well it can be guessed, and the values that were seen. */
export interface SequenceFacts {
  /** "All zeros", "Incremental"; for TCP sequence numbers how hard they are to guess. */
  readonly class: string;
  /** TCP sequence numbers only. */
  readonly index?: number;
  readonly values: string;
}

/** What a host runs, as far as its answers tell. */
export interface OsFacts {
  readonly portsUsed: readonly { readonly state: PortState; readonly protocol: Protocol; readonly port: number }[];
  /** The likeliest first. `line` is where the match stands in the fingerprint file. */
  readonly matches: readonly {
    readonly name: string;
    readonly accuracy: number;
    readonly line: number;
    readonly classes: readonly OsClass[];
  }[];
  readonly fingerprint?: string;
  readonly uptimeSeconds?: number;
  /** As the host's own report has it. */
  readonly lastBoot?: string;
  /** Hops to the host. */
  readonly distance?: number;
  readonly tcpSequence?: SequenceFacts;
  readonly ipIdSequence?: SequenceFacts;
  readonly tcpTimestamps?: SequenceFacts;
}

/** What a host runs. */
export interface OsEvent {
  readonly type: "os";
  readonly hostId: number;
  readonly os: OsFacts;
}

/** What a script of nmap's found: only in reports that were read. */
export interface ScriptEvent {
  readonly type: "script";
  /** Undefined for scripts that ran before all hosts or after them. */
  readonly hostId: number | undefined;
  /** Undefined for scripts that ran for a whole host. */
  readonly port: { readonly protocol: Protocol; readonly port: number } | undefined;
  readonly id: string;
  readonly output: string;
}

/** What was lost on the way to a host or in a whole run, as far as it can be known. */
export interface LossReport {
  /** Share of probes or answers that were lost, 0 to 1, from probes that were answered only when sent again. */
  readonly lossShare: number;
  /** How many ports are expected to be called filtered although they would have answered. */
  readonly missedEstimate: number;
}

/** Ports that had their tries and stayed silent so far: no verdict, told only for a journal. */
export interface SilenceEvent {
  readonly type: "silence";
  readonly hostId: number;
  readonly protocol: Protocol;
  /** How many tries each of these ports has had. */
  readonly tries: number;
  readonly ports: Uint16Array;
}

/** Hosts about which nothing more will come, up or down: told only for a journal. */
export interface FinishedEvent {
  readonly type: "finished";
  /** First and last host number of each run, both included. */
  readonly ranges: readonly (readonly [first: number, last: number])[];
}

/** One router on the way to a host, or silence in its place. */
export interface TraceHop {
  /** The time to live that the probe left with. */
  readonly ttl: number;
  /** Undefined when nobody answered for this hop. */
  readonly address: string | undefined;
  readonly rttMs: number | undefined;
}

/** The way to a host, hop by hop; the last hop is the host itself when it was reached. */
export interface TraceEvent {
  readonly type: "trace";
  readonly hostId: number;
  /** The technique whose probes traced it, and the port they went to; 0 for none. */
  readonly technique: string;
  readonly protocol: Protocol | "icmp";
  readonly port: number;
  readonly hops: readonly TraceHop[];
}

/** Why a host's scan ended. */
export type HostEnd = "done" | "stopped" | "host-timeout" | "skipped";

/** What somebody who reads the ports of a host must know of the host as a whole. */
export interface HostMark {
  /** Stable name for programs. */
  readonly code: "answers-everything" | "reset-by-other" | "resets-differ" | "rationed";
  /** One sentence with the evidence. */
  readonly text: string;
}

/** Ports of one protocol that were not decided when the host's scan ended. */
export interface UndecidedPorts {
  readonly protocol: Protocol;
  readonly count: number;
}

/** All ports of a host are decided; nothing more will come for it. */
export interface HostDoneEvent {
  readonly type: "host-done";
  /** ISO 8601 with zone. */
  readonly at?: string;
  readonly hostId: number;
  /** Smoothed round trip in ms (RFC 6298), if any answer was seen. */
  readonly rttMs: number | undefined;
  readonly loss: LossReport;
  readonly end: HostEnd;
  /** What was not decided; empty when everything was. */
  readonly undecided: readonly UndecidedPorts[];
  readonly marks: readonly HostMark[];
}

/** How far the scan is. */
export interface ProgressEvent {
  readonly type: "progress";
  readonly phase: "discovery" | "ports";
  /** 0 to 1. */
  readonly shareDone: number;
  /** Probes a second, over the last second. */
  readonly ratePps: number;
  readonly elapsedMs: number;
  /** Estimate of what is left in ms, if one can be made. */
  readonly leftMs: number | undefined;
  readonly counts: RunCounts;
}

/** Something that the user should know and that is no result. */
export interface NoticeEvent {
  readonly type: "notice";
  readonly level: "info" | "warning";
  /** Stable name for programs: "no-route", "lossy-run" … */
  readonly code: string;
  readonly text: string;
}

/** What a run sent, received and lost. */
export interface RunCounts {
  /** Addresses looked at so far. */
  readonly hosts: number;
  /** Those of them that this machine has no way to. */
  readonly unreachable: number;
  readonly hostsUp: number;
  /** Ports decided, over all hosts. */
  readonly ports: number;
  /** Probes sent, resent ones included. */
  readonly sent: number;
  /** Probes that got a proven answer. */
  readonly answered: number;
  /** Probes that were a second or later try. */
  readonly resent: number;
  /** Proven answers that came after the probe was given up. */
  readonly late: number;
  /** Frames lost on this machine: the receive ring was full (PACKET_STATISTICS), or there was no room to send. */
  readonly kernelDrops: number;
  /** Frames that changed nothing: foreign, forged, cut, with a wrong checksum, or one answer more than was needed. */
  readonly ignored: number;
}

/** The last event. */
export interface DoneEvent {
  readonly type: "done";
  /** ISO 8601 with zone. */
  readonly finishedAt: string;
  readonly elapsedMs: number;
  readonly counts: RunCounts;
  readonly loss: LossReport;
  /** True when the scan was stopped before its end. */
  readonly isAborted: boolean;
}

/** Everything that a scan can tell. */
export type ScanEvent =
  | StartEvent
  | TechniqueEvent
  | HostEvent
  | HostNamesEvent
  | PortEvent
  | SilenceEvent
  | ServiceEvent
  | OwnerEvent
  | OsEvent
  | ScriptEvent
  | TraceEvent
  | HostDoneEvent
  | FinishedEvent
  | ProgressEvent
  | NoticeEvent
  | DoneEvent;

/** The same in fewer pieces, for those who take hundreds of thousands of ports a second. */
export type CompactScanEvent = Exclude<ScanEvent, PortEvent> | PortRunEvent;

/** The port events that a run stands for. */
export function* portEventsOf(run: PortRunEvent): Generator<PortEvent> {
  for (const [index, port] of run.ports.entries()) {
    const rttUs = run.rttsUs[index] ?? NO_RTT_US;
    const rttMs = rttUs === NO_RTT_US ? undefined : rttUs / 1000;
    yield { type: "port", hostId: run.hostId, result: { ...run.result, port, rttMs } };
  }
}
