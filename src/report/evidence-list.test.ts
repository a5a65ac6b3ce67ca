import fc from "fast-check";
import { expect, it } from "vitest";
import { NO_RTT_US, type PortRunEvent } from "../model/scan-event.js";
import { type Evidence, EvidenceList } from "./evidence-list.js";

const evidence: fc.Arbitrary<Evidence> = fc.record({
  technique: fc.constantFrom("tcp-syn", "udp"),
  ttl: fc.option(fc.integer({ min: 0, max: 255 }), { nil: undefined }),
  rttMs: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
  tries: fc.integer({ min: 1, max: 65_535 }),
  responder: fc.option(
    fc.integer({ min: 0, max: 40 }).map((host) => `10.0.0.${host}`),
    { nil: undefined },
  ),
});

it("gives back what it was given, in its place", () => {
  fc.assert(
    fc.property(fc.array(evidence, { maxLength: 100 }), (all) => {
      const list = new EvidenceList();
      for (const one of all) list.push(one);
      expect(Array.from({ length: list.count }, (_, place) => list.at(place))).toEqual(all);
      expect(list.at(all.length)).toBeUndefined();
    }),
  );
});

it("takes the first ports of a run as it takes them one by one", () => {
  const result: PortRunEvent["result"] = {
    protocol: "tcp",
    state: "open",
    reason: "syn-ack",
    technique: "tcp-syn",
    ttl: 64,
    tries: 2,
    responder: "10.0.0.1",
  };
  const list = new EvidenceList();
  list.pushRun({ result, rttsUs: Uint32Array.of(400, NO_RTT_US, 7) }, 2);
  const shared = { technique: "tcp-syn", ttl: 64, tries: 2, responder: "10.0.0.1" };
  expect([list.at(0), list.at(1), list.at(2)]).toEqual([
    { ...shared, rttMs: 0.4 },
    { ...shared, rttMs: undefined },
    undefined,
  ]);
});
