// A moment of the history as a report that is read: what `postern diff @previous @latest` and `postern convert @12 OUT` open.
import type { CompactScanEvent } from "../../model/scan-event.js";
import { historyEvents } from "../../store/history-reader.js";
import { type HistoryPlaces, openHistory } from "./history-place.js";
import { scanOfMoment } from "./moment.js";

/** Readers wait for a writer so long: each of its transactions takes far less. */
export const READ_WAIT_MS = 5000;

/** A scan of the history that is being read. */
export interface OpenedMoment {
  /** As it is shown to the user. */
  readonly name: string;
  /** The history is closed behind the last. */
  readonly events: AsyncGenerator<CompactScanEvent, void, void>;
}

/**
 * Opens a moment.
 *
 * @throws UsageError when it cannot be understood
 * @throws InputError when there is no such scan, or no history
 */
export function openMoment(text: string, places: HistoryPlaces): OpenedMoment {
  const database = openHistory(places, READ_WAIT_MS, "read");
  try {
    const { id } = scanOfMoment(database, text, Date.now());
    const name = text === `@${id}` ? text : `${text} (scan ${id})`;
    return { name, events: eventsOf() };

    async function* eventsOf(): AsyncGenerator<CompactScanEvent, void, void> {
      try {
        yield* historyEvents(database, id);
      } finally {
        database.close();
      }
    }
  } catch (error) {
    database.close();
    throw error;
  }
}
