// A report that the user named, wherever it is: in a file, on standard input, or in the history (@latest).
import type { ReadEvent } from "../report/report-reader.js";
import { openReport } from "./open-report.js";

/** What decides where the history is. */
export interface SourcePlaces {
  /** The history's file; undefined for the usual one. */
  readonly historyFile: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A report that is being read. */
export interface OpenedSource {
  /** As it is shown to the user. */
  readonly name: string;
  readonly events: AsyncGenerator<ReadEvent, void, void>;
}

/** What a moment of the history begins with; a file whose name does so is written ./@name. */
const MOMENT_SIGN = "@";

/** True for what is meant as a moment, and not as the name of a file. */
export function isMoment(name: string): boolean {
  return name.startsWith(MOMENT_SIGN);
}

/**
 * Opens a report.
 *
 * @throws UsageError when a moment cannot be understood
 * @throws InputError when there is no such report, or it cannot be read
 */
export async function openSource(name: string, places: SourcePlaces): Promise<OpenedSource> {
  if (!isMoment(name)) return openReport(name);
  const { openMoment } = await import("./history/open-moment.js");
  return openMoment(name, { named: places.historyFile, environment: places.environment });
}
