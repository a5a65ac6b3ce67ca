import { describe, expect, it } from "vitest";
import type { CompactScanEvent, PortRunEvent } from "../model/scan-event.js";
import { done, host, hostDone, START } from "../report/normal-events.test.data.js";
import { debugLine } from "./debug-lines.js";

const RUN: PortRunEvent = {
  type: "port-run",
  hostId: 3,
  result: {
    protocol: "tcp",
    state: "filtered",
    reason: "port-unreach",
    technique: "tcp-syn",
    ttl: 63,
    tries: 2,
    responder: "10.9.0.254",
  },
  ports: Uint16Array.from({ length: 12 }, (_, at) => at + 1),
  rttsUs: new Uint32Array(12),
};

describe("debugLine", () => {
  it.each<[CompactScanEvent, string]>([
    [START, "Debug: 1 address, tcp-syn on 1,000 ports (1-1000), seed 42"],
    [host(), "Debug: host 0 10.0.0.1 is up (echo-reply) after 0.4 ms"],
    [host({ address: "10.0.0.1\u001b[2J", rttMs: undefined }), "Debug: host 0 10.0.0.1\\x1b[2J is up (echo-reply)"],
    [hostDone(), "Debug: host 0 is done (done), round trip 0.12 ms"],
    [
      hostDone({
        end: "host-timeout",
        loss: { lossShare: 0.25, missedEstimate: 1 },
        undecided: [{ protocol: "udp", count: 2 }],
      }),
      "Debug: host 0 is done (host-timeout), round trip 0.12 ms, about 25 % lost, 2 udp ports undecided",
    ],
    [
      {
        type: "technique",
        choice: { role: "ports", technique: "tcp-syn", transport: "raw IP", because: "root\u0007" },
      },
      "Debug: ports by tcp-syn, raw IP: root\\x07",
    ],
    [done(), ""],
    [RUN, ""],
  ])("level 1, %#", (event, line) => {
    expect(debugLine(event, 1)).toBe(line);
    expect(debugLine(event, 0)).toBe("");
  });

  it("tells of ports from level 2 on", () => {
    expect(debugLine(RUN, 2)).toBe(
      "Debug: host 3 tcp 1,2,3,4,5,6,7,8,9,10,…: filtered (port-unreach from 10.9.0.254 ttl 63) by tcp-syn in 2 tries",
    );
  });
});
