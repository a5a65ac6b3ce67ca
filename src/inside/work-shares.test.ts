import { expect, test } from "vitest";
import { WorkShares } from "./work-shares.js";

test("each piece goes to one of two, and then there is nothing left", () => {
  const pieces = Array.from({ length: 1000 }, (_, index) => index);
  const ours = new WorkShares();
  const theirs = new WorkShares(ours.memory);
  const taken: number[] = [];
  for (let turn = 0; taken.length < pieces.length; turn++) taken.push(...(turn % 3 === 0 ? ours : theirs).next(pieces));
  expect(taken).toEqual(pieces);
  expect([ours.next(pieces), theirs.next(pieces)]).toEqual([[], []]);
});

test("the helper is known to be here once it has said so", () => {
  const ours = new WorkShares();
  const theirs = new WorkShares(ours.memory);
  expect(ours.hasHelper).toBe(false);
  theirs.helperIsHere();
  expect(ours.hasHelper).toBe(true);
});
