// Stages between a scan and its report: one writes a journal, one tells first what an earlier run has found.
import { unlinkSync } from "node:fs";
import { PosternError } from "../model/errors.js";
import type { CompactScanEvent } from "../model/scan-event.js";
import type { Journal } from "../store/journal-reader.js";
import type { JournalWriter } from "../store/journal-writer.js";

/** So long a finding may wait before it outlives this process (docs/journal.md). */
const FLUSH_MS = 250;

/** Passes events on, each when the journal has it. */
export async function* journaled(
  events: AsyncIterable<CompactScanEvent>,
  writer: JournalWriter,
): AsyncGenerator<CompactScanEvent, void, void> {
  let failure: { readonly error: unknown } | undefined;
  const timer = setInterval(() => {
    try {
      writer.flush();
    } catch (error) {
      failure = { error };
    }
  }, FLUSH_MS);
  try {
    for await (const event of events) {
      if (failure !== undefined) throw failure.error;
      writer.take(event);
      // The timer may have no turn while the engine is busy in this thread.
      if (event.type === "progress" || event.type === "done") writer.flush();
      yield event;
    }
  } finally {
    clearInterval(timer);
    writer.close();
  }
}

/** Takes a journal that was just begun away when the scan cannot even begin: there is nothing to go on with. */
export async function* withoutEmptyJournal(
  events: AsyncIterable<CompactScanEvent>,
  path: string,
): AsyncGenerator<CompactScanEvent, void, void> {
  let isBegun = false;
  try {
    for await (const event of events) {
      isBegun = true;
      yield event;
    }
  } catch (error) {
    if (!isBegun && error instanceof PosternError) unlinkSync(path);
    throw error;
  }
}

/** Leaves out what is told again of hosts that a journal knows already: they are up, and have names. */
export async function* withoutRepeats(
  events: AsyncIterable<CompactScanEvent>,
  { told }: Pick<Journal, "told">,
): AsyncGenerator<CompactScanEvent, void, void> {
  for await (const event of events) {
    if (event.type === "host" && told.has(event.host.id)) continue;
    if (event.type === "host-names" && (told.get(event.hostId)?.names ?? 0) > 0) continue;
    yield event;
  }
}

/** Tells behind the scan's start what a journal knows, then what is new; each choice of a technique once. */
export async function* replayed(
  events: AsyncIterable<CompactScanEvent>,
  journal: Pick<Journal, "events">,
): AsyncGenerator<CompactScanEvent, void, void> {
  const choices = new Set<string>();
  for await (const event of events) {
    if (event.type !== "technique" || !choices.has(JSON.stringify(event.choice))) yield event;
    if (event.type !== "start") continue;
    for (const earlier of journal.events()) {
      if (earlier.type === "technique") choices.add(JSON.stringify(earlier.choice));
      yield earlier;
    }
  }
}

/** Counts the hosts that are up over all runs: the engine knows nothing of those that an earlier one had finished. */
export async function* withAllUp(
  events: AsyncIterable<CompactScanEvent>,
): AsyncGenerator<CompactScanEvent, void, void> {
  let upCount = 0;
  for await (const event of events) {
    if (event.type === "host" && event.host.status === "up") upCount++;
    if (event.type !== "done") {
      yield event;
      continue;
    }
    const { counts } = event;
    yield { ...event, counts: { ...counts, hostsUp: Math.max(counts.hostsUp, upCount) } };
  }
}
