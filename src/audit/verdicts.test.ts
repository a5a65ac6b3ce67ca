// Whatever a case is: one verdict, in words, and text from outside as it came.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FirewallFact, InsideFact } from "../model/audit-report.js";
import { PORT_STATES } from "../model/port-state.js";
import { REASON_NAMES } from "../model/reason.js";
import type { PortAnswer } from "../vantage/vantage.js";
import type { Judgement, PortCase, PortRow, RulesView } from "./port-case.js";
import { addressOf, portOf, reachOf } from "./port-case.test.data.js";
import { PROGRAM_VERDICTS, REACH_VERDICTS } from "./verdicts.js";

/** Terminal codes, markup, broken lines, nothing at all. */
const HOSTILE = fc.constantFrom(
  "\u001b[2J",
  "<script>",
  "a\nb",
  "",
  "\u202etxt.exe",
  "$(id)",
  "`id`",
  "%s",
  "𝕏".repeat(40),
);
const text = fc.oneof(
  HOSTILE,
  fc.string({ maxLength: 30 }),
  fc.constantFrom("sshd", "systemd", "127.0.0.1:80", "[::1]:80"),
);
const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(one, { nil: undefined });
const address = fc
  .constantFrom("192.0.2.10", "203.0.113.1", "2001:db8::10", "::ffff:192.0.2.1", "fe80::1%eth0")
  .map(addressOf);
const port = fc
  .constantFrom("192.0.2.10/tcp/22", "192.0.2.10/udp/53", "2001:db8::10/tcp/9000", "2001:db8::10/udp/60000")
  .map(portOf);

const insideFact: fc.Arbitrary<InsideFact> = fc.record({
  bound: text,
  isLoopback: fc.boolean(),
  process: maybe(text),
  pid: maybe(fc.integer({ min: 1, max: 4_194_304 })),
  user: maybe(text),
  unit: maybe(text),
  container: maybe(text),
  isDeleted: fc.boolean(),
});
const firewallFact: fc.Arbitrary<FirewallFact> = fc.record({
  verdict: fc.constantFrom("accept", "drop", "reject", "unknown"),
  detail: maybe(text),
  rule: maybe(text),
  place: maybe(text),
  deliveredTo: maybe(text),
});
const rulesView: fc.Arbitrary<RulesView> = fc.record({
  fact: firewallFact,
  isTranslated: fc.boolean(),
  isForwarded: fc.boolean(),
  destination: address,
  untranslated: maybe(firewallFact),
  isNamed: fc.boolean(),
});
const row: fc.Arbitrary<PortRow> = fc.record({
  port,
  service: maybe(text),
  waiting: maybe(fc.array(insideFact, { maxLength: 3 })),
  onLoopback: fc.array(insideFact, { maxLength: 2 }),
  isAwaitedElsewhere: fc.boolean(),
  isExpected: fc.boolean(),
  expectedProcesses: fc.array(text, { maxLength: 2 }),
});
const answer: fc.Arbitrary<PortAnswer> = fc.record({
  asked: port,
  state: fc.constantFrom(...PORT_STATES),
  reason: fc.constantFrom(...REASON_NAMES),
  responder: maybe(address),
  rttMs: maybe(fc.double({ min: 0, max: 1000, noNaN: true })),
  tries: fc.nat(10),
});
const anyCase: fc.Arbitrary<PortCase> = fc.record({
  row,
  vantage: text,
  rules: maybe(rulesView),
  answer: maybe(answer),
  isAnsweredByOther: fc.boolean(),
  isAskedAgain: fc.boolean(),
  mark: maybe(text),
  isBoundElsewhere: fc.boolean(),
  intended: fc.record({ state: fc.constantFrom("open", "closed", "unsaid"), line: maybe(fc.nat()), why: maybe(text) }),
  byIpv4: fc.array(fc.record({ state: fc.constantFrom(...PORT_STATES), isAwaited: maybe(fc.boolean()) }), {
    maxLength: 2,
  }),
});

/** What is told of as it should be needs no proof and no advice. */
function expectWhole({ severity, title, evidence, nextStep }: Judgement): void {
  expect(title).not.toBe("");
  if (severity === "ok") return;
  expect(nextStep).not.toBe("");
  expect(evidence.length).toBeGreaterThan(0);
  for (const one of evidence) expect(one).not.toBe("");
}

describe("any case", () => {
  test("gets exactly one reach verdict, and what it says is whole", () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const found = reachOf(one);
        expect(found).toBeDefined();
        if (found !== undefined) expectWhole(found.judgement);
      }),
      { numRuns: 3000 },
    );
  });

  test("gets whole judgements of its program", () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        for (const { judge } of PROGRAM_VERDICTS) {
          const judgement = judge(one);
          if (judgement !== undefined) expectWhole(judgement);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("is judged alike whenever it is judged, and is not changed", () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const before = structuredClone(one);
        expect(reachOf(one)).toEqual(reachOf(one));
        expect(one).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });
});

test("a green audit can be: what is closed, or is meant to be open and is, is no finding", () => {
  const isSeen = (one: PortCase): boolean => one.row.waiting !== undefined && one.row.waiting.length > 0;
  fc.assert(
    fc.property(anyCase, (one) => {
      const green: PortCase = { ...one, mark: undefined, intended: { ...one.intended, state: "open" } };
      fc.pre(isSeen(green) && green.answer?.state === "open" && !green.isAnsweredByOther);
      expect(reachOf(green)?.key).toBe("open-intended");
    }),
    { numRuns: 300 },
  );
});

test("text from outside passes through as it came: reports make it safe, each in its own way", () => {
  fc.assert(
    fc.property(
      HOSTILE.filter((one) => one !== ""),
      insideFact,
      firewallFact,
      answer,
      row,
      (hostile, fact, rules, given, around) => {
        const one: PortCase = {
          row: {
            ...around,
            port: portOf("192.0.2.10/tcp/22"),
            waiting: [{ ...fact, process: hostile, container: hostile, bound: hostile }],
          },
          vantage: hostile,
          rules: {
            fact: { ...rules, rule: hostile, place: hostile },
            isTranslated: false,
            isForwarded: false,
            destination: addressOf("192.0.2.10"),
            untranslated: undefined,
            isNamed: true,
          },
          answer: { ...given, state: "open", reason: "syn-ack", responder: undefined },
          isAnsweredByOther: false,
          isAskedAgain: false,
          mark: undefined,
          isBoundElsewhere: false,
          intended: { state: "closed", line: undefined, why: undefined },
          byIpv4: [],
        };
        const judgement = reachOf(one)?.judgement;
        const all = judgement?.evidence.join("\0") ?? "";
        expect(judgement?.title).toContain(hostile);
        expect(all.split(hostile).length - 1).toBeGreaterThanOrEqual(6);
      },
    ),
  );
});

test("keys are unique, and fit for settings files and file names", () => {
  const keys = [...REACH_VERDICTS, ...PROGRAM_VERDICTS].map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of keys) expect(key).toMatch(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/);
  expect(REACH_VERDICTS.at(-1)?.key).toBe("shut");
});
