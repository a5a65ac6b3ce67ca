// Time and pace (nmap reference guide, Timing and Performance).
import { UsageError } from "../../model/errors.js";
import { quote } from "../../target/fault.js";
import { nearest } from "../../target/nearest.js";
import { accepted, type Option } from "../option.js";
import { duration, rate, wholeNumber } from "../option-value.js";
import type { ScanSettingsDraft, TimingSettings, TimingTemplate } from "../scan-settings.js";

const TEMPLATES: readonly string[] = ["paranoid", "sneaky", "polite", "normal", "aggressive", "insane"];

/** Probes under way at most; the engine's own bound is lower. */
const PARALLELISM_MAX = 65_535;

/** The settings that hold a number. */
type TimingKey = Exclude<keyof TimingSettings, "template">;

/** Time and pace. */
export const TIMING_OPTIONS: readonly Option<ScanSettingsDraft>[] = [
  {
    names: ["-T"],
    oldNames: ["--timing"],
    value: "0-5",
    values: ["0", "1", "2", "3", "4", "5", ...TEMPLATES],
    help: "template: paranoid, sneaky, polite, normal, aggressive, insane, or their numbers; options that say more win",
    section: "Timing",
    apply(draft, value) {
      set(draft, "template", templateOf(value));
    },
  },
  time("--min-rtt-timeout", "minRttTimeoutMs", "wait for an answer at least TIME: seconds, or 500ms, 2m, 1h", 0.001),
  time("--max-rtt-timeout", "maxRttTimeoutMs", "wait for an answer at most so long", 0.001),
  time("--initial-rtt-timeout", "initialRttTimeoutMs", "so long before round trips are known", 0.001),
  {
    names: ["--max-retries"],
    value: "N",
    help: "send an unanswered probe again at most N times, 0 to 15 (default 10)",
    section: "Timing",
    apply(draft, value) {
      set(draft, "maxRetries", wholeNumber("--max-retries", value, 0, 15));
    },
  },
  time("--host-timeout", "hostTimeoutMs", "end a host's scan after so long, 0 for never; what is known is shown", 0),
  time("--scan-delay", "scanDelayMs", "so long between two probes to one host", 0),
  time("--max-scan-delay", "maxScanDelayMs", "slow down to one probe to a host in this time at most", 0),
  rateOption("--min-rate", "minRatePps", "send at least PPS probes a second, as far as the system can"),
  rateOption("--max-rate", "maxRatePps", "send at most PPS probes a second"),
  number("--min-parallelism", "minParallelism", "probes under way, at least"),
  number("--max-parallelism", "maxParallelism", "probes under way, at most"),
  hostGroup("--min-hostgroup", "minHostGroup", "hosts that are scanned together, at least"),
  hostGroup("--max-hostgroup", "maxHostGroup", "hosts that are scanned together, at most"),
  {
    names: ["--defeat-rst-ratelimit"],
    value: undefined,
    help: "do not slow down for hosts that ration their RSTs",
    section: "Timing",
    apply(draft) {
      draft.isResetRationDefeated = true;
    },
  },
  accepted(["--nogcc"], "Timing", [
    "do without the congestion control of a group of hosts",
    "has no effect: here there are no groups of hosts",
  ]),
];

function templateOf(value: string): TimingTemplate {
  const lower = value.toLowerCase();
  const index = /^[0-5]$/.test(value) ? Number(value) : TEMPLATES.indexOf(lower);
  if (isTemplate(index)) return index;
  const meant = nearest(lower, TEMPLATES);
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  throw new UsageError(`-T knows 0 to 5 and ${TEMPLATES.join(", ")}, but was given ${quote(value)}${hint}`);
}

function isTemplate(index: number): index is TimingTemplate {
  return index >= 0 && index < TEMPLATES.length;
}

function time(name: string, key: TimingKey, help: string, minMs: number): Option<ScanSettingsDraft> {
  return {
    names: [name],
    value: "TIME",
    help,
    section: "Timing",
    apply: (draft, value) => set(draft, key, duration(name, value, minMs)),
  };
}

function rateOption(name: string, key: TimingKey, help: string): Option<ScanSettingsDraft> {
  return {
    names: [name],
    value: "PPS",
    help,
    section: "Timing",
    apply: (draft, value) => set(draft, key, rate(name, value)),
  };
}

function number(name: string, key: TimingKey, help: string): Option<ScanSettingsDraft> {
  return {
    names: [name],
    value: "N",
    help,
    section: "Timing",
    apply: (draft, value) => set(draft, key, wholeNumber(name, value, 1, PARALLELISM_MAX)),
  };
}

/** Checked as nmap checks it, and without effect. */
function hostGroup(name: string, key: TimingKey, help: string): Option<ScanSettingsDraft> {
  const why = "has no effect: hosts come and go one by one, there are no groups that wait for the slowest";
  return { ...number(name, key, help), state: "accepted", why };
}

function set<Key extends keyof TimingSettings>(draft: ScanSettingsDraft, key: Key, value: TimingSettings[Key]): void {
  draft.timing = { ...draft.timing, [key]: value };
}
