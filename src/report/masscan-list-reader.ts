// Reads masscan's list (-oL): a line a result, "open tcp 80 10.0.0.1 1700000000". masscan's manual; reports of masscan 1.3.2.
import { InputError } from "../model/errors.js";
import { MasscanReport } from "./masscan-report.js";
import { timeOfSeconds, wholeNumber } from "./read-values.js";
import type { ReadEvent, ReportReader } from "./report-reader.js";
import { linesOf } from "./text-lines.js";

const RESULT = /^(\w+) (\w+) (\d{1,5}) (\S+) (\d{1,16})(?: (\S+) ?(.*))?$/s;

/** masscan's list. */
export const masscanListReader: ReportReader = {
  name: "masscan-list",
  summary: "masscan's list (-oL)",
  sources: ["masscan's manual, -oL"],
  recognises(head: string): boolean {
    return /^\uFEFF?(#masscan\r?\n|(open|closed|banner) \w+ \d+ [\d.a-f:]+ \d+)/.test(head);
  },
  async *read(chunks: AsyncIterable<string>, file: string): AsyncGenerator<ReadEvent, void, void> {
    const report = new MasscanReport();
    let hasEnd = false;
    for await (const { text, number, isEnded } of linesOf(chunks, file)) {
      const line = text.replace(/^\uFEFF/, "");
      if (line.startsWith("#") || line.trim() === "") {
        hasEnd ||= /^# *end/.test(line);
        continue;
      }
      if (!isEnded) break; // cut: even its numbers may go on
      if (!takeLine(line, report)) throw new InputError("this is no line of masscan's list", { file, line: number });
      yield* report.drain();
    }
    report.end(!hasEnd);
    yield* report.drain();
  },
};

function takeLine(line: string, report: MasscanReport): boolean {
  const [, word, protocol, port, address, seconds, name, text] = RESULT.exec(line) ?? [];
  if (word === undefined || protocol === undefined || address === undefined) return false;
  const isBanner = word === "banner";
  report.add({
    address,
    protocol,
    port: wholeNumber(port),
    state: isBanner ? undefined : word,
    reason: undefined,
    ttl: undefined,
    at: timeOfSeconds(seconds),
    ...(isBanner && name !== undefined ? { banner: { name, text: text ?? "" } } : {}),
  });
  return true;
}
