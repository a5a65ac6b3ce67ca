import { expect, test } from "vitest";
import type { TracedPacket } from "../model/traced-packet.js";
import { Cookies } from "../technique/cookies.js";
import { Engine } from "./engine.js";
import { BatchingSink } from "./event-sink.js";
import { FakeClock } from "./fake-clock.test.data.js";
import type { FakeHost } from "./fake-host.test.data.js";
import { FakeNetwork } from "./fake-network.test.data.js";
import { planOf, targetsOf } from "./run-engine.test.data.js";
import { tracedNetwork } from "./traced-network.js";

const HOST: FakeHost = { ports: new Map([[22, "open"]]) };
const SCENARIO = { targets: ["10.0.0.1"], ports: [22, 23], hostAt: () => HOST };

async function trace(techniques: "tcp-syn" | "tcp-connect") {
  const clock = new FakeClock();
  const network = new FakeNetwork({ ...SCENARIO, clock, seed: 1 });
  const packets: TracedPacket[] = [];
  const startMs = clock.now();
  const traced = tracedNetwork(
    network,
    (packet) => packets.push(packet),
    () => clock.now() - startMs,
  );
  const targets = targetsOf(SCENARIO);
  const plan = planOf(targets, { techniques: [techniques], ping: "none" });
  const events: string[] = [];
  const sink = new BatchingSink((event) => {
    if (event.type === "port-run") events.push(`${[...event.ports]} ${event.result.state}`);
  });
  const engine = new Engine({ plan, targets, network: traced, sink, clock, cookies: new Cookies(1, 2, 40_000) });
  await engine.run({ isStopped: () => false, takeSkip: () => false });
  return { packets, events, network };
}

test("each probe and each answer is told, and the scan is as without", async () => {
  const { packets, events, network } = await trace("tcp-syn");
  const sent = packets.filter(({ direction }) => direction === "sent");
  expect(sent).toHaveLength(network.probes.length);
  expect(packets.filter(({ direction }) => direction === "received")).toHaveLength(2);
  expect(events.sort()).toEqual(["22 open", "23 closed"]);
  for (const packet of packets) {
    expect(packet).toMatchObject({ kind: "packet", etherType: 0x0800 });
    if (packet.kind === "packet") expect(packet.bytes[0]).toBe(0x45);
  }
});

test("connects are told with their ends", async () => {
  const { packets, events } = await trace("tcp-connect");
  const lines = packets.map((packet) => (packet.kind === "connect" ? `${packet.port} ${packet.outcome}` : "packet"));
  expect(lines.sort()).toEqual(["22 connected", "22 undefined", "23 ECONNREFUSED, connection refused", "23 undefined"]);
  expect(events.sort()).toEqual(["22 open", "23 closed"]);
});
