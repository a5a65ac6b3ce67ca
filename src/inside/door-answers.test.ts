import { describe, expect, it } from "vitest";
import type { PortState } from "../model/port-state.js";
import type { Reason } from "../model/reason.js";
import type { PortResult, Protocol } from "../model/scan-event.js";
import { viewOf, waiting } from "../report/inside/inside-view.test.data.js";
import { doorProbes, joinAnswers, probeKey } from "./door-answers.js";
import { doorsOf } from "./doors.js";
import type { InsideSocket } from "./inside-view.js";

const ALL: ReadonlySet<Protocol> = new Set(["tcp", "udp", "sctp"]);

function asked(sockets: readonly InsideSocket[], protocols = ALL, countMax = 2000) {
  const { probes, leftOutCount } = doorProbes(doorsOf(viewOf(...sockets)), protocols, countMax);
  return { probes: probes.map(({ own, protocol, port }) => probeKey(own.text, protocol, port)), leftOutCount };
}

function resultOf(state: PortState, reason: Reason, protocol: Protocol = "tcp"): PortResult {
  return { protocol, port: 0, state, reason, technique: "tcp-syn", ttl: 64, rttMs: 1, tries: 1, responder: undefined };
}

describe("doorProbes", () => {
  it("asks each port where its program waits, and TCP where it should not be found, too", () => {
    expect(asked([waiting("tcp", "127.0.0.1", 5432), waiting("udp", "127.0.0.1", 53)])).toEqual({
      probes: ["127.0.0.1 tcp 5432", "127.0.0.1 udp 53", "10.0.0.5 tcp 5432", "192.168.7.1 tcp 5432"],
      leftOutCount: 0,
    });
  });

  it("asks every door once before any at a second address, and says what is left out", () => {
    expect(asked([waiting("tcp", "0.0.0.0", 22), waiting("tcp", "0.0.0.0", 80)], ALL, 3)).toEqual({
      probes: ["10.0.0.5 tcp 22", "10.0.0.5 tcp 80", "192.168.7.1 tcp 22"],
      leftOutCount: 3,
    });
  });

  it("asks nothing twice where programs share a port", () => {
    const shared = [1, 2].map((uid) => waiting("udp", "0.0.0.0", 5353, { socket: { uid } }));
    expect(asked(shared).probes).toEqual(["10.0.0.5 udp 5353", "192.168.7.1 udp 5353", "127.0.0.1 udp 5353"]);
  });

  it("asks only what can be asked", () => {
    const sockets = [waiting("udp", "0.0.0.0", 53), waiting("udplite", "0.0.0.0", 54), waiting("tcp", "::1", 631)];
    expect(asked(sockets, new Set(["tcp"])).probes).toEqual(["::1 tcp 631"]);
    expect(asked(sockets).probes.some((probe) => probe.includes("54"))).toBe(false);
  });
});

describe("joinAnswers", () => {
  const [door] = doorsOf(viewOf(waiting("tcp", "127.0.0.1", 5432)));
  const join = (results: Readonly<Record<string, PortResult>>) =>
    joinAnswers(door === undefined ? [] : [door], new Map(Object.entries(results)))[0];

  it.each<[PortState, Reason, string]>([
    ["open", "syn-ack", "open"],
    ["closed", "reset", "closed"],
    ["filtered", "no-response", "silent"],
    ["filtered", "no-response-lossy", "silent"],
    ["filtered", "admin-prohibited", "rejected"],
    ["filtered", "port-unreach", "rejected"],
    ["filtered", "local-firewall", "held"],
    ["open|filtered", "no-response", "silent"],
    ["closed|filtered", "no-response", "silent"],
  ])("%s by %s is %s", (state, reason, outcome) => {
    expect(join({ "127.0.0.1 tcp 5432": resultOf(state, reason) })?.awaited).toMatchObject([{ outcome }]);
  });

  it("knows what nobody has asked", () => {
    expect(join({})).toMatchObject({ awaited: [{ outcome: "unasked", result: undefined }], unexpected: [] });
  });

  it("keeps of addresses where nothing waits only those that answer", () => {
    const seen = join({
      "10.0.0.5 tcp 5432": resultOf("open", "syn-ack"),
      "192.168.7.1 tcp 5432": resultOf("closed", "reset"),
    });
    expect(seen?.unexpected.map(({ own }) => own.text)).toEqual(["10.0.0.5"]);
  });
});
