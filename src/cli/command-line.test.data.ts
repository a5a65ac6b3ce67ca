// Command lines for tests of options: what they set, and what is said against them.
import { UsageError } from "../model/errors.js";
import { parseScanArguments } from "./scan-options.js";
import { defaultScanSettings, type ScanSettings } from "./scan-settings.js";

/** The settings of a command line, its words separated by blanks. */
export function parse(line: string): ScanSettings {
  return parseScanArguments(line.split(" ").filter((word) => word !== ""));
}

/** What differs from a command line without a word; of groups only the parts that do. */
export function changed(line: string): object {
  return difference(parse(line), defaultScanSettings());
}

function difference(now: object, before: object): object {
  const known = new Map<string, unknown>(Object.entries(before));
  const entries = Object.entries(now).flatMap(([name, value]): [string, unknown][] => {
    const earlier = known.get(name);
    if (JSON.stringify(value) === JSON.stringify(earlier)) return [];
    const isGroup = [value, earlier].every((one) => typeof one === "object" && !Array.isArray(one));
    return [[name, isGroup && value && earlier ? difference(value, earlier) : value]];
  });
  return Object.fromEntries(entries);
}

/** What is said against a command line; "nothing" where it is taken. */
export function complaint(line: string): string {
  try {
    parse(line);
  } catch (error) {
    if (error instanceof UsageError) {
      return error.message;
    }
    throw error;
  }
  return "nothing";
}
