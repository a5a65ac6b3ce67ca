import { expect, test } from "vitest";
import { DEFAULT_TIMING } from "./plan.js";
import { RoundTrip, timeoutBounds } from "./round-trip.js";

const FAR = timeoutBounds(DEFAULT_TIMING, false);
const NEAR = timeoutBounds(DEFAULT_TIMING, true);

function sampled(...samples: readonly number[]): RoundTrip {
  const roundTrip = new RoundTrip(FAR);
  for (const ms of samples) roundTrip.sample(ms);
  return roundTrip;
}

test("waits one second before any sample (RFC 6298 §2.1), a quarter on the link", () => {
  expect(new RoundTrip(FAR).timeoutMs(0)).toBe(1000);
  expect(new RoundTrip(NEAR).timeoutMs(0)).toBe(250);
  expect(new RoundTrip(FAR).smoothedMs).toBeUndefined();
});

test("the first sample R sets SRTT to R and RTTVAR to R/2, so the timeout is 3 R (RFC 6298 §2.2)", () => {
  const roundTrip = sampled(200);
  expect(roundTrip.smoothedMs).toBe(200);
  expect(roundTrip.timeoutMs(0)).toBe(600);
});

test("later samples weigh an eighth, and a quarter of the deviation (RFC 6298 §2.3)", () => {
  const roundTrip = sampled(200, 280);
  // RTTVAR = 3/4 * 100 + 1/4 * |200 - 280| = 95; SRTT = 7/8 * 200 + 1/8 * 280 = 210
  expect(roundTrip.smoothedMs).toBeCloseTo(210);
  expect(roundTrip.timeoutMs(0)).toBeCloseTo(210 + 4 * 95);
});

test("an even path draws the timeout to its round trip, not below 100 ms", () => {
  expect(sampled(...new Array<number>(100).fill(400)).timeoutMs(0)).toBeCloseTo(400, 0);
  expect(sampled(...new Array<number>(100).fill(1)).timeoutMs(0)).toBe(100);
});

test("the second try waits twice as long as the first, and so do all later ones", () => {
  const roundTrip = sampled(100);
  expect([0, 1, 2, 3, 15].map((tryIndex) => roundTrip.timeoutMs(tryIndex))).toEqual([300, 600, 600, 600, 600]);
  expect([0, 1, 2, 15].map((tryIndex) => new RoundTrip(FAR).timeoutMs(tryIndex))).toEqual([1000, 2000, 2000, 2000]);
});

test("waits ten seconds at most", () => {
  expect(sampled(9000).timeoutMs(0)).toBe(10_000);
  expect(sampled(9000).timeoutMs(3)).toBe(10_000);
});

test("leaves the wait to the prior as long as it has no sample of its own", () => {
  const prior = sampled(200);
  expect(new RoundTrip(FAR).timeoutMs(0, prior)).toBe(600);
  expect(new RoundTrip(FAR).timeoutMs(1, prior)).toBe(1200);
  expect(sampled(50).timeoutMs(0, prior)).toBe(150);
});

test("an answer that came too late doubles the floor, a burst of them once", () => {
  const roundTrip = sampled(1);
  for (let index = 0; index < 7; index++) roundTrip.backOff(1000 + index);
  expect(roundTrip.timeoutMs(0)).toBe(200);
  roundTrip.backOff(2000);
  expect(roundTrip.timeoutMs(0)).toBe(400);
});

test("the floor never passes the longest wait", () => {
  const roundTrip = sampled(1);
  for (let index = 0; index < 50; index++) roundTrip.backOff(index * 20_000);
  expect(roundTrip.timeoutMs(0)).toBe(10_000);
});

test("a thousand answers in time bring a raised floor down again", () => {
  const roundTrip = sampled(20);
  for (let index = 0; index < 7; index++) roundTrip.backOff(index * 20_000);
  for (let index = 0; index < 1000; index++) roundTrip.sample(20);
  expect(roundTrip.timeoutMs(0)).toBeLessThan(1000);
});
