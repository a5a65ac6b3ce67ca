// From words about time and pace to bounds: what was typed, then what the template says (nmap reference guide, Timing and
// Performance, -T), then the engine's own.
import { DEFAULT_TIMING, type Timing } from "../scan/plan.js";
import type { TimingSettings, TimingTemplate } from "./scan-settings.js";

const MINUTE_MS = 60_000;

/** One probe at a time, with so long between two. */
function serial(scanDelayMs: number): Partial<Timing> {
  return { scanDelayMs, maxParallelism: 1 };
}

const TEMPLATES: Readonly<Record<TimingTemplate, Partial<Timing>>> = {
  0: serial(5 * MINUTE_MS),
  1: serial(15_000),
  2: serial(400),
  3: {},
  4: {
    minRttTimeoutMs: 100,
    initialRttTimeoutMs: 500,
    maxRttTimeoutMs: 1250,
    maxRetries: 6,
    maxScanDelayMs: 10,
  },
  5: {
    minRttTimeoutMs: 50,
    initialRttTimeoutMs: 250,
    maxRttTimeoutMs: 300,
    maxRetries: 2,
    hostTimeoutMs: 15 * MINUTE_MS,
    maxScanDelayMs: 5,
  },
};

/** Bounds that may be left to the engine. */
type Bound = Exclude<keyof Timing, "maxRetries">;

/** Pairs of which the first may not be more than the second. */
const ORDER: readonly (readonly [low: Bound, high: Bound])[] = [
  ["minRttTimeoutMs", "initialRttTimeoutMs"],
  ["minRttTimeoutMs", "maxRttTimeoutMs"],
  ["initialRttTimeoutMs", "maxRttTimeoutMs"],
  ["scanDelayMs", "maxScanDelayMs"],
  ["minRatePps", "maxRatePps"],
  ["minParallelism", "maxParallelism"],
];

/**
 * The bounds of a plan. What was typed wins over the template whatever the order, and bends what the template says where
 * the two do not go together. The templates' longest pause is for TCP and SCTP: hosts that ration the ICMP errors by which
 * closed UDP ports are told need more.
 *
 * @param base What holds where neither says anything: a journal's timing.
 */
export function timingOf(typed: TimingSettings, hasUdp: boolean, base: Timing = DEFAULT_TIMING): Timing {
  const own = typedTiming(typed);
  const template = typed.template === undefined ? undefined : { ...DEFAULT_TIMING, ...TEMPLATES[typed.template] };
  const below: Timing = template === undefined ? base : hasUdp ? { ...template, maxScanDelayMs: undefined } : template;
  const bent: { -readonly [Key in keyof Timing]: Timing[Key] } = { ...below };
  for (const [low, high] of ORDER) {
    bent[high] = atLeast(bent[high], own[low]);
    bent[low] = atMost(bent[low], own[high]);
  }
  const timing = { ...bent, ...own };
  return { ...timing, hostTimeoutMs: timing.hostTimeoutMs === 0 ? undefined : timing.hostTimeoutMs };
}

/** What was typed, without what was not. */
function typedTiming(typed: TimingSettings): Partial<Timing> {
  const { template, minHostGroup, maxHostGroup, ...timing } = typed;
  return Object.fromEntries(Object.entries(timing).filter(([, value]) => value !== undefined));
}

function atLeast(value: number | undefined, bound: number | undefined): number | undefined {
  return value === undefined || bound === undefined ? value : Math.max(value, bound);
}

function atMost(value: number | undefined, bound: number | undefined): number | undefined {
  return value === undefined || bound === undefined ? value : Math.min(value, bound);
}
