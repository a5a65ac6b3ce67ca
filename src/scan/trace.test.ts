import { describe, expect, test } from "vitest";
import { ip } from "./run-engine.test.data.js";
import { Trace } from "./trace.js";

const HOST = { family: 4, value: ip("10.0.0.1") } as const;
const router = (hop: number) => ({ family: 4, value: ip("10.9.0.0") + hop }) as const;

/** Asks for all that may be asked now. */
function askAll(trace: Trace): number[] {
  const asked: number[] = [];
  while (trace.hasQuestions) asked.push(trace.next());
  return asked;
}

function addresses(trace: Trace): (string | undefined)[] {
  return trace.result(HOST, 1).map(({ address }) => address);
}

describe("how many routers are looked for", () => {
  test.each([
    [57, 7], // begun with 64
    [64, 0], // a neighbour's, or one that looks like it
    [120, 8],
    [250, 5],
    [30, 2],
    [129, 29], // begun with 255, and so far away that the bound holds
    [0, 29], // not known
  ])("for an answer with ttl %i: %i", (answerTtl, routers) => {
    const trace = new Trace(0, 80, answerTtl);
    expect(askAll(trace)).toEqual(Array.from({ length: routers }, (_, index) => index + 1));
    expect(trace.isDone).toBe(routers === 0);
  });
});

describe("a trace", () => {
  test("ends when every router has spoken", () => {
    const trace = new Trace(0, 80, 61);
    askAll(trace);
    for (const hop of [3, 1, 2]) {
      expect(trace.isDone).toBe(false);
      trace.onExpired(hop, router(hop), hop * 10);
    }
    expect(trace.isDone).toBe(true);
    expect(trace.result(HOST, 40)).toEqual([
      { ttl: 1, address: "10.9.0.1", rttMs: 10 },
      { ttl: 2, address: "10.9.0.2", rttMs: 20 },
      { ttl: 3, address: "10.9.0.3", rttMs: 30 },
      { ttl: 4, address: "10.0.0.1", rttMs: 40 },
    ]);
  });

  test("asks a silent router three times, and leaves its place empty", () => {
    const trace = new Trace(0, 80, 62);
    let asked = 0;
    while (!trace.isDone) {
      const hop = trace.next();
      if (hop === 1) trace.onExpired(hop, router(hop), 1);
      else {
        asked++;
        trace.onSilent(hop);
      }
    }
    expect(asked).toBe(3);
    expect(addresses(trace)).toEqual(["10.9.0.1", undefined, "10.0.0.1"]);
  });

  test("is shorter when the host itself answers a probe that should not have come so far", () => {
    const trace = new Trace(0, 80, 57);
    askAll(trace);
    trace.onExpired(1, router(1), 1);
    trace.onReached(3);
    trace.onExpired(2, router(2), 2);
    expect(trace.isDone).toBe(true);
    expect(addresses(trace)).toEqual(["10.9.0.1", "10.9.0.2", "10.0.0.1"]);
    trace.onExpired(6, router(6), 1); // too late to be believed
    expect(addresses(trace)).toHaveLength(3);
  });

  test("takes back a probe that could not be sent: it costs no try", () => {
    const trace = new Trace(0, 80, 63);
    for (let index = 0; index < 10; index++) trace.takeBack(trace.next());
    expect(trace.isDone).toBe(false);
    expect(trace.next()).toBe(1);
  });

  test("hears a router that answers late, and keeps what the first one said", () => {
    const trace = new Trace(0, 80, 63);
    trace.next();
    trace.onSilent(1);
    trace.onExpired(1, router(1), -1);
    trace.onExpired(1, router(9), 5);
    expect(trace.isDone).toBe(true);
    expect(addresses(trace)[0]).toBe("10.9.0.1");
  });
});
