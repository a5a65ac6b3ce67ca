// Names, large scans, the way that probes leave, the system log, the history, and the settings file (nmap reference guide, Host
// Discovery and Miscellaneous Options).
import { LOCAL_LOG_ADDRESS, parseLogAddress } from "../../linux/log-address.js";
import type { LogAddress } from "../../linux/log-target.js";
import { parseNameServer } from "../../linux/reverse-resolver.js";
import { UsageError } from "../../model/errors.js";
import { isFault, quote } from "../../target/fault.js";
import { nearest } from "../../target/nearest.js";
import { parseShard } from "../../target/shard.js";
import { accepted, flag, type Option } from "../option.js";
import { listOf, oneFile, wholeNumber } from "../option-value.js";
import { type DnsSettings, type ScanSettingsDraft, TRANSPORT_NAMES } from "../scan-settings.js";

/** Names of addresses. */
export const NAME_OPTIONS: readonly Option<ScanSettingsDraft>[] = [
  nameScope("-n", "none", "look up no names for addresses"),
  nameScope("-R", "all", "look up names for all targets, not only for hosts that are up"),
  {
    names: ["--dns-servers"],
    value: "LIST",
    help: "ask these name servers, separated by commas, instead of the machine's own",
    section: "Names",
    apply(draft, value) {
      const servers = listOf("--dns-servers", "addresses", value).map((text) => {
        const server = parseNameServer(text);
        if (server === undefined) throw new UsageError(`--dns-servers: ${quote(text)} is no address of a name server`);
        return server;
      });
      draft.dns = { ...draft.dns, servers: [...draft.dns.servers, ...servers] };
    },
  },
  {
    names: ["--system-dns"],
    value: undefined,
    help: "ask the system's resolver, one address after another",
    section: "Names",
    apply(draft) {
      draft.dns = { ...draft.dns, isSystem: true };
    },
  },
];

/** Scans that are shared out, repeated, or interrupted and gone on with. */
export const WORK_OPTIONS: readonly Option<ScanSettingsDraft>[] = [
  {
    names: ["--shard"],
    value: "I/N",
    help: "do the I-th of N parts of the scan; give all of them the same --seed",
    section: "Large scans",
    apply(draft, value) {
      const shard = parseShard(value);
      if (isFault(shard)) throw new UsageError(`--shard: ${shard.fault}`);
      draft.shard = shard;
    },
  },
  {
    names: ["--seed"],
    value: "N",
    help: "repeat the order of probes of an earlier scan; -v shows its seed",
    section: "Large scans",
    apply(draft, value) {
      draft.seed = wholeNumber("--seed", value, 0, 0xffff_ffff);
    },
  },
  {
    names: ["--journal"],
    value: "FILE",
    values: "file",
    help: "write what is asked and found into FILE, so that the scan can be gone on with",
    section: "Large scans",
    apply(draft, value) {
      draft.journalFile = oneFile("--journal", draft.journalFile, value);
    },
  },
  {
    names: ["--resume"],
    value: "FILE",
    values: "file",
    help: "go on with the scan whose journal or report FILE is; takes options of pace, transport, scope and output only",
    section: "Large scans",
    apply(draft, value) {
      draft.resumeFile = oneFile("--resume", draft.resumeFile, value);
    },
  },
];

