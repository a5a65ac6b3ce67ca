// What a script over there claims of a port, in words of the scan's.
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatAddress, parseAddress } from "../target/address.js";
import { answerOf, parseProbeLine } from "./probe-line.js";

function told(target: string, protocol: "tcp" | "udp", text: string): string {
  const address = parseAddress(target);
  const line = parseProbeLine(text);
  if (address === undefined || line === undefined) return "no line";
  const answer = answerOf({ address, protocol, port: 80 }, line);
  if (typeof answer === "string") return answer;
  const { state, reason, responder, rttMs, tries } = answer;
  return `${state} ${reason}${responder === undefined ? "" : ` by ${formatAddress(responder)}`} ${rttMs} ${tries}`;
}

test("TCP", () => {
  const rows = [
    ["a 0 open 1500 1 -", "open conn-accepted 1.5 1"],
    ["a 0 refused 900 1 -", "closed conn-refused 0.9 1"],
    ["a 0 refused 900 1 3.3@10.0.0.254", "filtered port-unreach by 10.0.0.254 0.9 1"],
    ["a 0 host-unreach 900 1 3.13@10.0.0.254", "filtered admin-prohibited by 10.0.0.254 0.9 1"],
    ["a 0 host-unreach - 1 -", "filtered host-unreach undefined 1"],
    ["a 0 silent 2900000 2 -", "filtered no-response undefined 2"],
    ["a 0 not-permitted - 1 -", "filtered local-firewall undefined 1"],
    ["a 0 no-route 10 1 -", "the vantage point has no route to it"],
    ["a 0 other 10 1 -", "the answer of the vantage point's system says nothing of the port"],
    ["a 0 answer 10 1 -", "the answer of the vantage point's system says nothing of the port"],
  ] as const;
  for (const [line, answer] of rows) expect([line, told("10.0.0.1", "tcp", line)]).toEqual([line, answer]);
  expect(told("fd00::1", "tcp", "a 0 prohibited 9000 1 1.1@fd00::254")).toBe(
    "filtered admin-prohibited by fd00::254 9 1",
  );
  expect(told("fd00::1", "tcp", "a 0 prohibited - 1 -")).toBe("filtered admin-prohibited undefined 1");
  expect(told("10.0.0.1", "tcp", "a 0 prohibited - 1 -")).toBe("filtered local-firewall undefined 1");
});

test("UDP: only the host itself says that nobody listens", () => {
  const rows = [
    ["a 0 answer 1000 1 -", "open udp-response 1 1"],
    ["a 0 silent 1000 2 -", "open|filtered no-response undefined 2"],
    ["a 0 refused 1000 1 3.3@10.0.0.1", "closed port-unreach 1 1"],
    ["a 0 refused 1000 1 3.3@10.0.0.254", "filtered port-unreach by 10.0.0.254 1 1"],
    ["a 0 refused - 1 -", "closed port-unreach undefined 1"],
    ["a 0 other 1000 1 3.10@10.0.0.254", "filtered host-prohibited by 10.0.0.254 1 1"],
    ["a 0 open 1000 1 -", "the answer of the vantage point's system says nothing of the port"],
  ] as const;
  for (const [line, answer] of rows) expect([line, told("10.0.0.1", "udp", line)]).toEqual([line, answer]);
});

test("what is no such line is none, whatever it is", () => {
  const lines = ["", "a", "a 0 open 1 1", "a -1 open 1 1 -", "a 0 OPEN 1 1 -", "a 0 open 1 1 - x", "a 0 open 1e9 1 -"];
  for (const line of [...lines, "a 0 constructor 1 1 -", "a 0 open 1 999 -", "a 99999999 open 1 1 -"]) {
    expect([line, parseProbeLine(line)]).toEqual([line, undefined]);
  }
  fc.assert(fc.property(fc.string(), (text) => parseProbeLine(text) === undefined || text.startsWith("a ")));
});
