// Names of report files: what stands in them for the time of the scan (nmap reference guide, Output: strftime-like
// conversions in file names).
import { twoDigits } from "../report/scan-time.js";

/** What each letter stands for; a letter that is not here stands for itself. */
const CONVERSIONS: Readonly<Record<string, (date: Date) => string>> = {
  H: (date) => twoDigits(date.getHours()),
  M: (date) => twoDigits(date.getMinutes()),
  S: (date) => twoDigits(date.getSeconds()),
  m: (date) => twoDigits(date.getMonth() + 1),
  d: (date) => twoDigits(date.getDate()),
  y: (date) => twoDigits(date.getFullYear() % 100),
  Y: (date) => String(date.getFullYear()),
  T: (date) => reportFileName("%H%M%S", date),
  R: (date) => reportFileName("%H%M", date),
  D: (date) => reportFileName("%m%d%y", date),
};

/** "scan-%T-%D.xml" as the file is called when the scan starts at that time, on this machine's clock. */
export function reportFileName(pattern: string, date: Date): string {
  return pattern.replace(/%(.)/gsu, (_, letter: string) => CONVERSIONS[letter]?.(date) ?? letter);
}
