// Reads a report's text as the tests of readers need it: in pieces of any size, whole.
import { REPORT_READERS } from "./readable-forms.js";
import type { ReadEvent, ReportReader } from "./report-reader.js";

/** All events of a report, with the reader that recognises it unless one is given. */
export async function readText(
  text: string,
  options: { reader?: ReportReader; pieceUnits?: number } = {},
): Promise<readonly ReadEvent[]> {
  const reader = options.reader ?? readerOf(text);
  if (reader === undefined) throw new Error(`no reader recognises ${text.slice(0, 80)}`);
  const events: ReadEvent[] = [];
  for await (const event of reader.read(piecesOf(text, options.pieceUnits ?? 65_536), "report")) events.push(event);
  return events;
}

/** The reader that takes a report which begins so. */
export function readerOf(text: string): ReportReader | undefined {
  return REPORT_READERS.find((one) => one.recognises(text.slice(0, 4096)));
}

async function* piecesOf(text: string, units: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += units) yield text.slice(at, at + units);
}

/** Events of one type. */
export function only<Type extends ReadEvent["type"]>(
  events: readonly ReadEvent[],
  type: Type,
): readonly Extract<ReadEvent, { type: Type }>[] {
  return events.filter((event): event is Extract<ReadEvent, { type: Type }> => event.type === type);
}

/** "22/tcp open syn-ack" of every port, runs taken apart. */
export function portTexts(events: readonly ReadEvent[]): readonly string[] {
  return events.flatMap((event) => {
    if (event.type === "port") {
      const { port, protocol, state, reason } = event.result;
      return [`${port}/${protocol} ${state} ${reason}`];
    }
    if (event.type !== "port-run") return [];
    const { protocol, state, reason } = event.result;
    return [...event.ports].map((port) => `${port}/${protocol} ${state} ${reason}`);
  });
}

/** What was said about things that could not be taken as they stand. */
export function noticeCodes(events: readonly ReadEvent[]): readonly string[] {
  return only(events, "notice").map(({ code }) => code);
}
