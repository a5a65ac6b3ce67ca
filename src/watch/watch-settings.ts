// What a watch is told to do, as plain data.
import type { WatchSubject } from "../store/watch-store.js";
import type { NotifyTarget } from "./notify-target.js";

/** One watch. */
export interface WatchSettings {
  /** What is known is kept under this name. */
  readonly name: string;
  readonly subject: WatchSubject;
  /** Of the command that looks: behind "postern" for a scan, behind "postern audit" for an audit. */
  readonly words: readonly string[];
  /** A cron expression. */
  readonly schedule: string;
  /** A name of the tz database; undefined for the system's own. */
  readonly timeZone: string | undefined;
  /** A change is looked at once more after so long before it is told; undefined for never. */
  readonly confirmAfterMs: number | undefined;
  /** A look that takes longer is ended. */
  readonly lookLimitMs: number;
  readonly notify: readonly NotifyTarget[];
}

/** What stands where nothing else was said. */
export const WATCH_DEFAULTS: Pick<WatchSettings, "schedule" | "confirmAfterMs" | "lookLimitMs"> = {
  schedule: "@daily",
  confirmAfterMs: 30_000,
  lookLimitMs: 24 * 3_600_000,
};
