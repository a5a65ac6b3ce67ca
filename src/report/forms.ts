// All forms of reports that can be written. A new form is a file of its own and a line here.
import { csv } from "./csv.js";
import { grepable } from "./grepable.js";
import { html } from "./html.js";
import { jsonLines } from "./json-lines.js";
import { normal } from "./normal.js";
import type { ReportWriter } from "./report-writer.js";
import { xml } from "./xml.js";

/** What a scan can be written down as, in the order of help. */
export const REPORT_WRITERS: readonly ReportWriter[] = [normal, xml, grepable, jsonLines, csv, html];
