import { describe, expect, it } from "vitest";
import { joinAnswers } from "../../inside/door-answers.js";
import { doorsOf } from "../../inside/doors.js";
import type { InsideSocket } from "../../inside/inside-view.js";
import type { PortResult } from "../../model/scan-event.js";
import { heldBy, processOf, viewOf, waiting } from "./inside-view.test.data.js";
import { nextCommands } from "./next-commands.js";

const EVERYWHERE = { reach: { kind: "everywhere", interfaces: [] } } as const;
const MACHINE = { reach: { kind: "machine", interfaces: [] } } as const;
const PROGRAM = heldBy(processOf(1, "program"));
const OPEN: PortResult = {
  protocol: "tcp",
  port: 0,
  state: "open",
  reason: "syn-ack",
  technique: "tcp-syn",
  ttl: 64,
  rttMs: 1,
  tries: 1,
  responder: undefined,
};

function commandsFor(
  sockets: readonly InsideSocket[],
  results: Readonly<Record<string, PortResult>> = {},
  { isRootMissed = false, commands = ["sockets", "kernel", "connect", "firewall"] } = {},
): readonly string[] {
  const answered = joinAnswers(doorsOf(viewOf(...sockets)), new Map(Object.entries(results)));
  return nextCommands(answered, { isRootMissed, commands }).map(([command]) => command);
}

describe("nextCommands", () => {
  it("begins with what root would see", () => {
    expect(commandsFor([], {}, { isRootMissed: true })).toEqual(["sudo postern", "postern kernel"]);
  });

  it("looks at what others reach, from here and from there", () => {
    const sockets = [waiting("tcp", "127.0.0.1", 25, { ...PROGRAM, ...MACHINE })];
    sockets.push(waiting("tcp", "0.0.0.0", 443, { ...PROGRAM, ...EVERYWHERE }));
    expect(commandsFor(sockets, { "10.0.0.5 tcp 443": OPEN })).toEqual([
      "postern sockets --port 443",
      "postern firewall reach",
      "postern -p 443 10.0.0.5",
      "postern connect 10.0.0.5 443",
    ]);
  });

  it("looks first at what does not fit", () => {
    const sockets = [22, 80].map((port) => waiting("tcp", "0.0.0.0", port, { ...PROGRAM, ...EVERYWHERE }));
    const results = {
      "10.0.0.5 tcp 22": OPEN,
      "10.0.0.5 tcp 80": { ...OPEN, state: "closed", reason: "reset" },
    } as const;
    expect(commandsFor(sockets, results)).toMatchObject({
      0: "postern sockets --port 80",
      3: "postern connect 10.0.0.5 80",
    });
  });

  it("proposes no command that is not there", () => {
    const sockets = [waiting("tcp", "0.0.0.0", 22, { ...PROGRAM, ...MACHINE })];
    const results = { "127.0.0.1 tcp 22": OPEN };
    expect(commandsFor(sockets, results, { commands: ["connect"] })).toEqual(["postern connect 127.0.0.1 22"]);
  });

  it("connects to no printer, and names a public address as one that may be probed", () => {
    const public1 = waiting("tcp", "0.0.0.0", 9100, { ...PROGRAM, ...EVERYWHERE });
    const [own] = viewOf().namespaces;
    if (own === undefined) throw new Error("no namespace");
    const address = { address: { family: 4, value: 0xc0000201 } as const, interfaceName: "eth0" };
    const namespace = { ...own, network: { ...own.network, addresses: [address] } };
    const view = { ...viewOf({ ...public1, namespace }), namespaces: [namespace] };
    const answered = joinAnswers(doorsOf(view), new Map([["192.0.2.1 tcp 9100", OPEN]]));
    const found = nextCommands(answered, { isRootMissed: false, commands: ["connect"] });
    expect(found.map(([command]) => command)).toEqual(["postern -p 9100 --authorized 192.0.2.1 192.0.2.1"]);
  });
});
