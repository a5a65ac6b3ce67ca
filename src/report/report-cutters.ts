// All forms of reports that --resume goes on with, the one that tells most first.
import { grepableCutter } from "./grepable-cutter.js";
import { jsonLinesCutter } from "./json-lines-cutter.js";
import { normalCutter } from "./normal-cutter.js";
import type { ReportCutter } from "./report-cutter.js";
import { xmlCutter } from "./xml-cutter.js";

/** What can be gone on with. */
export const REPORT_CUTTERS: readonly ReportCutter[] = [jsonLinesCutter, xmlCutter, grepableCutter, normalCutter];
