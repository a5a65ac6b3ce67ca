// What is believed of a network, as lines that can be kept: the events of a scan that would have found just that. They are read
// back as the history reads scans, so whatever is in them is checked.
import { deflateSync, inflateSync } from "node:zlib";
import { InputError } from "../model/errors.js";
import { type CompactScanEvent, NO_RTT_US, type Protocol, type StartEvent } from "../model/scan-event.js";
import { isLossy, isSilent, type PortTable, type RangesPool, stateOf } from "../report/port-table.js";
import { type HostSnapshot, type Snapshot, SnapshotBuilder } from "../report/snapshot.js";
import { historyEvent, historyLine } from "../store/history-record.js";
import { isFault } from "../target/fault.js";

/** A network of 65,536 hosts with a thousand ports each has some 40 MB. */
const TEXT_BYTES_MAX = 512 * 1024 * 1024;

/** Packs a belief. */
export function packBelief(belief: Snapshot): Uint8Array {
  const lines: string[] = [];
  for (const event of eventsOf(belief)) lines.push(historyLine(event) ?? "");
  return deflateSync(lines.join(""));
}

/**
 * Unpacks a belief.
 *
 * @throws InputError when it is damaged
 */
export function unpackBelief(bytes: Uint8Array, pool: RangesPool, file: string): Snapshot {
  const builder = new SnapshotBuilder(pool);
  for (const line of textOf(bytes, file).split("\n")) {
    if (line === "") continue;
    const event = historyEvent(line);
    if (isFault(event)) throw damaged(file, event.fault);
    builder.take(event);
  }
  return builder.build();
}

function damaged(file: string, why: string, cause?: unknown): InputError {
  return new InputError(`what this watch knew is damaged: ${why}`, { file }, { cause });
}

function textOf(bytes: Uint8Array, file: string): string {
  try {
    return inflateSync(bytes, { maxOutputLength: TEXT_BYTES_MAX }).toString("utf8");
  } catch (error) {
    throw damaged(file, "it cannot be unpacked", error);
  }
}

function* eventsOf(belief: Snapshot): Generator<CompactScanEvent> {
  yield startOf(belief);
  let hostId = 0;
  for (const host of belief.hosts.values()) yield* hostEvents(host, hostId++, belief);
  const nothing = { unreachable: 0, sent: 0, answered: 0, resent: 0, late: 0, kernelDrops: 0, ignored: 0 };
  yield {
    type: "done",
    finishedAt: belief.finishedAt,
    elapsedMs: 0,
    // One more than there are: hosts that are not up are left out, and nobody shall take those that are there for all.
    counts: { ...nothing, hosts: hostId + 1, hostsUp: hostId, ports: 0 },
    loss: belief.loss,
    isAborted: belief.isAborted,
  };
}

function startOf({ version, startedAt, targets, asked, techniques, hasOwnPorts }: Snapshot): StartEvent {
  const portScans = [...asked].map(([protocol, { bounds, portCount }]) => {
    return { technique: techniques.get(protocol) ?? "", protocol, portCount, ports: boundsText(bounds) };
  });
  const portCount = portScans.reduce((sum, scan) => sum + scan.portCount, 0);
  const facts = { version, startedAt, targets, addressCount: 0, portScans, seed: 0 };
  return { type: "start", ...facts, portCount: hasOwnPorts ? undefined : portCount };
}

function boundsText(bounds: Uint16Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bounds.length; at += 2) parts.push(`${bounds[at]}-${bounds[at + 1]}`);
  return parts.join(",");
}

function* hostEvents(host: HostSnapshot, hostId: number, belief: Snapshot): Generator<CompactScanEvent> {
  const { address, family, name, status, reason, mac, vendor, names, loss, end } = host;
  const facts = { id: hostId, address, family, name, otherAddresses: [], status, reason, ttl: undefined };
  const link = { rttMs: undefined, mac, ...(vendor === undefined ? {} : { vendor }) };
  if (names.length > 0) yield { type: "host-names", hostId, names };
  yield { type: "host", host: { ...facts, ...link } };
  for (const [protocol, table] of host.ports) {
    yield* portEvents(hostId, protocol, table, belief.techniques.get(protocol) ?? "");
  }
  for (const row of host.services) yield { type: "service", hostId, ...row };
  if (host.systems.length > 0) {
    const matches = host.systems.map((row) => ({ ...row, line: 0, classes: [] }));
    yield { type: "os", hostId, os: { portsUsed: [], matches } };
  }
  if (status === "up") yield { type: "host-done", hostId, rttMs: undefined, loss, end, undecided: [], marks: [] };
}

/** Of the evidence only that is kept which a comparison asks for: whether it is silence, and whether that may be loss. */
function* portEvents(
  hostId: number,
  protocol: Protocol,
  table: PortTable,
  technique: string,
): Generator<CompactScanEvent> {
  const runs = table.runs();
  const byCode = new Map<number, number[]>();
  for (let at = 0; at < runs.length; at += 3) {
    const code = runs[at + 2] ?? 0;
    const ports = byCode.get(code) ?? [];
    for (let port = runs[at] ?? 0; port <= (runs[at + 1] ?? 0); port++) ports.push(port);
    byCode.set(code, ports);
  }
  for (const [code, numbers] of byCode) {
    const state = stateOf(code);
    if (state === undefined) continue;
    const reason = isLossy(code) ? "no-response-lossy" : isSilent(code) ? "no-response" : "not-recorded";
    const result = { protocol, state, reason, technique, ttl: undefined, tries: 1, responder: undefined } as const;
    const ports = Uint16Array.from(numbers);
    yield { type: "port-run", hostId, result, ports, rttsUs: new Uint32Array(ports.length).fill(NO_RTT_US) };
  }
}
