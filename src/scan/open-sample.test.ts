import { describe, expect, test } from "vitest";
import { numberOf } from "../technique/list.js";
import type { FakeHost } from "./fake-host.test.data.js";
import { OpenSample } from "./open-sample.js";
import { ip, portLines, runEngine, type ToldRun } from "./run-engine.test.data.js";
import { Track } from "./track.js";

const HOST = "10.0.0.1";
const MANY = Array.from({ length: 200 }, (_, index) => index + 1);
const ALL_OPEN: FakeHost = { otherPorts: "open" };

function scan(host: FakeHost, ports: readonly number[] = MANY): Promise<ToldRun> {
  return runEngine({ targets: [HOST], ports, hostAt: (address) => (address === ip(HOST) ? host : undefined) });
}

function connectsOf(run: ToldRun): number[] {
  return run.network.probes.filter(({ kind }) => kind === "connect").map(({ port }) => port);
}

describe("a host all of whose ports are open", () => {
  test("is marked after a sample of them has completed a second handshake", async () => {
    const run = await scan(ALL_OPEN);
    expect(run.complaints).toEqual([]);
    expect(portLines(run.hosts.get(HOST))).toHaveLength(200);
    expect(new Set(connectsOf(run)).size).toBe(8);
    expect(run.hosts.get(HOST)?.done?.marks).toEqual([
      {
        code: "answers-everything",
        text:
          "200 of 200 TCP ports answer as open, and 8 of a sample of 8 completed a second handshake: " +
          "whatever answers here takes every connection, and its open ports do not show what listens",
      },
    ]);
  });

  test("is not doubted for a few ports: they may be its services", async () => {
    const run = await scan(ALL_OPEN, MANY.slice(0, 100));
    expect(connectsOf(run)).toEqual([]);
    expect(run.hosts.get(HOST)?.done?.marks).toEqual([]);
  });

  test("is not doubted where it is this machine by intent: whoever asks knows what listens", async () => {
    const hostAt = (address: number): FakeHost | undefined => (address === ip(HOST) ? ALL_OPEN : undefined);
    const run = await runEngine({ targets: [HOST], ports: MANY, hostAt, plan: { isOwnOnly: true } });
    expect(connectsOf(run)).toEqual([]);
    expect(run.hosts.get(HOST)?.done?.marks).toEqual([]);
  });

  test("is marked before the way to it is traced", async () => {
    const hostAt = (address: number): FakeHost | undefined => (address === ip(HOST) ? ALL_OPEN : undefined);
    const run = await runEngine({ targets: [HOST], ports: MANY, hostAt, plan: { isTraced: true } });
    expect(run.hosts.get(HOST)?.done?.marks.map(({ code }) => code)).toEqual(["answers-everything"]);
    expect(run.events.some(({ type }) => type === "trace")).toBe(true);
  });
});

test("a host with a third of its ports closed is believed", async () => {
  const ports = new Map(MANY.filter((port) => port % 3 === 0).map((port) => [port, "closed" as const]));
  const run = await scan({ ports, otherPorts: "open" });
  expect(connectsOf(run)).toEqual([]);
  expect(run.hosts.get(HOST)?.done?.marks).toEqual([]);
});

test("first packets that are answered without a handshake behind them are said to be just that", () => {
  const track = new Track(numberOf("tcp-syn"), "tcp", Uint16Array.from(MANY));
  track.openCount = MANY.length;
  const sample = new OpenSample(track);
  sample.onConnected();
  expect(sample.mark().text).toContain("but only 1 of a sample of 8 completed a second handshake");
});
