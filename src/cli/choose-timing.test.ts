import { describe, expect, test } from "vitest";
import { DEFAULT_TIMING, type Timing } from "../scan/plan.js";
import { timingOf } from "./choose-timing.js";
import { parseScanArguments } from "./scan-options.js";

/** What a command line says of time and pace, without what is left to the engine. */
function timing(line: string, hasUdp = false, base?: Timing): object {
  const settings = parseScanArguments(line.split(" ").filter((word) => word !== ""));
  const entries = Object.entries(timingOf(settings.timing, hasUdp, base));
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

describe("templates", () => {
  const cases: [line: string, timing: object][] = [
    ["", { maxRetries: 10 }],
    ["-T0", { maxRetries: 10, scanDelayMs: 300_000, maxParallelism: 1 }],
    ["-T1", { maxRetries: 10, scanDelayMs: 15_000, maxParallelism: 1 }],
    ["-T2", { maxRetries: 10, scanDelayMs: 400, maxParallelism: 1 }],
    ["-T3", { maxRetries: 10 }],
    [
      "-T4",
      { minRttTimeoutMs: 100, initialRttTimeoutMs: 500, maxRttTimeoutMs: 1250, maxRetries: 6, maxScanDelayMs: 10 },
    ],
    [
      "-T5",
      {
        minRttTimeoutMs: 50,
        initialRttTimeoutMs: 250,
        maxRttTimeoutMs: 300,
        maxRetries: 2,
        hostTimeoutMs: 900_000,
        maxScanDelayMs: 5,
      },
    ],
  ];

  test.each(cases)("%s", (line, expected) => {
    expect(timing(line)).toEqual(expected);
  });

  test("let hosts that ration ICMP errors be waited for", () => {
    expect(timing("-T4", true)).not.toHaveProperty("maxScanDelayMs");
    expect(timing("-T4 --max-scan-delay 20ms", true)).toMatchObject({ maxScanDelayMs: 20 });
  });

  test("are all in order", () => {
    for (const [line] of cases) {
      const {
        minRttTimeoutMs: low = 0,
        initialRttTimeoutMs: first = low,
        maxRttTimeoutMs: high = first,
      } = timing(line) as Partial<Timing>;
      expect(low <= first && first <= high, line).toBe(true);
    }
  });
});

describe("what was typed", () => {
  test.each(["-T5 --max-retries 9", "--max-retries 9 -T5"])("wins over the template: %s", (line) => {
    expect(timing(line)).toMatchObject({ maxRetries: 9, maxRttTimeoutMs: 300 });
  });

  test.each<[string, object]>([
    ["-T4 --min-rtt-timeout 2s", { minRttTimeoutMs: 2000, initialRttTimeoutMs: 2000, maxRttTimeoutMs: 2000 }],
    ["-T4 --max-rtt-timeout 80ms", { minRttTimeoutMs: 80, initialRttTimeoutMs: 80, maxRttTimeoutMs: 80 }],
    ["-T4 --initial-rtt-timeout 50ms", { minRttTimeoutMs: 50, initialRttTimeoutMs: 50, maxRttTimeoutMs: 1250 }],
    ["-T4 --scan-delay 1s", { scanDelayMs: 1000, maxScanDelayMs: 1000 }],
    ["-T0 --max-scan-delay 1s", { scanDelayMs: 1000, maxScanDelayMs: 1000 }],
    ["-T0 --min-parallelism 5", { minParallelism: 5, maxParallelism: 5 }],
  ])("bends what the template says: %s", (line, expected) => {
    expect(timing(line)).toMatchObject(expected);
  });

  test("of a host timeout may be that there is none", () => {
    expect(timing("-T5 --host-timeout 0")).not.toHaveProperty("hostTimeoutMs");
  });
});

describe("going on", () => {
  const base: Timing = { ...DEFAULT_TIMING, maxRatePps: 50, maxRetries: 3 };

  test("keeps the journal's timing but for what is typed; a template replaces it", () => {
    expect(timing("", false, base)).toEqual({ maxRatePps: 50, maxRetries: 3 });
    expect(timing("--max-retries 4", false, base)).toEqual({ maxRatePps: 50, maxRetries: 4 });
    expect(timing("--min-rate 80", false, base)).toEqual({ minRatePps: 80, maxRatePps: 80, maxRetries: 3 });
    expect(timing("-T3", false, base)).toEqual({ maxRetries: 10 });
  });
});
