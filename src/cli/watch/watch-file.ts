// A file that says what to watch, when, and whom to tell: what the unit of systemd reads. YAML, checked with line and column.
// docs/watch.md.
import path from "node:path";
import * as z from "zod/mini";
import { LOCAL_LOG_ADDRESS, parseLogAddress } from "../../linux/log-address.js";
import type { LogAddress } from "../../linux/log-target.js";
import { InputError, UsageError } from "../../model/errors.js";
import { readYaml, type YamlPath, type YamlText } from "../../policy/yaml-text.js";
import { isFault, quote } from "../../target/fault.js";
import { nearest } from "../../target/nearest.js";
import { checkTarget, type NotifyTarget, type SecretHeader } from "../../watch/notify-target.js";
import { duration } from "../option-value.js";
import { type LookWords, readWatchName } from "./watch-options.js";

/** What a file says; undefined is what it does not say. */
export interface WatchFile {
  /** The file's own name, without its ending. */
  readonly name: string;
  readonly look: LookWords;
  readonly schedule: string | undefined;
  readonly timeZone: string | undefined;
  readonly confirmAfterMs: number | undefined;
  readonly lookLimitMs: number | undefined;
  readonly notify: readonly NotifyTarget[] | undefined;
  readonly log: LogAddress | undefined;
}

const text = (needs: string) => z.optional(z.string({ error: needs }));
const words = (needs: string) => z.optional(z.union([z.string(), z.array(z.string())], { error: needs }));

const TARGET = z.strictObject({
  command: words("needs the whole name of a program, or a list that begins with it"),
  webhook: text("needs a URL"),
  mail: text("needs a mail address"),
  ntfy: text("needs the URL of a topic"),
  headers: z.optional(z.record(z.string(), z.string({ error: "needs the name of a variable" }))),
});

const FILE = z.strictObject({
  scan: words("needs the words of a scan"),
  audit: words("needs the words of an audit"),
  schedule: text("needs a cron expression in quotes"),
  timezone: text("needs the name of a zone"),
  "confirm-after": z.optional(z.union([z.string(), z.literal(0)], { error: "needs a time such as 30s, or 0" })),
  "look-limit": text("needs a time such as 2h"),
  notify: z.optional(z.array(TARGET, { error: "needs a list" })),
  syslog: z.optional(
    z.union([z.boolean(), z.string()], { error: "needs true, false, udp://HOST, tcp://HOST or tls://HOST" }),
  ),
});

type TargetText = z.infer<typeof TARGET>;

/**
 * Reads the text of a file.
 *
 * @throws InputError with line and column
 */
export function readWatchFile(content: string, file: string): WatchFile {
  const yaml = readYaml(content, file);
  const { data, error } = FILE.safeParse(yaml.value ?? {}, { error: () => "cannot be understood" });
  if (error !== undefined) throw faultOf(error, yaml);
  const at = <Value>(key: string, read: () => Value) => placed(yaml, [key], read);
  const { "confirm-after": confirmAfter, "look-limit": lookLimit } = data;
  return {
    name: at("", () => readWatchName("the file's name", path.basename(file).replace(/\.ya?ml$/, ""))),
    look: lookOf(data, yaml),
    schedule: data.schedule,
    timeZone: data.timezone,
    confirmAfterMs:
      confirmAfter === undefined
        ? undefined
        : at("confirm-after", () => duration("confirm-after", String(confirmAfter), 0)),
    lookLimitMs: lookLimit === undefined ? undefined : at("look-limit", () => duration("look-limit", lookLimit, 1)),
    notify: data.notify?.map((target, index) => targetOf(target, ["notify", index], yaml)),
    log: at("syslog", () => logOf(data.syslog)),
  };
}

function lookOf({ scan, audit }: z.infer<typeof FILE>, yaml: YamlText): LookWords {
  if ((scan === undefined) === (audit === undefined)) {
    const hint = "scan: -n 192.0.2.0/24";
    throw new InputError("either scan or audit says what is watched", yaml.placeOf([]), { hint });
  }
  return scan === undefined
    ? { subject: "audit", words: splitWords(audit) }
    : { subject: "scan", words: splitWords(scan) };
}

/** A text is split at its blanks; a word with a blank in it needs a list. */
function splitWords(value: string | readonly string[] | undefined): readonly string[] {
  return typeof value === "string" ? value.split(/\s+/).filter((word) => word !== "") : (value ?? []);
}

function targetOf(
  { command, webhook, mail, ntfy, headers }: TargetText,
  place: YamlPath,
  yaml: YamlText,
): NotifyTarget {
  const secrets: readonly SecretHeader[] = Object.entries(headers ?? {}).map(([name, variable]) => ({
    name,
    variable,
  }));
  const found: NotifyTarget[] = [];
  if (command !== undefined) found.push({ kind: "command", words: typeof command === "string" ? [command] : command });
  if (webhook !== undefined) found.push({ kind: "webhook", url: webhook, headers: secrets });
  if (mail !== undefined) found.push({ kind: "mail", address: mail });
  if (ntfy !== undefined) found.push({ kind: "ntfy", url: ntfy, headers: secrets });
  const [first, second] = found;
  if (first === undefined || second !== undefined) {
    throw new InputError("needs one of command, webhook, mail and ntfy", yaml.placeOf(place));
  }
  const target = checkTarget(first);
  if (isFault(target)) throw new InputError(target.fault, yaml.placeOf([...place, first.kind]));
  return target;
}

function logOf(value: boolean | string | undefined): LogAddress | undefined {
  if (typeof value !== "string") return value === true ? LOCAL_LOG_ADDRESS : undefined;
  return parseLogAddress("syslog", value);
}

/** What is said of an option is said of a place in the file. */
function placed<Value>(yaml: YamlText, at: YamlPath, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const options = { cause: error, ...(error.hint === undefined ? {} : { hint: error.hint }) };
    // biome-ignore lint/style/useErrorCause: it is passed, in the third argument
    throw new InputError(error.message, yaml.placeOf(at), options);
  }
}

function faultOf({ issues }: z.core.$ZodError, yaml: YamlText): InputError {
  const [issue] = issues;
  const place = issue?.path ?? [];
  if (issue?.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    const known = Object.keys((place.length === 0 ? FILE : TARGET).shape);
    const meant = nearest(key, known);
    const hint = meant === undefined ? `these are known: ${known.join(", ")}` : `did you mean ${meant}?`;
    return new InputError(`unknown key ${quote(key)}; ${hint}`, yaml.keyPlaceOf([...place, key]));
  }
  if (place.length === 0) return new InputError("keys with values were expected", yaml.placeOf(place));
  return new InputError(`${place.map(String).join(".")} ${issue?.message ?? ""}`, yaml.placeOf(place));
}