/** How probes leave. */
export const TRANSPORT_OPTIONS: readonly Option<ScanSettingsDraft>[] = [
  {
    names: ["--transport"],
    value: "NAME",
    values: TRANSPORT_NAMES,
    help: `how probes leave: ${TRANSPORT_NAMES.join(", ")}`,
    section: "Transport",
    apply(draft, value) {
      const transport = TRANSPORT_NAMES.find((name) => name === value);
      if (transport === undefined) {
        const meant = nearest(value, TRANSPORT_NAMES);
        const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
        throw new UsageError(`--transport knows ${TRANSPORT_NAMES.join(", ")}, but was given ${quote(value)}${hint}`);
      }
      draft.transport = transport;
    },
  },
  flag(["--privileged"], "Transport", "take it that raw packets may be sent", (draft) => {
    draft.privileged = true;
  }),
  flag(["--unprivileged"], "Transport", "take it that raw packets may not be sent", (draft) => {
    draft.privileged = false;
  }),
  flag(["--send-eth"], "Transport", "the same as --transport ring", (draft) => {
    draft.transport = "ring";
  }),
  flag(["--send-ip"], "Transport", "the same as --transport raw", (draft) => {
    draft.transport = "raw";
  }),
  accepted(
    ["--nsock-engine"],
    "Transport",
    ["choose nmap's event engine", "has no effect: postern has engines of its own, see --transport"],
    "NAME",
  ),
  accepted(["--release-memory"], "Transport", [
    "give memory back before the end",
    "has no effect: the system takes it back at the end",
  ]),
];

/** The system log. */
export const LOG_OPTIONS: readonly Option<ScanSettingsDraft>[] = [
  flag(["--syslog"], "System log", "put start and end of the scan on record in this machine's log", (draft) => {
    setLog(draft, "--syslog", LOCAL_LOG_ADDRESS);
  }),
  {
    names: ["--syslog-to"],
    value: "URL",
    help: "put them on record at a collector: udp://HOST, tcp://HOST or tls://HOST",
    section: "System log",
    apply(draft, value) {
      setLog(draft, "--syslog-to", parseLogAddress("--syslog-to", value));
    },
  },
  flag(["--no-syslog"], "System log", "put nothing on record, whatever postern.yaml says", (draft) => {
    refuseBoth(draft.log !== undefined);
    draft.isLogOff = true;
  }),
];

/** The history. */
export const HISTORY_OPTIONS: readonly Option<ScanSettingsDraft>[] = [
  flag(["--history"], "History", "keep the scan in the history, for postern diff and postern history", (draft) => {
    setRecorded(draft, "--history");
  }),
  {
    names: ["--history-file"],
    value: "FILE",
    values: "file",
    help: "keep it in FILE instead of the usual place",
    section: "History",
    apply(draft, value) {
      setRecorded(draft, "--history-file");
      draft.historyFile = oneFile("--history-file", draft.historyFile, value);
    },
  },
  flag(["--no-history"], "History", "keep the scan nowhere, whatever postern.yaml says", (draft) => {
    if (draft.isRecorded === true) throw new UsageError("--no-history keeps no scan, and --history does: choose one");
    draft.isRecorded = false;
  }),
];

/** The settings file. */
export const SETTINGS_OPTIONS: readonly Option<ScanSettingsDraft>[] = [
  {
    names: ["--scope"],
    value: "FILE",
    values: "file",
    help: "take settings from FILE; without it postern.yaml is looked for",
    section: "Settings",
    apply(draft, value) {
      draft.scopeFile = oneFile("--scope", draft.scopeFile, value);
    },
  },
];

function setRecorded(draft: ScanSettingsDraft, option: string): void {
  if (draft.isRecorded === false) {
    throw new UsageError(`--no-history keeps no scan, and ${option} does: choose one`);
  }
  draft.isRecorded = true;
}

function refuseBoth(isContradiction: boolean): void {
  if (isContradiction) throw new UsageError("--no-syslog puts nothing on record, and --syslog does: choose one");
}

function setLog(draft: ScanSettingsDraft, option: string, address: LogAddress): void {
  refuseBoth(draft.isLogOff);
  if (draft.log !== undefined) throw new UsageError(`${option}: one log was expected`);
  draft.log = address;
}

function nameScope(name: string, scope: DnsSettings["scope"], help: string): Option<ScanSettingsDraft> {
  return flag([name], "Names", help, (draft) => {
    if (draft.dns.scope !== "up" && draft.dns.scope !== scope) {
      throw new UsageError("-n looks up no names for addresses, and -R looks up all of them: choose one");
    }
    draft.dns = { ...draft.dns, scope };
  });
}
