// All forms of reports. A new form is a file of its own and a line here.
import { csv } from "./csv.js";
import { grepable } from "./grepable.js";
import { grepableReader } from "./grepable-reader.js";
import { html } from "./html.js";
import { jsonLines } from "./json-lines.js";
import { jsonLinesReader } from "./json-lines-reader.js";
import { masscanJsonReader } from "./masscan-json-reader.js";
import { masscanListReader } from "./masscan-list-reader.js";
import { normal } from "./normal.js";
import type { ReportReader } from "./report-reader.js";
import type { ReportWriter } from "./report-writer.js";
import { xml } from "./xml.js";
import { xmlReader } from "./xml-reader.js";

/** What a scan can be written down as, in the order of help. */
export const REPORT_WRITERS: readonly ReportWriter[] = [normal, xml, grepable, jsonLines, csv, html];

/**
 * What can be read back, the most particular first.
 *
 * @public
 */
export const REPORT_READERS: readonly ReportReader[] = [
  jsonLinesReader,
  xmlReader,
  grepableReader,
  masscanJsonReader,
  masscanListReader,
];
