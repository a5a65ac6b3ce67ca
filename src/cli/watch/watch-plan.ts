// What a watch shall do: what was typed, what its file says, and what stands where neither says anything.
import { createHash } from "node:crypto";
import type { LogAddress } from "../../linux/log-target.js";
import { InputError, UsageError } from "../../model/errors.js";
import type { Policy } from "../../policy/policy.js";
import { readPolicy } from "../../policy/read-policy.js";
import { isFault } from "../../target/fault.js";
import { checkTarget, type NotifyTarget } from "../../watch/notify-target.js";
import { parseSchedule, type Schedule } from "../../watch/schedule.js";
import type { Watched } from "../../watch/watch-cycle.js";
import { WATCH_DEFAULTS, type WatchSettings } from "../../watch/watch-settings.js";
import { watchedAudit } from "../../watch/watched-audit.js";
import { watchedScan } from "../../watch/watched-scan.js";
import { parseScanArguments } from "../scan-options.js";
import { findSettings, localZone } from "../settings-file.js";
import { readWatchFile, type WatchFile } from "./watch-file.js";
import type { LookWords, WatchArguments } from "./watch-options.js";

/** All that a watch is told. */
export interface WatchPlan {
  readonly settings: WatchSettings;
  readonly schedule: Schedule;
  readonly watched: Watched;
  readonly log: LogAddress | undefined;
}

/** What a plan is made with. */
export interface PlanSurroundings {
  /** The names of all commands. */
  readonly commands: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly nowMs: number;
}

/**
 * Reads the watch's file, if there is one, and postern.yaml. What was typed goes before the file, and the file before postern.yaml.
 *
 * @throws UsageError, InputError when they cannot be understood
 */
export function readWatchPlan(typed: WatchArguments, surroundings: PlanSurroundings): WatchPlan {
  const { commands, environment, nowMs } = surroundings;
  const found =
    typed.file === undefined ? undefined : findSettings({ named: typed.file, workingFolder: undefined, environment });
  const file = found === undefined ? undefined : readWatchFile(found.text, found.path);
  const look = typed.look ?? file?.look;
  if (look === undefined) throw new UsageError("nothing is to be watched");
  const policy = findPolicy(environment);
  const settings = settingsOf(typed, { file, policy, look });
  return {
    settings,
    schedule: parseSchedule(settings.schedule, settings.timeZone, nowMs),
    watched: watchedOf(look, commands),
    log: typed.log ?? file?.log ?? policy?.log,
  };
}

/** The same postern.yaml that a scan finds. */
function findPolicy(environment: PlanSurroundings["environment"]): Policy | undefined {
  const found = findSettings({ named: undefined, workingFolder: ".", environment });
  return found === undefined ? undefined : readPolicy(found.text, found.path, localZone());
}

interface Sources {
  readonly file: WatchFile | undefined;
  readonly policy: Policy | undefined;
  readonly look: LookWords;
}

function settingsOf(typed: WatchArguments, { file, policy, look }: Sources): WatchSettings {
  const confirmAfterMs = typed.confirmAfterMs ?? file?.confirmAfterMs ?? WATCH_DEFAULTS.confirmAfterMs;
  return {
    name: typed.name ?? file?.name ?? nameOf(look),
    ...look,
    schedule: typed.schedule ?? file?.schedule ?? WATCH_DEFAULTS.schedule,
    timeZone: typed.timeZone ?? file?.timeZone ?? policy?.zoneName,
    confirmAfterMs: confirmAfterMs === 0 ? undefined : confirmAfterMs,
    lookLimitMs: typed.lookLimitMs ?? file?.lookLimitMs ?? WATCH_DEFAULTS.lookLimitMs,
    notify: typed.notify.length > 0 ? typed.notify : (file?.notify ?? (policy?.notify ?? []).map(policyTarget)),
  };
}

/** postern.yaml takes URLs that a watch does not tell. */
function policyTarget({ at, ...target }: Policy["notify"][number]): NotifyTarget {
  const checked = checkTarget(target);
  if (isFault(checked)) throw new InputError(checked.fault, at);
  return checked;
}

/** The same words are the same watch. */
function nameOf({ subject, words }: LookWords): string {
  return `${subject}-${createHash("sha256").update(JSON.stringify(words)).digest("hex").slice(0, 8)}`;
}

/** What cannot be understood is known now, and not at three in the night. */
function watchedOf({ subject, words }: LookWords, commands: readonly string[]): Watched {
  if (subject === "audit") {
    if (!commands.includes("audit"))
      throw new UsageError("this postern has no command audit: scan is what can be watched");
    return watchedAudit;
  }
  const { action, resumeFile, targetTexts, inputLists, links } = parseScanArguments(watchedScan.lookWords(words));
  if (action !== "scan") throw new UsageError("behind -- scan stands a scan, and this is none");
  if (targetTexts.length + inputLists.length + links.length === 0)
    throw new UsageError("behind -- scan stands no target");
  if (inputLists.includes("-")) throw new UsageError("-iL - reads its targets once: name a file, which each run reads");
  if (resumeFile !== undefined) throw new UsageError("--resume goes on with one scan: it cannot be watched");
  return watchedScan;
}
