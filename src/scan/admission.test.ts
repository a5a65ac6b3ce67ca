import { expect, test } from "vitest";
import { Admission } from "./admission.js";
import { targetsOf } from "./run-engine.test.data.js";

/** All addresses that are given out, and how often it took a second call to get past excluded ones. */
function walk(admission: Admission): { readonly addresses: number[]; readonly pauses: number } {
  const addresses: number[] = [];
  let pauses = 0;
  while (!admission.isExhausted) {
    const target = admission.next();
    if (target === undefined) pauses++;
    else if (target.address.family === 4) addresses.push(target.address.value);
  }
  return { addresses, pauses };
}

test("gives out every target once, in an order that the seed decides", () => {
  const targets = targetsOf({ targets: ["10.0.0.0/22", "10.0.9.9"], ports: [22] });
  const first = walk(new Admission(targets, 1)).addresses;
  const again = walk(new Admission(targets, 1)).addresses;
  const other = walk(new Admission(targets, 2)).addresses;
  expect(first).toEqual(again);
  expect(first).not.toEqual(other);
  expect(new Set(first).size).toBe(1025);
  expect([...first].sort()).toEqual([...other].sort());
});

test("spreads a network: neighbours in it are not neighbours in the order", () => {
  const { addresses } = walk(new Admission(targetsOf({ targets: ["10.0.0.0/22"], ports: [22] }), 7));
  const besides = addresses.filter((address, at) => at > 0 && Math.abs(address - (addresses[at - 1] ?? 0)) === 1);
  expect(besides.length).toBeLessThan(20);
});

test("leaves out what is excluded, and pauses within long runs of it", () => {
  const targets = targetsOf({
    targets: ["10.0.0.0/19"],
    excluded: ["10.0.16.0/20", "10.0.0.0/21", "10.0.8.0/22"],
    ports: [22],
  });
  const { addresses, pauses } = walk(new Admission(targets, 3));
  expect(addresses.length).toBe(1024);
  expect(addresses.every((address) => address >>> 10 === 0x0a000c00 >>> 10)).toBe(true);
  expect(pauses).toBeLessThanOrEqual(8);
});

test("says how far it is, and that it is at its end", () => {
  const admission = new Admission(targetsOf({ targets: ["10.0.0.0/30"], ports: [22] }), 1);
  const shares = [admission.share];
  for (let count = 0; count < 4; count++) {
    expect(admission.isExhausted).toBe(false);
    admission.next();
    shares.push(admission.share);
  }
  expect(shares).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(admission.isExhausted).toBe(true);
  expect(admission.next()).toBeUndefined();
});

test("of no targets is at its end at once", () => {
  const admission = new Admission(targetsOf({ targets: [], ports: [22] }), 1);
  expect([admission.isExhausted, admission.share]).toEqual([true, 1]);
});
