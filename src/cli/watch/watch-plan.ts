// What a watch shall do: what was typed, what its file says, and what stands where neither says anything.
import { createHash } from "node:crypto";
import type { LogAddress } from "../../linux/log-target.js";
import { UsageError } from "../../model/errors.js";
import { parseSchedule, type Schedule } from "../../watch/schedule.js";
import type { Watched } from "../../watch/watch-cycle.js";
import { WATCH_DEFAULTS, type WatchSettings } from "../../watch/watch-settings.js";
import { watchedAudit } from "../../watch/watched-audit.js";
import { watchedScan } from "../../watch/watched-scan.js";
import { parseScanArguments } from "../scan-options.js";
import { ownIdentity, readText } from "../settings-file.js";
import { readWatchFile, type WatchFile } from "./watch-file.js";
import type { LookWords, WatchArguments } from "./watch-options.js";

/** All that a watch is told. */
export interface WatchPlan {
  readonly settings: WatchSettings;
  readonly schedule: Schedule;
  readonly watched: Watched;
  readonly log: LogAddress | undefined;
}

/**
 * Reads the file, if there is one; what was typed goes before it.
 *
 * @param commands The names of all commands
 * @throws UsageError, InputError when it cannot be understood
 */
export function readWatchPlan(typed: WatchArguments, commands: readonly string[], nowMs: number): WatchPlan {
  const file =
    typed.file === undefined ? undefined : readWatchFile(readText(typed.file, true, ownIdentity()), typed.file);
  const look = typed.look ?? file?.look;
  if (look === undefined) throw new UsageError("nothing is to be watched");
  const watched = watchedOf(look, commands);
  const settings = settingsOf(typed, file, look);
  return {
    settings,
    schedule: parseSchedule(settings.schedule, settings.timeZone, nowMs),
    watched,
    log: typed.log ?? file?.log,
  };
}

function settingsOf(typed: WatchArguments, file: WatchFile | undefined, look: LookWords): WatchSettings {
  const confirmAfterMs = typed.confirmAfterMs ?? file?.confirmAfterMs ?? WATCH_DEFAULTS.confirmAfterMs;
  return {
    name: typed.name ?? file?.name ?? nameOf(look),
    ...look,
    schedule: typed.schedule ?? file?.schedule ?? WATCH_DEFAULTS.schedule,
    timeZone: typed.timeZone ?? file?.timeZone,
    confirmAfterMs: confirmAfterMs === 0 ? undefined : confirmAfterMs,
    lookLimitMs: typed.lookLimitMs ?? file?.lookLimitMs ?? WATCH_DEFAULTS.lookLimitMs,
    notify: typed.notify.length > 0 ? typed.notify : (file?.notify ?? []),
  };
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
