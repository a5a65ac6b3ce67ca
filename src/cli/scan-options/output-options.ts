// What is shown while a scan runs and in all reports, and what is shown instead of a scan (nmap reference guide, Output and
// Miscellaneous Options).
import { flag, type Option } from "../option.js";
import { duration, wholeNumber } from "../option-value.js";
import type { ScanSettingsDraft } from "../scan-settings.js";

/** nmap's highest level of both. */
const LEVEL_MAX = 10;
const LEVEL = /^\d{1,2}$/;

/** What is shown, and the keys. */
export const OUTPUT_OPTIONS: readonly Option<ScanSettingsDraft>[] = [
  {
    names: ["-v", "--verbose"],
    value: "N",
    isAttached: true,
    attachable: LEVEL,
    help: "tell more: open ports as they are found, down hosts; -vv and -v2 tell still more",
    section: "Output",
    apply(draft, value) {
      draft.verbosity = levelOf("-v", value, draft.verbosity);
    },
  },
  flag(["--vv"], "Output", "the same as -v -v", (draft) => {
    draft.verbosity = Math.min(LEVEL_MAX, draft.verbosity + 2);
  }),
  {
    names: ["-d", "--debug"],
    value: "N",
    isAttached: true,
    attachable: LEVEL,
    help: "tell how the scan goes, on standard error; -d2 tells of each port, too. Raises -v as well",
    section: "Output",
    apply(draft, value) {
      draft.debugging = levelOf("-d", value, draft.debugging);
      draft.verbosity = levelOf("-d", value, draft.verbosity);
    },
  },
  flag(["--packet-trace"], "Output", "show each probe that is sent and each packet that is received", (draft) => {
    draft.isPacketTraced = true;
  }),
  flag(["--reason"], "Output", "show the evidence for each state", (draft) => {
    draft.showReason = true;
  }),
  flag(["--open"], "Output", "show only ports that are open or perhaps open", (draft) => {
    draft.onlyOpen = true;
  }),
  {
    names: ["--stats-every"],
    value: "TIME",
    help: "say on standard error how far the scan is, each time that TIME has passed",
    section: "Output",
    apply(draft, value) {
      draft.statsEveryMs = duration("--stats-every", value, 1);
    },
  },
  flag(["--progress"], "Output", "show a line that says how far the scan is; the default on a terminal", (draft) => {
    draft.progress = true;
  }),
  flag(["--no-progress"], "Output", "do not show it", (draft) => {
    draft.progress = false;
  }),
  flag(["--noninteractive"], "Output", "read no keys while the scan runs", (draft) => {
    draft.isInteractive = false;
  }),
  flag(["--iflist"], "Output", "show this machine's interfaces and routes, and scan nothing", (draft) => {
    draft.action = "iflist";
  }),
  flag(["-h", "--help"], "Output", "show this help", (draft) => {
    draft.action = "help";
  }),
  flag(["-V", "--version"], "Output", "show the version", (draft) => {
    draft.action = "version";
  }),
];

/** The level that was named, or one more than before. */
function levelOf(option: string, value: string, before: number): number {
  return value === "" ? Math.min(LEVEL_MAX, before + 1) : wholeNumber(option, value, 0, LEVEL_MAX);
}
