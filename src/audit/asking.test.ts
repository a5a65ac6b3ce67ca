import { describe, expect, test } from "vitest";
import type { PortState } from "../model/port-state.js";
import type { Reason } from "../model/reason.js";
import type { AskedPort, AskingOptions, PortAnswer, Vantage, VantageEvent } from "../vantage/vantage.js";
import { Answers } from "./asking.js";
import type { AuditOptions } from "./audit-subject.js";
import { UNSAID } from "./intentions.js";
import { addressOf, portOf } from "./port-case.test.data.js";

const SSH = portOf("192.0.2.10/tcp/22");
const WEB = portOf("192.0.2.10/tcp/80");

function answer(asked: AskedPort, state: PortState, reason: Reason): VantageEvent {
  const given: PortAnswer = { asked, state, reason, responder: undefined, rttMs: undefined, tries: 1 };
  return { kind: "answer", answer: given };
}

function mark(code: string): VantageEvent {
  return { kind: "mark", address: addressOf("192.0.2.10"), mark: code };
}

/** A vantage that tells the given events, a list for each time it is asked, and keeps how it was asked. */
class FakeVantage implements Vantage {
  readonly name = "office";
  readonly means = "by hand";
  readonly sources = [];
  readonly arrivesBy = undefined;
  readonly limits = [];
  readonly asked: { readonly ports: readonly AskedPort[]; readonly options: AskingOptions }[] = [];
  readonly #events: VantageEvent[][];

  constructor(...events: VantageEvent[][]) {
    this.#events = events;
  }

  async *ask(ports: readonly AskedPort[], options: AskingOptions): AsyncGenerator<VantageEvent, void, void> {
    this.asked.push({ ports, options });
    yield* this.#events.shift() ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function options(maxRate: number | undefined = undefined): AuditOptions {
  return {
    intentions: UNSAID,
    likelyPorts: [],
    serviceName: () => undefined,
    scope: { own: [], authorized: [] },
    maxRate,
    signal: new AbortController().signal,
  };
}

async function ask(...events: VantageEvent[]): Promise<Answers> {
  const answers = new Answers();
  await answers.ask(new FakeVantage(events), [SSH, WEB], options());
  return answers;
}

test("answers are found by their ports, and probes are counted", async () => {
  const answers = await ask(answer(SSH, "open", "syn-ack"), answer(WEB, "closed", "reset"));
  expect(answers.of(SSH)?.state).toBe("open");
  expect(answers.of(WEB)?.state).toBe("closed");
  expect(answers.of(portOf("192.0.2.10/udp/22"))).toBeUndefined();
  expect(answers.probeCount).toBe(2);
  expect(answers.blindnesses).toEqual([]);
});

test("what is asked again is asked slowly, and its last answer counts", async () => {
  const vantage = new FakeVantage([answer(SSH, "filtered", "no-response")], [answer(SSH, "open", "syn-ack")]);
  const answers = new Answers();
  await answers.ask(vantage, [SSH], options());
  expect(answers.isAskedAgain(SSH)).toBe(false);
  await answers.askAgain(vantage, [SSH], options());
  expect(answers.isAskedAgain(SSH)).toBe(true);
  expect(answers.of(SSH)?.state).toBe("open");
  expect(vantage.asked.map(({ options: { maxRate, maxRetries } }) => [maxRate, maxRetries])).toEqual([
    [undefined, 0],
    [20, 2],
  ]);
  const slower = new FakeVantage();
  await answers.askAgain(slower, [SSH], options(5));
  expect(slower.asked[0]?.options.maxRate).toBe(5);
});

test("where there is nothing to ask nobody is asked", async () => {
  const vantage = new FakeVantage();
  await new Answers().askAgain(vantage, [], options());
  expect(vantage.asked).toEqual([]);
});

test("what was not asked is told with the place that did not ask it", async () => {
  const answers = await ask({ kind: "gap", what: "192.0.2.10", why: "out of scope" });
  expect(answers.blindnesses).toEqual([{ what: "192.0.2.10", why: "office: out of scope" }]);
});

test.each<Reason>(["local-firewall", "perm-denied", "no-route"])(
  "%s is no answer of the host's, but blindness",
  async (reason) => {
    const answers = await ask(answer(SSH, "filtered", reason));
    expect(answers.of(SSH)).toBeUndefined();
    expect(answers.blindnesses).toEqual([{ what: "ports of 192.0.2.10", why: expect.stringMatching(/^office: th/) }]);
    expect(answers.probeCount).toBe(1);
  },
);

describe("marks", () => {
  test.each(["rationed", "resets-differ", "reset-by-other"])("%s leaves answers what they are", async (code) => {
    expect((await ask(mark(code))).markOf(SSH)).toBeUndefined();
  });

  test("answers-everything is kept, whatever comes beside it", async () => {
    for (const codes of [
      ["answers-everything", "rationed"],
      ["rationed", "answers-everything"],
    ]) {
      const answers = await ask(...codes.map(mark));
      expect(answers.markOf(SSH)).toBe("answers on nearly every port");
      expect(answers.markOf(portOf("192.0.2.11/tcp/22"))).toBeUndefined();
    }
  });
});
