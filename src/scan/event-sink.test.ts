import fc from "fast-check";
import { expect, test } from "vitest";
import { PORT_STATES } from "../model/port-state.js";
import { REASON_NAMES } from "../model/reason.js";
import { type CompactScanEvent, type Protocol, portEventsOf, type ScanEvent } from "../model/scan-event.js";
import { formatAddress } from "../target/address.js";
import { TECHNIQUES } from "../technique/list.js";
import { BatchingSink, type PortVerdict } from "./event-sink.js";

const NAMES = TECHNIQUES.map(({ name }) => name);
const NOTICE = { type: "notice", level: "info", code: "test", text: "a notice" } as const;

/** A sink, and what came out of it, cloned as it is on the way between threads. */
function gathering(): { readonly sink: BatchingSink; readonly posted: CompactScanEvent[] } {
  const posted: CompactScanEvent[] = [];
  const sink = new BatchingSink((event, transfer) => posted.push(structuredClone(event, { transfer })));
  return { sink, posted };
}

function eventsIn(posted: readonly CompactScanEvent[]): ScanEvent[] {
  return posted.flatMap((event): ScanEvent[] => (event.type === "port-run" ? [...portEventsOf(event)] : [event]));
}

const verdicts: fc.Arbitrary<PortVerdict> = fc.record({
  hostId: fc.nat(3),
  protocol: fc.constantFrom<Protocol>("tcp", "udp", "sctp"),
  port: fc.nat(65_535),
  state: fc.constantFrom(...PORT_STATES),
  reason: fc.constantFrom(...REASON_NAMES),
  technique: fc.nat(NAMES.length - 1),
  ttl: fc.nat(255),
  tries: fc.integer({ min: 1, max: 16 }),
  rttMs: fc.oneof(
    fc.constant(-1),
    fc.integer({ min: 0, max: 60_000_000 }).map((us) => us / 1000),
  ),
  responder: fc.constantFrom(undefined, { family: 4, value: 5 } as const, { family: 4, value: 7 } as const),
});

function sample(seed: number): PortVerdict {
  const [verdict] = fc.sample(verdicts, { seed, numRuns: 1 });
  if (verdict === undefined) throw new Error("no sample");
  return verdict;
}

function asEvent(verdict: PortVerdict): ScanEvent {
  const { hostId, protocol, port, state, reason, technique, ttl, tries, rttMs, responder } = verdict;
  return {
    type: "port",
    hostId,
    result: {
      protocol,
      port,
      state,
      reason,
      technique: NAMES[technique] ?? "?",
      ttl: ttl === 0 ? undefined : ttl,
      rttMs: rttMs < 0 ? undefined : Math.round(rttMs * 1000) / 1000,
      tries,
      responder: responder === undefined ? undefined : formatAddress(responder),
    },
  };
}

test("what goes in as numbers comes out as events, every field as it was", () => {
  fc.assert(
    fc.property(fc.array(verdicts, { maxLength: 20 }), (list) => {
      const { sink, posted } = gathering();
      for (const verdict of list) sink.port(verdict);
      sink.flush();
      expect(eventsIn(posted)).toEqual(list.map(asEvent));
    }),
    { seed: 1 },
  );
});

test("ports and other events keep their order", () => {
  const { sink, posted } = gathering();
  const [one, two, three] = [sample(3), sample(4), sample(5)];
  sink.port(one);
  sink.event(NOTICE);
  sink.port(two);
  sink.port(three);
  sink.event(NOTICE);
  expect(eventsIn(posted)).toEqual([asEvent(one), NOTICE, asEvent(two), asEvent(three), NOTICE]);
});

test("a full batch is posted by itself, and what follows begins a new one", () => {
  const { sink, posted } = gathering();
  const verdict = sample(6);
  for (let port = 0; port < 10_000; port++) sink.port({ ...verdict, port });
  const before = posted.length;
  expect(before).toBeGreaterThan(0);
  sink.flush();
  const ports = eventsIn(posted).map((event) => (event.type === "port" ? event.result.port : -1));
  expect(ports).toEqual(Array.from({ length: 10_000 }, (_, port) => port));
  expect(posted.length).toBe(before + 1);
});

test("ports in a row with the same evidence cross as one event", () => {
  const { sink, posted } = gathering();
  const verdict = sample(8);
  for (const port of [1, 2, 3]) sink.port({ ...verdict, port, rttMs: port });
  sink.port({ ...verdict, port: 4, tries: verdict.tries + 1 });
  sink.flush();
  expect(posted.map((event) => (event.type === "port-run" ? [...event.ports] : []))).toEqual([[1, 2, 3], [4]]);
});

test("a verdict may be used again at once: the sink keeps no hold of it", () => {
  const { sink, posted } = gathering();
  const verdict = sample(9);
  const reused = { ...verdict, port: 1 };
  sink.port(reused);
  reused.port = 2;
  reused.state = verdict.state === "open" ? "closed" : "open";
  sink.port(reused);
  sink.flush();
  expect(eventsIn(posted)).toEqual([asEvent({ ...verdict, port: 1 }), asEvent(reused)]);
});

test("the memory of a run is handed over, not copied, and never used again", () => {
  const handed: ArrayBuffer[] = [];
  const sink = new BatchingSink((event, transfer) => {
    handed.push(...transfer);
    if (event.type === "port-run") expect(transfer).toEqual([event.ports.buffer, event.rttsUs.buffer]);
  });
  const verdict = sample(7);
  sink.port(verdict);
  sink.flush();
  sink.port(verdict);
  sink.flush();
  expect(new Set(handed).size).toBe(4);
});

test("nothing is posted for nothing", () => {
  const { sink, posted } = gathering();
  sink.flush();
  sink.flush();
  expect(posted).toEqual([]);
});
