// The scan command's options as a table, in nmap's spelling where nmap has one (nmap reference guide, options summary).
import { AS_OPTION } from "./called-as.js";
import { refuseContradictions } from "./contradictions.js";
import type { Option, OptionGrammar } from "./option.js";
import { parseOptions } from "./option-parser.js";
import { DISCOVERY_OPTIONS } from "./scan-options/discovery-options.js";
import { OUTPUT_OPTIONS } from "./scan-options/output-options.js";
import { DATA_OPTIONS, PORT_OPTIONS, UDP_OPTIONS } from "./scan-options/port-options.js";
import { REFUSED_OPTIONS } from "./scan-options/refused-options.js";
import { REPORT_OPTIONS } from "./scan-options/report-options.js";
import {
  HISTORY_OPTIONS,
  LOG_OPTIONS,
  NAME_OPTIONS,
  SETTINGS_OPTIONS,
  TRANSPORT_OPTIONS,
  WORK_OPTIONS,
} from "./scan-options/run-options.js";
import { TARGET_OPTIONS } from "./scan-options/target-options.js";
import { TECHNIQUE_OPTIONS } from "./scan-options/technique-options.js";
import { TIMING_OPTIONS } from "./scan-options/timing-options.js";
import { defaultScanSettings, type ScanSettings, type ScanSettingsDraft } from "./scan-settings.js";

/** All options of the scan command, in the order of help; those that are refused stand last. */
export const SCAN_OPTIONS: readonly Option<ScanSettingsDraft>[] = [
  ...TARGET_OPTIONS,
  ...DISCOVERY_OPTIONS,
  ...TECHNIQUE_OPTIONS,
  ...PORT_OPTIONS,
  ...DATA_OPTIONS,
  ...UDP_OPTIONS,
  ...TIMING_OPTIONS,
  ...NAME_OPTIONS,
  ...WORK_OPTIONS,
  ...TRANSPORT_OPTIONS,
  ...REPORT_OPTIONS,
  ...LOG_OPTIONS,
  ...HISTORY_OPTIONS,
  ...SETTINGS_OPTIONS,
  ...OUTPUT_OPTIONS,
  AS_OPTION,
  ...REFUSED_OPTIONS,
];

const SCAN_GRAMMAR: OptionGrammar<ScanSettingsDraft> = {
  options: SCAN_OPTIONS,
  letterPrefixes: ["-s"],
};

/** Reads the words behind `postern`. Throws a UsageError that names what cannot be understood; has no other effect. */
export function parseScanArguments(argv: readonly string[]): ScanSettings {
  const draft = defaultScanSettings();
  draft.targetTexts = parseOptions(SCAN_GRAMMAR, argv, draft, ({ action }) => action !== "scan");
  if (draft.action === "scan") {
    refuseContradictions(draft);
  }
  return draft;
}
