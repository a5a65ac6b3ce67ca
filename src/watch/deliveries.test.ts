import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Deliveries } from "./deliveries.js";
import type { Notice } from "./notice.js";
import { noticeOf } from "./notice.test.data.js";
import type { Notifier } from "./notifier.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** One who takes notices, or not. */
class Listener implements Notifier {
  readonly name: string;
  readonly heard: string[] = [];
  tryCount = 0;
  why: string | undefined;

  constructor(name: string, why?: string) {
    this.name = name;
    this.why = why;
  }

  async tell({ text }: Notice): Promise<string | undefined> {
    this.tryCount++;
    if (this.why === undefined) this.heard.push(text);
    return this.why;
  }
}

function setUp(...listeners: readonly Notifier[]) {
  const warnings: string[] = [];
  const deliveries = new Deliveries(listeners, (text) => warnings.push(text), { delaysMs: [1000, 10_000] });
  const send = (...texts: readonly string[]) => {
    for (const text of texts) deliveries.send(noticeOf({ text }));
  };
  return { warnings, deliveries, send };
}

describe("who cannot be told", () => {
  test("is told later, in order, and holds up nobody else", async () => {
    const [deaf, keen] = [new Listener("deaf", "asleep"), new Listener("keen")];
    const { warnings, send, deliveries } = setUp(deaf, keen);
    send("one", "two");
    await vi.advanceTimersByTimeAsync(0);
    expect(keen.heard).toEqual(["one", "two"]);
    expect(warnings).toEqual(["deaf could not be told and is tried again in 1 s: asleep"]);
    deaf.why = undefined;
    await vi.advanceTimersByTimeAsync(1000);
    expect(deaf.heard).toEqual(["one", "two"]);
    expect(await deliveries.settled()).toBe(true);
  });

  test("is given up after a while, which is said, and told of what comes then", async () => {
    const deaf = new Listener("deaf", "gone\u001b[2J");
    const { warnings, send, deliveries } = setUp(deaf);
    send("one");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(deaf.tryCount).toBe(3);
    expect(warnings.at(-1)).toBe("deaf was not told, and will not be: gone\\x1b[2J");
    expect(await deliveries.settled()).toBe(false);
    deaf.why = undefined;
    send("two");
    await vi.advanceTimersByTimeAsync(0);
    expect(deaf.heard).toEqual(["two"]);
    expect(await deliveries.settled()).toBe(true);
  });

  test("keeps no more than so many waiting", async () => {
    const deaf = new Listener("deaf", "asleep");
    const { warnings, send } = setUp(deaf);
    send(...Array.from({ length: 60 }, (_, at) => String(at)));
    deaf.why = undefined;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(deaf.heard).toEqual(Array.from({ length: 50 }, (_, at) => String(at + 10)));
    expect(warnings.filter((text) => text.includes("too many"))).toHaveLength(10);
  });

  test("is tried once more at the end", async () => {
    const deaf = new Listener("deaf", "asleep");
    const { send, deliveries } = setUp(deaf);
    send("one", "two");
    await vi.advanceTimersByTimeAsync(0);
    deaf.why = undefined;
    await deliveries.close();
    expect(deaf.heard).toEqual(["one", "two"]);
  });

  test("at the end for good is lost, and that is said", async () => {
    const deaf = new Listener("deaf", "asleep");
    const { warnings, send, deliveries } = setUp(deaf);
    send("one");
    await vi.advanceTimersByTimeAsync(0);
    await deliveries.close();
    expect(deaf.tryCount).toBe(2);
    expect(warnings.at(-1)).toContain("was not told");
  });

  test("since its notifier has a bug ends nothing", async () => {
    const broken: Notifier = { name: "broken", tell: () => Promise.reject(new TypeError("oops")) };
    const { warnings, send, deliveries } = setUp(broken);
    send("one");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(warnings[0]).toContain("internal error: oops");
    expect(await deliveries.settled()).toBe(false);
  });
});
