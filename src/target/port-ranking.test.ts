import { expect, test } from "vitest";
import { portOrder } from "./port-order.js";
import { PortRanking } from "./port-ranking.js";
import { PortSet } from "./port-set.js";

const ranking = new PortRanking(
  "# ports\ntcp\t80\t9\ta\ntcp\t22\t8\ta\ntcp\t80\t1\tb\nudp\t53\t9\ta\nddp\t1\t1\ta\ntcp\t99999\t1\ta\n",
);

test("ports come by rank, then ascending", () => {
  expect(ranking.top("tcp", 1)).toEqual([80]);
  expect(ranking.top("tcp", 5)).toEqual([80, 22, 1, 2, 3]);
  expect(ranking.top("tcp", 1e6).length).toBe(65535);
  expect(ranking.top("sctp", 2)).toEqual([1, 2]);
  expect(ranking.top("tcp", -1)).toEqual([]);
  expect(ranking.rankOf("tcp", 80)).toBe(0);
  expect(ranking.rankOf("tcp", 22)).toBe(1);
  expect(ranking.rankOf("tcp", 1)).toBeUndefined();
  expect(ranking.rankedCount("tcp")).toBe(2);
  expect(ranking.rankedCount("sctp")).toBe(0);
});

test("likely ports come first, the rest in an order of the key, each once", () => {
  const ports = PortSet.of({ tcp: [[0, 65535]] });
  const order = portOrder(ports, "tcp", [443, 22], 7, false);
  expect(order.length).toBe(65536);
  expect([...order.subarray(0, 2)]).toEqual([443, 22]);
  expect(new Set(order).size).toBe(65536);
  expect(order).toEqual(portOrder(ports, "tcp", [443, 22], 7, false));
  expect(order).not.toEqual(portOrder(ports, "tcp", [443, 22], 8, false));
  expect([...order.subarray(2, 7)]).not.toEqual([0, 1, 2, 3, 4]);
});

test("in sequence when asked, and only ports of the set", () => {
  const ports = PortSet.of({ tcp: [[5, 7]], udp: [[53, 53]] });
  expect([...portOrder(ports, "tcp", [6, 443], 1, true)]).toEqual([5, 6, 7]);
  expect(portOrder(ports, "tcp", [6, 443], 1, false)[0]).toBe(6);
  expect([...portOrder(ports, "sctp", [], 1, false)]).toEqual([]);
});

test("only the likeliest hundred keep their rank", () => {
  const ports = PortSet.of({ tcp: [[1, 500]] });
  const ranked = Array.from({ length: 500 }, (_, at) => 500 - at);
  const order = [...portOrder(ports, "tcp", ranked, 3, false)];
  expect(order.slice(0, 100)).toEqual(ranked.slice(0, 100));
  expect(order.slice(100)).not.toEqual(ranked.slice(100));
  expect(new Set(order).size).toBe(500);
});
