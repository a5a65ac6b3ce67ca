import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QuestionPacket } from "../packet-question.js";
import { groupMatch, ipv4, ipv6, OPEN, plainMatch, port } from "../reach/random-condition.test.data.js";
import { HOST, OWN_IPV4, OWN_IPV6 } from "../reach/random-places.test.data.js";
import type { Rule } from "../ruleset.js";
import type { Statement } from "../statement.js";
import { RouteTable } from "./route-table.js";
import { RuleIndex } from "./rule-index.js";
import { ruleSteps } from "./rule-step.js";
import { plainAddress } from "./walk-address.js";
import { WalkRun } from "./walk-run.js";
import { WalkState } from "./walk-state.js";

const ACCEPT: Statement = { kind: "verdict", verdict: { kind: "accept" } };

const rule = fc
  .array(fc.oneof({ weight: 8, arbitrary: plainMatch }, groupMatch, fc.constant(OPEN)), { maxLength: 3 })
  .map((conditions): readonly Statement[] => [...conditions, ACCEPT]);

const packet = fc
  .record({
    source: fc.oneof(ipv4, ipv6),
    protocol: fc.constantFrom(6, 17, 132, 1),
    destinationPort: port,
  })
  .map(
    ({ source, ...rest }): QuestionPacket => ({
      id: "",
      direction: "in",
      inputInterface: "eth0",
      source: plainAddress(source),
      destination: plainAddress(typeof source === "number" ? OWN_IPV4 : OWN_IPV6),
      sourcePort: 40_000,
      flags: ["syn"],
      icmpType: 8,
      icmpCode: 0,
      track: "new",
      trackDirection: "original",
      ttl: 64,
      dscp: 0,
      ...rest,
    }),
  );

function rulesOf(rows: readonly (readonly Statement[])[]): readonly Rule[] {
  return rows.map((statements, index) => ({
    place: { family: "inet", table: "t", chain: "c", index },
    statements,
    text: `rule ${index}`,
  }));
}

describe("RuleIndex", () => {
  it("leaves out nothing but rules that end without effect", () => {
    fc.assert(
      fc.property(
        fc.array(rule, { minLength: 32, maxLength: 60 }),
        fc.array(packet, { minLength: 8 }),
        (rows, packets) => {
          const rules = rulesOf(rows);
          const index = RuleIndex.of(rules);
          for (const one of packets) {
            const state = new WalkState(one, HOST, new RouteTable(HOST));
            const candidates = index?.candidates(state) ?? rules.map((_rule, at) => at);
            expect(candidates).toEqual([...new Set(candidates)].sort((a, b) => a - b));
            const others = rules.filter((_rule, at) => !candidates.includes(at));
            for (const other of others) expect(isOver(other, state), other.text).toBe(true);
          }
        },
      ),
      { numRuns: 60, seed: 7 },
    );
  });

  it("is not made for short chains, nor where nothing tells rules apart", () => {
    expect(RuleIndex.of(rulesOf([[ACCEPT]]))).toBeUndefined();
    expect(RuleIndex.of(rulesOf(new Array<readonly Statement[]>(100).fill([ACCEPT])))).toBeUndefined();
  });
});

/** True when a rule ends at one of its conditions, whatever is assumed of those that nobody knows. */
function isOver(one: Rule, state: WalkState): boolean {
  const steps = ruleSteps(one, () => undefined);
  return [false, true].every((flip) => {
    const run = new WalkRun(state, new Array<boolean>(8).fill(flip));
    return steps.some((step) => step(run) === "end");
  });
}
