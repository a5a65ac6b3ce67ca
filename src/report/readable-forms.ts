// All forms of reports that can be read. A new form is a file of its own and a line here. Beside those that are written, since
// a scan does not have to load them.
import { grepableReader } from "./grepable-reader.js";
import { jsonLinesReader } from "./json-lines-reader.js";
import { masscanJsonReader } from "./masscan-json-reader.js";
import { masscanListReader } from "./masscan-list-reader.js";
import type { ReportReader } from "./report-reader.js";
import { xmlReader } from "./xml-reader.js";

/** What can be read back, the most particular first. */
export const REPORT_READERS: readonly ReportReader[] = [
  jsonLinesReader,
  xmlReader,
  grepableReader,
  masscanJsonReader,
  masscanListReader,
];
